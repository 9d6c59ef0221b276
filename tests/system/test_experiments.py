"""The experiments of this repository: what their READMEs show is what the program says about the results beside them.

Exit status: 0 passed, 1 failed, 77 skipped.
"""

import csv
import json
import re
import sys

from program import SOURCE, expect, expect_equal, output_of, run_tests

FIRST_LOOK = 0.05 * 0.8  # level and spend, both by default
HIGHER_IS_BETTER = {"bleu", "chrf", "exact_match", "token_accuracy"}


def measured():
    """Folder, text of the experiment and rows of the results of every experiment."""
    for file in sorted((SOURCE / "experiments").glob("*/experiment.yaml")):
        if not (file.parent / "results.csv").is_file():
            readme = (file.parent / "README.md").read_text(encoding="utf-8")
            expect("not been run" in readme, f"{file.parent.name}: no results, and README does not say so")
            continue
        with open(file.parent / "results.csv", encoding="utf-8", newline="") as stream:
            yield file.parent, file.read_text(encoding="utf-8"), list(csv.DictReader(stream))


def test_verdicts_follow_from_the_results(_):
    number = 0
    for folder, text, rows in measured():
        [(axis, baseline)] = re.findall(r'^compare: \{axis: (\w+), baseline: "?(\w+)"?\}', text, re.MULTILINE)
        [margin] = re.findall(r"^equivalence_margin: (\S+)", text, re.MULTILINE)
        [metric] = re.findall(r"^metric: (\S+)", text, re.MULTILINE)
        columns = list(rows[0])
        strata = [name for name in columns[1:columns.index("seed")] if name != axis]
        values = {}
        for row in rows:
            stratum = "+".join(row[name] for name in strata)
            values.setdefault((stratum, row[axis]), []).append(float(row[metric]) if row[metric] else None)
        compared = [(stratum, arm) for stratum, arm in values if arm != baseline]
        answers = json.loads(output_of("statistics", stdin=json.dumps({
            "comparisons": [{"arm": values[key], "baseline": values[key[0], baseline]} for key in compared],
            "design": {"level": FIRST_LOOK, "next_level": FIRST_LOOK * 0.2, "margin": float(margin),
                       "higher_is_better": metric.partition(".")[2] in HIGHER_IS_BETTER},
        }).encode()))
        report = (folder / "report.md").read_text(encoding="utf-8")
        for (stratum, arm), answer in zip(compared, answers):
            number += 1
            line = f"{arm} against {baseline}: {answer['sentence']}"
            expect(line in report, f"{folder.name}, {stratum}: the report does not say {line!r}")
    expect(number >= 5, f"only {number} comparisons")


def test_readmes_show_the_tables_of_the_reports(_):
    for folder, text, _ in measured():
        readme, report = ((folder / name).read_text(encoding="utf-8") for name in ("README.md", "report.md"))
        [question] = re.findall(r"^question: (.*)", text, re.MULTILINE)
        expect(readme.startswith(f"# {question}\n"), f"{folder.name}: README has another question")
        table = [line for line in readme.splitlines() if line.startswith("|")]
        verdicts = [line for line in report.splitlines() if line.startswith("|")][:len(table)]
        expect(len(table) > 3, f"{folder.name}: README has no table")
        expect_equal(table, verdicts, f"table of {folder.name}")
        expect(f"experiments/{folder.name}/experiment.yaml" in readme, f"{folder.name}: README has no command")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
