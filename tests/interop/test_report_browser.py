"""The report of an experiment in a real browser: nothing is requested or complained about, plots have their marks and answer to the
pointer, and the page fits a phone.

Needs Chromium or Chrome (SUBLAYER_CHROMIUM names one that is not in the search path). Exit status: 0 passed, 1 failed, 77 skipped.
"""

import csv
import pathlib
import re
import sys
import tempfile

from devtools import Browser, check_silence, run

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import program  # noqa: E402

WIDTHS = [(360, 740, True), (1280, 900, False)]


EXPERIMENT = """\
question: Does the norm's place <matter>?
base: ../tiny.yaml
budget: {max_updates: 60}
seeds: 3
also: [test.exact_match]
axes:
  place: {pre: {}, post: {model.layer.residual: post}}
  width: {narrow: {}, wide: {model.layer.feed_forward.d_ff: 64}}
compare: {axis: place, baseline: pre}
equivalence_margin: 0.01
set: {probes: [gradient_norm, {type: activation_rms, every_updates: 20}]}
"""
LAYERS = {"encoder": 2, "decoder": 1}


def make_report(folder):
    """A directory with report.html and results.csv of two arms with three seeds in two strata, or None where there is no program to make it."""
    if not program.BINARY:
        return None
    base = program.TINY
    for side, layers in LAYERS.items():
        base = re.sub(rf"{side}: {{num_layers: \d+}}", f"{side}: {{num_layers: {layers}}}", base)
    program.write(folder / "tiny.yaml", base)
    experiment = program.write(folder / "place" / "experiment.yaml", EXPERIMENT)
    program.output_of("sweep", experiment, "--runs", folder / "runs")
    return folder / "runs" / "place"


def values_in(results):
    """Number of runs with a value of the primary metric, which is the column after `reason`."""
    with open(results, encoding="utf-8", newline="") as stream:
        head, *rows = csv.reader(stream)
    column = head.index("reason") + 1
    return sum(row[column] != "" for row in rows)


def expect_equal(seen, expected, what):
    if seen != expected:
        raise AssertionError(f"{what}: expected {expected!r}, got {seen!r}")


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def count(browser, selector):
    return browser.evaluate(f"document.querySelectorAll({selector!r}).length")


def check_marks(browser, folder):
    expect_equal(count(browser, ".seeds .seed"), values_in(folder / "results.csv"), "marks of seeds")
    expect(count(browser, ".forest .estimate") > 0, "the forest plot has no estimate")
    expect_equal(count(browser, ".forest .interval"), count(browser, ".forest .estimate"), "intervals of the forest plot")
    expect(count(browser, ".curves .curve") > 0, "there is no learning curve")
    expect(count(browser, ".curves .band") <= count(browser, ".curves .curve"), "more bands than curves")
    expect_equal(count(browser, "svg.drawing:not([role=img])"), 0, "drawings without a role")
    unnamed = "[...document.querySelectorAll('svg.drawing')].filter(s => !document.getElementById(s.getAttribute('aria-labelledby'))).length"
    expect_equal(browser.evaluate(unnamed), 0, "drawings without a title")
    marks = ".estimate,.curve,.lost,.seed,.length,.profile"
    empty = f"[...document.querySelectorAll('svg.drawing')].filter(s => !s.querySelector('{marks}')).length"
    expect_equal(browser.evaluate(empty), 0, "drawings without a mark")


def check_profiles(browser):
    """Two arms in each panel of a probe, a mark for each of their layers; activation_rms was taken at updates 20, 40 and 60."""
    panels = browser.evaluate("""[...document.querySelectorAll('.profiles svg.drawing')].map(svg =>
        [svg.querySelector('title').textContent, svg.querySelectorAll('.profile').length])""")
    titles = [re.fullmatch(r"(\w+)(?: of (.+))?, (narrow|wide), update (\d+)", title) for title, _ in panels]
    expect(panels and all(titles), f"titles of the panels of probes: {panels}")
    expect_equal({title[1] for title in titles}, {"gradient_norm", "activation_rms"}, "probes in the report")
    for title, (name, marks) in zip(titles, panels):
        layered = re.search(r"\b(encoder|decoder)\.layers\.\*", title[2] or "")
        if layered:
            expect_equal(marks, 2 * LAYERS[layered[1]], f"marks in the panel {name!r}")
    for side in LAYERS:
        expect(any(f"{side}.layers.*" in (title[2] or "") for title in titles), f"no panel shows the layers of the {side}")
    updates = {}
    for title in titles:
        updates.setdefault(title.group(1, 2, 3), []).append(int(title[4]))
    for (probe, *rest), seen in updates.items():
        expect(sorted(set(seen)) == seen, f"updates of {probe} of {rest}, from left to right: {seen}")
        if probe == "activation_rms":
            expect_equal(seen, [1, 60], f"updates of {probe} of {rest}")
    expect_equal(count(browser, ".profiles .profile > title"), count(browser, ".profiles .profile"), "points of probes with their values")
    unlike = """[...document.querySelectorAll('.profiles .moments')].filter(moments => {
        const labels = [...moments.children].map(svg => [...svg.querySelectorAll('.tick.end')].map(tick => tick.textContent).join());
        return new Set(labels).size > 1;
      }).length"""
    expect_equal(browser.evaluate(unlike), 0, "probes with another scale at another update")


def check_width(browser, width, height, is_phone):
    browser.resize(width, height, is_phone)
    expect_equal(browser.evaluate("document.documentElement.scrollWidth"), width, f"width of the page at {width} px")
    outside = "[...document.querySelectorAll('svg.drawing')].filter(s => s.getBoundingClientRect().right > innerWidth + 1).length"
    expect_equal(browser.evaluate(outside), 0, f"drawings that leave the page at {width} px")
    apart = """[...document.querySelectorAll('.profiles .moments')].filter(moments =>
        new Set([...moments.children].map(svg => svg.getBoundingClientRect().top)).size > 1).length"""
    expect_equal(browser.evaluate(apart), 0, f"probes whose updates are not beside each other at {width} px")


def check_pointer(browser):
    """Over the first learning curves: values while the pointer moves, dragging zooms, a double click returns."""
    browser.resize(1280, 900)
    panel = "document.querySelector('.curve-panel')"
    # The inner drawing's own rectangle would hold what zooming hides, too.
    left, top, width, height = browser.evaluate(f"""(() => {{
      const panel = {panel}, svg = panel.querySelector('.drawing');
      panel.scrollIntoView({{block: 'center'}});
      const outer = svg.getBoundingClientRect(), scale = outer.width / svg.viewBox.baseVal.width;
      const [x, y, width, height] = JSON.parse(panel.querySelector('script').textContent).box.map(length => length * scale);
      return [outer.left + x, outer.top + y, width, height];
    }})()""")
    view = f"{panel}.querySelector('.view').getAttribute('viewBox')"
    home = browser.evaluate(view)
    y = top + height / 2
    browser.mouse("Moved", left + width / 2, y)
    expect(browser.evaluate(f"!{panel}.querySelector('.tip').hidden"), "no values appear at the pointer")
    arms = browser.evaluate(f"JSON.parse({panel}.querySelector('script').textContent).arms.length")
    expect(0 < browser.evaluate(f"{panel}.querySelectorAll('.tip i').length") <= arms, "the values at the pointer are not those of the arms")

    browser.mouse("Pressed", left + width * 0.4, y, 1)
    for part in (0.5, 0.6, 0.7):
        browser.mouse("Moved", left + width * part, y, 1)
    browser.mouse("Released", left + width * 0.7, y, 1)
    zoomed = browser.evaluate(view)
    expect(abs(float(zoomed.split()[2]) / float(home.split()[2]) - 0.3) < 0.02, f"dragging over 30 % of the width led from {home} to {zoomed}")
    expect(count(browser, ".curve-panel .ticks-x text") > 1, "no ticks after zooming")

    for clicks in (1, 2):
        browser.mouse("Pressed", left + width / 2, y, clicks)
        browser.mouse("Released", left + width / 2, y, clicks)
    expect_equal(browser.evaluate(view), home, "view after a double click")


def check(binary, folder):
    address = (folder / "report.html").as_uri()
    with tempfile.TemporaryDirectory() as profile, Browser(binary, profile) as browser:
        browser.resize(1280, 900)
        browser.open(address)
        check_marks(browser, folder)
        check_profiles(browser)
        for width, height, is_phone in WIDTHS:
            check_width(browser, width, height, is_phone)
        check_pointer(browser)
        check_silence(browser, address)


if __name__ == "__main__":
    sys.exit(run(make_report, check, "the report in a browser"))
