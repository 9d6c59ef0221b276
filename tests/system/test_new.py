"""From a table of one's own to a run and an experiment. Exit status: 0 passed, 1 failed, 77 skipped."""

import gzip
import os
import pathlib
import random
import subprocess
import sys

from program import BINARY, SOURCE, expect, expect_equal, expect_refusal, output_of, run_tests, write

CORPORA = pathlib.Path(os.environ.get("SUBLAYER_CORPORA", SOURCE.parent / "shared" / "corpora"))


def table(folder, lines=400, head="{number}\t{source}\t{target}\tCC-BY 2.0 {number}\n"):
    """Numbers, words, the same backwards, and a licence, as downloads have them."""
    chance = random.Random(1)
    rows = []
    for number in range(lines):
        words = ["".join(chance.choices(["ka", "lo", "mi", "nu", "re", "so", "ti", "va"], k=3)) for _ in range(chance.randint(2, 6))]
        rows.append(head.format(number=number, source=" ".join(words), target=" ".join(reversed(words))))
    return write(folder / "pairs.tsv", "".join(rows))


def follow(folder, text):
    """Runs the commands that `new` prints last, as they stand."""
    commands = [line for line in text.splitlines() if line.startswith("sublayer ")]
    expect_equal([line.split()[1] for line in commands], ["train", "sweep"], "commands that come next")
    for line in commands:
        process = subprocess.run([BINARY, *line.split()[1:]], cwd=folder, capture_output=True, text=True, check=False)
        expect_equal(process.returncode, 0, f"{line}: {process.stderr[-1500:]}")
    return process.stdout


def test_the_columns_of_text_are_found_among_others(folder):
    table(folder)
    text = output_of("new", "mine", "--data", "pairs.tsv", folder=folder)
    expect("4 columns; source is column 2, target column 3" in text, text)
    config = (folder / "mine" / "config.yaml").read_text()
    expect('files: ["../pairs.tsv"], source_columns: [2], target_columns: [3]' in config, config)
    output_of("explain", folder / "mine" / "config.yaml", folder=folder)
    output_of("new", "back", "--data", "pairs.tsv", "--source", 3, "--target", 2, folder=folder)
    expect("source_columns: [3], target_columns: [2]" in (folder / "back" / "config.yaml").read_text(), "stated columns are not taken")


def test_what_is_printed_next_runs_as_it_stands(folder):
    table(folder, 300)
    verdict = follow(folder, output_of("new", "mine", "--data", "pairs.tsv", folder=folder))
    expect("Does the place of the norm matter on mine?" in verdict and "post against pre: " in verdict, verdict)
    expect((folder / "runs" / "mine" / "report.html").exists(), "no report")


def test_two_thousand_lines_of_chinese_and_english_need_no_editing(folder):
    if not os.environ.get("SUBLAYER_SLOW_TESTS"):
        print("        skipped: takes minutes; SUBLAYER_SLOW_TESTS=1 runs it")
        return
    file = CORPORA / "tatoeba_zh_en" / "train.tsv.gz"
    if not file.exists():
        print(f"        skipped: there is no {file} (SUBLAYER_CORPORA names the folder of corpora)")
        return
    with gzip.open(file, "rt", encoding="utf-8") as stream:
        write(folder / "my.tsv", "".join(next(stream) for _ in range(2000)))
    text = output_of("new", "mine", "--data", "my.tsv", folder=folder)
    for line in ("source is column 1, target column 2", "2000 pairs", "different characters", "tokens/s on one thread"):
        expect(line in text, f"{line!r} is not in {text}")
    follow(folder, text)


def test_tables_that_are_none_are_refused(folder):
    write(folder / "words.tsv", "one two\n" * 200)
    expect_refusal(["new", "mine", "--data", "words.tsv"], "words.tsv: no two columns of text found among 1", folder=folder)
    table(folder, 50)
    expect_refusal(["new", "mine", "--data", "pairs.tsv"], "pairs.tsv: has 50 pairs; training, validation and test need at least 100",
                   folder=folder)
    expect_refusal(["new", "mine", "--data", "pairs.tsv", "--source", 9], "has 4 columns, no column 9", folder=folder)
    expect_refusal(["new", "mine", "--data", "absent.tsv"], "absent.tsv", folder=folder)
    (folder / "taken").mkdir()
    expect_refusal(["new", "taken", "--data", "pairs.tsv"], "taken: exists already", folder=folder)
    expect(not (folder / "mine").exists(), "a refused table left a folder")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
