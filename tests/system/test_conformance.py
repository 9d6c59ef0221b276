"""`sublayer conformance`: what it says of shipped variants, and of kinds and names that there are not.

Exit status: 0 passed, 1 failed.
"""

import json
import re
import sys

from program import expect, expect_equal, expect_refusal, output_of, run_tests


def test_a_variant_is_looked_at_with_its_options_and_surroundings(_):
    text = output_of("conformance", "norm/rms_norm")
    found = re.match(r"(\d+) \(variant, property\) pairs, 0 failures\n", text)
    expect(found and int(found[1]) > 50, f"expected some properties of rms_norm under every residual, got {text!r}")


def test_declared_exceptions_are_printed_with_their_reason(_):
    text = output_of("conformance", "activation/relu")
    exceptions = text.partition("declared exceptions:\n")[2]
    expect("  no gradient reaches key.bias: it adds the same to all scores" in exceptions, f"expected the key's bias in {text!r}")


def test_json_has_every_pair(_):
    report = json.loads(output_of("conformance", "schedule", "loss", "--json"))
    expect_equal(report["failures"], 0, "failures")
    kinds = {pair["variant"].split()[0] for pair in report["pairs"]}
    expect_equal(kinds, {"schedule", "loss"}, "kinds")
    expect("has options that all act" in {pair["property"] for pair in report["pairs"]}, f"expected the property of options: {report}")


def test_unknown_kinds_and_names_are_refused_with_a_suggestion(_):
    expect_refusal(["conformance", "nrom"], "unknown kind 'nrom'. Did you mean 'norm'?")
    expect_refusal(["conformance", "norm/rmsnorm"], "unknown norm 'rmsnorm'. Did you mean 'rms_norm'?")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
