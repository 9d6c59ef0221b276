"""`sublayer statistics` against SciPy: t-tests, equivalence, Fisher, intervals, correlation, plans; Holm against its definition.

Needs SUBLAYER_BINARY. More cases: test_statistics.py NUMBER_OF_REQUESTS [SEED]. Exit status: 0 passed, 1 failed, 77 skipped.
"""

import json
import math
import os
import random
import subprocess
import sys

try:
    import numpy
    from scipy import stats
except ImportError:
    print("skipped: SciPy is not installed")
    sys.exit(77)

TOLERANCE = 1e-9
POWER = 0.8
MOST_SEEDS = 1000


def random_values(rng, seeds):
    """Values of a baseline and of an arm: of any size, spread, effect and correlation over seeds."""
    scale = 10 ** rng.uniform(-3, 3)
    level, shared, own, effect = rng.uniform(-3, 3), rng.choice([0, 0.3, 3]), 10 ** rng.uniform(-2, 1), rng.choice([0, 0, 0.1, 1, 5])
    of_seed = [rng.gauss(0, shared) for _ in range(seeds)]
    return ([scale * (level + effect + x + rng.gauss(0, own)) for x in of_seed], [scale * (level + x + rng.gauss(0, own)) for x in of_seed])


def random_comparison(rng):
    arm, baseline = random_values(rng, rng.choice([2, 2, 3, 3, 3, 5, 8, 12, 30]))
    if rng.random() < 0.25:
        for values in (arm, baseline):
            share = rng.choice([0, 0.2, 0.9])
            values[:] = [None if rng.random() < share else value for value in values]
    return {"arm": arm, "baseline": baseline}


def random_request(rng):
    comparisons = [random_comparison(rng) for _ in range(rng.choice([1, 1, 2, 3, 6]))]
    design = {"test": rng.choice(["paired", "welch"]), "level": rng.choice([0.05, 0.025, 0.003]), "higher_is_better": rng.random() < 0.5}
    if rng.random() < 0.6:
        design["margin"] = 10 ** rng.uniform(-3, 3)
    return {"comparisons": comparisons, "design": design}


def holm(values):
    """Adjusted p-values by the definition: the largest of what the smaller ones and this one are multiplied to."""
    return [min(1, max(sum(other >= p for other in values) * p for p in values if p <= value)) for value in values]


def t_test(arm, baseline, test, alternative="two-sided"):
    if test == "paired":
        return stats.ttest_rel(arm, baseline, alternative=alternative)
    return stats.ttest_ind(arm, baseline, equal_var=False, alternative=alternative)


def expected_alone(comparison, design):
    """What one comparison says by itself, before the adjustment for the family."""
    arm, baseline, test, level = comparison["arm"], comparison["baseline"], design["test"], design["level"]
    diverged = [sum(value is None for value in values) for values in (arm, baseline)]
    if any(diverged):
        table = [[diverged[0], len(arm) - diverged[0]], [diverged[1], len(arm) - diverged[1]]]
        return {"p": stats.fisher_exact(table).pvalue}
    result = t_test(arm, baseline, test)
    interval = result.confidence_interval(1 - level)
    differences = numpy.subtract(arm, baseline)
    expected = {"p": result.pvalue, "difference": numpy.mean(arm) - numpy.mean(baseline), "interval": [interval.low, interval.high],
                "correlation": stats.pearsonr(arm, baseline)[0],
                "pairing_gain": (numpy.var(arm, ddof=1) + numpy.var(baseline, ddof=1)) / numpy.var(differences, ddof=1)}
    if "margin" in design:
        above = t_test(numpy.add(arm, design["margin"]), baseline, test, "greater").pvalue
        below = t_test(numpy.subtract(arm, design["margin"]), baseline, test, "less").pvalue
        expected["p_equivalence"] = max(above, below)
    return expected


def expected_answers(request):
    design = request["design"]
    answers = [expected_alone(comparison, design) for comparison in request["comparisons"]]
    for answer, adjusted in zip(answers, holm([answer["p"] for answer in answers])):
        answer["p_adjusted"] = adjusted
    tested = [answer for answer in answers if "p_equivalence" in answer]
    for answer, adjusted in zip(tested, holm([answer["p_equivalence"] for answer in tested])):
        answer["p_equivalence"] = adjusted
    for answer, comparison in zip(answers, request["comparisons"]):
        answer["verdict"] = expected_verdict(answer, comparison, design)
    return answers


def expected_verdict(answer, comparison, design):
    differs = answer["p_adjusted"] <= design["level"]
    is_within = answer.get("p_equivalence", 1) <= design["level"]
    if not differs:
        return "equivalent" if is_within else "undecided"
    if "difference" in answer:
        is_better = (answer["difference"] > 0) == design["higher_is_better"]
    else:
        is_better = comparison["arm"].count(None) < comparison["baseline"].count(None)
    return ("better" if is_better else "worse") + ("_within_margin" if is_within else "")


def same(ours, theirs, size):
    if isinstance(theirs, str):
        return ours == theirs
    if isinstance(theirs, list):
        return all(same(a, b, size) for a, b in zip(ours, theirs))
    return ours is not None and abs(ours - theirs) <= TOLERANCE * max(1, size, abs(theirs))


def different_fields(answer, expected, comparison):
    size = max([1] + [abs(value) for values in comparison.values() for value in values if value is not None])
    return [name for name, value in expected.items() if not same(answer[name], value, size)]


def noncentral_power(difference, deviation, freedom, seeds, level):
    """None where SciPy's noncentral t fails."""
    df = freedom * (seeds - 1)
    critical, shift = stats.t.isf(level / 2, df), abs(difference) / deviation * math.sqrt(seeds)
    power = stats.nct.sf(critical, df, shift) + stats.nct.cdf(-critical, df, shift)
    return power if shift < 30 and math.isfinite(power) else None


def wrong_plans(answer, comparison, request):
    """Checks the numbers of seeds, and the difference that is likely to be missed, by the power they should have."""
    if "margin" in request["design"] or answer["detectable_difference"] is None:
        return []
    arm, baseline, seeds = comparison["arm"], comparison["baseline"], len(comparison["arm"])
    level = request["design"]["level"] / len(request["comparisons"])
    if request["design"]["test"] == "paired":
        deviation, freedom = numpy.std(numpy.subtract(arm, baseline), ddof=1), 1
    else:
        variances = numpy.var([arm, baseline], axis=1, ddof=1)
        deviation, freedom = math.sqrt(sum(variances)), sum(variances) ** 2 / sum(variances ** 2)
    wrong = []
    power = noncentral_power(answer["detectable_difference"], deviation, freedom, seeds, level)
    if power is not None and abs(power - POWER) > 1e-5:
        wrong.append(f"detectable_difference has power {power}")
    needed = answer["seeds_to_decide"]
    if needed is not None:
        fewer, enough = (noncentral_power(answer["difference"], deviation, freedom, n, level) for n in (needed - 1, needed))
        if fewer is not None and fewer > POWER + 1e-7 or enough is not None and enough < POWER - 1e-7 and needed <= MOST_SEEDS:
            wrong.append(f"seeds_to_decide {needed} has power {enough}, one less {fewer}")
    return wrong


def run(binary, text):
    return subprocess.run([binary, "statistics"], input=text.encode(), capture_output=True, check=False)


def check_refusals(binary):
    cases = {"{": "standard input is not JSON", '{"comparisons": [{"arm": [1], "baseline": []}]}': "an arm has 1 seeds and its baseline 0",
             '{"comparisons": [], "design": {"levle": 1}}': "unknown key 'levle'"}
    failures = 0
    for text, fragment in cases.items():
        process = run(binary, text)
        message = process.stderr.decode()
        if process.returncode != 2 or fragment not in message:
            failures += 1
            print(f"{text}: exit status {process.returncode}, {message!r} lacks {fragment!r}")
    return failures


def main():
    binary = os.environ.get("SUBLAYER_BINARY")
    if not binary:
        print("skipped: SUBLAYER_BINARY is not set")
        return 77
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    requests = [random_request(rng) for _ in range(number)]
    process = run(binary, json.dumps(requests))
    if process.returncode != 0:
        print(process.stderr.decode())
        return 1
    failures, verdicts = check_refusals(binary), {}
    for request, answers in zip(requests, json.loads(process.stdout), strict=True):
        for comparison, answer, expected in zip(request["comparisons"], answers, expected_answers(request), strict=True):
            verdicts[answer["verdict"]] = verdicts.get(answer["verdict"], 0) + 1
            problems = different_fields(answer, expected, comparison) + wrong_plans(answer, comparison, request)
            if problems:
                failures += 1
                if failures <= 3:
                    print("different:", problems, comparison, request["design"], answer, expected, sep="\n  ")
    print(f"{sum(verdicts.values())} comparisons in {len(requests)} requests, {failures} failures; verdicts: {verdicts}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
