"""Our Transformer computes the logits, gradients and greedy targets of Hugging Face's Marian, BART, mBART and T5."""
import os
import pathlib
import re
import sys
import tempfile
from unittest import mock

os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import torch
    import transformers
    from transformers.models.t5 import modeling_t5

    from same_model import Sentences, compare, expected_results, randomize, write_case
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

WIDTH, HEADS, INNER, ENCODER_LAYERS, DECODER_LAYERS, VOCABULARY = 32, 4, 48, 3, 2, 23
LENGTHS = [5, 1, 7, 3], [4, 6, 1, 2]  # of sources and targets
LONG = [150, 1, 37, 3], [140, 6, 1, 2]  # beyond the last bucket of distances
MAX_LENGTH = 20  # of greedy targets
SPECIAL_IDS = dict(pad_token_id=0, bos_token_id=2, decoder_start_token_id=2, eos_token_id=3, forced_eos_token_id=None)

# Their names of parameters, step by step turned into ours.
BART_NAMES = [
    (r"^model\.", ""), (r"^shared\.", "embedding."), (r"^encoder\.embed_positions", "position"),
    (r"^encoder\.layernorm_embedding", "embedding_norm"), (r"^(encoder|decoder)\.layer_norm", r"\1.residual.norm"),
    (r"\bself_attn\.", "self_attention.body."), (r"\bencoder_attn\.", "cross_attention.body."), (r"\bq_proj", "query"),
    (r"\bk_proj", "key"), (r"\bv_proj", "value"), (r"\bout_proj", "output"), (r"\bself_attn_layer_norm", "self_attention.norm"),
    (r"\bencoder_attn_layer_norm", "cross_attention.norm"), (r"\bfinal_layer_norm", "feed_forward.norm"),
    (r"\bfc1", "feed_forward.body.input"), (r"\bfc2", "feed_forward.body.output"), (r"^final_logits_bias$", "output_bias"),
]
T5_NAMES = [
    (r"^shared\.", "embedding."), (r"^lm_head\.", "output."), (r"^(encoder|decoder)\.final_layer_norm", r"\1.residual.norm"),
    (r"^(encoder|decoder)\.block\.0\.layer\.0\.SelfAttention\.relative_attention_bias", r"position.\1"), (r"\.block\.", ".layers."),
    (r"\.layer\.0\.", ".self_attention."), (r"^(decoder.*)\.layer\.1\.", r"\1.cross_attention."), (r"\.layer\.[12]\.", ".feed_forward."),
    (r"\.layer_norm\.", ".norm."), (r"\.(SelfAttention|EncDecAttention|DenseReluDense)\.", ".body."), (r"\.q\.", ".query."),
    (r"\.k\.", ".key."), (r"\.v\.", ".value."), (r"\.w?o\.", ".output."), (r"\.wi_0\.", ".gate."), (r"\.wi(_1)?\.", ".input."),
]


def config(embedding, position, layer):
    return f"""type: transformer
d_model: {WIDTH}
embedding: {embedding}
position: {position}
layer: {layer}
encoder: {{num_layers: {ENCODER_LAYERS}}}
decoder: {{num_layers: {DECODER_LAYERS}}}
"""


def bart_like(name, **options):
    """Marian, BART and mBART are one design. Their two stacks have positions and a norm of embeddings each, ours share them."""
    theirs = getattr(transformers, name + "Config")(
        vocab_size=VOCABULARY, d_model=WIDTH, encoder_layers=ENCODER_LAYERS, decoder_layers=DECODER_LAYERS, encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS, encoder_ffn_dim=INNER, decoder_ffn_dim=INNER, max_position_embeddings=64, **SPECIAL_IDS, **options)
    model = getattr(transformers, "MarianMTModel" if name == "Marian" else name + "ForConditionalGeneration")(theirs)
    for shared in ("embed_positions", "layernorm_embedding"):
        if hasattr(model.model.encoder, shared):
            setattr(model.model.decoder, shared, getattr(model.model.encoder, shared))
    return model


def marian():
    return (bart_like("Marian", scale_embedding=True, activation_function="swish"), BART_NAMES, LENGTHS, config(
        "{tie: all, output_bias: true}", "{type: sinusoidal, order: halves}",
        f"{{attention: {{num_heads: {HEADS}}}, feed_forward: {{d_ff: {INNER}, activation: silu}}}}"))


def bart():
    return (bart_like("Bart"), BART_NAMES, LENGTHS, config(
        "{tie: all, scale: none, norm: layer_norm, output_bias: true}", "{type: learned, max_length: 64}",
        f"{{attention: {{num_heads: {HEADS}}}, feed_forward: {{d_ff: {INNER}, activation: gelu}}}}"))


def mbart():
    return (bart_like("MBart", scale_embedding=True, activation_function="relu"), BART_NAMES, LENGTHS, config(
        "{tie: all, norm: layer_norm, output_bias: true}", "{type: learned, max_length: 64}",
        f"{{residual: pre, attention: {{num_heads: {HEADS}}}, feed_forward: {{d_ff: {INNER}}}}}"))


def t5_like(**options):
    return transformers.T5ForConditionalGeneration(transformers.T5Config(
        vocab_size=VOCABULARY, d_model=WIDTH, d_kv=WIDTH // HEADS, num_heads=HEADS, d_ff=INNER, num_layers=ENCODER_LAYERS,
        num_decoder_layers=DECODER_LAYERS, **SPECIAL_IDS, **options))


T5_LAYER = f"{{residual: pre, norm: rms_norm, attention: {{num_heads: {HEADS}, scale: none, bias: false}}, feed_forward: "


def t5_v1_0():
    return (t5_like(), T5_NAMES, LONG, config(
        "{tie: all, scale: none, output_scale: inverse_sqrt_d_model}", "relative_bias",
        T5_LAYER + f"{{d_ff: {INNER}, bias: false}}}}"))


def t5_v1_1():
    model = t5_like(feed_forward_proj="gated-gelu", relative_attention_num_buckets=8, relative_attention_max_distance=12,
                    tie_word_embeddings=False)
    model.lm_head.weight = torch.nn.Parameter(torch.empty(VOCABULARY, WIDTH))  # the library ties it without being asked
    return (model, T5_NAMES, LONG, config(
        "{tie: inputs, scale: none}", "{type: relative_bias, buckets: 8, max_distance: 12}",
        T5_LAYER + f"{{type: gated, activation: gelu_tanh, d_ff: {INNER}, bias: false}}}}"))


def trained_tensors(model):
    """Their parameters and the bias of the logits, which to them is a buffer, by their names."""
    tensors = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
    if hasattr(model, "final_logits_bias"):
        tensors["final_logits_bias"] = model.final_logits_bias.requires_grad_()
    return tensors


def by_our_names(tensors, renamings):
    ours = {}
    for name, tensor in tensors.items():
        for pattern, replacement in renamings:
            name = re.sub(pattern, replacement, name)
        # Their learned positions begin at the third row; the bias of the logits is a row of a matrix.
        ours[name] = tensor[2:] if name == "position.weight" else tensor[0] if name == "output_bias" else tensor
    assert len(ours) == len(tensors), "two tensors have one name"
    return ours


def greedy_targets(model, source):
    """What `generate` finds, without begin and end symbols, packed, and the lengths."""
    generated = model.generate(source.ids, attention_mask=(~source.is_padding).long(), generation_config=transformers.GenerationConfig(
        max_new_tokens=MAX_LENGTH, suppress_tokens=[0, 2], **SPECIAL_IDS))
    targets = []
    for row in generated[:, 1:].tolist():
        targets.append(row[:row.index(3)] if 3 in row else row)
    return {"greedy": torch.tensor([token for target in targets for token in target]),
            "greedy_lengths": torch.tensor([len(target) for target in targets])}


def prepare(folder, make, dtype):
    """Writes one case; returns what we should answer."""
    # T5's norm takes mean squares in float32 even in a float64 model. PyTorch's is the same otherwise.
    norm = torch.nn.RMSNorm if dtype == torch.float64 else modeling_t5.T5LayerNorm
    with mock.patch.object(modeling_t5, "T5LayerNorm", norm):
        model, renamings, lengths, our_config = make()
    model = model.to(dtype).eval()
    tensors = trained_tensors(model)
    randomize(tensors.items())
    source, target = (Sentences(side, VOCABULARY) for side in lengths)
    greedy = greedy_targets(model, source)
    output = model(input_ids=source.ids, attention_mask=(~source.is_padding).long(), decoder_input_ids=target.ids, use_cache=False)

    def parameters_of(part):
        return by_our_names({name: part(tensor) for name, tensor in tensors.items()}, renamings)

    upstream, expected = expected_results(source.pack(output.encoder_last_hidden_state), target.pack(output.logits), parameters_of)
    write_case(folder, our_config, parameters_of(lambda tensor: tensor), source, target, upstream, MAX_LENGTH)
    return {**expected, **greedy}


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    expected, tolerances = {}, {}
    with tempfile.TemporaryDirectory() as directory:
        for make in (marian, bart, mbart, t5_v1_0, t5_v1_1):
            # Sinusoids are float32 in a float64 model too, and rounded differently.
            for dtype, tolerance in ((torch.float64, 1e-6 if make == marian else 1e-9), (torch.float32, 2e-5)):
                case = f"{make.__name__}_{str(dtype).removeprefix('torch.')}"
                expected[case] = prepare(pathlib.Path(directory) / case, make, dtype)
                tolerances[case] = tolerance
        compare(pathlib.Path(directory), expected, tolerances)


main()
