"""How system tests run the program and report: they see it as a user does, by its arguments, files, output and exit status."""

import array
import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import traceback

BINARY = os.environ.get("SUBLAYER_BINARY", "")
SOURCE = pathlib.Path(os.environ.get("SUBLAYER_SOURCE_DIR") or pathlib.Path(__file__).resolve().parents[2])
LONGEST_REPORT = 4000  # characters about one failed test
PATIENCE = 600  # seconds until a process counts as hung

# A model that trains in a second. Tests change it with --set or edit its lines.
TINY = """\
seed: 3
task: {type: reverse, symbols: 8, min_length: 1, max_length: 6, train: 240, valid: 24, test: 24}
tokenizer: whitespace
model:
  type: transformer
  d_model: 16
  embedding: {tie: all, dropout: 0.1}
  position: sinusoidal
  layer:
    residual: pre
    dropout: 0.1
    attention: {type: multi_head, num_heads: 2}
    feed_forward: {type: dense, d_ff: 32, activation: relu}
  encoder: {num_layers: 1}
  decoder: {num_layers: 1}
loss: cross_entropy
optimizer: {type: adam, learning_rate: 0.005}
schedule: {type: inverse_sqrt, warmup_updates: 10}
training: {tokens_per_update: 128, max_tokens_per_micro_batch: 64, max_updates: 30, log_every: 3, workers: 2}
validation: {every_epochs: 0, every_updates: 10, metrics: [loss, exact_match]}
search: {type: beam, beam_size: 3}
checkpoint: {every_epochs: 0, every_updates: 10, keep_best: 1, keep_last: 2}
"""
TASK = TINY.splitlines()[1]


def sublayer(*arguments, stdin=b"", environment=None, folder=None):
    """Runs the program to its end. stdout and stderr of the result are text."""
    process = subprocess.run([BINARY, *map(str, arguments)], input=stdin, capture_output=True, check=False, timeout=PATIENCE, cwd=folder,
                             env={**os.environ, **(environment or {})})
    process.stdout, process.stderr = (text.decode("utf-8", "replace") for text in (process.stdout, process.stderr))
    return process


def output_of(*arguments, **options):
    """What a command that must succeed prints."""
    process = sublayer(*arguments, **options)
    status, errors = process.returncode, process.stderr[-2000:]
    expect(status == 0, f"sublayer {shown(arguments)}: expected exit status 0, got {status}: {errors}")
    return process.stdout


def shown(arguments):
    return " ".join(map(str, arguments))


def expect(condition, message):
    if not condition:
        raise AssertionError(message)


def expect_equal(seen, expected, what):
    expect(seen == expected, f"{what}: expected {expected!r}, got {seen!r}")


def expect_refusal(arguments, *fragments, reports_before=False, **options):
    """The command exits with 2 and prints nothing but one line on stderr, with all fragments in it. A training that has read its data has
    described them before (`reports_before`). SUBLAYER_PRINT_MESSAGES shows the lines."""
    process = sublayer(*arguments, **options)
    about = f"sublayer {shown(arguments)}"
    lines = process.stderr.splitlines()
    if os.environ.get("SUBLAYER_PRINT_MESSAGES"):
        print("       ", lines[-1] if lines else "(nothing)")
    expect(process.returncode == 2, f"{about}: expected exit status 2, got {process.returncode}: {process.stderr}")
    expect(process.stdout == "", f"{about}: expected nothing on stdout, got {process.stdout[:500]!r}")
    expect(process.stderr.endswith("\n"), f"{about}: the message does not end its line: {process.stderr!r}")
    complaints = [line for line in lines if line.startswith("sublayer: ")] if reports_before else lines
    expect(len(complaints) == 1 and lines[-1] == complaints[0], f"{about}: expected one line on stderr, got {process.stderr!r}")
    expect(lines[-1].startswith("sublayer: "), f"{about}: the line does not begin with the program's name: {lines[-1]!r}")
    for fragment in fragments:
        expect(str(fragment) in lines[-1], f"{about}: expected {str(fragment)!r} in the message, got {lines[-1]!r}")


def write(path, content):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def text_task(folder, **lines):
    """TINY over files of sentence pairs: train_source=[...], ...; a list of strings or the bytes of the file."""
    pairs = {"train": ["a b", "b a", "a a b"], "valid": ["a"], "test": ["b"]}
    for split, default in pairs.items():
        for side in ("source", "target"):
            given = lines.get(f"{split}_{side}", default)
            write(folder / f"{split}.{side}", given if isinstance(given, bytes) else "".join(line + "\n" for line in given))
    splits = "\n".join(f"  {split}: {{source: [{split}.source], target: [{split}.target]}}" for split in pairs)
    return write(folder / "text.yaml", TINY.replace(TASK, f"task:\n  type: parallel_text\n{splits}\n  origin: https://example.org/corpus"))


def contents(folder):
    """{path: hash} of all files below a folder, but locks."""
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(pathlib.Path(folder).rglob("*")) if path.is_file() and path.name != "lock"}


def tensors_of(file):
    """{name: (shape, floats)} of a safetensors file."""
    data = pathlib.Path(file).read_bytes()
    [size] = struct.unpack("<Q", data[:8])
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name == "__metadata__":
            continue
        expect_equal(entry["dtype"], "F32", f"type of {name}")
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = entry["shape"], array.array("f", data[begin:end])
    return tensors


def run_tests(tests):
    """Calls every function named test_* with a folder of its own and returns the exit status of the script."""
    if not BINARY:
        print("skipped: SUBLAYER_BINARY is not set")
        return 77
    failed = 0
    for name, test in list(tests.items()):
        if not name.startswith("test_") or (len(sys.argv) > 1 and name not in sys.argv[1:]):
            continue
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
                problem = ""
            except Exception as error:  # the next test says more about the program than a stop would
                problem = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
        print(f"{'FAILED ' if problem else 'ok     '} {name[5:].replace('_', ' ')} ({time.monotonic() - start:.1f} s)")
        if problem:
            print("        " + problem[:LONGEST_REPORT].replace("\n", "\n        "))
        failed += bool(problem)
        sys.stdout.flush()
    return 1 if failed else 0
