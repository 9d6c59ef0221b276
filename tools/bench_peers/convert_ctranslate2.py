"""A run of Sublayer as a model of CTranslate2: pre or post LayerNorm, dense feed-forward networks with ReLU, sinusoidal positions."""

import argparse
import pathlib

import numpy
import sentencepiece
import yaml
from ctranslate2.specs import transformer_spec
from safetensors.numpy import load_file

TOKENS = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
LONGEST = 1024  # positions in the file


def uniform(layers, *path):
    """The one value that all layers have."""
    values = []
    for layer in layers.values():
        for key in path:
            layer = layer[key]
        values.append(layer["type"] if isinstance(layer, dict) and "type" in layer else layer)
    if any(value != values[0] for value in values):
        raise SystemExit(f"CTranslate2 has one {'.'.join(path)} in all layers, the model has {values}")
    return values[0]


def refuse_other_models(model):
    """Says what this converter does not know."""
    stacks = [model["encoder"], model["decoder"]]
    layers = {f"{i}.{name}": layer for i, stack in enumerate(stacks) for name, layer in stack["layers"].items()}
    wanted = {("block",): "standard", ("norm",): "layer_norm", ("feed_forward",): "dense", ("feed_forward", "activation"): "relu"}
    for path, value in wanted.items():
        if uniform(layers, *path) != value:
            raise SystemExit(f"this converter knows {'.'.join(path)} {value} only, the model has {uniform(layers, *path)}")
    if uniform(layers, "residual") not in ("pre", "post"):
        raise SystemExit(f"this converter knows the residuals pre and post only, the model has {uniform(layers, 'residual')}")
    wanted = {"type": "sinusoidal", "base": 10000, "order": "interleaved"}
    if model["position"] != wanted:
        raise SystemExit(f"this converter knows the position {wanted} only, the model has {model['position']}")
    return uniform(layers, "residual") == "pre", uniform(layers, "self_attention", "num_heads")


def sinusoids(width):
    angles = numpy.arange(LONGEST)[:, None] / 10000 ** (numpy.arange(0, width, 2) / width)
    return numpy.stack((numpy.sin(angles), numpy.cos(angles)), -1).reshape(LONGEST, width).astype("float32")


class Weights:
    """Tensors by name. Each must be used: one that is left over means something that the converter does not know."""

    def __init__(self, file):
        self.tensors = load_file(file)
        self.used = set()

    def take(self, name):
        self.used.add(name)
        return self.tensors[name].astype("float32")

    def linear(self, spec, *names):
        """One matrix of several, rows one below the other."""
        spec.weight = numpy.concatenate([self.take(f"{name}.weight") for name in names])
        if f"{names[0]}.bias" in self.tensors:
            spec.bias = numpy.concatenate([self.take(f"{name}.bias") for name in names])

    def norm(self, spec, name):
        spec.gamma, spec.beta = self.take(f"{name}.weight"), self.take(f"{name}.bias")

    def layer(self, spec, name):
        at = f"{name}.self_attention"
        self.linear(spec.self_attention.linear[0], *(f"{at}.body.{part}" for part in ("query", "key", "value")))
        self.linear(spec.self_attention.linear[1], f"{at}.body.output")
        self.norm(spec.self_attention.layer_norm, f"{at}.norm")
        if hasattr(spec, "attention"):
            at = f"{name}.cross_attention"
            self.linear(spec.attention.linear[0], f"{at}.body.query")
            self.linear(spec.attention.linear[1], f"{at}.body.key", f"{at}.body.value")
            self.linear(spec.attention.linear[2], f"{at}.body.output")
            self.norm(spec.attention.layer_norm, f"{at}.norm")
        at = f"{name}.feed_forward"
        self.linear(spec.ffn.linear_0, f"{at}.body.input")
        self.linear(spec.ffn.linear_1, f"{at}.body.output")
        self.norm(spec.ffn.layer_norm, f"{at}.norm")

    def embedding(self, side):
        return self.take(f"{side}_embedding.weight" if f"{side}_embedding.weight" in self.tensors else "embedding.weight")

    def check_all_used(self):
        left = sorted(set(self.tensors) - self.used)
        if left:
            raise SystemExit(f"this converter does not know {', '.join(left)}")


def convert(config, weights, vocabularies):
    model = config["model"]
    is_pre, heads = refuse_other_models(model)
    depths = model["encoder"]["num_layers"], model["decoder"]["num_layers"]
    spec = transformer_spec.TransformerSpec.from_config(depths, heads, pre_norm=is_pre)
    source, target = weights.embedding("source"), weights.embedding("target")
    for stack, side in ((spec.encoder, "encoder"), (spec.decoder, "decoder")):
        stack.scale_embeddings = model["embedding"]["scale"] == "sqrt_d_model"
        stack.position_encodings.encodings = sinusoids(source.shape[1])
        for i, layer in enumerate(stack.layer):
            weights.layer(layer, f"{side}.layers.{i}")
        if is_pre:
            weights.norm(stack.layer_norm, f"{side}.residual.norm")
    spec.encoder.embeddings[0].weight, spec.decoder.embeddings.weight = source, target
    spec.decoder.projection.weight = weights.take("output.weight") if "output.weight" in weights.tensors else target
    weights.check_all_used()
    for tokens, register in zip(vocabularies, (spec.register_source_vocabulary, spec.register_target_vocabulary)):
        register(tokens)
    for key, token in TOKENS.items():
        setattr(spec.config, key, token)
    spec.config.decoder_start_token = TOKENS["bos_token"]
    spec.config.add_source_eos = True
    return spec


def vocabulary_of(file):
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(file))
    return [pieces.id_to_piece(i) for i in range(len(pieces))]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("checkpoint", type=pathlib.Path, help="directory with model.safetensors")
    parser.add_argument("output", type=pathlib.Path, help="directory to write")
    given = parser.parse_args()
    config = yaml.safe_load((given.run / "config.yaml").read_text(encoding="utf-8"))
    joint = given.run / "tokenizer.model"
    files = [joint, joint] if joint.exists() else [given.run / f"{side}_tokenizer.model" for side in ("source", "target")]
    spec = convert(config, Weights(given.checkpoint / "model.safetensors"), [vocabulary_of(file) for file in files])
    spec.validate()
    spec.optimize()
    given.output.mkdir(parents=True, exist_ok=True)
    spec.save(str(given.output))


if __name__ == "__main__":
    main()
