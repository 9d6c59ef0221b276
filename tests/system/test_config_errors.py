"""Mistakes in configs and data: exit status 2, one line that names file and line, what is wrong and what to do, before anything is
trained.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import gzip
import sys

from program import TASK, TINY, expect, expect_refusal, run_tests, text_task, write


def line_of(text, fragment):
    [number] = [i for i, line in enumerate(text.splitlines(), 1) if fragment in line]
    return number


def expect_bad_config(folder, old, new, place, *fragments):
    """TINY with `old` replaced by `new` is refused at the line that holds `place`, before a directory is made."""
    expect(old in TINY, f"the tiny config has no {old!r}")
    text = TINY.replace(old, new)
    config = write(folder / "bad.yaml", text)
    where = f"{config}:{line_of(text, place)}: " if place else ""
    expect_refusal(["train", config, "--runs", folder / "runs"], where, *fragments)
    expect(not (folder / "runs").exists(), f"{new!r}: a directory of runs was made for a config that cannot be read")


def test_unknown_misspelled_and_duplicate_keys(folder):
    expect_bad_config(folder, "  d_model: 16", "  d_model: 16\n  wide: true", "wide", "model: unknown key 'wide'", "Known: ", "d_model")
    expect_bad_config(folder, "  d_model: 16", "  d_modle: 16", "d_modle", "unknown key 'd_modle'", "Did you mean 'd_model'?")
    expect_bad_config(folder, "optimizer: {", "optimizer: {beta_2: 0.9, ", "beta_2", "optimizer: unknown key 'beta_2'", "'beta2'")
    expect_bad_config(folder, "loss: cross", "seeds: 3\nloss: cross", "seeds", "unknown key 'seeds'", "Did you mean 'seed'?")
    expect_bad_config(folder, "loss: cross", "seed: 4\nloss: cross", "seed: 4", "key 'seed' stands twice", "remove one")
    expect_bad_config(folder, "num_heads: 2}", "num_heads: 2, num_heads: 4}", "num_heads", "key 'num_heads' stands twice")


def test_values_of_the_wrong_type(folder):
    expect_bad_config(folder, "d_model: 16", "d_model: wide", "d_model", "model.d_model: expected a whole number, got 'wide'")
    expect_bad_config(folder, "d_model: 16", "d_model: 16.5", "d_model", "model.d_model: expected a whole number, got '16.5'")
    expect_bad_config(folder, "d_model: 16", "d_model: [16]", "d_model", "model.d_model: expected a whole number, got a list")
    expect_bad_config(folder, "d_model: 16", "d_model: {of: 16}", "d_model", "model.d_model: expected a whole number, got a map")
    expect_bad_config(folder, "d_model: 16", "d_model:", "d_model", "model.d_model: expected a whole number, got nothing")
    expect_bad_config(folder, "d_model: 16", "d_model: 99999999999999999999", "d_model", "model.d_model: expected a whole number")
    expect_bad_config(folder, "learning_rate: 0.005", "learning_rate: nan", "learning_rate", "optimizer.learning_rate", "finite number")
    expect_bad_config(folder, "tokenizer: whitespace", "tokenizer: {type: whitespace, joint: yes}", "joint",
                      "tokenizer.joint: expected true or false, got 'yes'")
    expect_bad_config(folder, "loss: cross_entropy", "loss: [cross_entropy]", "loss: [", "loss: expected the name of a loss")
    expect_bad_config(folder, "metrics: [loss, exact_match]", "metrics: loss", "metrics", "validation.metrics: expected a list")
    expect_bad_config(folder, "validation: {", "validation: often\n#", "validation", "validation: expected a map")


def test_values_out_of_range(folder):
    expect_bad_config(folder, "d_model: 16", "d_model: -16", "d_model", "model.d_model: must be positive")
    expect_bad_config(folder, "d_ff: 32", "d_ff: 0", "d_ff", "feed_forward.d_ff: must be positive")
    expect_bad_config(folder, "    dropout: 0.1", "    dropout: 1.5", "dropout: 1.5", "dropout: must be at least 0 and below 1")
    expect_bad_config(folder, "seed: 3", "seed: -1", "seed", "seed: expected a whole number of at least 0, got '-1'")
    expect_bad_config(folder, "workers: 2", "workers: 0", "workers", "training.workers: must be at least 1, or auto")
    expect_bad_config(folder, "encoder: {num_layers: 1}", "encoder: {num_layers: 0}", "encoder", "model.encoder.num_layers")
    expect_bad_config(folder, "keep_last: 2", "keep_last: 0", "keep_last", "checkpoint.keep_last: must be at least 1")
    expect_bad_config(folder, "beam_size: 3", "beam_size: 0", "beam_size", "search.beam_size: must be")
    expect_bad_config(folder, "num_heads: 2", "num_heads: 0", "num_heads", "num_heads")
    expect_bad_config(folder, "learning_rate: 0.005", "learning_rate: 0", "learning_rate", "optimizer.learning_rate: must be")
    expect_bad_config(folder, "metrics: [loss, exact_match]", "metrics: []", "metrics", "validation.metrics: at least one metric is needed")
    expect_bad_config(folder, "tokens_per_update: 128", "tokens_per_update: 0", "tokens_per_update", "training.tokens_per_update: must be")


def test_probes(folder):
    expect_bad_config(folder, "loss: cross", "probes: [gradient_nrom]\nloss: cross", "probes", "probes.0: unknown probe 'gradient_nrom'",
                      "Did you mean 'gradient_norm'?")
    expect_bad_config(folder, "loss: cross", "probes: [{type: dead_units, every_updates: 0}]\nloss: cross", "probes",
                      "probes.0.every_updates: must be positive")
    config = write(folder / "nowhere.yaml", TINY + "probes: [{type: dead_units, modules: encoder.layer.0}]\n")
    expect_refusal(["train", config, "--runs", folder / "runs"], "probes.0.modules: 'encoder.layer.0' fits nothing that dead_units can read",
                   "*.layers.*.feed_forward.body.activation".replace("*.layers", "encoder.layers", 1), reports_before=True)


def test_rules_between_fields(folder):
    expect_bad_config(folder, "num_heads: 2", "num_heads: 3", "num_heads", "num_heads: 3 heads do not divide d_model 16")
    expect_bad_config(folder, "tokenizer: whitespace", "tokenizer: {type: whitespace, joint: false}", "tie: all",
                      "model.embedding.tie: needs one vocabulary for both sides", "tokenizer.joint")
    expect_bad_config(folder, "keep_last: 2", "keep_last: 2, average_last: 3", "average_last",
                      "checkpoint.average_last: must not be above keep_last")
    expect_bad_config(folder, "max_updates: 30, ", "", "training", "training: has no end", "max_updates", "max_epochs")
    expect_bad_config(folder, "encoder: {num_layers: 1}", 'encoder: {num_layers: 2, layers: {"1": {residual: post}}}', "encoder",
                      "model.encoder.layers.1.residual: the residual belongs to the whole stack: layer 0 has pre")
    expect_bad_config(folder, "beam_size: 3", "beam_size: 3, n_best: 4", "n_best", "search.n_best", "beam_size")
    expect_bad_config(folder, "{type: inverse_sqrt, warmup_updates: 10}", "{type: linear, warmup_updates: 10, total_updates: 5}",
                      "schedule", "schedule.total_updates: must be above warmup_updates")
    expect_bad_config(folder, "max_length: 6", "max_length: 0", "max_length", "task.max_length: must not be below min_length")
    expect_bad_config(folder, "train: 240", "train: 10000000", "train: 1", "task.train", "at most half of the possible different sources")
    expect_bad_config(folder, "encoder: {num_layers: 1}", 'encoder: {num_layers: 1, layers: {"1": {dropout: 0}}}', "encoder",
                      "layer 1 does not exist", "there are 1 layers")
    expect_bad_config(folder, "encoder: {num_layers: 1}", 'encoder: {num_layers: 1, layers: {first: {dropout: 0}}}', "encoder",
                      "'first' is no layer or range of layers")


def test_unknown_variants(folder):
    expect_bad_config(folder, "activation: relu", "activation: rellu", "rellu",
                      "unknown activation 'rellu'", "Did you mean 'relu'?", "Known: ", "gelu")
    expect_bad_config(folder, "type: reverse", "type: revers", "revers", "unknown task 'revers'", "Did you mean 'reverse'?")
    expect_bad_config(folder, "[loss, exact_match]", "[loss, bluh]", "bluh",
                      "validation.metrics", "unknown metric 'bluh'", "Did you mean 'bleu'?")
    expect_bad_config(folder, "tie: all", "tie: some", "some", "model.embedding.tie: unknown value 'some'", "Known: ", "decoder")
    expect_bad_config(folder, TASK, "", "", folder / "bad.yaml", "task: is missing")
    expect_bad_config(folder, "type: reverse, ", "", "task", "task: 'type' is missing: which task?", "Known: ", "reverse")


def test_files_that_are_no_configs(folder):
    expect_refusal(["train", folder / "absent.yaml"], folder / "absent.yaml", "no such file")
    expect_bad_config(folder, "  d_model: 16", "  d_model: {16", "d_model", "not readable as YAML")
    expect_bad_config(folder, TINY, "just a sentence\n", "just", "a config is a map")
    expect_bad_config(folder, "loss: cross_entropy", "[a, b]: c\nloss: cross_entropy", "",
                      folder / "bad.yaml", "a key must be a plain word")
    binary = write(folder / "model.yaml", bytes(range(256)))
    expect_refusal(["explain", binary], f"{binary}:1: ")


def test_bases_that_cannot_be_read(folder):
    config = write(folder / "a.yaml", "seed: 1\nbase: absent.yaml\n")
    expect_refusal(["explain", config], f"{config}:2: base: no file {folder / 'absent.yaml'}")
    write(folder / "loop.yaml", "base: loop2.yaml\n")
    write(folder / "loop2.yaml", "base: loop.yaml\n")
    expect_refusal(["explain", folder / "loop.yaml"], "loop.yaml", "base: this file is its own base")
    config = write(folder / "list.yaml", "base: [a.yaml]\n")
    expect_refusal(["explain", config], f"{config}:1: base: must be the path of another config")
    base = write(folder / "base.yaml", TINY.replace("d_model: 16", "d_model: wide"))
    config = write(folder / "child.yaml", "base: base.yaml\nseed: 2\n")
    expect_refusal(["explain", config], f"{base}:{line_of(TINY, 'd_model')}: model.d_model: expected a whole number, got 'wide'")


def test_overrides_that_cannot_be_read(folder):
    config = write(folder / "tiny.yaml", TINY)
    for override, *fragments in [
            ("model.d_model=wide", "--set model.d_model=wide: model.d_model: expected a whole number, got 'wide'"),
            ("model.d_modle=16", "--set model.d_modle=16: model: unknown key 'd_modle'", "Did you mean 'd_model'?"),
            ("model.layer.residual=prae", "--set model.layer.residual=prae", "unknown residual 'prae'", "Did you mean 'pre'?"),
            ("model.d_model", "--set model.d_model: expected key.path=value"),
            ("=3", "--set =3: expected key.path=value"),
            ("model..d_model=3", "--set model..d_model=3", "unknown key ''"),
            ("model.d_model=", "--set model.d_model=", "expected a whole number, got ''"),
            ("training.max_updates={", "--set training.max_updates={", "not readable as YAML"),
            ("checkpoint.average_last=5", "--set checkpoint.average_last=5: checkpoint.average_last: must not be above keep_last"),
    ]:
        expect_refusal(["train", config, "--runs", folder / "runs", "--set", override], *fragments)
    expect(not (folder / "runs").exists(), "a directory of runs was made for an override that cannot be read")


def train(folder, config, *more):
    return ["train", config, "--runs", folder / "runs", *more]


def test_corpora_that_cannot_be_read(folder):
    config = text_task(folder)
    for name in ("train.source", "test.target"):
        (folder / name).rename(folder / "away")
        expect_refusal(train(folder, config), f"task.{name}: there is no file {folder / name}",
                       "Where to get it: https://example.org/corpus")
        (folder / "away").rename(folder / name)

    source, target = folder / "train.source", folder / "train.target"
    expect_refusal(train(folder, text_task(folder, train_target=["b a", "a b"])), f"{source} has 3 lines, {target} has 2", "same line")
    expect_refusal(train(folder, text_task(folder, train_source=b"a b\n\xc4pfel\nb\n")), f"{source}:2: invalid UTF-8 (byte 1 of the line)")
    config = text_task(folder, valid_target=b"\xff\n")
    expect_refusal(train(folder, config), f"{folder / 'valid.target'}:1: invalid UTF-8 (byte 1 of the line)")
    expect_refusal(train(folder, text_task(folder, train_source=[" ", "", "\t"])), "task.train: no pair of sentences is left in its files")
    expect_refusal(train(folder, text_task(folder, test_source=[], test_target=[])), "task.test: no pair of sentences is left in its files")


def test_compressed_corpora_and_tables_that_cannot_be_read(folder):
    config = text_task(folder, train_source=gzip.compress(b"a\nb\n\xe4\n"))
    expect_refusal(train(folder, config), f"{folder / 'train.source'}:3: invalid UTF-8 (byte 1 of the line)")
    whole = gzip.compress("".join(f"line {i * i}\n" for i in range(500)).encode())
    config = text_task(folder, train_source=whole[:-100])
    expect_refusal(train(folder, config), f"{folder / 'train.source'}:", "truncated: the gzip data end too soon")
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    expect_refusal(train(folder, text_task(folder, train_source=bytes(damaged))), f"{folder / 'train.source'}:", "gzip data")

    config = write(folder / "table.yaml", TINY.replace(TASK, "task: {type: parallel_text, train: {files: [table.tsv]}}"))
    table = write(folder / "table.tsv", "a\tb\nlonely\n")
    expect_refusal(train(folder, config), f"{table}:2: column 2 is missing: the line has 1")


def test_data_that_the_config_has_no_room_for(folder):
    config = text_task(folder)
    subwords = ["--set", "tokenizer={type: sentencepiece, vocabulary_size: 500}"]
    expect_refusal(train(folder, config, *subwords), "tokenizer.vocabulary_size: 500 is more than the training text can fill",
                   "the largest possible size is ")
    expect_refusal(train(folder, config, "--set", "tokenizer={type: sentencepiece, vocabulary_size: 5}"),
                   "tokenizer.vocabulary_size: 5 has no room")
    expect_refusal(train(folder, config, "--set", "training.max_source_length=2"), "no training pair is within training.max_source_length")
    expect_refusal(train(folder, config, "--set", "model.position={type: learned, max_length: 8}"), "training.max_source_length",
                   "at most 8", reports_before=True)
    expect_refusal(train(folder, config, "--set", "tokenizer.model=absent.model"), "absent.model")
    alien = write(folder / "alien.model", "no tokenizer at all\n")
    expect_refusal(train(folder, config, "--set", f"tokenizer.model={alien}"), f"{alien}:1: no vocabulary of a whitespace tokenizer")
    expect_refusal(train(folder, config, *subwords, "--set", f"tokenizer.model={alien}"), f"{alien}: damaged, or not a SentencePiece model")

if __name__ == "__main__":
    sys.exit(run_tests(globals()))
