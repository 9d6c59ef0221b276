"""Shows that our Transformer with the parameters of another library's model is the same function: states, logits, gradients."""
import os
import subprocess

import safetensors.torch
import torch

TESTS = os.environ.get("SUBLAYER_TESTS") or os.path.join(os.environ.get("SUBLAYER_BUILD_DIR", "build"), "sublayer_tests")


class Sentences:
    """Random ids, padded to the longest with ids that must not matter; special ids come below 4."""

    def __init__(self, lengths, vocabulary):
        self.lengths = torch.tensor(lengths)
        self.ids = torch.randint(4, vocabulary, (len(lengths), max(lengths)))
        self.is_padding = torch.arange(max(lengths))[None, :] >= self.lengths[:, None]

    def pack(self, padded):
        return padded[~self.is_padding]


def randomize(tensors):
    """Normal numbers; gains are around 1, or the biases beside them would drown what they norm."""
    with torch.no_grad():
        for name, tensor in tensors:
            tensor.normal_(tensor.dim() == 1 and name.endswith("weight"), 0.2)


def expected_results(memory, logits, parameters_of):
    """What we should make of a case: packed states of the encoder and logits, and the gradient of a random weighted sum of the logits.
    `parameters_of(part)` gives {our name: what part(parameter) is of the other library's parameter}."""
    upstream = torch.randn_like(logits)
    logits.backward(upstream)
    gradients = {"gradient." + name: gradient for name, gradient in parameters_of(lambda tensor: tensor.grad).items()}
    return upstream, {"memory": memory.detach(), "logits": logits.detach(), **gradients}


def write_case(folder, config, parameters, source, target, upstream, max_length=None):
    """A model and a batch for our side. With a max_length it writes the targets of greedy search too."""
    folder.mkdir()
    (folder / "model.yaml").write_text(config, encoding="utf-8")
    safetensors.torch.save_file({name: tensor.detach().clone().contiguous() for name, tensor in parameters.items()},
                                folder / "model.safetensors")
    batch = {"source": source.pack(source.ids), "source_lengths": source.lengths, "target": target.pack(target.ids),
             "target_lengths": target.lengths, "upstream": upstream}
    if max_length is not None:
        batch["max_length"] = torch.tensor(max_length)
    safetensors.torch.save_file(batch, folder / "batch.safetensors")


def compare(root, expected, tolerances):
    """Runs our side on all cases below a folder; {case: results}, floating-point ones within {case: tolerance}, others equal."""
    subprocess.run([TESTS, "[.interop_models]"], env={**os.environ, "SUBLAYER_TEST_DIRECTORY": str(root)}, check=True)
    for case, wanted in expected.items():
        given = safetensors.torch.load_file(root / case / "results.safetensors")
        assert given.keys() == wanted.keys(), (case, given.keys() ^ wanted.keys())
        worst = {"forward": 0, "gradient": 0}
        for key, tensor in wanted.items():
            result = given[key]
            assert (result.dtype, result.shape) == (tensor.dtype, tensor.shape), (case, key, result, tensor)
            if not tensor.is_floating_point():
                assert torch.equal(result, tensor), (case, key, result, tensor)
                continue
            # Relative to the largest number of its tensor; a key's bias has a gradient of 0 and rounding.
            difference = ((result - tensor).abs().max() / tensor.abs().max().clamp(min=1)).item()
            assert difference < tolerances[case], (case, key, difference)
            part = "gradient" if key.startswith("gradient.") else "forward"
            worst[part] = max(worst[part], difference)
        print(f"{case}: {len(wanted)} tensors equal, largest relative difference {worst['forward']:.1e} forward,"
              f" {worst['gradient']:.1e} of gradients")
