"""What the scripts that measure share: trainings side by side, and the parts of docs/phenomena.md that they write."""

import concurrent.futures
import json
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
BINARY = os.environ.get("SUBLAYER_BINARY") or str(ROOT / "build" / "sublayer")
SIDE_BY_SIDE = 2  # trainings, of one thread each: results do not depend on it


def output_of(*arguments):
    return subprocess.run([BINARY, *map(str, arguments)], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def train(runs, name, config, settings):
    """Trains a run with one thread, or goes on with it, and returns its directory. That it diverged is a result, too."""
    directory = ROOT / runs / name
    directory.mkdir(parents=True, exist_ok=True)
    command = [BINARY, "train", config, "--runs", runs, "--name", name, "--set=training.workers=1",
               *(f"--set={key}={value}" for key, value in settings.items())]
    if (directory / "config.yaml").exists():
        command.append("--resume")
    with open(directory / "log.txt", "a", encoding="utf-8") as log:
        status = subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, check=False).returncode
    if status not in (0, 3):
        raise SystemExit(f"{' '.join(command)}: exit status {status}, see {log.name}")
    return directory


def train_all(runs, config, settings_by_name):
    """Directories of runs by name, trained side by side."""
    with concurrent.futures.ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        waiting = {name: threads.submit(train, runs, name, config, settings) for name, settings in settings_by_name.items()}
        return {name: run.result() for name, run in waiting.items()}


def records(directory, event):
    with open(directory / "metrics.jsonl", encoding="utf-8") as stream:
        return [record for record in map(json.loads, stream) if record["event"] == event]


def result(directory):
    return json.loads((directory / "result.json").read_text(encoding="utf-8"))


def write_part(page, name, text):
    """Replaces what stands between <!-- name --> and <!-- end of name --> in a page."""
    pattern = re.compile(f"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    page = ROOT / page
    before = page.read_text(encoding="utf-8")
    if len(pattern.findall(before)) != 1:
        raise SystemExit(f"{page} has no part {name}")
    page.write_text(pattern.sub(lambda match: match[1] + text + match[2], before), encoding="utf-8")
