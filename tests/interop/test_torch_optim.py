"""Optimizers step by step against Python's torch.optim: a matrix, an embedding and a vector, 100 steps of the same gradients.

Muon's iteration runs in bfloat16, where the order of additions shows: it is compared over single steps, at that precision.
Exit status: 0 passed, 1 failed, 77 skipped.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

try:
    import safetensors.torch
    import torch
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

BUILD = os.environ.get("SUBLAYER_BUILD_DIR")
if not BUILD:
    print("skipped: SUBLAYER_BUILD_DIR is not set")
    sys.exit(77)
TESTS = pathlib.Path(BUILD) / "sublayer_tests"
STEPS = 100
SHAPES = {"matrix": (24, 10), "embedding": (17, 6), "vector": (10,)}


# Name -> (our YAML, the same in torch.optim for (parameters that decay, those that do not), steps, relative tolerance).
def cases():
    optim = torch.optim
    yield "adam", "{type: adam, learning_rate: 0.01, beta2: 0.98, weight_decay: 0.1}", lambda decayed, rest: optim.Adam(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest}], lr=0.01, betas=(0.9, 0.98)), STEPS, 1e-6
    yield "adamw", "{type: adamw, learning_rate: 0.01, beta1: 0.8, weight_decay: 0.1}", lambda decayed, rest: optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0}], lr=0.01, betas=(0.8, 0.999)), STEPS, 1e-6
    yield "sgd", "{type: sgd, learning_rate: 0.01, momentum: 0.9, nesterov: true, weight_decay: 0.1}", lambda decayed, rest: optim.SGD(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest}], lr=0.01, momentum=0.9, nesterov=True), STEPS, 1e-6
    yield "adafactor", "{type: adafactor, learning_rate: 0.05, weight_decay: 0.1}", lambda decayed, rest: optim.Adafactor(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest}], lr=0.05, foreach=False), STEPS, 1e-6


def start_of(seed):
    torch.manual_seed(seed)
    tensors = {name: torch.randn(shape) for name, shape in SHAPES.items()}
    # Of changing size, as in a training.
    return tensors, {name: torch.randn(STEPS, *shape) * torch.rand(STEPS, *([1] * len(shape))) for name, shape in SHAPES.items()}


def path_of(make, tensors, gradients, steps):
    parameters = {name: tensor.clone().requires_grad_() for name, tensor in tensors.items()}
    optimizer = make([parameters["matrix"], parameters["embedding"]], [parameters["vector"]])
    path = {name: [] for name in parameters}
    for step in range(steps):
        for name, parameter in parameters.items():
            parameter.grad = gradients[name][step].clone()
        optimizer.step()
        for name, parameter in parameters.items():
            path[name].append(parameter.detach().clone())
    return {name: torch.stack(list_) for name, list_ in path.items()}


def write_case(folder, yaml, tensors, gradients):
    folder.mkdir()
    (folder / "optimizer.yaml").write_text(yaml, encoding="utf-8")
    safetensors.torch.save_file({**tensors, **{"gradients." + name: value.contiguous() for name, value in gradients.items()}},
                                folder / "start.safetensors")


def expect_near(name, given, wanted, tolerance):
    difference = ((given - wanted).abs().max() / wanted.abs().max()).item()
    assert given.shape == wanted.shape and difference <= tolerance, f"{name}: {given.shape}, relative difference {difference:.1e}"
    return difference


def check_muon(root, single_steps):
    """The matrix only: torch.optim.Muon takes no others."""
    worst = 0
    for number in range(single_steps):
        tensors, gradients = start_of(100 + number)
        parameter = tensors["matrix"].clone().requires_grad_()
        optimizer = torch.optim.Muon([parameter], lr=0.02, weight_decay=0.1, momentum=0.9, adjust_lr_fn="match_rms_adamw")
        parameter.grad = gradients["matrix"][0].clone()
        optimizer.step()
        given = safetensors.torch.load_file(root / f"muon_{number}" / "path.safetensors")["matrix"][0]
        moved, wanted = given - tensors["matrix"], parameter.detach() - tensors["matrix"]
        worst = max(worst, expect_near(f"muon {number}", moved, wanted, 0.02))
    print(f"muon: {single_steps} single steps, largest relative difference {worst:.1e}")


def main():
    torch.set_num_threads(1)
    single_steps = 10 if hasattr(torch.optim, "Muon") else 0
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory)
        expected = {}
        for seed, (name, yaml, make, steps, tolerance) in enumerate(cases()):
            tensors, gradients = start_of(seed)
            write_case(root / name, yaml, tensors, gradients)
            expected[name] = path_of(make, tensors, gradients, steps), tolerance
        for number in range(single_steps):
            tensors, gradients = start_of(100 + number)
            write_case(root / f"muon_{number}", "{type: muon, learning_rate: 0.02, momentum: 0.9, weight_decay: 0.1}", tensors,
                       {name: value[:1] for name, value in gradients.items()})
        subprocess.run([TESTS, "[.interop_optim]"], env={**os.environ, "SUBLAYER_TEST_DIRECTORY": directory}, check=True)
        for name, (path, tolerance) in expected.items():
            given = safetensors.torch.load_file(root / name / "path.safetensors")
            worst = max(expect_near(f"{name}, {key}", given[key], wanted, tolerance) for key, wanted in path.items())
            print(f"{name}: {STEPS} steps, largest relative difference {worst:.1e}")
        check_muon(root, single_steps)


main()
