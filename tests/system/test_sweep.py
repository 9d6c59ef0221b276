"""Experiments: from a question in YAML to runs, verdict and report. Exit status: 0 passed, 1 failed, 77 skipped."""

import csv
import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time

from program import BINARY, PATIENCE, TINY, expect, expect_equal, expect_refusal, output_of, run_tests, sublayer, write

EXPERIMENT = """\
question: Does the norm's place matter?
base: tiny.yaml
budget: {max_updates: 60}
seeds: 3
metric: valid.loss
also: [test.exact_match]
axes:
  place:
    pre: {}
    post: {model.layer.residual: post}
compare: {axis: place, baseline: pre}
"""


def experiment(folder, **lines):
    """EXPERIMENT with some of its lines replaced; `axes` may have several."""
    text = EXPERIMENT
    for key, value in lines.items():
        start = text.find(f"{key}:")
        if start < 0:
            text += f"{key}: {value}\n"
            continue
        end = text.index("\n", start)
        if key == "axes":
            end = text.index("compare:") - 1
        text = text[:start] + (f"{key}: {value}" if value is not None else "") + text[end:]
    write(folder / "tiny.yaml", TINY)
    return write(folder / "place" / "experiment.yaml", text.replace("base: tiny.yaml", "base: ../tiny.yaml"))


def sweep(folder, file, *more):
    return sublayer("sweep", file, "--runs", folder / "runs", *more)


def rows(folder):
    with open(folder / "runs" / "place" / "results.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_sweep_trains_every_arm_and_seed_and_says_what_they_answer(folder):
    file = experiment(folder, equivalence_margin=0.001)
    process = sweep(folder, file)
    expect_equal(process.returncode, 0, process.stderr)
    expect("Does the norm's place matter?" in process.stdout and "post against pre: " in process.stdout, process.stdout)
    place = folder / "runs" / "place"
    for name in ("report.html", "report.md", "results.csv", "table.tex", "forest.svg", "looks.json"):
        expect((place / name).stat().st_size > 0, f"{name} is empty")
    table = rows(folder)
    expect_equal([(row["arm"], row["seed"], row["status"]) for row in table],
                 [(arm, str(seed), "done") for arm in ("pre", "post") for seed in (1, 2, 3)], "the runs")
    for row in table:
        run = place / row["arm"] / f"seed_{row['seed']}"
        records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        best = min(record["loss"] for record in records if record["event"] == "valid")
        expect_equal(float(row["valid.loss"]), best, f"loss of {row['arm']}/seed_{row['seed']}")
        [score] = [s for s in json.loads((run / "result.json").read_text())["scores"] if s["metric"] == "exact_match"]
        expect_equal(float(row["test.exact_match"]), score["value"], "exact match")
    again = sweep(folder, file)
    expect("6 runs, 6 finished before" in again.stderr and "training" not in again.stderr, again.stderr)
    expect_equal(again.stdout, process.stdout, "the verdict of a sweep with nothing to do")


def test_arms_of_one_seed_share_data_order_and_initial_values(folder):
    """So an arm that changes nothing gives the baseline's numbers, and is called identical."""
    file = experiment(folder, axes="\n  place:\n    pre: {}\n    same: {model.layer.residual: pre}", equivalence_margin=0.001)
    process = sweep(folder, file)
    expect("same against pre: equivalent" in process.stdout, process.stdout)
    table = {(row["arm"], row["seed"]): row["valid.loss"] for row in rows(folder)}
    for seed in "123":
        expect_equal(table["same", seed], table["pre", seed], f"loss with seed {seed}")
    expect(len({table["pre", seed] for seed in "123"}) == 3, "seeds make no difference")


def test_a_run_can_be_trained_alone(folder):
    file = experiment(folder)
    output_of("sweep", file, "--runs", folder / "runs", "--only", "post/seed_2")
    run = folder / "runs" / "place" / "post" / "seed_2"
    expect_equal(json.loads((run / "result.json").read_text())["end"], "max_updates", "end of the run")
    expect_equal(json.loads((run / "provenance.json").read_text())["command"],
                 f"sublayer sweep {file} --runs {folder / 'runs'} --only post/seed_2", "the command on record")
    expect(not (folder / "runs" / "place" / "post" / "seed_1").exists(), "another run was trained")
    expect_refusal(["sweep", file, "--runs", folder / "runs", "--only", "post/seed_9"], "post/seed_9: no such run", "pre/seed_1")


def test_what_is_set_for_all_arms_holds_for_all_arms(folder):
    """Here: probes, which the records and the report must show."""
    file = experiment(folder, set='{probes: [{type: dead_units, every_updates: 20}], training.log_every: 7}', seeds=2)
    expect_equal(sweep(folder, file).returncode, 0, "exit status")
    for arm in ("pre", "post"):
        records = [json.loads(line) for line in (folder / "runs/place" / arm / "seed_1/metrics.jsonl").read_text().splitlines()]
        probes = [record for record in records if record["event"] == "probe"]
        expect_equal([record["update"] for record in probes], [1, 20, 40, 60], f"updates with probes of {arm}")
        for stack in ("encoder", "decoder"):
            share = probes[-1][f"dead_units/{stack}.layers.0.feed_forward.body.activation"]
            expect(0 <= share <= 1, f"dead units of the {stack}: {share}")
        expect_equal([record["update"] for record in records if record["event"] == "train"], list(range(7, 60, 7)), "records")
    expect("Probes by depth" in (folder / "runs/place/report.html").read_text(), "the report has no probes")
    expect_refusal(["sweep", experiment(folder, set="{training.often: 7}"), "--runs", folder / "new"], "unknown key 'often'")
    expect_refusal(["sweep", experiment(folder, set="[a]"), "--runs", folder / "new"], "set: expected a map of config keys to values")
    file = experiment(folder, set='{probes: [{type: gradient_norm, modules: "encoder.*.9"}]}')
    expect_refusal(["sweep", file, "--runs", folder / "new"], "probes.0.modules: 'encoder.*.9' fits nothing that gradient_norm can read")
    expect(not (folder / "new" / "place" / "pre").exists(), "something was trained")


def test_a_terminal_shows_a_live_table(folder):
    """On a pseudo-terminal: a line for each run in training with its progress, drawn over, and one that stays for each that is done."""
    file = experiment(folder, budget="{max_updates: 900}", seeds=2)
    leader, follower = pty.openpty()
    with subprocess.Popen([BINARY, "sweep", file, "--runs", folder / "runs", "--jobs", "2"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=follower) as process:
        os.close(follower)
        shown = b""
        try:
            while piece := os.read(leader, 1 << 16):
                shown += piece
        except OSError:  # the other end was closed
            pass
        expect_equal(process.wait(PATIENCE), 0, "exit status")
    os.close(leader)
    text = shown.decode()
    live = re.findall(r"(\w+/seed_\d) +\[([#.]{20})\]  update (\d+)  loss (\d+\.\d+)  (\d+:\d\d left)?", text)
    expect({label for label, *_ in live} >= {"pre/seed_1", "post/seed_1"}, f"runs with a live line: {live}")
    expect(any("#" in bar and left for _, bar, _, _, left in live), f"no line has progress and time left: {live}")
    expect("\033[2A\033[J" in text, "two lines were never drawn over")
    for label in ("pre/seed_1", "post/seed_1", "pre/seed_2", "post/seed_2"):
        expect_equal(len(re.findall(rf"{label} +done  valid.loss", text)), 1, f"lines that say that {label} is done")


def test_a_failed_run_is_recorded_and_stops_no_other(folder):
    file = experiment(folder)
    in_the_way = write(folder / "runs" / "place" / "post" / "seed_1" / "checkpoints", "not a directory")
    process = sweep(folder, file)
    expect_equal(process.returncode, 1, process.stderr)
    expect("no verdict: post/seed_1 failed: " in process.stdout, process.stdout)
    expect_equal([row["status"] for row in rows(folder)], ["done"] * 3 + ["failed"] + ["done"] * 2, "the runs")
    expect(rows(folder)[3]["reason"], "the failure has no reason")
    in_the_way.unlink()
    process = sweep(folder, file)
    expect_equal(process.returncode, 0, process.stderr)
    expect_equal([row["status"] for row in rows(folder)], ["done"] * 6, "the runs, tried again")


def test_divergence_is_an_outcome_of_its_arm(folder):
    axes = """
  place:
    pre: {}
    explodes: {optimizer: {type: sgd, learning_rate: 1.0e+30}}
    learns_nothing: {optimizer.learning_rate: 1.0e-12}"""
    process = sweep(folder, experiment(folder, axes=axes))
    expect_equal(process.returncode, 0, process.stderr)
    outcome = {(row["arm"], row["seed"]): row for row in rows(folder)}
    for seed in "123":
        for arm, reason in (("explodes", "no longer finite"), ("learns_nothing", "never better than a unigram model")):
            row = outcome[arm, seed]
            expect(row["status"] == "diverged" and reason in row["reason"] and row["valid.loss"] == "", f"{arm}: {row}")
    for arm in ("explodes", "learns_nothing"):
        expect(f"{arm} against pre: " in process.stdout and "diverged 3 of 3" in process.stdout, process.stdout)


def test_more_seeds_after_a_verdict_are_another_look_at_a_smaller_level(folder):
    file = experiment(folder, equivalence_margin=100, seeds=2)
    sweep(folder, file)
    experiment(folder, equivalence_margin=100, seeds=4)
    process = sweep(folder, file)
    expect("8 runs, 4 finished before" in process.stderr, process.stderr)
    looks = json.loads((folder / "runs" / "place" / "looks.json").read_text())["looks"]
    expect_equal([look["seeds"] for look in looks], [2, 4], "seeds of the looks")
    expect(looks[0]["level"] > 4 * looks[1]["level"] > 0 and sum(look["level"] for look in looks) <= 0.05, f"levels: {looks}")
    refuse = ["sweep", file, "--runs", folder / "runs"]
    experiment(folder, equivalence_margin=100, seeds=3)
    expect_refusal(refuse, "seeds: a verdict was made with 4; fewer cannot undo it")
    experiment(folder, equivalence_margin=50, seeds=4)
    expect_refusal(refuse, "equivalence_margin: was 100.0 when the first verdict was made")


def test_a_single_planned_look_cannot_be_repeated(folder):
    file = experiment(folder, seeds=2, statistics="{spend: 1}")
    sweep(folder, file)
    experiment(folder, seeds=3, statistics="{spend: 1}")
    expect_refusal(["sweep", file, "--runs", folder / "runs"], "statistics.spend: 1 left no level for another")


def test_bad_experiments_are_refused_before_anything_is_trained(folder):
    cases = [
        ({"axes": "\n  place:\n    pre: {}\n    post: {model.layer.residuel: post}"},
         ["experiment.yaml:10: model", "unknown key 'residuel'. Did you mean 'residual'?"]),
        ({"axes": "\n  place:\n    pre: {}\n    pre: {model.layer.residual: post}"}, ["experiment.yaml:10: key 'pre' stands twice"]),
        ({"axes": "\n  place: {pre: {}}"}, ["axis 'place' has one level: nothing to compare"]),
        ({"axes": "\n  place: {pre: {}, a/b: {}}"}, ["a level's name may have letters"]),
        ({"compare": "{axis: place, baseline: prr}"}, ["compare.baseline: axis 'place' has no level 'prr'. Did you mean 'pre'?"]),
        ({"compare": "{axis: palce, baseline: pre}"}, ["compare.axis: there is no axis 'palce'. Did you mean 'place'?"]),
        ({"seeds": 1}, ["seeds: a verdict needs at least 2 seeds"]),
        ({"metric": "valid.bleu"}, ["experiment.yaml:5: metric: 'valid.bleu' is not scored", "valid.loss"]),
        ({"also": "[test.chrf]"}, ["also: 'test.chrf' is not scored"]),
        ({"metric": "loss"}, ["'loss' is no score: expected valid. or test."]),
        ({"base": "absent.yaml"}, ["experiment.yaml:2: base: no file"]),
        ({"statistics": "{level: 2}"}, ["statistics.level: must be above 0 and below 0.5"]),
        ({"strickt": "true"}, ["unknown key 'strickt'. Did you mean 'strict'?"]),
        ({"equivalence_margin": "-1"}, ["equivalence_margin: must be positive"]),
    ]
    for lines, fragments in cases:
        expect_refusal(["sweep", experiment(folder, **lines), "--runs", folder / "runs"], *fragments)
        expect(not (folder / "runs").exists(), f"{lines}: something was begun")


def test_confounds_are_shown_and_refused_where_strict(folder):
    axes = "\n  place:\n    pre: {}\n    wide: {model.layer.feed_forward.d_ff: 48}"
    process = sweep(folder, experiment(folder, axes=axes), "--dry-run")
    for line in ("beyond the axis: parameters: ", "beyond the axis: forward FLOPs", "other shapes: ", "[48, 16] (baseline: [32, 16])"):
        expect(line in process.stderr, f"{line!r} is not in {process.stderr}")
    expect("tokens/s" in process.stdout and "MB" in process.stdout, process.stdout)
    expect(not (folder / "runs" / "place" / "pre").exists(), "a dry run trained something")
    refused = ["sweep", experiment(folder, axes=axes, strict="true"), "--runs", folder / "runs"]
    process = sublayer(*refused)
    expect(process.returncode == 2 and "strict: arm 'wide' differs from its baseline in more than the axis: parameters" in process.stderr,
           process.stderr)
    matched = "\n  place:\n    pre: {}\n    gelu: {model.layer.feed_forward.activation: gelu}"
    process = sweep(folder, experiment(folder, axes=matched, strict="true"), "--dry-run")
    expect(process.returncode == 0 and "beyond the axis" not in process.stderr, process.stderr)


def test_a_gated_arm_matches_the_parameters_of_the_dense_one(folder):
    axes = "\n  place:\n    pre: {}\n    gated: {model.layer.feed_forward: {type: gated, match: parameters}}"
    process = sweep(folder, experiment(folder, axes=axes), "--dry-run")
    counts = [int(line.split(": ")[1].split()[0]) for line in process.stderr.splitlines() if "FLOPs forward per" in line]
    expect(len(counts) == 2 and abs(counts[0] - counts[1]) <= 2 * (3 * 16 + 2), f"parameters: {counts}")


def test_a_run_of_another_config_is_not_taken_for_an_arm(folder):
    file = experiment(folder)
    sweep(folder, file)
    (folder / "runs" / "place" / "looks.json").unlink()
    write(folder / "tiny.yaml", TINY.replace("d_ff: 32", "d_ff: 64"))
    expect_refusal(["sweep", file, "--runs", folder / "runs"], "seed_1: holds another run", "d_ff")


def test_a_larger_budget_goes_on_where_the_runs_stand(folder):
    file = experiment(folder, seeds=2, compare=None)
    sweep(folder, file)
    file = experiment(folder, seeds=2, compare=None, budget="{max_updates: 90}")
    process = sweep(folder, file)
    expect_equal(process.returncode, 0, process.stderr)
    log = (folder / "runs" / "place" / "pre" / "seed_1" / "log.txt").read_text()
    expect("going on from" in log and "update_00000060" in log, log)
    records = (folder / "runs" / "place" / "pre" / "seed_1" / "metrics.jsonl").read_text().splitlines()
    expect_equal(json.loads(records[-1])["update"], 90, "last update")


def test_a_run_killed_on_its_way_to_a_larger_budget_is_not_taken_for_done(folder):
    file = experiment(folder, seeds=2, compare=None)
    sweep(folder, file)
    file = experiment(folder, seeds=2, compare=None, budget="{max_updates: 20000}")
    process = subprocess.Popen([BINARY, "sweep", file, "--runs", folder / "runs"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    records = folder / "runs" / "place" / "pre" / "seed_1" / "metrics.jsonl"
    deadline = time.monotonic() + PATIENCE
    while '"update":63' not in records.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    output_of("report", file, "--runs", folder / "runs")
    expect_equal([row["status"] for row in rows(folder)], ["unfinished"] * 4, "the runs, of which some had gone on")


def test_an_interrupted_sweep_says_so_and_goes_on(folder):
    file = experiment(folder, budget="{max_updates: 20000}")
    process = subprocess.Popen([BINARY, "sweep", file, "--runs", folder / "runs"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run = folder / "runs" / "place" / "pre" / "seed_1"
    deadline = time.monotonic() + PATIENCE
    while not (run / "metrics.jsonl").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=PATIENCE)
    expect(process.returncode == 130 and b"the same command goes on where it was" in errors, errors)
    expect(list((run / "checkpoints").glob("update_*")), "no checkpoint was written")
    expect(not (run / "failure.json").exists(), "an interrupt was recorded as a failure")


def test_a_sweep_killed_at_any_moment_ends_with_the_results_of_an_undisturbed_one(folder):
    file = experiment(folder, seeds=3)
    (folder / "undisturbed").mkdir()
    sublayer("sweep", file, "--runs", folder / "undisturbed")
    expected = (folder / "undisturbed" / "place" / "results.csv").read_bytes()
    expect_equal(expected.count(b"done"), 6, "finished runs")
    chance = random.Random(1)
    kills = 0
    while kills < 5:
        process = subprocess.Popen([BINARY, "sweep", file, "--runs", folder / "runs", "--jobs", "2"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 2.0))
        if process.poll() is not None:  # it was done before: from the beginning, killed earlier
            subprocess.run(["rm", "-r", folder / "runs"], check=True)
            chance = random.Random(kills)
            continue
        process.kill()
        process.wait()
        kills += 1
    process = sweep(folder, file)
    expect_equal(process.returncode, 0, process.stderr)
    expect_equal((folder / "runs" / "place" / "results.csv").read_bytes(), expected, "results.csv")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
