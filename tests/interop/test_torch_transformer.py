"""Our Transformer computes the logits and the gradients of Python's torch.nn.Transformer, with the norm after and before."""
import math
import pathlib
import sys
import tempfile

try:
    import torch
    from torch import nn

    from same_model import Sentences, compare, expected_results, randomize, write_case
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

WIDTH, HEADS, INNER, ENCODER_LAYERS, DECODER_LAYERS, VOCABULARY = 24, 3, 40, 2, 3, 17


def config(norm_first, activation):
    return f"""type: transformer
d_model: {WIDTH}
embedding: {{tie: all}}
layer:
  residual: {"pre" if norm_first else "post"}
  attention: {{num_heads: {HEADS}}}
  feed_forward: {{d_ff: {INNER}, activation: {activation}}}
encoder: {{num_layers: {ENCODER_LAYERS}}}
decoder: {{num_layers: {DECODER_LAYERS}}}
"""


def reference(norm_first, activation):
    """nn.Transformer as the papers have it: a norm on top of a stack only where the layers have theirs before."""
    options = dict(dim_feedforward=INNER, dropout=0, activation=activation, norm_first=norm_first, batch_first=True)
    final = [nn.LayerNorm(WIDTH) if norm_first else None for _ in range(2)]
    encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(WIDTH, HEADS, **options), ENCODER_LAYERS, norm=final[0],
                                    enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(WIDTH, HEADS, **options), DECODER_LAYERS, norm=final[1])
    model = nn.Transformer(WIDTH, HEADS, custom_encoder=encoder, custom_decoder=decoder, batch_first=True)
    randomize(model.named_parameters())
    return model


def our_names(model, part):
    """Our name of each parameter -> the tensor that `part` takes of nn.Transformer's; query, key and value are thirds of one tensor."""
    tensors = {}

    def linear(name, module):
        tensors[name + ".weight"], tensors[name + ".bias"] = part(module.weight), part(module.bias)

    def attention(name, module):
        for index, leaf in enumerate(("query", "key", "value")):
            third = slice(index * WIDTH, (index + 1) * WIDTH)
            tensors[f"{name}.{leaf}.weight"] = part(module.in_proj_weight)[third]
            tensors[f"{name}.{leaf}.bias"] = part(module.in_proj_bias)[third]
        linear(name + ".output", module.out_proj)

    for stack, module in (("encoder", model.encoder), ("decoder", model.decoder)):
        for index, layer in enumerate(module.layers):
            name = f"{stack}.layers.{index}"
            attention(name + ".self_attention.body", layer.self_attn)
            linear(name + ".self_attention.norm", layer.norm1)
            if stack == "decoder":
                attention(name + ".cross_attention.body", layer.multihead_attn)
                linear(name + ".cross_attention.norm", layer.norm2)
            linear(name + ".feed_forward.body.input", layer.linear1)
            linear(name + ".feed_forward.body.output", layer.linear2)
            linear(name + ".feed_forward.norm", layer.norm3 if stack == "decoder" else layer.norm2)
        if module.norm is not None:
            linear(f"{stack}.residual.norm", module.norm)
    return tensors


def embed(weight, ids):
    """Scaled embeddings plus sinusoids."""
    angles = torch.arange(ids.shape[1], dtype=torch.float32)[:, None]
    angles = angles * torch.exp(torch.arange(0, WIDTH, 2, dtype=torch.float64) * (-math.log(10000) / WIDTH)).float()
    waves = torch.stack((angles.sin(), angles.cos()), -1).flatten(1)
    return weight[ids] * math.sqrt(WIDTH) + waves.to(weight.dtype)


def prepare(folder, norm_first, activation, dtype):
    """Writes one case; returns what we should answer."""
    model = reference(norm_first, activation).to(dtype)
    embedding = (0.3 * torch.randn(VOCABULARY, WIDTH, dtype=dtype)).requires_grad_()
    source, target = Sentences([5, 1, 7, 3], VOCABULARY), Sentences([4, 6, 1, 2], VOCABULARY)
    memory = model.encoder(embed(embedding, source.ids), src_key_padding_mask=source.is_padding)
    causal = torch.ones(target.ids.shape[1], target.ids.shape[1], dtype=torch.bool).triu(1)
    hidden = model.decoder(embed(embedding, target.ids), memory, tgt_mask=causal, memory_key_padding_mask=source.is_padding)

    def parameters_of(part):
        return {"embedding.weight": part(embedding), **our_names(model, part)}

    upstream, expected = expected_results(source.pack(memory), target.pack(hidden) @ embedding.T, parameters_of)
    write_case(folder, config(norm_first, activation), parameters_of(lambda tensor: tensor), source, target, upstream)
    return expected


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    variants = [("relu", torch.float64), ("gelu", torch.float64), ("relu", torch.float32)]
    cases = {f"{'pre' if norm_first else 'post'}_{activation}_{str(dtype).removeprefix('torch.')}": (norm_first, activation, dtype)
             for norm_first in (False, True) for activation, dtype in variants}
    tolerances = {name: 1e-9 if dtype == torch.float64 else 1e-5 for name, (_, _, dtype) in cases.items()}
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        compare(root, {name: prepare(root / name, *case) for name, case in cases.items()}, tolerances)


main()
