"""Variants outside of the repository: the example of docs/outside_variant is built against an installed program and loaded into it.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import functools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from program import SOURCE, TINY, contents, expect, expect_equal, expect_refusal, output_of, run_tests, sublayer, write
import program

BUILD = os.environ.get("SUBLAYER_BUILD_DIR", "")
WITH_BOTH = ["--set", "model.layer.feed_forward.activation={type: snake, rate: 2}", "--set", "model.layer.norm=mean_absolute_norm"]
EXPERIMENT = """\
question: Does the activation matter?
base: tiny.yaml
budget: {max_updates: 20}
seeds: 2
metric: valid.loss
axes:
  activation:
    relu: {}
    snake: {model.layer.feed_forward.activation: snake}
compare: {axis: activation, baseline: relu}
"""
# Whoever expects a refusal expects nothing on stdout: that no code of the file ran.
CODE_THAT_SHOWS = '#include <cstdio>\nstatic const int shown = std::printf("code of the file ran\\n");\n'
UNRESOLVED = 'namespace sublayer { int absent(); }\nstatic const int number = sublayer::absent();\n' + CODE_THAT_SHOWS


def call(*command, **options):
    process = subprocess.run(list(map(str, command)), capture_output=True, check=False, **options)
    expect(process.returncode == 0, f"{' '.join(map(str, command))}: {process.stdout[-3000:].decode()}{process.stderr[-3000:].decode()}")
    return process.stdout.decode()


def build(prefix, folder, *targets, **sources):
    """Builds {target}.so of each source against an installed program, beside the example where `targets` name it."""
    shutil.copytree(SOURCE / "docs" / "outside_variant", folder / "project")
    with open(folder / "project" / "CMakeLists.txt", "a", encoding="utf-8") as file:
        for name, text in sources.items():
            write(folder / "project" / f"{name}.cpp", text)
            file.write(f"sublayer_add_variant({name} {name}.cpp)\n")
    call("cmake", "-S", folder / "project", "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    call("cmake", "--build", folder / "build", "--target", *targets, *sources)
    return folder / "build"


@functools.cache
def built():
    """The prefix of the installed program, moved since, and the folder with my_variants.so and the two small files."""
    work = pathlib.Path(WORK_FOLDER)
    stale = work / "prefix/include/sublayer/models/stale.h"  # of an older version: it would change the fingerprint of what is built here
    stale.parent.mkdir(parents=True)
    stale.touch()
    call("cmake", "--install", BUILD, "--prefix", work / "prefix")
    expect(not stale.exists(), f"{stale} is still there")
    prefix = (work / "prefix").rename(work / "moved")
    program.BINARY = str(prefix / "bin" / "sublayer")
    return prefix, build(prefix, work, "my_variants", unresolved=UNRESOLVED, empty="")


def variants():
    return built()[1] / "my_variants.so"


def altered(file, folder, *replacements):
    """A copy of a built file in which some bytes stand for others, as another build would have them."""
    data = file.read_bytes()
    for old, new in replacements:
        expect(old in data and len(old) == len(new), f"{old} is not in {file}")
        data = data.replace(old, new)
    return write(folder / "altered.so", data)


def another_build(folder):
    return altered(variants(), folder, (b"to mean absolute value 1", b"to mean absolute value I"))


def train(folder, *more):
    config = write(folder / "tiny.yaml", TINY)
    return ["train", config, "--runs", folder / "runs", *more]


def trained_run(folder):
    output_of(*train(folder, "--load", variants(), *WITH_BOTH))
    return folder / "runs" / "tiny"


def test_the_file_has_its_own_code_alone(_):
    needed = [line for line in call("readelf", "--dynamic", "--wide", variants()).splitlines() if "(NEEDED)" in line]
    strangers = [line for line in needed if not any(name in line for name in ("[libstdc++", "[libgcc_s", "[libc.", "[libm.", "san."))]
    expect_equal(strangers, [], "libraries that the file is linked with")


def test_the_variants_are_listed_and_documented(folder):
    described = output_of("list", "activation", "snake", "--load", variants())
    expect("x + sin^2(rate x) / rate" in described and "angular frequency (number, default 1)" in described, described)
    expect("mean_absolute_norm" in output_of("--load", variants(), "schema"), "the schema lacks the norm")
    expect("snake" not in output_of("list"), "without the file there is a snake")
    config = write(folder / "tiny.yaml", TINY)
    explained = output_of("explain", "--load", variants(), config, "--set", "model.layer.feed_forward.activation=snake", "--vocabulary", "20")
    expect("feed_forward.activation.rate" in explained and "angular frequency" in explained, explained)


def test_their_conformance_is_looked_at(_):
    text = output_of("conformance", "activation/snake", "norm/mean_absolute_norm", "--load", variants())
    expect("(variant, property) pairs, 0 failures" in text, text)


def test_a_run_with_them_works_with_every_command(folder):
    run = trained_run(folder)
    load = ["--load", variants()]
    [record] = json.loads((run / "provenance.json").read_text())["loaded"]
    expect_equal(record["file"], str(variants()), "the file on record")
    expect_equal(sorted((v["kind"], v["name"]) for v in record["variants"]), [("activation", "snake"), ("norm", "mean_absolute_norm")],
                 "the variants on record")
    expect(f" --load {variants()}" in json.loads((run / "provenance.json").read_text())["command"], "the command on record lacks --load")
    lines = b"s1 s2 s3\ns4\n"
    translated = output_of(*load, "translate", run, stdin=lines)
    expect_equal(len(translated.splitlines()), 2, "translated lines")
    expect("exact_match" in output_of("evaluate", run, *load), "no score")
    expect("encoder" in output_of("inspect", run, "--source", "s1 s2", *load), "nothing to see")
    output_of("average", run)  # means of numbers need no variants
    expect_equal(output_of("diff", run, run, *load), "", "differences of a run from itself")
    model = folder / "model.pt"
    expect("equal to the live model" in output_of("export", run, "--output", model, *load), "the export was not compared")
    alone = call(sys.executable, "-I", SOURCE / "docs/consumers/translate.py", model, "--beam-size", "3", input=lines)  # torch.jit.load
    expect_equal(alone, translated, "translations of the exported file without Sublayer")


def test_without_the_file_a_run_says_which_it_needs(folder):
    run = trained_run(folder)
    before = contents(run)
    needs = "unknown ", f"{run} was trained with --load {variants()}, which has to be given again"
    for command in (["evaluate", run], ["translate", run], ["inspect", run, "--source", "s1"], ["export", run], ["diff", run, run],
                    ["compare", run, run], train(folder, "--resume", *WITH_BOTH), train(folder, "--resume")):
        expect_refusal(command, *needs)
    expect_refusal(train(folder, "--name", "new", *WITH_BOTH[:2]), "unknown activation 'snake'")
    expect_equal(contents(run), before, "files of a run whose variants were not there")


def test_a_run_goes_on_with_the_same_file_alone(folder):
    run = trained_run(folder)
    before = contents(run)
    other = another_build(folder)
    longer = ["--resume", *WITH_BOTH, "--set", "training.max_updates=40"]
    changed = "comes from another build of its file", json.loads((run / "provenance.json").read_text())["loaded"][0]["hash"]
    expect_refusal(train(folder, "--load", other, *longer), f"{run}: ", *changed, "restore it or choose another --name")
    expect_equal(contents(run), before, "files of a run that was not gone on with")
    process = sublayer("evaluate", run, "--load", other)
    expect_equal(process.returncode, 0, process.stderr)
    expect(process.stderr.startswith(f"note: {run}: ") and all(part in process.stderr for part in changed), process.stderr)
    renamed = shutil.copy(variants(), folder / "renamed.so")
    output_of(*train(folder, "--load", renamed, *longer))
    updates = sorted(path.name for path in (run / "checkpoints").iterdir())
    expect_equal(updates[-1], "update_00000040", "the last checkpoint of the run that went on")


def test_a_sweep_passes_the_file_on(folder):
    write(folder / "tiny.yaml", TINY)
    write(folder / "experiment.yaml", EXPERIMENT)
    shutil.copy(variants(), folder / "mine.so")
    arguments = ["sweep", "experiment.yaml"]
    process = sublayer(*arguments, "--load", "./mine.so", folder=folder)
    expect_equal(process.returncode, 0, process.stderr)
    [place] = (folder / "runs").iterdir()
    for arm in ("relu", "snake"):
        [record] = json.loads((place / arm / "seed_2" / "provenance.json").read_text())["loaded"]
        expect_equal(record["file"], str(folder / "mine.so"), f"file on record of {arm}")
    expect(f"mine.so {record['hash']}" in (place / "report.md").read_text(), "the report does not name the file")
    before = contents(place)
    for command in (arguments, ["report", "experiment.yaml"]):
        expect_refusal(command, "unknown activation 'snake'", f"was trained with --load {folder / 'mine.so'}, which has to be given again",
                       folder=folder)
    expect_refusal([*arguments, "--load", "mine.so", "--only", "snake/seed_2", "--expect", "0"], "changed since the sweep began", folder=folder)
    expect_refusal([*arguments, "--load", another_build(folder)], "holds another run", "comes from another build", folder=folder)
    expect_equal(contents(place), before, "files of refused sweeps")


def test_files_that_are_refused(folder):
    config = train(folder)
    binaries = built()[1]
    text = write(folder / "text.so", "no machine code")
    object_file = next((binaries / "CMakeFiles" / "empty.dir").rglob("*.o"))
    [library] = [line.split()[2] for line in call("ldd", variants()).splitlines() if "libstdc++" in line]
    truncated = write(folder / "truncated.so", variants().read_bytes()[:-100])
    for file, *fragments in (
            (folder / "absent.so", "cannot read: No such file"),
            (folder, "cannot read"),
            (text, "no shared object", "sublayer_add_variant"),
            (object_file, "no shared object"),
            (library, "no variant of Sublayer", "sublayer_add_variant"),
            (truncated, "no variant of Sublayer"),
            (binaries / "unresolved.so", "needs what neither it nor the program has: sublayer::absent()"),
            (binaries / "empty.so", "registers no variant", "SUBLAYER_REGISTER")):
        expect_refusal([*config, "--load", file], file, *fragments)
    expect_refusal([*config, "--load", variants(), "--load", variants()], "given twice", variants())
    expect_refusal(["--load", variants(), *config, "--load", another_build(folder)], "altered.so: activation 'snake' is registered by",
                   f"{variants()} already", "another name")
    clash = altered(variants(), folder, (b"\0snake\0", b"\0relu\0\0"))
    expect_refusal(["list", "--load", clash], "activation 'relu' is registered by the program already")
    expect_refusal(["list", "--load"], "list: ", "--load")
    expect_refusal(["--load"], "--load: 1 required")
    expect_refusal(["--load", variants(), "trian"], "unknown command 'trian'", "Did you mean 'train'?")
    expect(not (folder / "runs").exists(), "a refused training left something")


def test_a_file_for_another_program_is_refused_before_its_code_runs(folder):
    prefix, _ = built()
    other = folder / "other"
    for part in ("include", "lib"):
        shutil.copytree(prefix / part, other / part)
    with open(other / "include/sublayer/src/core/utf8.h", "a", encoding="ascii") as file:
        file.write("// Another header.\n")
    file = build(other, folder, headers=CODE_THAT_SHOWS) / "headers.so"
    expect_refusal(["list", "--load", file], file, "built for another program than this one: Sublayer: 0.1.0, headers ", " there, 0.1.0, headers ",
                   " here. Build it again")
    file = altered(variants(), folder, (b"\nLibTorch: 2.", b"\nLibTorch: 1."), (b"C++11 strings 1", b"C++11 strings 0"))
    expect_refusal(["list", "--load", file], "C++ library: ", "C++11 strings 0 there, ", "C++11 strings 1 here; LibTorch: 1.", " there, 2.")


if __name__ == "__main__":
    if not BUILD or not shutil.which("cmake"):
        print("skipped: SUBLAYER_BUILD_DIR is not set, or there is no cmake")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as WORK_FOLDER:  # of built()
        sys.exit(run_tests(globals()))
