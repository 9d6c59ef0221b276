"""Runs that were trained one by one, compared and told apart. Exit status: 0 passed, 1 failed, 77 skipped."""

import sys

from program import TASK, TINY, expect, expect_equal, expect_refusal, output_of, run_tests, write


def train(folder, name, *settings, config=TINY):
    file = write(folder / f"{name}.yaml", config.replace("max_updates: 30", "max_updates: 60"))
    output_of("train", file, "--runs", folder, "--name", name, *(part for setting in settings for part in ("--set", setting)))
    return folder / name


def test_runs_that_differ_in_seeds_are_one_arm(folder):
    pre = [train(folder, f"pre_{seed}", f"seed={seed}") for seed in (1, 2)]
    post = [train(folder, f"post_{seed}", f"seed={seed}", "model.layer.residual=post") for seed in (2, 1)]
    text = output_of("compare", *pre, *post)
    for line in ("valid.loss of 2 runs", "residual: post (pre)", "against the baseline: ", "paired t-test over seeds, level 0.05"):
        expect(line in text, f"{line!r} is not in {text}")
    expect_refusal(["compare", *pre], "one arm with several seeds: nothing to compare")
    expect_refusal(["compare", *pre, post[0]], "a comparison needs as many runs of every arm: 2 are like")
    expect_refusal(["compare", pre[0], pre[0], post[0]], "the same as", "seed included")
    expect_refusal(["compare", pre[0], post[0], "--metric", "test.bleu"], "has no score 'test.bleu'")
    text = output_of("compare", pre[0], post[0])
    expect("one seed: no verdict" in text, text)


def test_scores_that_mean_different_things_are_not_ranked(folder):
    plain = train(folder, "plain")
    data = train(folder, "data", config=TINY.replace(TASK, TASK.replace("symbols: 8", "symbols: 7")))
    expect_refusal(["compare", plain, data], "valid.loss of these runs cannot be compared", "data of the valid split", "tokenizer", plain, data)
    search = train(folder, "search", "search.beam_size=1", "model.layer.residual=post")
    expect_refusal(["compare", plain, search, "--metric", "test.exact_match"], "cannot be compared", "search: beam: beam_size: 1", "beam: beam_size: 3", search)
    expect("against the baseline" in output_of("compare", plain, search), "a loss does not depend on the search")


def test_diff_prints_what_differs_and_nothing_else(folder):
    plain = train(folder, "plain")
    wide = train(folder, "wide", "model.layer.feed_forward.d_ff=48")
    lines = output_of("diff", plain, wide).splitlines()
    expect(any(line.startswith("config ") and "feed_forward.d_ff: 32 | 48" in line for line in lines), lines)
    expect(any(line.startswith("parameter ") and "feed_forward.body.input.weight: 32 x 16 | 48 x 16" in line for line in lines), lines)
    expect(any(line.startswith("score ") for line in lines), lines)
    expect(not any(line.startswith(("data", "build")) for line in lines), f"what does not differ is printed: {lines}")
    expect_equal(output_of("diff", plain, plain), "", "difference of a run from itself")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
