"""What the program says about itself and about configs: help, version, listing, explaining, and the schema that editors check configs with.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import json
import math
import re
import subprocess
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

from program import BINARY, SOURCE, TINY, expect, expect_equal, expect_refusal, output_of, run_tests, tensors_of, write

COMMANDS = ["train", "prepare", "evaluate", "translate", "score", "average", "export", "inspect", "explain", "list", "schema", "bleu", "metric",
            "sweep", "report", "compare", "diff", "statistics", "new", "conformance", "bench"]


def shipped_configs():
    return sorted((SOURCE / "configs").glob("*.yaml"))


def shipped_experiments():
    return sorted((SOURCE / "experiments").glob("*/experiment.yaml"))


def test_every_command_has_help_with_an_example(_):
    text = output_of("--help")
    listed = re.findall(r"^  ([a-z]+) +\S", text.partition("Subcommands:\n")[2], re.MULTILINE)
    expect_equal(sorted(listed), sorted(COMMANDS), "commands in --help")
    expect("Exit status: 0 done" in text, "--help does not explain exit statuses")
    for command in listed:
        text = output_of(command, "--help")
        expect("Example: " in text and f"sublayer {command}" in text.partition("Example: ")[2], f"{command} --help has no example: {text}")


def test_the_page_of_variants_is_what_list_says(_):
    page = subprocess.run([sys.executable, SOURCE / "tools" / "variants_page.py", BINARY], check=True, capture_output=True, text=True).stdout
    expect((SOURCE / "docs" / "variants.md").read_text(encoding="utf-8") == page,
           "docs/variants.md is out of date: tools/variants_page.py build/sublayer > docs/variants.md")


def test_version_names_commit_libtorch_and_processor(_):
    text = output_of("--version")
    expect(re.fullmatch(r"sublayer \d+\.\d+\.\d+ \((unknown|[0-9a-f]{7,40}(-dirty)?)\), LibTorch 2\.\d+\.\d+\S*, .+, \S+\n", text),
           f"expected version, commit, LibTorch and processor, got {text!r}")


def test_list_shows_kinds_variants_and_options(_):
    kinds = {}
    for line in output_of("list").splitlines():
        if line.startswith("  "):
            kinds[kind].append(line.split()[0])
            expect(len(line.split()) > 1, f"list: no documentation in {line!r}")
        else:
            kind = line.partition(":")[0]
            kinds[kind] = []
    for kind, expected in {"activation": {"relu", "gelu", "silu"}, "residual": {"pre", "post"}, "task": {"parallel_text", "reverse"},
                           "search": {"beam", "greedy"}, "format": {"torchscript"}}.items():
        expect(expected <= set(kinds.get(kind, [])), f"list: {kind} lacks some of {expected}: {kinds}")
    for kind, names in kinds.items():
        expect(names, f"list: nothing of kind {kind}")
        seen = re.findall(r"^  (\w+)", output_of("list", kind), re.MULTILINE)
        expect_equal(seen, names, f"variants in `list {kind}`")
    silu = output_of("list", "activation", "silu")
    expect_equal(re.findall(r"^  (\w+)", silu, re.MULTILINE), ["silu"], "variants in `list activation silu`")
    expect(re.search(r"^    beta +.*\(number, default 1\)$", silu, re.MULTILINE), f"expected silu's beta with its default, got {silu}")


CHILD = """\
base: base.yaml
model:
  layer:
    feed_forward: {type: gated}
seed: {init: 1, data: 2, dropout: 3}
"""


def test_explain_shows_where_values_come_from(folder):
    base = write(folder / "base.yaml", TINY)
    config = write(folder / "child.yaml", CHILD)
    lines = {key: number for number, line in enumerate(TINY.splitlines(), 1) for key in re.findall(r"\w+(?=:)", line)}
    text = output_of("explain", config, "--set", "optimizer={type: sgd}", "--set", "training.max_epochs=2")
    for value, origin in {"model.d_model +16 ": f"{base}:{lines['d_model']}", "model.encoder.layers.0.feed_forward +gated ": f"{config}:4",
                          "model.encoder.layers.0.feed_forward.d_ff +32 ": f"{base}:{lines['d_ff']}", "seed.dropout +3 ": f"{config}:5",
                          "optimizer +sgd ": "--set optimizer={type: sgd}",
                          "optimizer.learning_rate +0.005 ": f"{base}:{lines['learning_rate']}",
                          "training.max_epochs +2 ": "--set training.max_epochs=2", "training.clip_norm +0 ": "default"}.items():
        found = re.search(rf"^{value}.*\[(.*)\]$", text, re.MULTILINE)
        expect(found, f"explain: no line {value!r} in {text}")
        expect(found[1].startswith(origin), f"explain: {found[0]!r}: expected the origin {origin!r}")
    text = output_of("explain", config, "--set", "optimizer.beta1=0.8", "--set", "optimizer.type=sgd")
    expect(re.search(r"^# --set optimizer.beta1=0.8: optimizer.beta1 .*dropped", text, re.MULTILINE),
           f"expected beta1, which sgd lacks, to be reported as dropped: {text}")


def test_explain_counts_parameters_and_operations(folder):
    config = write(folder / "tiny.yaml", TINY)
    output_of("train", config, "--runs", folder, "--set", "training.max_updates=1")
    [checkpoint] = (folder / "tiny" / "checkpoints").iterdir()
    tensors = tensors_of(checkpoint / "model.safetensors")
    vocabulary = tensors["embedding.weight"][0][0]
    text = output_of("explain", config, "--vocabulary", vocabulary)
    all_values = sum(len(values) for _, values in tensors.values())
    expect(f"\n{all_values} parameters\n" in text, f"expected {all_values} parameters, as in the checkpoint: {text}")
    for module in ("encoder", "decoder", "embedding"):
        count = sum(len(values) for name, (_, values) in tensors.items() if name.startswith(module + "."))
        expect(re.search(rf"^{module} +{count}$", text, re.MULTILINE), f"expected {count} parameters of the {module}: {text}")
    # The tied embedding multiplies once, as the output projection.
    forward = 2 * sum(len(values) for shape, values in tensors.values() if len(shape) == 2) / 1e6
    seen = re.search(r"^(\S+) MFLOPs forward, (\S+) MFLOPs in training", text, re.MULTILINE)
    expect(seen and math.isclose(float(seen[1]), forward, rel_tol=1e-3) and math.isclose(float(seen[2]), 3 * forward, rel_tol=1e-3),
           f"expected {forward} MFLOPs forward and three times as many in training, got {seen and seen[0]}")


def test_shipped_configs_load(_):
    for config in shipped_configs():
        text = output_of("explain", config, "--vocabulary", 100)
        expect("MFLOPs forward" in text, f"explain {config}: no model in {text}")


def test_shipped_experiments_load_with_all_their_arms(folder):
    """A run that is not there is looked for once everything was read and checked."""
    expect(len(shipped_experiments()) >= 3, "experiments are missing")
    for file in shipped_experiments():
        expect_refusal(["sweep", file, "--runs", folder, "--only", "none"], "--only none: no such run")
        expect((file.parent / "README.md").exists(), f"{file.parent} has no README.md")


# The schema.


class Loader(yaml.SafeLoader):
    """Reads 1e-9 as a number, as YAML 1.2, editors and the program do."""


Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789"))


def with_text_keys(node):
    if isinstance(node, dict):
        return {str(key): with_text_keys(value) for key, value in node.items()}
    return [with_text_keys(item) for item in node] if isinstance(node, list) else node


def parsed(text):
    return with_text_keys(yaml.load(text, Loader))


def misspellings(node, path=""):
    """Copies of a tree with one key misspelled each, and where."""
    if isinstance(node, dict):
        for key in node:
            yield path + key, {(name + "x" if name == key else name): value for name, value in node.items()}
            for where, inner in misspellings(node[key], f"{path}{key}."):
                yield where, {**node, key: inner}
    elif isinstance(node, list):
        for i, item in enumerate(node):
            for where, inner in misspellings(item, f"{path}{i}."):
                yield where, [*node[:i], inner, *node[i + 1:]]


def test_schema_accepts_shipped_configs_and_no_misspelled_key(folder):
    schema = json.loads(output_of("schema"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    misspelled = 0
    resolved = folder / "tiny" / "config.yaml"
    output_of("train", write(folder / "tiny.yaml", TINY), "--runs", folder, "--set", "training.max_updates=1")
    for file in [*shipped_configs(), folder / "tiny.yaml", resolved]:
        config = parsed(file.read_text(encoding="utf-8"))
        error = jsonschema.exceptions.best_match(validator.iter_errors(config))
        expect(error is None, f"{file} does not fit the schema: {error and error.message}")
        for where, wrong in misspellings(config):
            expect(not validator.is_valid(wrong), f"{file}: the schema accepts {where}x")
            misspelled += 1
    print(f"        {misspelled} misspelled keys refused")


def test_schema_of_experiments_accepts_the_shipped_ones(_):
    schema = json.loads(output_of("schema", "--experiment"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for file in shipped_experiments():
        experiment = parsed(file.read_text(encoding="utf-8"))
        error = jsonschema.exceptions.best_match(validator.iter_errors(experiment))
        expect(error is None, f"{file} does not fit the schema: {error and error.message}")
        for key in experiment:
            wrong = {(name + "x" if name == key else name): value for name, value in experiment.items()}
            expect(not validator.is_valid(wrong), f"{file}: the schema accepts {key}x")
        expect(not validator.is_valid({**experiment, "at": "worst"}), "the schema accepts at: worst")


def test_schema_refuses_wrong_values(_):
    validator = jsonschema.Draft202012Validator(json.loads(output_of("schema")))
    wrong_values = {"model.d_model": "wide", "model.type": "transformator", "model.layer.residual": "prae", "optimizer.learning_rate": [],
                    "validation.metrics": ["bluh"], "seed": -1, "training.workers": 0, "loss": {"type": "cross_entropy", "beta": 1}}
    for path, value in wrong_values.items():
        at = config = parsed(TINY)
        *outer, last = path.split(".")
        for key in outer:
            at = at[key]
        at[last] = value
        expect(not validator.is_valid(config), f"the schema accepts {path}: {value}")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
