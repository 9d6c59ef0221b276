"""Mistakes with runs and on the command line: exit status 2, one line that says what is wrong and what to do, and no run is touched.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import shutil
import json
import sys

from program import TINY, contents, expect, expect_equal, expect_refusal, output_of, run_tests, sublayer, text_task, write


def trained_run(folder):
    config = write(folder / "tiny.yaml", TINY)
    output_of("train", config, "--runs", folder / "runs", "--name", "run")
    return config, folder / "runs" / "run"


def test_commands_on_no_run(folder):
    empty = folder / "empty"
    empty.mkdir()
    for command, *more in (["evaluate"], ["translate"], ["export"], ["score", "--source", "a", "--target", "b"], ["average"],
                           ["inspect", "--source", "a"]):
        for directory in (folder / "absent", empty):
            expect_refusal([command, directory, *more], directory, "no run")
    expect_equal(contents(folder), {}, "files that commands on no run left")


def test_a_run_is_not_overwritten(folder):
    config, run = trained_run(folder)
    before = contents(run)
    train_again = ["train", config, "--runs", folder / "runs", "--name", "run"]
    expect_refusal(train_again, f"{run}: this run exists already", "--resume", "--name")
    for resume in ([], ["--resume"]):
        changes = ["--set", "model.d_model=32", "--set", "model.layer.feed_forward.activation=gelu", "--set", "seed=9"]
        expect_refusal([*train_again, *resume, *changes], f"{run}: holds another run", "model.d_model: 32 here, 16 there",
                       "gelu here, relu there", "seed: 9 here, 3 there", "Choose another --name")
    changes = ["--set", "task.train=100"]
    expect_refusal([*train_again, "--resume", *changes], "task.train: 100 here, 240 there")
    expect_equal(contents(run), before, "files of a run after refused trainings")


def test_a_run_does_not_go_on_with_other_data(folder):
    config = text_task(folder)
    arguments = ["train", config, "--runs", folder / "runs"]
    output_of(*arguments)
    run = folder / "runs" / "text"
    before = contents(run)
    text_task(folder, train_source=["a b", "b b", "a a b"])
    expect_refusal([*arguments, "--resume"], f"{run}: the data changed since this run began", "restore it", "--name")
    expect_equal(contents(run), before, "files of a run whose data changed")


def test_damaged_checkpoints(folder):
    config, run = trained_run(folder)
    last = sorted((run / "checkpoints").iterdir())[-1]
    damages = {
        "truncated": lambda data: data[:len(data) // 2],
        "empty": lambda data: b"",
        "altered": lambda data: data[:-30] + bytes([data[-30] ^ 1]) + data[-29:],
        "altered at its beginning": lambda data: data[:100] + bytes([data[100] ^ 1]) + data[101:],
    }
    for name in ("model.safetensors", "training.safetensors", "state.json"):
        file = last / name
        whole = file.read_bytes()
        for damage in damages.values():
            file.write_bytes(damage(whole))
            before = contents(run)
            resume = ["train", config, "--runs", folder / "runs", "--name", "run", "--resume", "--set", "training.max_updates=40"]
            expect_refusal(resume, file, "remove " + str(last), reports_before=True)
            if name == "model.safetensors":
                expect_refusal(["evaluate", run, "--checkpoint", "last"], file)
                expect_refusal(["average", run], file)
            expect_equal(contents(run), before, f"files of a run after its damaged {name} was refused")
        file.unlink()
        before = contents(run)
        expect_refusal(resume, file, "remove " + str(last), reports_before=True)
        expect_equal(contents(run), before, f"files of a run after its missing {name} was refused")
        file.write_bytes(whole)
    shutil.rmtree(last)
    output_of(*resume)  # as the messages say: from the checkpoint before


def test_damaged_files_of_a_run(folder):
    config, run = trained_run(folder)
    resume = ["train", config, "--runs", folder / "runs", "--name", "run", "--resume", "--set", "training.max_updates=40"]

    def expect_both_refuse(name, content, *fragments):
        file = run / name
        whole = file.read_bytes()
        file.write_bytes(content)
        before = contents(run)
        expect_refusal(["translate", run], file, *fragments)
        expect_refusal(resume, file, *fragments, reports_before=True)
        expect_equal(contents(run), before, f"files of a run with a damaged {name}")
        file.write_bytes(whole)

    tokenizer = (run / "tokenizer.model").read_bytes()
    expect_both_refuse("tokenizer.model", tokenizer[:-4], "truncated")
    expect_both_refuse("tokenizer.model", tokenizer.replace(b"s1\n", b"t1\n"), "wrong tokenizer")
    expect_both_refuse("provenance.json", b"{", "damaged")
    expect_both_refuse("config.yaml", b"model: {", "not readable as YAML")
    metrics = run / "metrics.jsonl"
    metrics.write_bytes(metrics.read_bytes()[:200])
    expect_refusal(resume, metrics, "truncated", "restore it", reports_before=True)


def test_a_training_that_diverges_stops_and_keeps_its_checkpoint(folder):
    config = write(folder / "tiny.yaml", TINY)
    options = ["schedule=constant", "optimizer.learning_rate=1e30", "checkpoint.every_updates=1"]
    process = sublayer("train", config, "--runs", folder / "runs", *(part for option in options for part in ("--set", option)))
    last = folder / "runs" / "tiny" / "checkpoints" / "update_00000001"
    expect_equal(process.returncode, 3, "exit status of a training that diverges")
    message = process.stderr.splitlines()[-1]
    for fragment in ("training diverged: update 2: the loss is no longer finite", f"last checkpoint: {last}", "lower learning rate"):
        expect(fragment in message, f"expected {fragment!r} in the message of a training that diverges, got {message!r}")
    expect_equal([path.name for path in last.parent.iterdir()], [last.name], "checkpoints of a training that diverged")
    result = json.loads((last.parent.parent / "result.json").read_text())
    expect_equal((result["end"], result["scores"]), ("diverged", []), "result of a training that diverged")
    expect("update 2: the loss is no longer finite" in result["reason"], f"reason: {result['reason']!r}")


def test_checkpoints_that_do_not_exist(folder):
    _, run = trained_run(folder)
    before = contents(run)
    for command in ("evaluate", "translate", "export"):
        expect_refusal([command, run, "--checkpoint", "nonsense"], "--checkpoint nonsense", "best, last or average",
                       "there are update_00000020, update_00000030")
    expect_refusal(["evaluate", run, "--checkpoint", "average"], run, "no average yet", f"sublayer average {run}")
    expect_refusal(["evaluate", run, "--checkpoint", folder], folder)
    expect_refusal(["average", run, "--last", "7"], run, "holds ", "not 7", "keep_last")
    shutil.rmtree(run / "checkpoints")
    expect_refusal(["evaluate", run], run, "no checkpoint yet")
    expect_refusal(["average", run], run, "no checkpoint")
    after = contents(run)
    expect_equal(after, {name: value for name, value in before.items() if name in after}, "files of a run after refused commands")


def test_a_gpu_where_there_is_none(folder):
    config, run = trained_run(folder)
    on_gpu = ["--set", "device=cuda"]
    if sublayer("evaluate", run, *on_gpu).returncode == 0:
        return
    message = "device: cuda: LibTorch finds no GPU here; auto or cpu takes the processor"
    expect_refusal(["evaluate", run, *on_gpu], message)
    expect_refusal(["train", config, "--runs", folder / "runs", "--name", "other", *on_gpu], message)
    expect(not (folder / "runs" / "other").exists(), "a training without a device left something")
    output_of("evaluate", run, "--set", "device=cpu")


def test_arguments_that_do_not_fit_a_run(folder):
    _, run = trained_run(folder)
    before = contents(run)
    expect_refusal(["translate", run], "standard input:2: invalid UTF-8 (byte 4 of the line)", stdin=b"s1 s2\ns1 \xff\n")
    expect_refusal(["evaluate", run, "--set", "model.d_model=32"], "--set", "cannot change what a trained run is", "model.d_model")
    expect_refusal(["translate", run, "--set", "seed=4"], "--set", "cannot change what a trained run is", "seed: 4 here, 3 there")
    expect_refusal(["translate", run, "--n-best", "4"], "search.n_best", "beam_size")
    expect_refusal(["evaluate", run, "--metric", "bluh"], "--metric bluh", "unknown metric 'bluh'", "Did you mean 'bleu'?")
    expect_refusal(["evaluate", run, "--metric", "loss", "--by-length"], "--by-length", "none of the metrics is made of counts")
    expect_refusal(["export", run, "--format", "torchscrypt"], "unknown format 'torchscrypt'", "Did you mean 'torchscript'?")
    lines = write(folder / "lines", "s1\ns2\n")
    fewer = write(folder / "fewer", "s1\n")
    latin = write(folder / "latin", b"s1\n\xe4\n")
    expect_refusal(["score", run, "--source", lines, "--target", fewer], f"{lines} has 2 lines, {fewer} has 1")
    expect_refusal(["score", run, "--source", lines, "--target", folder / "absent"], folder / "absent")
    expect_refusal(["score", run, "--source", lines, "--target", latin], f"{latin}:2: invalid UTF-8")
    expect_equal(contents(run), before, "files of a run after refused commands")


def test_files_that_a_metric_cannot_score(folder):
    lines = write(folder / "lines", "a b\nc d\n")
    fewer = write(folder / "fewer", "a b\n")
    empty = write(folder / "empty", "\n\n")
    latin = write(folder / "latin", b"a b\n\xe4\n")
    files = ["--hypotheses", lines, "--references", lines]
    expect_refusal(["metric", "chrv", *files], "metric chrv", "unknown metric 'chrv'", "Did you mean 'chrf'?")
    expect_refusal(["metric", "{type: chrf, char_order: 0}", *files], "metric.char_order", "0 leaves no n-grams")
    expect_refusal(["metric", "loss", *files], "metric: loss is of a model's probabilities")
    expect_refusal(["metric", "chrf", "--hypotheses", fewer, "--references", lines], "chrf: got 1 hypotheses and 2 references")
    expect_refusal(["metric", "chrf", "--hypotheses", latin, "--references", lines], "chrf: segment 1: hypothesis: invalid UTF-8")
    expect_refusal(["metric", "edit_distance", "--hypotheses", lines, "--references", empty], "edit_distance: the references have no word")
    expect_refusal(["metric", "chrf", *files, "--against", fewer], f"chrf: {fewer} has 1 lines, {lines} has 2")
    expect_refusal(["metric", "chrf", *files, "--against", latin], f"{latin}: hypothesis: invalid UTF-8")
    for wrong, fragment in (({"segments": True}, "unknown key 'segments'"), ({"metric": "chrv"}, "unknown metric 'chrv'")):
        request = {"metric": "chrf", "hypotheses": ["a"], "references": ["a"], **wrong}
        expect_refusal(["metric", "--json-lines"], "metric: request 1: ", fragment, stdin=json.dumps(request).encode())


def test_unknown_commands_and_options(folder):
    expect_refusal(["trian"], "unknown command 'trian'", "Did you mean 'train'?", "Known: ", "evaluate")
    expect_refusal([], "command", "Known: ", "train", "sublayer --help")
    expect_refusal(["train"], "train: ", "config is required", "sublayer train --help")
    expect_refusal(["train", "a.yaml", "--rezume"], "train: ", "--rezume", "Did you mean '--resume'?")
    expect_refusal(["train", "a.yaml", "b.yaml"], "train: ", "b.yaml", "sublayer train --help")
    expect_refusal(["evaluate", "run", "--split", "dev"], "evaluate: ", "--split", "dev", "test")
    expect_refusal(["evaluate", "run", "--checkpoint"], "evaluate: ", "--checkpoint")
    expect_refusal(["average", "run", "--last", "-1"], "average: ", "--last", "-1", "at least 0")
    expect_refusal(["average", "run", "--last", "few"], "average: ", "--last", "few", "whole number")
    expect_refusal(["translate", "run", "--n-best", "0"], "translate: ", "--n-best", "at least 1")
    expect_refusal(["explain", "a.yaml", "--vocabulary", "0"], "explain: ", "--vocabulary", "at least 1")
    expect_refusal(["list", "activations"], "unknown kind 'activations'", "Did you mean 'activation'?")
    expect_refusal(["list", "activation", "rellu"], "unknown activation 'rellu'", "Did you mean 'relu'?")
    expect_refusal(["bleu"], "bleu: ", "--hypotheses", "--references")
    expect_refusal(["metric"], "metric: ", "--hypotheses", "--references")
    expect_refusal(["metric", "chrf", "--json-lines"], "metric: ", "metric excludes --json-lines")
    expect_equal(contents(folder), {}, "files of wrong commands")


def test_a_malformed_kill_order(folder):
    config = write(folder / "tiny.yaml", TINY)
    expect_refusal(["train", config, "--runs", folder / "runs"], "SUBLAYER_KILL_AT", "name:count", "'often'", reports_before=True,
                   environment={"SUBLAYER_KILL_AT": "often"})


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
