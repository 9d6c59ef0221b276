#!/usr/bin/env python3
"""Shows that memory does not grow with the corpus: generated text of 1, 10 and 100 times a size is prepared and trained on.

    tools/scale.py                     # prints a table; about 3 GB in a temporary folder
    tools/scale.py --pairs 5000        # a quick look

Memory is the peak of what a process has resident, and of that the peak of its own: pages of mapped files, which the system can drop at any time, are
in the former alone. Trainings pass several windows. A run goes on once near
the beginning of its epoch and once as far as it got: the time of a process that starts, makes one more update and writes a checkpoint.
"""

import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

from measuring import BINARY

FACTORS = (1, 10, 100)
WORDS = [f"w{number:04}" for number in range(5000)]
WINDOWS = 3  # that a training passes, where there are as many
CONFIG = """\
task:
  type: parallel_text
  train: {{source: [{folder}/source], target: [{folder}/target]}}
tokenizer: whitespace
model:
  type: transformer
  d_model: 16
  embedding: {{tie: all, scale: sqrt_d_model}}
  layer: {{residual: pre, attention: {{num_heads: 2}}, feed_forward: {{d_ff: 16}}}}
  encoder: {{num_layers: 1}}
  decoder: {{num_layers: 1}}
training: {{tokens_per_update: 4096, max_tokens_per_micro_batch: 1024, max_updates: 1, log_every: 100, window_examples: {window}}}
checkpoint: {{every_epochs: 0}}
"""


def write_text(folder, pairs):
    rng = random.Random(pairs)
    with open(folder / "source", "w", encoding="ascii") as source, open(folder / "target", "w", encoding="ascii") as target:
        for _ in range(pairs):
            words = rng.choices(WORDS, k=rng.randint(4, 16))
            source.write(" ".join(words) + "\n")
            target.write(" ".join(reversed(words)) + "\n")


def own_memory(pid):
    """MiB that are no pages of files; 0 when the process has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^RssAnon:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0


def measured(*arguments):
    """Seconds of a command, and its memory as text: the peak, and the peak of its own, looked at all the time."""
    start, own = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=errors)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            own = max(own, own_memory(process.pid))
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, arguments))}: exit status {process.returncode}: {errors.read()[-1000:]}")
    return time.monotonic() - start, f"{usage.ru_maxrss / 1024:.0f} ({own:.0f})"


def trained(folder, name, updates, *more):
    return measured("train", folder / "config.yaml", "--runs", folder / "runs", "--name", name, "--set", f"training.max_updates={updates}", *more)


def size_of(folder, pattern):
    return sum(path.stat().st_size for path in folder.glob(pattern)) / 2**20


def measure(folder, pairs, window, tokenizer):
    folder.mkdir()
    write_text(folder, pairs)
    (folder / "config.yaml").write_text(CONFIG.format(folder=folder, window=window), encoding="ascii")
    model = ["--set", f"tokenizer.model={tokenizer or folder / 'tokenizer' / 'tokenizer.model'}"]
    if not tokenizer:
        measured("prepare", folder / "config.yaml", "--output", folder / "tokenizer")
    prepared = folder / "prepared"
    prepare_seconds, prepare_memory = measured("prepare", folder / "config.yaml", "--output", prepared, *model)
    shards = [*model, "--set", f"training.prepared={prepared}"]
    updates = WINDOWS * window * 11 // 4096 + 20  # 11 tokens a target, end symbol included
    trained(folder, "run", 10, *shards)
    early, _ = trained(folder, "run", 11, *shards, "--resume")
    _, memory = trained(folder, "run", updates, *shards, "--resume")
    late, _ = trained(folder, "run", updates + 1, *shards, "--resume")
    _, text_memory = trained(folder, "text", 10, *model)
    print(f"| {pairs:,} | {size_of(folder, 'source') + size_of(folder, 'target'):,.0f} | {size_of(prepared, 'train/*'):,.0f} | {prepare_seconds:.1f} | "
          f"{prepare_memory} | {memory} | {text_memory} | {early:.1f} | {late:.1f} (update {updates:,}) |", flush=True)
    for name in ("source", "target"):
        (folder / name).unlink()
    return prepared / "tokenizer.model"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=100000, help="of the smallest corpus (default: %(default)s)")
    given = parser.parse_args()
    print("| pairs | text, MiB | shards, MiB | prepare, s | prepare, peak MiB (own) | train from shards, peak MiB (own) | "
          "train from text, peak MiB (own) | "
          "go on at update 10, s | go on later, s |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer = None
        for factor in FACTORS:
            tokenizer = measure(pathlib.Path(folder) / str(factor), factor * given.pairs, given.pairs, tokenizer)


if __name__ == "__main__":
    sys.exit(main())
