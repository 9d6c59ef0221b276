#!/usr/bin/env python3
"""Measures again what Xiong et al. 2020 (On Layer Normalization in the Transformer Architecture) published about Pre-LN and Post-LN.

    tools/phenomena.py                 # takes minutes; writes the numbers and the figure of docs/phenomena.md

Exit status 1: what was measured misses a criterion.
"""

import math
import statistics
import sys

from measuring import ROOT, records, result, train_all, write_part

RUNS = "runs/phenomena"
PAGE = "docs/phenomena.md"
FIGURE = "docs/gradient_by_depth.svg"

# Gradients at initialisation. Every run makes one update; what is probed are the gradients and activations of that one.
CAPTIONS = "configs/multi30k_tiny_en_de.yaml"
DEPTHS = (6, 8, 10, 12, 14)
DEPTH_SEEDS = range(1, 11)
PLACEMENTS = {"Post-LN": "post", "Pre-LN": "pre"}
DEPTH_SETTINGS = {
    "task.split": "{valid: 8, test: 8}",  # nothing is evaluated, and the files of the corpus would only take time
    **{f"task.{split}.{side}": "[]" for split in ("valid", "test") for side in ("source", "target")},
    "tokenizer": "{type: whitespace, joint: true, min_count: 3}",
    "model.d_model": 64,
    "model.layer.dropout": 0,
    "model.embedding.dropout": 0,
    "model.initializer": "xavier_uniform",
    "loss.label_smoothing": 0,
    "training.tokens_per_update": 2048,
    "training.max_updates": 1,
    "validation": "{metrics: [loss], every_epochs: 0, patience: 0}",
    "search": "greedy",
    "checkpoint.average_last": 0,
}

# Training with and without a warm-up.
REVERSE = "configs/reverse.yaml"
WARMUP_SEEDS = range(1, 4)
UPDATES = 400
VALIDATIONS = range(100, UPDATES + 1, 100)
FAILED_LOSS, LEARNED_LOSS = 1.5, 0.6  # nats; no seed that failed is below the first, none that trained above the second
WARMUP_SETTINGS = {
    "model.encoder.num_layers": 6,
    "model.decoder.num_layers": 6,
    "training.max_epochs": 0,
    "training.max_updates": UPDATES,
    "validation": f"{{every_epochs: 0, every_updates: {VALIDATIONS.step}, metrics: [loss, exact_match]}}",
    "checkpoint": f"{{every_epochs: 0, every_updates: {VALIDATIONS.step}}}",
}
WARMUP_ARMS = {
    "Post-LN, no warm-up": ("post", 0),
    "Post-LN, warm-up of 200 updates": ("post", 200),
    "Pre-LN, no warm-up": ("pre", 0),
}


def slope(xs, ys):
    return statistics.linear_regression(list(map(math.log, xs)), list(map(math.log, ys))).slope


def mean_and_error(values):
    return statistics.mean(values), statistics.stdev(values) / math.sqrt(len(values))


class Check:
    """Criteria in words, each with whether it holds."""

    def __init__(self):
        self.lines, self.failed = [], 0

    def between(self, what, value, low, high):
        holds = low <= value <= high
        self.failed += not holds
        self.lines.append(f"| {what} | {value:.3f} | {low:g} to {high:g} | {'yes' if holds else 'NO'} |\n")

    def table(self):
        return "".join(["| criterion | measured | demanded | holds |\n", "|---|---:|---:|---|\n", *self.lines])


def first_update(run, depth):
    """Norms of the gradients of W1 and W2 in the decoder's last feed-forward network, and the root mean square of what its last layer puts out."""
    values = {}
    for record in records(run, "probe"):
        values.update(record)
    last = f"decoder.layers.{depth - 1}"
    w1, w2 = (values[f"gradient_norm/{last}.feed_forward.body.{matrix}.weight"] for matrix in ("input", "output"))
    stream = values[f"activation_rms/{last}"]
    return {"gradient of W2": w2, "gradient of W1": w1, "stream": stream, "gradient of W2 times stream": w2 * stream}


def measure_depths():
    """Of every placement: by depth, what first_update() says of each seed."""
    def settings(residual, depth, seed):
        probes = (f'[{{type: gradient_norm, modules: "decoder.layers.{depth - 1}.feed_forward.body.*.weight"}}, '
                  f'{{type: activation_rms, modules: "decoder.layers.{depth - 1}"}}]')
        return {**DEPTH_SETTINGS, "seed": seed, "model.layer.residual": residual, "model.encoder.num_layers": depth,
                "model.decoder.num_layers": depth, "probes": probes}

    places = [(residual, depth, seed) for residual in PLACEMENTS.values() for depth in DEPTHS for seed in DEPTH_SEEDS]
    runs = train_all(RUNS, CAPTIONS, {"{}_{}_seed_{}".format(*place): settings(*place) for place in places})
    return {name: {depth: [first_update(runs[f"{residual}_{depth}_seed_{seed}"], depth) for seed in DEPTH_SEEDS] for depth in DEPTHS}
            for name, residual in PLACEMENTS.items()}


def report_depths(measured, check):
    text = ["| placement | of | " + " | ".join(f"L = {depth}" for depth in DEPTHS) + " | slope |\n", "|---|---|" + "---:|" * (len(DEPTHS) + 1) + "\n"]
    slopes = {}
    for name, by_depth in measured.items():
        for quantity in by_depth[DEPTHS[0]][0]:
            of_seeds = zip(*([of_seed[quantity] for of_seed in by_depth[depth]] for depth in DEPTHS))
            slopes[name, quantity] = mean, error = mean_and_error([slope(DEPTHS, of_depths) for of_depths in of_seeds])
            means = " | ".join(f"{statistics.mean(of_seed[quantity] for of_seed in by_depth[depth]):.3f}" for depth in DEPTHS)
            text.append(f"| {name} | {quantity} | {means} | {mean:+.3f} ± {error:.3f} |\n")
    check.between("Post-LN: slope of W2's gradient", slopes["Post-LN", "gradient of W2"][0], -0.1, 0.1)
    check.between("Pre-LN: slope of W2's gradient", slopes["Pre-LN", "gradient of W2"][0], -0.6, -0.4)
    check.between("Pre-LN: slope of gradient times stream", slopes["Pre-LN", "gradient of W2 times stream"][0], -0.1, 0.1)
    (ROOT / FIGURE).write_text(figure({name: {depth: [of_seed["gradient of W2"] for of_seed in by_depth[depth]] for depth in DEPTHS}
                                       for name, by_depth in measured.items()}), encoding="utf-8")
    return "".join(text)


def figure(lines):
    """Means over seeds with standard deviations, both axes logarithmic, and what 1/sqrt(L) looks like."""
    width, height, left, top, right, bottom = 440, 300, 56, 16, 350, 256
    low, high = 0.1, 1.2

    def x(depth):
        return left + 20 + (right - left - 40) * math.log(depth / DEPTHS[0]) / math.log(DEPTHS[-1] / DEPTHS[0])

    def y(norm):
        return bottom - (bottom - top) * math.log(norm / low) / math.log(high / low)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">',
             "<title>Norm of the gradient of W2 in the last feed-forward network, by depth</title>",
             "<style>:root{--paper:#fffefb;--ink:#1f1e1b;--rule:#dedad0;--c0:#0072b2;--c1:#d55e00}",
             "@media(prefers-color-scheme:dark){:root{--paper:#17181a;--ink:#e7e4dc;--rule:#37383a;--c0:#56b4e9;--c1:#e8783a}}",
             "text{font:12px system-ui,sans-serif;fill:var(--ink)}.rule{stroke:var(--rule)}.guide{stroke:var(--ink);stroke-dasharray:3 4;fill:none}</style>",
             f'<rect width="{width}" height="{height}" fill="var(--paper)"/>']
    for norm in (0.1, 0.2, 0.5, 1):
        parts.append(f'<path class="rule" d="M{left} {y(norm):.1f}H{right}"/><text x="{left - 8}" y="{y(norm) + 4:.1f}" text-anchor="end">{norm}</text>')
    for depth in DEPTHS:
        parts.append(f'<text x="{x(depth):.1f}" y="{bottom + 18}" text-anchor="middle">{depth}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{bottom + 36}" text-anchor="middle">layers L of the decoder</text>')
    for number, (name, by_depth) in enumerate(lines.items()):
        color = f"var(--c{number})"
        means = {depth: statistics.mean(by_depth[depth]) for depth in DEPTHS}
        points = " ".join(f"{x(depth):.1f},{y(mean):.1f}" for depth, mean in means.items())
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>')
        for depth, mean in means.items():
            deviation = statistics.stdev(by_depth[depth])
            parts.append(f'<path stroke="{color}" d="M{x(depth):.1f} {y(mean - deviation):.1f}V{y(mean + deviation):.1f}"/>'
                         f'<circle cx="{x(depth):.1f}" cy="{y(mean):.1f}" r="3.5" fill="{color}"/>')
        parts.append(f'<text x="{right + 6}" y="{y(means[DEPTHS[-1]]) + 4:.1f}" style="fill:{color}">{name}</text>')
    start = statistics.mean(lines["Pre-LN"][DEPTHS[0]])
    guide = " ".join(f"{x(depth):.1f},{y(start * math.sqrt(DEPTHS[0] / depth)):.1f}" for depth in DEPTHS)
    parts.append(f'<polyline class="guide" points="{guide}"/><text x="{x(8):.1f}" y="{y(0.3):.1f}">dashed: 1/sqrt(L)</text></svg>')
    return "\n".join(parts) + "\n"


def measure_warmup():
    settings = {f"{residual}_warmup_{warmup}_seed_{seed}":
                {**WARMUP_SETTINGS, "seed": seed, "model.layer.residual": residual, "schedule": f"{{type: constant, warmup_updates: {warmup}}}"}
                for residual, warmup in WARMUP_ARMS.values() for seed in WARMUP_SEEDS}
    runs = train_all(RUNS, REVERSE, settings)
    return {arm: [runs[f"{residual}_warmup_{warmup}_seed_{seed}"] for seed in WARMUP_SEEDS] for arm, (residual, warmup) in WARMUP_ARMS.items()}


def report_warmup(runs_by_arm, check):
    """A run that diverged has no further validations, and an infinite loss."""
    text = ["| arm | seed | " + " | ".join(f"loss at {update}" for update in VALIDATIONS) + " | exact match at the end | unigram loss |\n",
            "|---|---:|" + "---:|" * (len(VALIDATIONS) + 2) + "\n"]
    last = {}
    for arm, runs in runs_by_arm.items():
        for seed, run in zip(WARMUP_SEEDS, runs):
            validations = {record["update"]: record for record in records(run, "valid")}
            losses = [validations.get(update, {}).get("loss", math.inf) for update in VALIDATIONS]
            last.setdefault(arm, []).append(losses[-1])
            exact = validations.get(UPDATES, {}).get("exact_match", 0)
            text.append(f"| {arm} | {seed} | {' | '.join(f'{loss:.3f}' for loss in losses)} | {exact:.3f} | {result(run)['unigram_loss']:.3f} |\n")
    for arm, losses in last.items():
        fails = WARMUP_ARMS[arm] == ("post", 0)
        extreme, low, high = (min(losses), FAILED_LOSS, math.inf) if fails else (max(losses), 0, LEARNED_LOSS)
        check.between(f"{arm}: {'least' if fails else 'largest'} loss of a seed at {UPDATES}", extreme, low, high)
    return "".join(text)


def main():
    check = Check()
    depths = report_depths(measure_depths(), check)
    warmup = report_warmup(measure_warmup(), check)
    for name, text in (("gradients", depths), ("warmup", warmup), ("criteria", check.table())):
        print(text)
        write_part(PAGE, name, text)
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main())
