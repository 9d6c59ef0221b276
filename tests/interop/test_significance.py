"""`sublayer bleu --against` and `sublayer metric chrf --against` against sacreBLEU's tests of significance, and the former against the p-values
that its source package publishes for the outputs of WMT17 (Moses' bootstrap, multeval's approximate randomisation).

The outputs are in the source package of sacreBLEU alone: SUBLAYER_SACREBLEU_SOURCE names its folder (default: .cache/sacrebleu-*, where
`tools/setup.sh --tests` puts it). Needs SUBLAYER_BINARY. Exit status: 0 passed, 1 failed, 77 skipped.
"""

import ast
import bz2
import json
import math
import os
import pathlib
import pickle
import random
import sys

try:
    from sacrebleu.metrics import BLEU, CHRF
    from sacrebleu.significance import PairedTest
except ImportError:
    print("skipped: sacrebleu is not installed")
    sys.exit(77)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from program import SOURCE, expect, output_of, run_tests, write  # noqa: E402

RESAMPLES = 2000
DEVIATIONS = 5  # of Monte Carlo error, on either side


def comparison(folder, hypotheses, others, references, *command):
    files = [write(folder / name, "".join(line + "\n" for line in lines))
             for name, lines in (("a", hypotheses), ("b", others), ("references", references))]
    return json.loads(output_of(*command, "--hypotheses", files[0], "--against", files[1], "--references", files[2],
                                "--resamples", RESAMPLES))


def expect_near(seen, expected, resamples, what, slack=0.0):
    """Two shares of random resamples, the one of RESAMPLES, the other of `resamples`."""
    share = min(max((seen + expected) / 2, 1 / RESAMPLES), 1 - 1 / RESAMPLES)
    error = math.sqrt(share * (1 - share) * (1 / RESAMPLES + 1 / resamples))
    expect(abs(seen - expected) <= DEVIATIONS * error + slack, f"{what}: {seen} here, {expected} there, Monte Carlo error {error:.4f}")


def expect_values_of_sacrebleu(folder, name, metric, *command):
    rng = random.Random(4)
    words = [f"w{number}" for number in range(300)]
    references = [" ".join(rng.choices(words, k=rng.randint(4, 20))) for _ in range(300)]

    def corrupted(rate):
        return [" ".join(word if rng.random() > rate else rng.choice(words) for word in line.split()) for line in references]

    os.environ["SACREBLEU_SEED"] = "1"
    compared = 0
    for rate in (0.2, 0.21, 0.22, 0.25):
        baseline, other = corrupted(0.2), corrupted(rate)
        ours = comparison(folder, other, baseline, references, *command)
        for kind, test in (("bs", "bootstrap"), ("ar", "randomisation")):
            _, scores = PairedTest([("baseline", baseline), ("other", other)], {name: metric(references=[references])},
                                   references=None, test_type=kind, n_samples=RESAMPLES)()
            base, result = scores[name]
            expect(abs(ours["score"] - result.score) < 1e-6, f"{name}: {ours['score']} here, {result.score} there")
            expect(abs(ours["against"]["difference"] - (result.score - base.score)) < 1e-6, f"difference: {ours['against']}")
            expect_near(ours["against"][test]["p"], result.p_value, RESAMPLES, f"{test} at rate {rate}")
            compared += 0.01 < result.p_value < 0.99
    expect(compared >= 4, f"only {compared} p-values are neither 0 nor 1: this test shows little")


def test_p_values_of_bleu_are_those_of_sacrebleu(folder):
    expect_values_of_sacrebleu(folder, "BLEU", BLEU, "bleu")


def test_p_values_of_chrf_are_those_of_sacrebleu(folder):
    expect_values_of_sacrebleu(folder, "chrF2", CHRF, "metric", "chrf")


def source_package():
    named = os.environ.get("SUBLAYER_SACREBLEU_SOURCE")
    folders = [pathlib.Path(named)] if named else sorted((SOURCE / ".cache").glob("sacrebleu-*"))
    return next((folder / "test" for folder in folders if (folder / "test" / "wmt17_en_de_systems.pkl.bz2").is_file()), None)


def published(package):
    """{name: p-value} as they stand in the package's own test: Moses' of the bootstrap, multeval's of the randomisation."""
    tables = {}
    for node in ast.parse((package / "test_significance.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "").endswith("_P_VALS"):
            tables[node.targets[0].id] = ast.literal_eval(node.value)
    return tables["MOSES_P_VALS"], {name: values[0] for name, values in tables["MULTEVAL_P_VALS"].items()}


def test_p_values_are_those_published_for_wmt17(folder):
    package = source_package()
    if not package:
        print("        without the source package of sacreBLEU: its outputs of WMT17 were not compared")
        return
    with bz2.open(package / "wmt17_en_de_systems.pkl.bz2") as file:
        systems = pickle.load(file)
    _, references = systems.pop()
    (_, baseline), *others = systems
    bootstrap, randomisation = published(package)
    expect(len(others) == len(bootstrap) == len(randomisation) == 15, f"{len(others)} systems")
    for name, hypotheses in others:
        [lines] = references if isinstance(references[0], list) else [references]
        against = comparison(folder, hypotheses, baseline, lines, "bleu", "--tokenize", "none")["against"]
        # The published ones are means of few runs by other programs; sacreBLEU's own test allows them 0.01.
        expect_near(against["bootstrap"]["p"], bootstrap[name], 2 * RESAMPLES, f"bootstrap of {name}", slack=0.01)
        expect_near(against["randomisation"]["p"], randomisation[name], 10000, f"randomisation of {name}", slack=0.01)


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
