"""`sublayer metric` against sacreBLEU's chrF and chrF++ and against a plain edit distance: generated, hand-written and real text.

Needs SUBLAYER_BINARY; test_bleu.py says where real text is read from. More cases: test_chrf.py NUMBER_OF_CORPORA [SEED].
Exit status: 0 passed, 1 failed, 77 skipped.
"""

import itertools
import json
import os
import random
import subprocess
import sys

import test_bleu
from test_bleu import HAND_WRITTEN, PIECES, TOLERANCE, perturbed, random_code_point, random_line

from sacrebleu.metrics import CHRF

ORDERS = [(characters, words) for characters in (0, 1, 3, 6) for words in (0, 1, 2) if characters + words > 0]
CHRF_OPTIONS = [{"char_order": characters, "word_order": words, "beta": beta, "lowercase": lowercase, "whitespace": whitespace}
                for (characters, words), beta, lowercase, whitespace in itertools.product(ORDERS, (1, 2, 3), (False, True), (False, True))]
EDIT_UNITS = ["word", "character"]


def random_corpus(rng):
    pieces = rng.sample(PIECES, rng.choice([3, 10, 40, len(PIECES)]))
    if rng.random() < 0.5:
        pieces += [random_code_point(rng) for _ in range(rng.choice([5, 50]))]
    references = [random_line(rng, pieces) for _ in range(rng.choice([1, 1, 2, 3, 5, 12]))]
    return [perturbed(rng, line) if rng.random() < 0.9 else random_line(rng, pieces) for line in references], references


def generated_cases(rng, number):
    for _ in range(number):
        corpus = random_corpus(rng)
        yield {"type": "chrf", **rng.choice(CHRF_OPTIONS)}, *corpus
        yield {"type": "edit_distance", "unit": rng.choice(EDIT_UNITS)}, *corpus


def hand_written_cases():
    rng = random.Random(7)
    for options in CHRF_OPTIONS:
        yield {"type": "chrf", **options}, [perturbed(rng, line) for line in HAND_WRITTEN], HAND_WRITTEN
        yield {"type": "chrf", **options}, HAND_WRITTEN, HAND_WRITTEN
    for line in HAND_WRITTEN:
        for hypothesis in (line, perturbed(rng, line), ""):
            yield {"type": "chrf", **rng.choice(CHRF_OPTIONS)}, [hypothesis], [line]
            yield {"type": "chrf"}, [hypothesis], [line]
    for unit in EDIT_UNITS:
        yield {"type": "edit_distance", "unit": unit}, [perturbed(rng, line) for line in HAND_WRITTEN], HAND_WRITTEN
        yield {"type": "edit_distance", "unit": unit}, HAND_WRITTEN[::-1], HAND_WRITTEN


def real_cases():
    rng = random.Random(11)
    for query in test_bleu.real_requests():
        hypotheses, [references] = query["hypotheses"], query["references"]
        yield {"type": "chrf", **rng.choice(CHRF_OPTIONS)}, hypotheses, references
        yield {"type": "chrf", "word_order": rng.choice([0, 2])}, hypotheses, references
        yield {"type": "edit_distance", "unit": "word"}, hypotheses, references
        yield {"type": "edit_distance", "unit": "character"}, hypotheses[:100], references[:100]


def edit_distance(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if i == 0 or j == 0:
                table[i][j] = i + j
            elif a[i - 1] == b[j - 1]:
                table[i][j] = table[i - 1][j - 1]
            else:
                table[i][j] = 1 + min(table[i - 1][j - 1], table[i - 1][j], table[i][j - 1])
    return table[len(a)][len(b)]


def error_rate(unit, hypotheses, references):
    """In percent; None where the references are empty."""
    units = str.split if unit == "word" else list
    distance = sum(edit_distance(units(hypothesis), units(reference)) for hypothesis, reference in zip(hypotheses, references))
    length = sum(len(units(reference)) for reference in references)
    return 100 * distance / length if length else None


def expected_answer(metric, hypotheses, references):
    """Score, and signature where sacreBLEU has one: up to its version."""
    options = {name: value for name, value in metric.items() if name != "type"}
    if metric["type"] == "edit_distance":
        return error_rate(options["unit"], hypotheses, references), None
    chrf = CHRF(**options)
    score = chrf.corpus_score(hypotheses, [references]).score
    return score, str(chrf.get_signature()).rpartition("|version:")[0] + f"|beta:{chrf.beta}"


def compare(binary, cases):
    """Returns the numbers of comparisons and of differences; prints the first ones."""
    expected = [(case, *expected_answer(*case)) for case in cases]
    expected = [(case, score, signature) for case, score, signature in expected if score is not None]
    requests = [{"metric": json.dumps(metric), "hypotheses": hypotheses, "references": references}
                for (metric, hypotheses, references), _, _ in expected]
    process = subprocess.run([binary, "metric", "--json-lines"], capture_output=True, check=False,
                             input="".join(json.dumps(request) + "\n" for request in requests).encode())
    answers = [json.loads(line) for line in process.stdout.decode().splitlines()]
    if process.returncode != 0 or len(answers) != len(requests):
        print(f"{len(requests)} requests, {len(answers)} answers:", process.stderr.decode("utf-8", "replace"))
        return len(expected), 1
    differences = 0
    for (case, score, signature), answer in zip(expected, answers):
        same_signature = signature is None or answer["signature"].rpartition("|version:")[0] == signature
        if abs(answer["score"] - score) <= TOLERANCE and same_signature and answer["metric"] == case[0]["type"]:
            continue
        differences += 1
        if differences <= 3:
            print("different:", json.dumps(case)[:2000], answer, (score, signature), sep="\n  ")
    return len(expected), differences


def main():
    binary = os.environ.get("SUBLAYER_BINARY")
    if not binary:
        print("skipped: SUBLAYER_BINARY is not set")
        return 77
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    failures = 0
    for name, cases in (("generated", generated_cases(rng, number)), ("hand-written", hand_written_cases()), ("real", real_cases())):
        compared, differences = compare(binary, cases)
        print(f"{name}: {compared} corpora, {differences} different")
        failures += differences
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
