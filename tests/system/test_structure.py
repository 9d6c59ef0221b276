"""Rules about the source tree that a compiler does not see: which folder may include which, names, ASCII, and the order of linked libraries."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Folder -> level. A file includes files of its own folder or of lower levels.
LEVELS = {
    "src/core": 0,
    "models": 1, "data": 1,
    "src/training": 2, "src/decoding": 2, "src/evaluation": 2, "src/export": 2,
    "src/experiment": 3, "src/conformance": 3,
    "src/bench": 4,
    "src/app": 5,
}
# Folders of level 2 work together (a trainer validates), as long as their includes form no circle. Models and data never meet.
MAY_SHARE_LEVEL = {2}

# What is visible of models and data to code that must work with any of them.
GENERIC_FOLDERS = {"src/training", "src/decoding", "src/export"}
VISIBLE_OF_DATA = {"data/batch.h", "data/batching.h", "data/dataset.h", "data/epoch.h", "data/sentences.h", "data/task/task.h", "data/tokenizer/tokenizer.h"}

VAGUE_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "misc"}
LONGEST_LINE = 140

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.MULTILINE)


def sources(*folders):
    """C++ files below the folders, relative to the root."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".cpp", ".h"}:
                yield path.relative_to(ROOT).as_posix()


def folder_of(path):
    return next((folder for folder in LEVELS if path.startswith(folder + "/")), None)


def included_files(path):
    return INCLUDE.findall((ROOT / path).read_text(encoding="utf-8"))


def visible_of_models(path):
    return path.startswith("models/") and (path.count("/") == 1 or path.startswith("models/kernels/"))


def check_one_include(path, included):
    """Says what is wrong with one include, or None."""
    if not (ROOT / included).is_file():
        return "is not a path from the root of the repository"
    here, there = folder_of(path), folder_of(included)
    if there is None:
        return "belongs to no folder that this code may see"
    if here == there:
        return None
    if LEVELS[there] > LEVELS[here] or (LEVELS[there] == LEVELS[here] and LEVELS[here] not in MAY_SHARE_LEVEL):
        return f"points against the direction of includes: {here} must not see {there}"
    if here in GENERIC_FOLDERS:
        if there == "models" and not visible_of_models(included):
            return f"{here} may see of models only the headers directly in models/ and those of kernels"
        if there == "data" and included not in VISIBLE_OF_DATA:
            return f"{here} may see of data only {', '.join(sorted(VISIBLE_OF_DATA))}"
    return None


def test_includes_point_from_app_down_to_core():
    problems, edges = [], {}
    for path in sources("src", "models", "data"):
        if folder_of(path) is None:
            problems.append(f"{path}: stands in no folder of ARCHITECTURE's layout")
            continue
        for included in included_files(path):
            problem = check_one_include(path, included)
            if problem:
                problems.append(f'{path}: include "{included}" {problem}')
            elif folder_of(path) != folder_of(included):
                edges.setdefault(folder_of(path), {}).setdefault(folder_of(included), f"{path} -> {included}")
    return problems + circles(edges)


def circles(edges):
    """Pairs of folders that reach each other."""
    def reachable(start):
        found, waiting = set(), [start]
        while waiting:
            for target in edges.get(waiting.pop(), {}):
                if target not in found:
                    found.add(target)
                    waiting.append(target)
        return found

    reach = {folder: reachable(folder) for folder in edges}
    return [f"{a} and {b} include each other: {'; '.join(sorted(e for x in (a, b) for y, e in edges[x].items() if y in (a, b)))}"
            for a in edges for b in reach[a] if a < b and a in reach.get(b, ())]


def test_cpp_sources_are_ascii_with_short_lines():
    problems = []
    for path in sources("src", "models", "data", "tests"):
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            if len(line) > LONGEST_LINE:
                problems.append(f"{path}:{number}: {len(line)} characters, {LONGEST_LINE} are allowed")
            if not path.startswith("tests/") and not line.isascii():
                problems.append(f"{path}:{number}: not ASCII")
    return problems


def test_file_names_say_what_is_in_them():
    problems = []
    for top in ("src", "models", "data", "tests", "tools", "cmake"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.stem.lower() in VAGUE_WORDS or path.stem.lower().rpartition("_")[2] in VAGUE_WORDS:
                problems.append(f"{path.relative_to(ROOT)}: name it after what it holds")
    return problems


def test_headers_start_with_pragma_once():
    return [f"{path}: no #pragma once" for path in sources("src", "models", "data", "tests")
            if path.endswith(".h") and "#pragma once" not in (ROOT / path).read_text(encoding="utf-8")]


def test_variants_have_no_header():
    """A file that registers a variant is reached through its kind's registry alone."""
    problems = []
    for path in sources("src", "models", "data"):
        if path.endswith(".h") and re.search(r"^\s*SUBLAYER_REGISTER\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE):
            problems.append(f"{path}: registers a variant in a header")
    return problems


def test_kernels_are_seen_by_bench():
    """Each autograd function of ours has a row in the table of parts, and its forward pass a scope; the backward pass has one anyway."""
    table = (ROOT / "src/bench/parts.cpp").read_text(encoding="utf-8")
    problems = []
    for path in sources("src", "models"):
        text = (ROOT / path).read_text(encoding="utf-8")
        for name in re.findall(r"^struct (\w+) (?:final )?: (?:torch::autograd::)?Function<", text, re.MULTILINE):
            if f'{{"sublayer::{name}", ' not in table:
                problems.append(f'{path}: "sublayer::{name}" has no row in the table of src/bench/parts.cpp')
            if f'RECORD_FUNCTION("sublayer::{name}", {{}})' not in text:
                problems.append(f'{path}: the forward pass of {name} needs RECORD_FUNCTION("sublayer::{name}", {{}})')
    return problems


def test_sentencepiece_is_linked_before_torch():
    """Both define FLAGS_minloglevel in different sizes; the other order overwrites LibTorch's data (cmake/Dependencies.cmake)."""
    binary = os.environ.get("SUBLAYER_BINARY")
    if not binary:
        return ["SUBLAYER_BINARY is not set: run this through ctest"]
    problems = []
    for program in (pathlib.Path(binary), pathlib.Path(binary).with_name("sublayer_tests")):
        if not program.exists():
            continue
        dynamic = subprocess.run(["readelf", "--dynamic", "--wide", str(program)], check=True, capture_output=True, text=True).stdout
        needed = re.findall(r"\(NEEDED\).*\[(.+?)\]", dynamic)
        sentencepiece = [i for i, name in enumerate(needed) if name.startswith("libsentencepiece")]
        torch = [i for i, name in enumerate(needed) if re.match(r"lib(torch|c10)", name)]
        if not sentencepiece or not torch:
            problems.append(f"{program.name} is not linked with both SentencePiece and LibTorch: {needed}")
        elif max(sentencepiece) > min(torch):
            problems.append(f"{program.name} loads LibTorch before SentencePiece: {needed}")
    return problems


def main():
    failed = 0
    for name, test in list(globals().items()):
        if not name.startswith("test_"):
            continue
        problems = test()
        print(("FAILED  " if problems else "ok      ") + name[5:].replace("_", " "))
        for problem in problems:
            print("        " + problem)
        failed += bool(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
