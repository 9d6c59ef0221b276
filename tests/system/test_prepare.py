"""`sublayer prepare`: training from its shards has the bits of training from the text, a killed preparation goes on, and what does not fit is
refused.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import gzip
import json
import random
import re
import shutil
import signal
import sys

from program import TASK, TINY, contents, expect, expect_equal, expect_refusal, output_of, run_tests, sublayer, write

PAIRS = 330
SHARD_PAIRS = 20
SHARDS = -(-PAIRS // SHARD_PAIRS)
WINDOW = 90  # examples: an epoch has several windows
SETTINGS = ["--set", f"training.window_examples={WINDOW}", "--set", "training.max_source_length=9"]


def pairs_of(seed, count):
    rng = random.Random(seed)
    sources = [" ".join(rng.choice("abcdefgh") for _ in range(rng.randint(1, 9))) for _ in range(count)]
    return [(source, source[::-1]) for source in sources]


def config_in(folder, pairs=None, splits=""):
    """TINY over a training text of several files, one of them compressed, with empty lines and sentences that are too long."""
    pairs = pairs or pairs_of(1, PAIRS)
    parts = {"first": pairs[:100] + [("", "a")], "second": pairs[100:], "valid": pairs_of(2, 20), "test": pairs_of(3, 20)}
    for name, lines in parts.items():
        pack = gzip.compress if name == "second" else bytes
        for side, suffix in ((0, "source"), (1, "target")):
            write(folder / f"{name}.{suffix}", pack("".join(pair[side] + "\n" for pair in lines).encode()))
    splits = splits or "".join(f"\n  {name}: {{source: [{name}.source], target: [{name}.target]}}" for name in ("valid", "test"))
    text = f"""task:
  type: parallel_text
  train: {{source: [first.source, second.source], target: [first.target, second.target]}}{splits}"""
    return write(folder / "text.yaml", TINY.replace(TASK, text))


def prepare(folder, config, *more):
    output_of("prepare", config, "--output", folder / "prepared", "--shard-pairs", SHARD_PAIRS, *SETTINGS, *more)
    return folder / "prepared"


def train_command(folder, config, name, *more):
    return ["train", config, "--runs", folder / "runs", "--name", name, *SETTINGS, *more]


def from_shards(prepared):
    return ["--set", f"training.prepared={prepared}"]


def bits_of(run):
    """What a run is, without times and paths."""
    bits = {path.relative_to(run).as_posix(): path.read_bytes() for path in sorted(run.rglob("*.safetensors"))}
    bits |= {path.name: path.read_bytes() for path in (run / "hypotheses").iterdir()}
    bits["result"] = (run / "result.json").read_bytes()
    provenance = json.loads((run / "provenance.json").read_text())
    bits |= {key: json.dumps(provenance[key], sort_keys=True) for key in ("data", "tokenizer")}
    of_time = {"time", "seconds", "tokens_per_second"}
    bits["metrics"] = [{key: value for key, value in json.loads(line).items() if key not in of_time}
                       for line in (run / "metrics.jsonl").read_text().splitlines()]
    return bits


def expect_same_bits(run, reference, what):
    seen, expected = bits_of(run), bits_of(reference)
    different = sorted(name for name in seen.keys() | expected.keys() if seen.get(name) != expected.get(name))
    expect(not different, f"{what}: differs in {different}")


def prepared_files(prepared):
    """Hashes of all that does not depend on the number of threads."""
    return {name: content for name, content in contents(prepared).items() if name != "config.yaml"}


def manifest_of(prepared):
    return json.loads((prepared / "manifest.json").read_text())


def described(process):
    """What a training says of its data, without where it goes on from and what its updates are like."""
    return process.stderr.partition(" parameters, ")[0].rpartition("\n")[0]


def test_training_from_shards_has_the_bits_of_training_from_the_text(folder):
    config = config_in(folder)
    text = sublayer(*train_command(folder, config, "text"))
    expect_equal(text.returncode, 0, f"exit status of a training from the text ({text.stderr[-500:]})")
    prepared = prepare(folder, config)
    manifest = manifest_of(prepared)
    expect_equal(len(manifest["shards"]), SHARDS, "shards")
    rules = {rule["rule"]: rule["pairs"] for rule in manifest["dropped"]}
    expect_equal(sorted(rules), ["empty side", "source longer than max_source_length"], "rules that left pairs out")
    expect_equal(manifest["pairs"] + rules["source longer than max_source_length"], PAIRS, "pairs in shards and left out")
    for name in ("first", "second"):
        for side in ("source", "target"):
            (folder / f"{name}.{side}").unlink()  # the text is not needed any more
    shards = sublayer(*train_command(folder, config, "shards", *from_shards(prepared)))
    expect_equal(shards.returncode, 0, f"exit status of a training from shards ({shards.stderr[-500:]})")
    expect_same_bits(folder / "runs" / "shards", folder / "runs" / "text", "a training from shards")
    expect_equal(described(shards), described(text), "what a training from shards says of its data")
    expect(" windows, " in shards.stderr, f"expected several windows: {shards.stderr}")
    # The tokenizer of the shards serves other preparations.
    expect_equal((prepared / "tokenizer.model").read_bytes(), (folder / "runs" / "text" / "tokenizer.model").read_bytes(), "tokenizer")


def test_shards_may_take_the_place_of_the_text_when_a_run_goes_on(folder):
    config = config_in(folder)
    output_of(*train_command(folder, config, "text"))
    prepared = prepare(folder, config)
    output_of(*train_command(folder, config, "both", "--set", "training.max_updates=13"))
    output_of(*train_command(folder, config, "both", "--resume", *from_shards(prepared), "--set", "training.max_updates=22"))
    output_of(*train_command(folder, config, "both", "--resume"))
    tensors = [name for name in bits_of(folder / "runs" / "text") if name.startswith("checkpoints/update_00000030")]
    expect(tensors, "no last checkpoint")
    for name in tensors:
        expect_equal(bits_of(folder / "runs" / "both")[name], bits_of(folder / "runs" / "text")[name], name)


def test_a_training_of_several_windows_goes_on_bit_for_bit(folder):
    config = config_in(folder)
    prepared = prepare(folder, config)
    dense = [*from_shards(prepared), "--set", "checkpoint.every_updates=1"]
    output_of(*train_command(folder, config, "whole", *dense))
    resume, windows = [], set()
    for kill in ("training.update:3", "training.update:4", "training.update:5", "training.update:1", "training.update:9"):
        process = sublayer(*train_command(folder, config, "killed", *dense, *resume), environment={"SUBLAYER_KILL_AT": kill})
        expect_equal(process.returncode, -signal.SIGKILL, f"exit status after {kill}: {process.stderr[-500:]}")
        resume = ["--resume"]
        checkpoints = sorted((folder / "runs" / "killed" / "checkpoints").glob("update_*[0-9]"))
        windows.add(json.loads((checkpoints[-1] / "state.json").read_text())["state"]["window"])
    expect(len(windows) > 1, f"expected kills in several windows, got {windows}")
    output_of(*train_command(folder, config, "killed", *dense, "--resume"))
    expect_same_bits(folder / "runs" / "killed", folder / "runs" / "whole", "a training of several windows that was killed")


def test_a_killed_preparation_goes_on(folder):
    config = config_in(folder)
    reference = prepared_files(prepare(folder, config, "--set", "training.workers=1"))
    shutil.rmtree(folder / "prepared")
    command = ["prepare", config, "--output", folder / "prepared", "--shard-pairs", SHARD_PAIRS, *SETTINGS]
    # A count is over one process: config, tokenizer and manifest are written first, each piece of a shard is a write.
    for kill in ("files.write:1", "files.rename:1", "files.rename:2", "files.renamed:3", "files.rename:2", "files.write:9", "files.renamed:2",
                 "files.rename:2", "files.renamed:1"):
        process = sublayer(*command, environment={"SUBLAYER_KILL_AT": kill})
        expect_equal(process.returncode, -signal.SIGKILL, f"exit status after {kill}: {process.stderr[-500:]}")
        expect_refusal([*train_command(folder, config, "early", *from_shards(folder / "prepared"))], folder / "prepared", "sublayer prepare")
    process = sublayer(*command)
    kept = re.search(rf"in {SHARDS} shards, of which (\d+) were there already", process.stderr)
    expect(kept and 0 < int(kept[1]) < SHARDS, f"expected some shards to be kept: {process.stderr!r}")
    expect_equal(prepared_files(folder / "prepared"), reference, "files of a preparation that was killed")
    process = sublayer(*command)
    expect(f"in {SHARDS} shards, of which {SHARDS} were there already" in process.stderr, f"expected all shards to be kept: {process.stderr!r}")
    expect_equal(prepared_files(folder / "prepared"), reference, "files of a preparation that was done already")


def test_a_preparation_follows_its_text(folder):
    """The tokenizer has a file, so that it stays: shards of unchanged text are kept, others are made again."""
    config = config_in(folder)
    output_of("train", config, "--runs", folder / "runs", "--name", "sample", "--set", "training.max_updates=1")
    tokenizer = ["--set", f"tokenizer.model={folder / 'runs' / 'sample' / 'tokenizer.model'}"]
    prepare(folder, config, *tokenizer)
    config_in(folder, pairs_of(1, 310))
    process = sublayer("prepare", config, "--output", folder / "prepared", "--shard-pairs", SHARD_PAIRS, *SETTINGS, *tokenizer)
    expect("in 16 shards, of which 15 were there already" in process.stderr, f"expected one shard to be made again: {process.stderr!r}")
    config_in(folder, pairs_of(1, 290))
    process = sublayer("prepare", config, "--output", folder / "prepared", "--shard-pairs", SHARD_PAIRS, *SETTINGS, *tokenizer)
    expect("in 15 shards, of which 14 were there already" in process.stderr, f"expected the last shard to be made again: {process.stderr!r}")
    expect_equal(len(list((folder / "prepared" / "train").iterdir())), 15, "shards of a text that got shorter")
    shard = folder / "prepared" / "train" / "000002.safetensors"
    shard.write_bytes(shard.read_bytes()[:-1])
    process = sublayer("prepare", config, "--output", folder / "prepared", "--shard-pairs", SHARD_PAIRS, *SETTINGS, *tokenizer)
    expect("of which 14 were there already" in process.stderr and f"note: {shard}: " in process.stderr,
           f"expected a damaged shard to be made again: {process.stderr!r}")
    output_of(*train_command(folder, config, "shards", *from_shards(folder / "prepared"), *tokenizer))
    output_of(*train_command(folder, config, "text", *tokenizer))
    expect_same_bits(folder / "runs" / "shards", folder / "runs" / "text", "a training from shards with a tokenizer that has a file")


def test_other_tasks_are_prepared_too(folder):
    """Generated examples, drawn splits and weighted corpora."""
    drawn = config_in(folder, splits="\n  split: {valid: 20, test: 20}\n  more: [{source: [valid.source], target: [valid.target], weight: 1.5}]")
    for name, config in (("generated", write(folder / "tiny.yaml", TINY)), ("drawn", drawn)):
        output_of(*train_command(folder, config, f"{name}_text"))
        shutil.rmtree(folder / "prepared", ignore_errors=True)
        output_of(*train_command(folder, config, f"{name}_shards", *from_shards(prepare(folder, config))))
        expect_same_bits(folder / "runs" / f"{name}_shards", folder / "runs" / f"{name}_text", f"a training on {name} examples from shards")


def test_prepared_pairs_that_do_not_fit_are_refused(folder):
    config = config_in(folder)
    prepared = prepare(folder, config)
    train = train_command(folder, config, "run", *from_shards(prepared))
    expect_refusal(train_command(folder, config, "run", *from_shards(folder / "none")), f"training.prepared: {folder / 'none'}",
                   "nothing is prepared there", f"sublayer prepare CONFIG --output {folder / 'none'}")
    for change, said in (("training.max_source_length=8", "training.max_source_length: 8 here, 9 there"),
                         ("tokenizer.type=character", "tokenizer: character here, whitespace there"),
                         ("task.seed=2", "task.seed: 2 here, 1 there"),
                         (f"task.train={{source: [{folder}/first.target], target: [{folder}/first.source]}}", "task.train.source.0: ")):
        expect_refusal([*train, "--set", change], f"training.prepared: {prepared}", "prepared for another config", said, "--output")
        expect_refusal(["prepare", config, "--output", prepared, *SETTINGS, "--set", change], f"{prepared}: holds another preparation", said,
                       "Choose another --output")
    output_of("train", config, "--runs", folder / "runs", "--name", "other", "--set", "training.max_updates=1", "--set",
              "task={train: {source: [valid.source], target: [valid.target]}}".replace("valid.", f"{folder}/valid."))
    other = folder / "runs" / "other" / "tokenizer.model"
    expect_refusal([*train, "--set", f"tokenizer.model={other}"], "prepared for another config", f"tokenizer.model: {other} here")
    expect_refusal(["prepare", config, "--output", other.parent], f"{other.parent}: holds a run and no preparation", "--output")
    expect_refusal(["prepare", config, "--output", folder / "runs"], f"{folder / 'runs'}: is not empty", "--output")
    output_of(*train)  # a model may be another


def test_damaged_shards_are_found_before_training(folder):
    config = config_in(folder)
    prepared = prepare(folder, config)
    train = train_command(folder, config, "run", *from_shards(prepared))
    shard, next_shard = (prepared / "train" / f"{number:06}.safetensors" for number in (1, 2))
    data = shard.read_bytes()
    ways = {"truncated": (data[:-1], "truncated"), "empty": (b"", "truncated"), "altered": (data[:-1] + bytes([data[-1] ^ 1]), "checksum differs"),
            "foreign": (next_shard.read_bytes(), "another shard"), "text": (b"a b c\n" * 99, "")}
    for way, (content, said) in ways.items():
        shard.write_bytes(content)
        expect_refusal(train, shard, said, "run the same `sublayer prepare` again")
    shard.unlink()
    expect_refusal(train, shard, "cannot read", "run the same `sublayer prepare` again")
    expect(not (folder / "runs" / "run" / "config.yaml").exists(), "a refused training began a run")
    prepare(folder, config)
    expect_equal(shard.read_bytes(), data, "a damaged shard that was made again")

    file = prepared / "manifest.json"
    manifest = file.read_bytes()
    file.write_bytes(manifest.replace(b'"complete": true', b'"complete": 1'))
    expect_refusal(train, file, "checksum differs", "remove it", "finished shards are kept")
    model = prepared / "tokenizer.model"
    file.write_bytes(manifest)
    trained = model.read_bytes()
    from_file = ["--set", f"tokenizer.model={write(folder / 'own.model', trained)}"]
    named = folder / "named"
    output_of("prepare", config, "--output", named, *SETTINGS, *from_file)
    (named / model.name).unlink()  # as after a kill between the tokenizer and the manifest, when another one has come back
    output_of("prepare", config, "--output", named, *SETTINGS, *from_file)
    expect_equal((named / model.name).read_bytes(), trained, "a tokenizer with a file that was missing")
    for content in (trained + b"x\n", None):
        model.unlink()
        if content:
            model.write_bytes(content)
        expect_refusal(train, model)
        prepare(folder, config)
        expect_equal(model.read_bytes(), trained, "a damaged tokenizer that was made again")
    expect_equal(file.read_bytes(), manifest, "manifest after the tokenizer was made again")


def test_mistakes_in_the_text_end_a_preparation(folder):
    """Without a file for the tokenizer they are found while it is trained, with one while the text is tokenised."""
    config = config_in(folder)
    model = ["--set", f"tokenizer.model={prepare(folder, config) / 'tokenizer.model'}"]
    target = folder / "first.target"
    text = target.read_bytes()
    for number, more in enumerate(([], model)):
        command = ["prepare", config, "--output", folder / f"broken_{number}", "--shard-pairs", 7, *SETTINGS, *more]
        target.write_bytes(text[:-9] + b"\xff" + text[-8:])
        expect_refusal(command, f"{target}:", "invalid UTF-8")
        target.write_bytes(text + b"one more\n")
        expect_refusal(command, "aligned files hold one sentence of each pair in the same line")
        target.write_bytes(text)
        output_of(*command)
    short = ["--set", "training.max_source_length=2", "--set", "training.max_target_length=2"]
    long = [("a b c", "c b a")] * 5
    expect_refusal(["prepare", config_in(folder, long), "--output", folder / "none", *short],
                   "no training pair is within training.max_source_length and max_target_length")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
