#!/usr/bin/env python3
"""Measures Sublayer and other systems in turn on the same data and the same model, and prints how many times as fast Sublayer is.

  tools/bench_peers/bench.py                               everything: installs, trains a model to decode with, measures
  tools/bench_peers/bench.py --run runs/multi30k_en_de     decodes with the weights of this run instead
  tools/bench_peers/bench.py --only training --systems sublayer,pytorch_malloc
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import environments

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TRAINING, DECODING = "training", "decoding"
LONGEST = 256  # tokens of a translation, for all systems: what is not finished by then is no translation anyway

# Blocks that are mapped and unmapped at every step cost a page fault a page: with these, glibc keeps them.
MALLOC = {"GLIBC_TUNABLES": ":".join(f"glibc.malloc.{name}={gigabytes << 30}" for name, gigabytes in {
    "mmap_threshold": 8, "trim_threshold": 16, "top_pad": 1}.items())}

# Name -> environment, script and its options, whether malloc is told to keep memory. The tuned ones are what somebody gets who looks for
# speed.
TRAINERS = {
    "pytorch": ("pytorch", ["pytorch_loop.py"], False),
    "pytorch_malloc": ("pytorch", ["pytorch_loop.py"], True),
    "fairseq": ("fairseq", ["train_fairseq.py"], False),
    "fairseq_malloc": ("fairseq", ["train_fairseq.py"], True),
    "joeynmt": ("joeynmt", ["train_joeynmt.py"], False),
    "joeynmt_malloc": ("joeynmt", ["train_joeynmt.py"], True),
}
TRAINERS_BF16 = {
    "pytorch_bf16": ("pytorch", ["pytorch_loop.py", "--bf16"], False),
    "pytorch_bf16_malloc": ("pytorch", ["pytorch_loop.py", "--bf16"], True),
}
PRECISIONS = {"fp32": TRAINERS, "bf16": TRAINERS_BF16}
# Precision of Sublayer's search -> the other system, and what it calls that precision.
DECODERS = {"fp32": ("ctranslate2_float32", "float32"), "int8": ("ctranslate2_int8", "int8")}
DECODING_SYSTEMS = [system for system, _ in DECODERS.values()]


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(command, log, environment=None):
    """stdout of a command; what it says on stderr goes to `log`."""
    with open(log, "w", encoding="utf-8") as errors:
        process = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=errors, text=True, check=False,
                                 env={**os.environ, **(environment or {})})
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} ... {command[1]} ended with {process.returncode}, see {log}")
    return process.stdout


class Bench:
    def __init__(self, given):
        self.given = given
        self.work = given.work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.missing = {}  # system -> why it is not measured
        self.speeds = {}  # what -> {system: [measurement of each turn]}
        self.run = self.data = None  # the run whose data and weights all systems get, and the data as they read them

    def log(self, name):
        return self.work / f"{name}.log"

    def has(self, environment, systems):
        """Whether an environment is there or could be made; if not, its systems are left out with the reason."""
        reason = environments.install(self.work, environment)
        for system in systems if reason else []:
            self.missing[system] = reason
        return not reason

    def python(self, environment, script, *arguments, malloc=False, name=None):
        settings = {"OMP_NUM_THREADS": str(self.given.threads), **(MALLOC if malloc else {})}
        command = [environments.python_of(self.work, environment), HERE / script, *arguments]
        return run(command, self.log(name or pathlib.Path(script).stem), settings)

    # The model and the data.

    def trained_run(self):
        if self.given.run:
            return self.given.run.resolve()
        runs, name = self.work / "runs", f"{self.given.config.stem}_{self.given.epochs}"
        if not (runs / name / "result.json").exists():
            say(f"training {runs / name} for {self.given.epochs} epochs")
            resume = ["--resume"] if (runs / name).exists() else []
            run([self.given.sublayer, "train", self.given.config, "--runs", runs, "--name", name, *resume,
                 "--set", f"training.max_epochs={self.given.epochs}"], self.log("train_sublayer"))
        return runs / name

    def prepare(self):
        reason = environments.install(self.work, "pytorch")
        if reason:
            raise SystemExit(f"bench: nothing can be measured without the environment that prepares the data: {reason}")
        self.run = self.trained_run()
        self.data = self.work / "data" / self.run.name
        self.python("pytorch", "prepare_data.py", self.run, self.data)

    # Training.

    def sublayer(self, part, *options):
        file = self.work / f"sublayer_{part}.json"
        run([self.given.sublayer, "bench", *options, "--only", part, "--workers", self.given.threads, "--json", file],
            self.log(f"sublayer_{part}"))
        return json.loads(file.read_text())[part]

    def sublayer_training(self, precision):
        tokens, micro_batch = self.given.tokens, self.given.micro_batch_tokens
        return self.sublayer(TRAINING, self.given.config, "--updates", self.given.updates, "--repeats", 1,
                             "--set", f"training.tokens_per_update={tokens}",
                             "--set", f"training.max_tokens_per_micro_batch={micro_batch}", "--set", f"training.precision={precision}")

    def training_turn(self, precision, system):
        """Tokens per second, and the most memory in bytes."""
        if system == "sublayer":
            measured = self.sublayer_training(precision)
            return measured["tokens_per_second"], measured["memory"]["peak_bytes"]
        environment, (script, *options), malloc = PRECISIONS[precision][system]
        output = self.python(environment, script, self.data, "--tokens", self.given.tokens, "--threads", self.given.threads, "--updates",
                             self.given.updates, "--warm-up", self.given.updates, *options, malloc=malloc, name=system)
        measured = json.loads(output.splitlines()[-1])
        return measured["tokens_per_second"], measured["peak_bytes"]

    def train(self, precision):
        trainers = PRECISIONS[precision]
        systems = [name for name in trainers if self.is_asked_for(name)]
        is_wanted = bool(systems) or self.is_asked_for("sublayer")
        for environment in dict.fromkeys(trainers[name][0] for name in systems):
            of_it = [name for name in systems if trainers[name][0] == environment]
            if not self.has(environment, of_it):
                systems = [name for name in systems if name not in of_it]
        for turn in range(self.given.turns):
            for system in ["sublayer", *systems] if is_wanted else []:
                if system in self.missing:
                    continue
                try:
                    speed, memory = self.training_turn(precision, system)
                except RuntimeError as problem:
                    if system == "sublayer":
                        raise
                    self.missing[system] = str(problem)
                    continue
                self.note(f"training in {precision}, tokens/s", system, speed, turn)
                self.note(f"peak memory of training in {precision}, MiB", system, memory / 2 ** 20, turn)

    # Decoding.

    def decode(self):
        decoders = {precision: decoder for precision, decoder in DECODERS.items() if self.is_asked_for(decoder[0])}
        if not decoders or not self.has("ctranslate2", [system for system, _ in decoders.values()]):
            return
        model = self.work / "ctranslate2" / self.run.name
        self.python("ctranslate2", "convert_ctranslate2.py", self.run, self.checkpoint(), model)
        self.compare_translations(model)
        for turn in range(self.given.turns):
            for precision, (system, compute_type) in decoders.items():
                if system in self.missing:
                    continue
                self.sublayer_decoding(precision, turn)
                try:
                    self.ctranslate2_decoding(precision, system, compute_type, model, turn)
                except RuntimeError as problem:
                    self.missing[system] = str(problem)

    def sublayer_decoding(self, precision, turn):
        found = self.sublayer(DECODING, self.run, "--set", f"search.max_length={LONGEST}", "--set", f"search.precision={precision}",
                              "--set", f"validation.max_tokens_per_batch={self.given.batch_tokens}", "--repeats", 1, "--split", "test",
                              "--sentences", self.given.sentences, "--single-sentences", self.given.single_sentences)
        for search in found["searches"]:
            what = f"{search['search']}, {'batched' if search['batched'] else 'one by one'}, {precision}"
            self.note_decoding(what, "sublayer", search, turn)

    def ctranslate2_decoding(self, precision, system, compute_type, model, turn):
        output = self.python("ctranslate2", "decode_ctranslate2.py", *self.decoding_arguments(model), "--compute-type", compute_type,
                             "--repeats", 1, "--single-sentences", self.given.single_sentences, name=system)
        for what, speeds in json.loads(output.splitlines()[-1]).items():
            self.note_decoding(f"{what}, {precision}", system, speeds, turn)

    def decoding_arguments(self, model):
        joint = self.run / "tokenizer.model"
        tokenizer = joint if joint.exists() else self.run / "target_tokenizer.model"
        return [model, self.data, tokenizer, "--longest", LONGEST, "--workers", self.given.threads, "--sentences", self.given.sentences]

    def checkpoint(self):
        """The directory of the weights that `sublayer bench RUN` takes: the best by validation."""
        weights = json.loads(run([self.given.sublayer, "evaluate", self.run, "--split", "valid", "--metric", "loss", "--json"],
                                 self.log("checkpoint")))["checkpoint"]
        update = int(weights.partition("(update ")[2].rstrip(")"))
        return self.run / "checkpoints" / f"update_{update:08d}"

    def compare_translations(self, model):
        """Greedy translations must agree, or other weights would be timed. Near-ties may fall either way."""
        sources = (self.data / "test.source.txt").read_text(encoding="utf-8").splitlines()[:self.given.sentences]
        theirs = json.loads(self.python("ctranslate2", "decode_ctranslate2.py", *self.decoding_arguments(model), "--translate"))
        search = f"search={{type: greedy, max_length: {LONGEST}}}"
        process = subprocess.run([str(self.given.sublayer), "translate", str(self.run), "--set", search], check=True,
                                 input="".join(source + "\n" for source in sources), capture_output=True, text=True)
        ours = process.stdout.splitlines()
        equal = sum(a == b for a, b in zip(ours, theirs))
        print(f"greedy translations that Sublayer and CTranslate2 agree in: {equal} of {len(sources)}", flush=True)
        if len(ours) != len(theirs) or equal < 0.98 * len(sources):
            raise SystemExit("bench: that is too few for the same model")

    # Results.

    def is_asked_for(self, system):
        return not self.given.systems or system in self.given.systems

    def note(self, what, system, speed, turn):
        self.speeds.setdefault(what, {}).setdefault(system, []).append(speed)
        say(f"turn {turn + 1} of {self.given.turns}  {what:32} {system:20} {speed:.1f}")

    def note_decoding(self, what, system, speeds, turn):
        self.note(f"{what}, sentences/s", system, speeds["sentences_per_second"], turn)
        self.note(f"{what}, target tokens/s", system, speeds["tokens_per_second"], turn)

    def report(self):
        """Medians of speeds, and of the ratios within each turn."""
        for what, speeds in self.speeds.items():
            print(f"\n{what}")
            ours = speeds["sublayer"]
            for system, theirs in speeds.items():
                line = f"  {system:20} {statistics.median(theirs):10.1f}  ({', '.join(f'{speed:.1f}' for speed in theirs)})"
                if system != "sublayer":
                    ratios = [a / b for a, b in zip(ours, theirs)]
                    verb, adverb = ("takes", "as much") if "memory" in what else ("is", "as fast")
                    line += f"   sublayer {verb} {statistics.median(ratios):.2f} times {adverb} ({min(ratios):.2f} to {max(ratios):.2f})"
                print(line)
        for system, reason in self.missing.items():
            print(f"\nnot measured: {system}: {reason}")
        results = {"speeds": self.speeds, "missing": self.missing, "settings": {key: str(value) for key, value in vars(self.given).items()}}
        (self.work / "results.json").write_text(json.dumps(results, indent=2) + "\n")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sublayer", type=pathlib.Path, default=ROOT / "build" / "sublayer", help="the program")
    parser.add_argument("--config", type=pathlib.Path, default=ROOT / "configs" / "multi30k_en_de.yaml",
                        help="data and model; the other systems have the sizes of this one written down")
    parser.add_argument("--work", type=pathlib.Path, default=ROOT / ".cache" / "bench_peers", help="environments, data and logs")
    parser.add_argument("--run", type=pathlib.Path, help="a run of the config whose weights decode; default: one is trained")
    parser.add_argument("--epochs", type=int, default=3, help="of the run that is trained")
    parser.add_argument("--only", choices=[TRAINING, DECODING])
    parser.add_argument("--systems", type=lambda text: text.split(","), help="some of " + ", ".join([*TRAINERS, *TRAINERS_BF16, *DECODING_SYSTEMS]))
    parser.add_argument("--turns", type=int, default=3, help="measurements of each system, in turn")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--updates", type=int, default=20, help="timed in each turn, after as many that are not")
    parser.add_argument("--tokens", type=int, default=4096, help="target tokens of an update")
    parser.add_argument("--micro-batch-tokens", type=int, default=768, help="Sublayer's")
    parser.add_argument("--batch-tokens", type=int, default=1024, help="Sublayer's, of a batch that is decoded")
    parser.add_argument("--sentences", type=int, default=1000, help="of the test split, in batches")
    parser.add_argument("--single-sentences", type=int, default=100, help="one by one, on one thread")
    given = parser.parse_args()
    unknown = set(given.systems or []) - set(TRAINERS) - set(TRAINERS_BF16) - set(DECODING_SYSTEMS) - {"sublayer"}
    if unknown:
        parser.error(f"unknown systems: {', '.join(sorted(unknown))}")
    if given.only == DECODING and given.systems and not set(given.systems) & set(DECODING_SYSTEMS):
        parser.error(f"--only {DECODING} measures one of {', '.join(DECODING_SYSTEMS)}, and --systems names none")
    return given


def main():
    bench = Bench(arguments())
    bench.prepare()
    try:
        if bench.given.only != DECODING:
            for precision in PRECISIONS:
                bench.train(precision)
        if bench.given.only != TRAINING:
            bench.decode()
    finally:
        bench.report()  # what was measured before something failed, too


if __name__ == "__main__":
    main()
