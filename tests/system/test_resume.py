"""The kill test: a training that is stopped at any instant, again and again, ends with the bytes of one that was never stopped.

SUBLAYER_KILL_AT=name:count raises SIGKILL at the count-th passage of a named point (src/core/files.h, the trainer and the validation).
Exit status: 0 passed, 1 failed, 77 skipped.
"""

import collections
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time

from program import BINARY, PATIENCE, TINY, expect, expect_equal, output_of, run_tests, sublayer, write

# Validation, checkpoint and removal of an old one every few updates, so that a short training passes each of them often. The mean of the
# last checkpoints is tested at the end: it depends on which of them were kept.
MILESTONES = ["--set", "training.max_updates=36", "--set", "validation.every_updates=4", "--set",
              "checkpoint={every_updates: 3, average_last: 2}"]

# Each list is a run of its own: killed at the points in this order, every time going on from what the kill before has left.
# A count is over the process that is killed. The first of a run may be killed before the run has begun.
KILLS = [
    ["training.update:7", "training.update:1", "training.update:2", "training.update:14", "training.validate:2", "training.validate:1"],
    ["files.write:1", "files.renamed:2", "files.write:9", "files.write:40", "files.write:130", "files.write:60", "files.write:9"],
    ["files.rename:3", "files.rename:4", "files.renamed:4", "files.rename:9", "files.commit:1", "files.commit:3", "files.renamed:7"],
    ["files.committed:1", "files.committed:2", "files.committed:2", "files.committed:4", "training.validate:3"],
    ["files.prune:1", "files.prune:1", "files.delete:1", "files.delete:2", "files.delete:6", "files.prune:3", "training.validate:1"],
    # At the end: the last checkpoint and its pruning, the mean, the test's hypotheses, the result.
    ["training.update:36", "files.committed:1", "files.rename:1", "files.renamed:2", "files.write:28", "files.rename:3", "files.renamed:3"],
]
PHASES = {
    "training.update": "update", "training.validate": "validation", "files.write": "writing", "files.rename": "renaming",
    "files.renamed": "renaming", "files.commit": "renaming", "files.committed": "renaming", "files.prune": "pruning",
    "files.delete": "pruning",
}
KILLS_PER_PHASE = 3
RANDOM_KILLS = 5

# Values that say when something happened or how long it took, and what follows from them.
OF_TIME = {"time", "seconds", "tokens_per_second", "interval_seconds", "checksum", "metrics_bytes"}


def command(folder, name, *more):
    return ["train", folder / "tiny.yaml", "--runs", folder / "runs", "--name", name, *MILESTONES, *more]


def without_times(value):
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in OF_TIME}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


def outcome(run):
    """{file: what must be the same} of all that a finished run consists of."""
    files = {}
    for path in sorted(run.rglob("*")):
        name = path.relative_to(run).as_posix()
        if path.is_dir() or name in ("lock", "provenance.json") or name.startswith("tensorboard/"):
            continue  # the events' file is named by time; test_commands.py compares it with the records
        if path.suffix == ".json":
            files[name] = without_times(json.loads(path.read_bytes()))
        elif path.suffix == ".jsonl":
            files[name] = [without_times(json.loads(line)) for line in path.read_text().splitlines()]
        elif name == "config.yaml":  # the threads of those who went on with it
            files[name] = re.sub(rb"\n  workers: .*", b"", path.read_bytes())
        else:
            files[name] = path.read_bytes()
    files["number of event files"] = len(list((run / "tensorboard").iterdir()))
    return files


def expect_same_outcome(run, reference, story):
    seen = outcome(run)
    different = sorted(set(seen) ^ set(reference))
    expect(not different, f"{run.name}: files that only this or only the uninterrupted run has after {story}: {different}")
    for name, value in reference.items():
        if seen[name] != value:
            short = f": {str(value)[:1500]}\n    and {str(seen[name])[:1500]}" if not isinstance(value, bytes) else ""
            expect(False, f"{run.name}: {name} differs from that of the uninterrupted run after {story}{short}")


def uninterrupted(folder, name="reference", *more):
    write(folder / "tiny.yaml", TINY)
    start = time.monotonic()
    output_of(*command(folder, name, *more))
    files = outcome(folder / "runs" / name)
    states = [files[name] for name in files if name.endswith("state.json")]
    expect(len(states) in (2, 3), f"expected the two last checkpoints and the best one, got {sorted(files)}")
    return files, time.monotonic() - start


def leftovers(run, suffix):
    return sorted(path.relative_to(run).as_posix() for path in run.rglob("*" + suffix))


def check_instant(run, point):
    """The files show that the kill came where it was meant to."""
    partial, trash = leftovers(run, ".partial"), leftovers(run, ".trash")
    if point in ("files.write", "files.rename", "files.commit"):
        expect(partial, f"killed at {point}: expected an unfinished file, found none")
    if point in ("files.prune", "files.delete"):
        expect(trash, f"killed at {point}: expected a half-deleted checkpoint, found none")


def kill(folder, run, kills, *more):
    """Trains until each of the kills in turn, going on from what the one before has left; returns those that came while a checkpoint was written."""
    in_checkpoints = 0
    for i, at in enumerate(kills):
        process = sublayer(*command(folder, run.name, *more), *(["--resume"] if i else []), environment={"SUBLAYER_KILL_AT": at})
        story = ", ".join(kills[:i + 1])
        status, errors = process.returncode, process.stderr[-1000:]
        expect(status == -signal.SIGKILL, f"after {story}: expected a kill, got {status}: {errors}")
        point = at.rpartition(":")[0]
        check_instant(run, point)
        in_checkpoints += point == "files.write" and any("checkpoints" in path for path in leftovers(run, ".partial"))
    return in_checkpoints


def test_a_killed_training_goes_on_bit_for_bit(folder):
    reference, _ = uninterrupted(folder)
    counts, in_checkpoints = collections.Counter(PHASES[at.rpartition(":")[0]] for kills in KILLS for at in kills), 0
    for number, kills in enumerate(KILLS):
        run = folder / "runs" / f"killed_{number}"
        in_checkpoints += kill(folder, run, kills)
        # The number of threads may change when a run goes on, and changes nothing.
        output_of(*command(folder, run.name), "--resume", "--set", f"training.workers={1 + number % 3}")
        expect_same_outcome(run, reference, ", ".join(kills))
    total = sum(counts.values())
    print(f"        {total} kills: " + ", ".join(f"{count} in {phase}" for phase, count in sorted(counts.items())))
    expect(total >= 20, f"expected at least 20 kills, made {total}")
    for phase in set(PHASES.values()):
        expect(counts[phase] >= KILLS_PER_PHASE, f"expected at least {KILLS_PER_PHASE} kills in {phase}, made {counts[phase]}")
    expect(in_checkpoints >= KILLS_PER_PHASE, f"only {in_checkpoints} kills came while a checkpoint was written")


def test_a_killed_training_in_bf16_goes_on_bit_for_bit(folder):
    """What is kept are the weights in float, from which those that it computes with are rounded."""
    in_bf16 = ["--set", "training.precision=bf16"]
    in_float, _ = uninterrupted(folder, "float")
    reference, _ = uninterrupted(folder, "reference", *in_bf16)
    expect(in_float["result.json"] != reference["result.json"], "training in bf16 has the result of training in float")
    run = folder / "runs" / "killed"
    kills = KILLS[0]
    kill(folder, run, kills, *in_bf16)
    output_of(*command(folder, run.name, *in_bf16), "--resume", "--set", "training.workers=3")
    expect_same_outcome(run, reference, ", ".join(kills))


def test_kills_at_random_times(folder):
    reference, seconds = uninterrupted(folder)
    random_number = random.Random(5)
    kills = finished = 0
    while kills < RANDOM_KILLS and finished < 10:
        name = f"random_{finished}"
        resume = ["--resume"] if (folder / "runs" / name).exists() else []
        arguments = map(str, command(folder, name, *resume))
        process = subprocess.Popen([BINARY, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            status = process.wait(random_number.uniform(0.2, 0.9) * seconds)
            expect_equal(status, 0, "exit status of a training that was not killed")
            expect_same_outcome(folder / "runs" / name, reference, f"{kills} kills")
            finished += 1
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    output_of(*command(folder, name, "--resume"))
    expect_same_outcome(folder / "runs" / name, reference, f"{kills} kills")
    print(f"        {kills} kills at random times")
    expect(kills == RANDOM_KILLS, f"expected {RANDOM_KILLS} kills, {finished} trainings ended before theirs")


def records_of(run):
    path = run / "metrics.jsonl"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def start_until_recorded(arguments, run, records):
    """A process that has written so many more records."""
    wanted = records_of(run) + records
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=run.parent.parent)
    end = time.monotonic() + PATIENCE
    while records_of(run) < wanted and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    return process


def interrupt(process, number, run):
    """Sends the signal and returns the command that the program names to go on."""
    process.send_signal(number)
    output, message = (text.decode() for text in process.communicate(timeout=PATIENCE))
    expect_equal(process.returncode, 128 + number, f"exit status after {signal.Signals(number).name} ({message[-500:]})")
    expect_equal(output, "", "output of an interrupted training")
    found = re.fullmatch(r"interrupted; a checkpoint was written\. Go on with: sublayer (train .* --resume)", message.splitlines()[-1])
    expect(found, f"expected how to go on in the last line, got {message[-500:]!r}")
    newest = sorted((run / "checkpoints").iterdir())[-1]
    names = sorted(path.name for path in newest.iterdir())
    expect_equal(names, ["model.safetensors", "state.json", "training.safetensors"], "checkpoint at the signal")
    return shlex.split(found[1])


def check_interrupts(folder, reference, name, *more):
    run = folder / "runs" / name
    arguments = ["train", "tiny.yaml", "--name", name, *more]
    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGINT, signal.SIGTERM]
    at = []
    for number in signals:
        process = start_until_recorded(arguments, run, 3)
        arguments = interrupt(process, number, run)
        at.append(json.loads((sorted((run / "checkpoints").iterdir())[-1] / "state.json").read_bytes())["update"])
    expect(not (run / "result.json").exists(), "an interrupted run has a result")
    output_of(*arguments, folder=folder)
    expect_same_outcome(run, reference, f"signals at updates {at}")
    print(f"        {len(signals)} signals, at updates {at}")


def test_an_interrupted_training_says_how_to_go_on_and_does(folder):
    """Between milestones, and with one at every update: then the interruption takes the place of a validation and a checkpoint."""
    long = [*MILESTONES, "--set", "training.max_updates=150"]
    dense = [*long, "--set", "validation.every_updates=1", "--set", "checkpoint={every_updates: 1, keep_last: 3, average_last: 3}"]
    sparse = [*long, "--set", "validation.every_updates=50", "--set", "checkpoint.every_updates=50"]
    for name, options in (("it's dense", dense), ("sparse", sparse)):
        reference, _ = uninterrupted(folder, f"reference of {name}", *options)
        check_interrupts(folder, reference, name, *options)


def test_a_run_belongs_to_one_process(folder):
    write(folder / "tiny.yaml", TINY)
    run = folder / "runs" / "tiny"
    process = start_until_recorded(["train", "tiny.yaml", "--set", "training.max_updates=100000"], run, 1)
    second = sublayer("train", "tiny.yaml", "--set", "training.max_updates=100000", "--resume", folder=folder)
    interrupt(process, signal.SIGTERM, run)
    expect_equal(second.returncode, 2, "exit status of a second training of the same run")
    expect("another process is training this run" in second.stderr, f"message of a second training of the same run: {second.stderr!r}")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
