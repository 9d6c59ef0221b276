"""Our Transformer computes the hidden states and the gradients of Python's torch.nn.Transformer, with the norm after and before."""
import math
import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import safetensors.torch
    import torch
    from torch import nn
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

TESTS = os.environ.get("SUBLAYER_TESTS") or os.path.join(os.environ.get("SUBLAYER_BUILD_DIR", "build"), "sublayer_tests")
WIDTH, HEADS, INNER, ENCODER_LAYERS, DECODER_LAYERS, VOCABULARY = 24, 3, 40, 2, 3, 17
SOURCE_LENGTHS, TARGET_LENGTHS = [5, 1, 7, 3], [4, 6, 1, 2]


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
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    return model


def our_names(model, part=lambda tensor: tensor):
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


def random_ids(lengths):
    ids = torch.randint(4, VOCABULARY, (len(lengths), max(lengths)))
    is_padding = torch.arange(max(lengths))[None, :] >= torch.tensor(lengths)[:, None]
    return ids, is_padding


def prepare(folder, norm_first, activation, dtype):
    """Writes one case; returns what we should answer."""
    folder.mkdir()
    model = reference(norm_first, activation).to(dtype)
    embedding = (0.3 * torch.randn(VOCABULARY, WIDTH, dtype=dtype)).requires_grad_()
    source, source_padding = random_ids(SOURCE_LENGTHS)
    target, target_padding = random_ids(TARGET_LENGTHS)
    memory = model.encoder(embed(embedding, source), src_key_padding_mask=source_padding)
    causal = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).triu(1)
    hidden = model.decoder(embed(embedding, target), memory, tgt_mask=causal, memory_key_padding_mask=source_padding)[~target_padding]
    upstream = torch.randn_like(hidden)
    hidden.backward(upstream)

    (folder / "model.yaml").write_text(config(norm_first, activation), encoding="utf-8")
    parameters = {"embedding.weight": embedding, **our_names(model)}
    safetensors.torch.save_file({name: tensor.detach().clone().contiguous() for name, tensor in parameters.items()},
                                folder / "model.safetensors")
    safetensors.torch.save_file({
        "source": source[~source_padding], "source_lengths": torch.tensor(SOURCE_LENGTHS), "target": target[~target_padding],
        "target_lengths": torch.tensor(TARGET_LENGTHS), "upstream": upstream, "vocabulary": torch.tensor(VOCABULARY),
    }, folder / "batch.safetensors")
    gradients = {"embedding.weight": embedding.grad, **our_names(model, lambda tensor: tensor.grad)}
    return {"memory": memory[~source_padding].detach(), "hidden": hidden.detach(),
            **{"gradient." + name: gradient for name, gradient in gradients.items()}}


def main():
    torch.manual_seed(1)
    torch.set_num_threads(1)
    variants = [("relu", torch.float64), ("gelu", torch.float64), ("relu", torch.float32)]
    cases = {f"{'pre' if norm_first else 'post'}_{activation}_{str(dtype).removeprefix('torch.')}": (norm_first, activation, dtype)
             for norm_first in (False, True) for activation, dtype in variants}
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        expected = {name: prepare(root / name, *case) for name, case in cases.items()}
        subprocess.run([TESTS, "[.interop_torch]"], env={**os.environ, "SUBLAYER_TEST_DIRECTORY": directory}, check=True)
        for name, (_, _, dtype) in cases.items():
            results = safetensors.torch.load_file(root / name / "results.safetensors")
            assert results.keys() == expected[name].keys(), results.keys() ^ expected[name].keys()
            worst = 0
            for key, wanted in expected[name].items():
                given = results[key]
                assert given.dtype == dtype and given.shape == wanted.shape, (name, key, given.dtype, given.shape, wanted.shape)
                # Relative to the largest number of its tensor; a key's bias has a gradient of 0 and rounding.
                difference = ((given - wanted).abs().max() / wanted.abs().max().clamp(min=1)).item()
                assert difference < (1e-9 if dtype == torch.float64 else 1e-5), (name, key, difference)
                worst = max(worst, difference)
            print(f"{name}: {len(results)} tensors equal, largest relative difference {worst:.1e}")


main()
