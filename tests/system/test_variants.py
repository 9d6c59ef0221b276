"""Each variant of a Transformer's parts is one --set away and learns. Exit status: 0 passed, 1 failed, 77 skipped."""

import json
import sys

from program import TINY, expect, output_of, run_tests, write

VARIANTS = [
    "model.layer.residual=pre", "model.layer.residual=post", "model.layer.norm=rms_norm", "model.layer.norm=layer_norm",
    "model.layer.feed_forward.activation=gelu", "model.layer.feed_forward={type: gated, activation: silu}",
    "model.layer.feed_forward.d_ff=64", "model.position=learned", "model.position=none", "model.layer.attention.num_heads=4",
    "model.embedding.tie=none", "model.encoder.num_layers=2",
    "optimizer=adamw", "schedule={type: cosine, total_updates: 30}", "loss.label_smoothing=0.1",
]


def losses_of(folder, name, *overrides):
    options = [part for override in overrides for part in ("--set", override)]
    output_of("train", folder / "tiny.yaml", "--runs", folder, "--name", name, "--set", "validation.metrics=[loss]", *options)
    records = [json.loads(line) for line in (folder / name / "metrics.jsonl").read_text().splitlines()]
    return [record["loss"] for record in records if record["event"] == "valid"]


def test_each_variant_is_one_override_and_learns(folder):
    """The validation loss falls from check to check, and variants are not all the same training."""
    write(folder / "tiny.yaml", TINY)
    every = ["validation.every_updates=10"]
    seen = {}
    for number, override in enumerate(VARIANTS):
        losses = losses_of(folder, f"variant_{number}", *every, override)
        expect(len(losses) == 3 and losses[0] > losses[1] > losses[2], f"--set {override}: expected three falling losses, got {losses}")
        expect(losses[0] - losses[2] > 0.1, f"--set {override}: expected the loss to fall by at least 0.1, got {losses}")
        seen.setdefault(tuple(losses), []).append(override)
    default = [overrides for overrides in seen.values() if "model.layer.residual=pre" in overrides]
    expect(default == [["model.layer.residual=pre", "model.layer.norm=layer_norm"]], f"variants that train like the default: {default}")
    expect(len(seen) == len(VARIANTS) - 1, f"variants that train alike: {[v for v in seen.values() if len(v) > 1]}")


if __name__ == "__main__":
    sys.exit(run_tests(globals()))
