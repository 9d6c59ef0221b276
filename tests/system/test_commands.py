"""One tiny run from training to BLEU, through every command that works on a run.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import array
import functools
import gzip
import json
import math
import os
import pathlib
import random
import re
import select
import struct
import subprocess
import sys
import tempfile

from program import BINARY, PATIENCE, TASK, TINY, expect, expect_equal, expect_refusal, output_of, run_tests, tensors_of, write

NEAR_TIE = 1e-4  # of scores: two orders of adding may rank such hypotheses differently
TEST_PAIRS = 60


def text_of(rng):
    return " ".join(rng.choice("abcdefgh") for _ in range(rng.randint(1, 8)))


@functools.cache
def trained():
    """The directory of a run over files of reversed letters; all tests share it. (Its folder lives as long as the result.)"""
    folder = tempfile.TemporaryDirectory()
    path = pathlib.Path(folder.name)
    rng = random.Random(1)
    sources = list(dict.fromkeys(text_of(rng) for _ in range(900)))
    parts = {"train": sources[2 * TEST_PAIRS:], "valid": sources[:TEST_PAIRS], "test": sources[TEST_PAIRS:2 * TEST_PAIRS]}
    for name, lines in parts.items():
        pack = gzip.compress if name == "train" else bytes
        write(path / f"{name}.source", pack("".join(line + "\n" for line in lines).encode()))
        write(path / f"{name}.target", pack("".join(line[::-1] + "\n" for line in lines).encode()))
    splits = "\n".join(f"  {name}: {{source: [{name}.source], target: [{name}.target]}}" for name in parts)
    config = write(path / "letters.yaml", TINY.replace(TASK, f"task:\n  type: parallel_text\n{splits}"))
    output_of("train", config, "--runs", path, "--name", "run", "--set", "training.max_updates=120", "--set", "model.d_model=32",
              "--set", "training.tokens_per_update=256", "--set", "training.max_tokens_per_micro_batch=256",
              "--set", "validation.every_updates=40", "--set", "checkpoint.every_updates=40")
    return folder, path, path / "run"


def evaluated(*more):
    return json.loads(output_of("evaluate", trained()[2], "--json", *more))


def values_of(report):
    return {score["metric"]: score["value"] for score in report["scores"]}


def test_evaluate_agrees_with_the_training(folder):
    _, _, run = trained()
    report = evaluated()
    result = json.loads((run / "result.json").read_text())
    about = [report[key] for key in ("split", "sentences", "checkpoint")]
    expect_equal(about, ["test", TEST_PAIRS, result["checkpoint"]], "what was evaluated")
    expect_equal({score["metric"]: (score["value"], score["signature"]) for score in report["scores"]},
                 {score["metric"]: (score["value"], score["signature"]) for score in result["scores"]}, "scores of the test split")
    lines = output_of("evaluate", run, "--output", folder / "hypotheses").splitlines()
    expect_equal([line.split()[0] for line in lines[1:]], list(values_of(report)), "metrics in the text for people")
    expect_equal((folder / "hypotheses").read_text(), (run / "hypotheses" / "test.txt").read_text(), "hypotheses of the test split")

    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    last_validation = [record for record in records if record["event"] == "valid"][-1]
    seen = values_of(evaluated("--split", "valid", "--checkpoint", "last", "--set", "search=greedy"))
    for name, value in seen.items():
        expected = last_validation[name]
        expect(math.isclose(value, expected, rel_tol=1e-6), f"{name} of the last validation: expected {expected}, got {value}")


def test_evaluate_takes_metrics(_):
    metrics = ["loss", "perplexity", "{type: bleu, tokenize: none}", "token_accuracy"]
    report = evaluated(*(part for metric in metrics for part in ("--metric", metric)))
    values = values_of(report)
    expect_equal(list(values), ["loss", "perplexity", "bleu", "token_accuracy"], "metrics asked for")
    expect(math.isclose(values["perplexity"], math.exp(values["loss"]), rel_tol=1e-9), f"perplexity is not exp(loss): {values}")
    expect("tok:none" in report["scores"][2]["signature"], f"expected the tokenizer in BLEU's signature: {report['scores'][2]}")


def test_evaluate_by_length(_):
    _, path, _ = trained()
    metrics = [part for metric in ("exact_match", "loss", "edit_distance") for part in ("--metric", metric)]
    report = evaluated("--by-length", *metrics)
    expect_equal([table["metric"] for table in report["by_length"]], ["exact_match", "edit_distance"], "metrics by length")
    values, sources = values_of(report), (path / "test.source").read_text().splitlines()
    targets = (path / "test.target").read_text().splitlines()
    for table, size in zip(report["by_length"], (lambda _: 1, lambda target: len(target.split()))):
        weighted, sizes, expected_first = 0, 0, min(map(len, sources))
        for group in table["groups"]:
            first, _, last = group["source_characters"].partition("-")
            members = [target for source, target in zip(sources, targets) if int(first) <= len(source) <= int(last or first)]
            expect(int(first) >= expected_first and members, f"groups overlap or are empty: {table}")
            expected_first = int(last or first) + 1
            weighted += group["value"] * sum(map(size, members))
            sizes += sum(map(size, members))
        expect_equal(sizes, sum(map(size, targets)), f"sizes of all groups of {table['metric']}")
        expect(math.isclose(weighted / sizes, values[table["metric"]], rel_tol=1e-9, abs_tol=1e-12), f"groups and whole differ: {report}")
    lines = output_of("evaluate", trained()[2], "--by-length", *metrics).splitlines()
    shown = [line.split()[0] for line in lines[1:]]
    expect_equal(shown, ["exact_match", "loss", "edit_distance", "by", "exact_match", "edit_distance"], "lines for people")
    expect_equal(lines[4].split()[3:], [group["source_characters"] for group in report["by_length"][0]["groups"]], "groups for people")
    expect("by_length" not in evaluated(), "groups by length that nobody asked for")


def test_checkpoints_are_chosen_by_word_and_path(_):
    _, _, run = trained()
    updates = sorted(path.name for path in (run / "checkpoints").iterdir())
    last = evaluated("--checkpoint", "last")
    expect_equal(last["checkpoint"], "last (update 120)", "name of the last checkpoint")
    by_name, by_path = evaluated("--checkpoint", updates[-1]), evaluated("--checkpoint", run / "checkpoints" / updates[-1])
    expect_equal([by_name["scores"], by_path["scores"]], [last["scores"]] * 2, "scores of the last checkpoint by its name and by its path")
    losses = [values_of(evaluated("--checkpoint", name, "--split", "valid"))["loss"] for name in updates]
    best = values_of(evaluated("--checkpoint", "best", "--split", "valid"))["loss"]
    expect_equal(best, min(losses), "validation loss of the best checkpoint")

    text = output_of("average", run, "--last", 2)
    expect("mean of updates 80 120" in text, f"expected which updates were averaged, got {text!r}")
    parts = [tensors_of(run / "checkpoints" / name / "model.safetensors") for name in updates[-2:]]
    for name, (shape, values) in tensors_of(run / "average" / "model.safetensors").items():
        expected = array.array("f", [(a + b) / 2 for a, b in zip(parts[0][name][1], parts[1][name][1])])
        expect_equal(shape, parts[0][name][0], f"shape of the mean of {name}")
        expect(max(abs(a - b) for a, b in zip(values, expected)) < 1e-6, f"{name} is not the mean of both checkpoints")
    average = evaluated("--checkpoint", "average")
    expect_equal(average["checkpoint"], "average", "name of the average")
    expect(average["scores"] != last["scores"], "the average scores exactly as the last checkpoint")


def test_score_sums_up_to_the_loss(_):
    _, path, run = trained()
    arguments = ["--source", path / "test.source", "--target", path / "test.target"]
    scores = [float(line) for line in output_of("score", run, *arguments).splitlines()]
    targets = (path / "test.target").read_text().splitlines()
    tokens = sum(len(line.split()) + 1 for line in targets)
    loss = values_of(evaluated())["loss"]
    expect_equal(len(scores), len(targets), "number of scores")
    expect(math.isclose(-sum(scores), loss * tokens, rel_tol=1e-5), f"expected the scores to sum up to {-loss * tokens}, got {sum(scores)}")
    for line, score, target in zip(output_of("score", run, *arguments, "--per-token").splitlines(), scores, targets):
        whole, *parts = map(float, line.split("\t"))
        expect_equal((whole, len(parts)), (score, len(target.split()) + 1), f"score and number of tokens of {target!r}")
        expect(abs(sum(parts) - whole) < 1e-4, f"token scores of {target!r} do not sum up to its score: {line}")


def scored(text):
    return [(float(score), hypothesis) for score, _, hypothesis in (line.partition("\t") for line in text.splitlines())]


def same_translations(seen, expected):
    """Equal, or as probable: near-ties may fall either way."""
    return len(seen) == len(expected) and all(a[1] == b[1] or abs(a[0] - b[0]) < NEAR_TIE for a, b in zip(seen, expected))


def test_translate_keeps_the_order_of_lines(_):
    _, path, run = trained()
    sources = (path / "test.source").read_text().splitlines()
    lines = [*sources, "", "unknown words here", *reversed(sources), "a b\r", "no line feed"]
    text = "\n".join(lines).encode()
    together = scored(output_of("translate", run, "--scores", stdin=text))
    expect_equal(len(together), len(lines), "number of translations")
    alone = scored(output_of("translate", run, "--scores", "--batch-lines", 1, stdin=text))
    expect(same_translations(together, alone), f"translations together and one by one differ: {together} {alone}")
    back = together[len(sources) + 2:-2][::-1]
    expect(same_translations(back, together[:len(sources)]), "translations of the same lines in reverse order differ")
    plain = output_of("translate", run, stdin=text).splitlines()
    expect_equal(plain, [hypothesis for _, hypothesis in together], "translations without scores")
    tested = (run / "hypotheses" / "test.txt").read_text().splitlines()
    expect(sum(a == b for a, b in zip(plain, tested)) >= 0.98 * len(tested), f"translate and the training's test differ: {plain} {tested}")
    expect(len(set(plain)) > 10, f"the model says the same of everything, so this test shows nothing: {set(plain)}")
    expect_equal(output_of("translate", run, stdin=b""), "", "translation of nothing")


def test_translate_answers_before_it_waits_for_more(_):
    _, _, run = trained()
    process = subprocess.Popen([BINARY, "translate", str(run)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def answers(count):
        text = b""
        while text.count(b"\n") < count:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            expect(ready, f"no answer while the pipe is open; so far {text!r}")
            piece = os.read(process.stdout.fileno(), 4096)
            expect(piece, f"the program ended before it answered; so far {text!r}")
            text += piece
        return text.decode().splitlines()

    expected = output_of("translate", run, stdin=b"a b c\nd\ne f\n").splitlines()
    seen = []
    for lines, count in ((b"a b c\n", 1), (b"d\ne f\n", 2)):
        process.stdin.write(lines)
        seen += answers(count)
    expect_equal(seen, expected, "answers through a pipe that stays open")
    process.stdin.close()
    expect_equal(process.wait(PATIENCE), 0, "exit status at the end of the pipe")
    process.stdout.close()


def test_translate_prints_the_best_of_each_line(_):
    _, path, run = trained()
    sources = (path / "test.source").read_bytes()
    text = output_of("translate", run, "--n-best", 4, "--set", "search.beam_size=4", stdin=sources)
    expect(text.endswith("\n\n"), "no empty line after the last hypotheses")
    groups = [scored(group) for group in text[:-2].split("\n\n")]
    expect_equal(len(groups), TEST_PAIRS, "number of sentences with hypotheses")
    for group in groups:
        expect_equal(len(group), 4, f"number of hypotheses in {group}")
        expect_equal([score for score, _ in group], sorted((score for score, _ in group), reverse=True), f"order of scores in {group}")
        expect_equal(len({hypothesis for _, hypothesis in group}), 4, f"different hypotheses in {group}")
    best = scored(output_of("translate", run, "--scores", "--set", "search.beam_size=4", stdin=sources))
    expect(same_translations([group[0] for group in groups], best), "the best of four and the only one differ")


def test_search_can_be_changed_for_a_trained_run(_):
    _, path, run = trained()
    sources = (path / "test.source").read_bytes()

    def total(*more):
        return scored(output_of("translate", run, "--scores", *more, stdin=sources))

    plain = ["--set", "search.length_normalization=none"]
    one, wide = total("--set", "search.beam_size=1", *plain), total("--set", "search.beam_size=8", *plain)
    greedy = output_of("translate", run, "--set", "search=greedy", stdin=sources).splitlines()
    equal = sum(hypothesis == other for (_, hypothesis), other in zip(one, greedy))
    expect(equal >= 0.98 * TEST_PAIRS, f"a beam of one and the greedy search agree in {equal} of {TEST_PAIRS} translations")
    expect(sum(score for score, _ in wide) >= sum(score for score, _ in one), "a wider beam finds less probable translations")
    expect(wide != one, "a wider beam changes nothing, so this test shows nothing")
    short = output_of("translate", run, "--set", "search={max_length: 2}", stdin=sources).splitlines()
    expect(max(len(line.split()) for line in short) <= 2, f"search.max_length is ignored: {short}")


def test_inspect_walks_the_sentence_that_translate_translates(folder):
    _, path, run = trained()
    source = (path / "test.source").read_text().splitlines()[0]
    page = folder / "page.html"
    text = output_of("inspect", run, "--source", source, "--page", page, "--next-tokens", 3)
    [translation] = output_of("translate", run, stdin=(source + "\n").encode()).splitlines()
    lines = text.splitlines()
    expect_equal([lines[0].split(maxsplit=1)[1], lines[1].split(maxsplit=1)[1]], [source, translation], "source and target")
    for part in ("encoder.layers.0.self_attention", "decoder.layers.0.self_attention", "decoder.layers.0.cross_attention", "head 1"):
        expect(part in text, f"no {part} in the text")
    steps = len(re.findall(r"^step \d+$", text, re.MULTILINE))
    expect(steps > len(translation.split()), f"{steps} steps for {translation!r}")
    expect(str(page) in lines[-1] and "<html" in page.read_text(), f"the last line names no page: {lines[-1]}")
    output_of("inspect", run, "--source", "")
    expect((run / "inspection.html").stat().st_size > 0, "without --page the page is not in the run")
    expect_refusal(["inspect", run, "--source", "a\nb"], "--source: one sentence, without line breaks")
    expect_refusal(["inspect", run, "--source", b"a \xff".decode("utf-8", "surrogateescape")], "--source: invalid UTF-8 (byte 3)")
    expect_refusal(["inspect", run], "--source is required")


def test_export_bleu_and_metric(folder):
    _, path, run = trained()
    target = folder / "model.pt"
    text = output_of("export", run, "--output", target)
    expect(target.stat().st_size > 0 and str(target) in text and "torchscript" in text, f"export says {text!r}")
    expect_equal([file.name for file in folder.iterdir()], ["model.pt"], "files that an export leaves")
    files = ["--hypotheses", run / "hypotheses" / "test.txt", "--references", path / "test.target"]
    report = json.loads(output_of("bleu", *files, "--tokenize", "none"))
    [expected] = evaluated("--metric", "{type: bleu, tokenize: none}")["scores"]
    expect(math.isclose(report["score"], expected["value"], rel_tol=1e-9), f"BLEU of the files: expected {expected}, got {report}")
    for metric in ("exact_match", "{type: chrf, word_order: 2}", "edit_distance", "{type: bleu, tokenize: none}"):
        seen = json.loads(output_of("metric", metric, *files))
        [expected] = evaluated("--metric", metric)["scores"]
        expect(math.isclose(seen["score"], expected["value"], rel_tol=1e-9), f"{metric} of the files: expected {expected}, got {seen}")
        expect_equal([seen["metric"], seen["signature"]], [expected["metric"], expected["signature"]], f"name and signature of {metric}")


def test_tensorboard_shows_the_records(_):
    try:
        from tensorboard.backend.event_processing import event_accumulator
    except ImportError as missing:
        print("        without TensorBoard:", missing)
        return
    _, _, run = trained()
    events = event_accumulator.EventAccumulator(str(run / "tensorboard"), size_guidance={event_accumulator.SCALARS: 0})
    events.Reload()
    expected = {}
    for record in map(json.loads, (run / "metrics.jsonl").read_text().splitlines()):
        for name, value in record.items():
            if name not in ("event", "update", "time"):
                [single] = struct.unpack("f", struct.pack("f", value))
                expected.setdefault(f"{record['event']}/{name}", []).append((record["update"], single, record["time"]))
    seen = {tag: [(event.step, event.value, event.wall_time) for event in events.Scalars(tag)] for tag in events.Tags()["scalars"]}
    wanted = {"train/loss", "train/learning_rate", "valid/loss", "valid/exact_match"}
    expect(wanted <= set(expected), f"records without some of {wanted}: {sorted(expected)}")
    expect_equal(sorted(seen), sorted(expected), "tags in TensorBoard")
    for tag, points in expected.items():
        expect_equal(seen[tag], points, f"points of {tag}")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
