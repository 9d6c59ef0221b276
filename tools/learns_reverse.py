#!/usr/bin/env python3
"""Trains configs/reverse.yaml with every residual, block and position there is, and demands that each learns to reverse.

    tools/learns_reverse.py            # prints the table, and writes it into docs/phenomena.md

Exit status 1: a variant did not learn although it should, or did although it should not.
"""

import re
import sys

from measuring import output_of, records, result, train_all, write_part

CONFIG = "configs/reverse.yaml"
RUNS = "runs/learns_reverse"
KINDS = {"residual": "model.layer.residual", "block": "model.layer.block", "position": "model.position"}
UPDATES = 1000
SHORT = {"training.max_epochs": 0, "training.max_updates": UPDATES, "schedule": f"{{type: linear, warmup_updates: 100, total_updates: {UPDATES}}}"}
LEARNED = 0.95  # exact match on the test set

# Variants that cannot learn it: why, and the most that they may get right in 500 sequences. Without positions the encoder's states are a bag
# of symbols, so the order must be guessed: of n different ones it is right once in n!. With lengths from 1 to 12 and symbols that may occur
# twice that is 0.149 of all sequences, with a standard error of 0.016 in 500.
CANNOT = {("position", "none"): ("cannot: the encoder sees no order; guessing it is right in 0.149", 0.149 + 3 * 0.016)}


def variants_of(kind):
    return re.findall(r"^  (\w+)", output_of("list", kind), re.MULTILINE)


def without_origins(explanation):
    return re.sub(r" +#.*", "", explanation)


def main():
    choices = [(kind, variant) for kind in KINDS for variant in variants_of(kind)]
    settings = {choice: {**SHORT, KINDS[choice[0]]: choice[1]} for choice in choices}
    # What the config has anyway is one run, not one of each kind.
    same = {choice: without_origins(output_of("explain", CONFIG, *(f"--set={key}={value}" for key, value in settings[choice].items())))
            for choice in choices}
    names = {choice: "_".join(next(first for first in choices if same[first] == same[choice])) for choice in choices}
    runs = train_all(RUNS, CONFIG, {names[choice]: settings[choice] for choice in choices})

    lines, failed = ["| kind | variant | exact match, test | test loss | first validation at 0.95 or more | |\n", "|---|---|---:|---:|---:|---|\n"], 0
    for kind, variant in choices:
        run = runs[names[kind, variant]]
        scores = {score["metric"]: score["value"] for score in result(run)["scores"]}
        learned = scores["exact_match"] >= LEARNED
        reason, most = CANNOT.get((kind, variant), ("", 1))
        as_it_should = scores["exact_match"] <= most if reason else learned
        failed += not as_it_should
        first = next((record["update"] for record in records(run, "valid") if record["exact_match"] >= LEARNED), None)
        lines.append(f"| {kind} | `{variant}` | {scores['exact_match']:.3f} | {scores['loss']:.4f} | {f'update {first}' if first else 'none'} | "
                     f"{reason or ('learned' if learned else 'NOT LEARNED')} |\n")
    print("".join(lines), end="")
    write_part("docs/phenomena.md", "learns_reverse", "".join(lines))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
