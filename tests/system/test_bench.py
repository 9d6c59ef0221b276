"""`sublayer bench`: that it measures what docs/measuring.md says, never how fast anything is.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import json
import math
import sys

from program import TINY, contents, expect, expect_equal, expect_refusal, output_of, run_tests, write

SHORT = ["--updates", 2, "--repeats", 2, "--sentences", 8, "--single-sentences", 3]
PARTS = {"matrix_products", "attention", "norm", "activation", "dropout", "loss", "embedding", "optimizer", "batching", "waiting", "other"}
START = ["process", "config", "data", "tokenizer", "ids", "model", "plan", "beyond_data", "first_update"]


def bench(folder, subject, *more):
    """What is written to --json, and what is printed. Scratch files go to a folder that must be empty in the end."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    text = output_of("bench", subject, *more, "--json", folder / "bench.json", environment={"TMPDIR": str(scratch)})
    expect_equal(list(scratch.iterdir()), [], "what is left in the directory for temporary files")
    return json.loads((folder / "bench.json").read_text()), text


def test_a_config_is_measured_in_all_parts(folder):
    config = write(folder / "tiny.yaml", TINY)
    report, text = bench(folder, config, *SHORT)
    expect_equal(set(report), {"subject", "weights", "workers", "build", "start", "training", "decoding"}, "keys of the report")
    expect_equal([report[key] for key in ("subject", "weights", "workers")], [str(config), "initial", 2], "what was measured")

    expect_equal(sorted(report["start"]), sorted(START), "keys of the start")
    expect(all(seconds >= 0 for seconds in report["start"].values()), f"negative times: {report['start']}")

    training = report["training"]
    expect_equal(set(training), {"precision", "tokens_per_second", "repeats", "updates_per_repeat", "tokens_per_update", "time", "other",
                                 "matrix_products", "memory"}, "keys of the training")
    expect_equal((len(training["repeats"]), training["updates_per_repeat"]), (2, 2), "measurements")
    expect(math.isclose(training["tokens_per_second"], sum(training["repeats"]) / 2), f"not the median of two: {training}")
    expect_equal(set(training["time"]), PARTS, "parts of the time")
    expect(math.isclose(sum(training["time"].values()), 1, rel_tol=1e-6), f"shares do not sum to 1: {training['time']}")
    expect(all(share > 0 for share in training["time"].values()), f"a part that this model has takes no time: {training['time']}")
    expect(math.isclose(sum(training["other"].values()), training["time"]["other"], rel_tol=1e-6), "names of other do not sum up to it")
    expect_equal(training["precision"], "fp32", "precision of the training")
    products = training["matrix_products"]
    expect(math.isclose(products["training_gflops"] / products["machine_gflops"], products["fraction"]), f"{products}")
    expect(training["memory"]["peak_bytes"] >= training["memory"]["before_bytes"] > 0, f"{training['memory']}")

    decoding = report["decoding"]
    expect_equal({key: decoding[key] for key in ("split", "beam_size")}, {"split": "test", "beam_size": 5}, "what was decoded")
    seen = [(search["search"], search["batched"], search["workers"], search["sentences"]) for search in decoding["searches"]]
    expect_equal(seen, [("greedy", True, 2, 8), ("beam", True, 2, 8), ("greedy", False, 1, 3), ("beam", False, 1, 3)], "searches")
    for search in decoding["searches"]:
        expect(0 < search["target_tokens"] <= search["sentences"] * (decoding["max_length"] + 1), f"longer than the limit: {search}")
        expect_equal(len(search["seconds"]), 2, "measurements of a search")
    for word in ("start", "training", "tokens/s", "products", "memory", "matrix_products", "decoding", "one by one"):
        expect(word in text, f"no {word} for people: {text}")


def test_a_run_is_measured_with_its_weights_and_left_alone(folder):
    config = write(folder / "tiny.yaml", TINY)
    output_of("train", config, "--runs", folder, "--name", "run")
    before = contents(folder / "run")
    report, text = bench(folder, folder / "run", *SHORT, "--checkpoint", "last", "--split", "valid", "--beam-size", 2, "--workers", 1)
    expect_equal([report["weights"], report["workers"]], ["last (update 30)", 1], "what was measured")
    expect_equal([report["decoding"][key] for key in ("split", "beam_size", "max_length")], ["valid", 2, None], "what was decoded")
    shares = report["run"]
    expect(math.isclose(shares["training"] + shares["validation"] + shares["rest"], 1), f"shares of the run: {shares}")
    expect(shares["training"] > 0 and shares["validation"] > 0, f"a part of the run took no time: {shares}")
    expect("validation" in text, f"no validation for people: {text}")
    expect_equal(contents(folder / "run"), before, "files of a run that was measured")


def test_parts_are_measured_alone(folder):
    config = write(folder / "tiny.yaml", TINY)
    for part, options in {"start": [], "training": ["--updates", 1, "--repeats", 1],
                          "decoding": ["--sentences", 2, "--single-sentences", 1, "--repeats", 1]}.items():
        report, _ = bench(folder, config, "--only", part, *options)
        expect_equal(set(report) & {"start", "training", "decoding"}, {part}, f"what --only {part} measures")
    report, text = bench(folder, config, "--only", "start", "--only", "training", "--updates", 1, "--repeats", 2, "--set", "training.precision=bf16")
    expect_equal(report["training"]["precision"], "bf16", "precision of a training in bf16")
    expect("training   bf16, " in text, f"no precision for people: {text}")
    expect_equal(len(report["training"]["repeats"]), 2, "measurements after the start has taken an update")
    report, _ = bench(folder, config, "--only", "decoding", *SHORT[2:], "--set", "task.test=0")
    expect_equal(report["decoding"]["split"], "valid", "split where there is no test split")


def test_wrong_use_is_refused(folder):
    config = write(folder / "tiny.yaml", TINY)
    empty = folder / "empty"
    empty.mkdir()
    expect_refusal(["bench", folder / "absent.yaml"], "absent.yaml")
    expect_refusal(["bench", empty], empty, "no run")
    expect_refusal(["bench", config, "--only", "all"], "bench: ", "--only", "training")
    expect_refusal(["bench", config, "--updates", "0"], "bench: ", "--updates", "at least 1")
    expect_refusal(["bench", config, "--checkpoint", "last"], "--checkpoint is of a run", config)
    expect_refusal(["bench", config, "--only", "decoding", "--updates", "3"], "--updates is of training, which --only leaves out")
    expect_refusal(["bench", config, "--only", "start", "--beam-size", "3"], "--beam-size is of decoding, which --only leaves out")
    expect_refusal(["bench", config, "--only", "training", "--checkpoint", "last"], "--checkpoint is of decoding, which --only leaves out")
    for stated in ("search=sample", "search.type=sample", "search={type: sample}"):
        expect_refusal(["bench", config, "--set", stated], "search.type: bench decodes by greedy search and by beam search")
    expect_refusal(["bench", config, "--set", "search.beam_size=3"], "search.beam_size: bench takes --beam-size")
    expect_refusal(["bench", config, "--set", "search.max_length=3"], "search.max_length: the targets of initial weights")
    expect_refusal(["bench", config, "--only", "start", "--repeats", "3"], "--repeats is of training and decoding")
    expect_refusal(["bench", config, "--only", "decoding", "--split", "valid", "--set", "task.valid=0"], config, "no valid split")
    expect_refusal(["bench", config, "--set", "model.d_modle=32"], "d_modle", "Did you mean")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
