"""The inspection of a sentence in a real browser: nothing is requested or complained about, each head's picture is drawn as its weights
say, cells can be read by pointer and keyboard, and the page fits a phone and the dark.

Needs Chromium or Chrome (SUBLAYER_CHROMIUM names one that is not in the search path). Exit status: 0 passed, 1 failed, 77 skipped.
"""

import pathlib
import sys
import tempfile

from devtools import Browser, check_silence, run

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "system"))
import program  # noqa: E402
from program import expect, expect_equal  # noqa: E402

PIECES = ["s1", "s2", "s3"]
KINDS, HEADS = 3, 2  # program.TINY has one layer on either side: two self-attentions and one between them

# What a head's picture says in its attribute and what its pixels show: [name, width, height, weights, opacities].
PICTURES = """[...document.querySelectorAll('.head canvas')].map(canvas => {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', code = canvas.dataset.weights;
  const weights = [];
  for (let i = 0; i < code.length; i += 2) weights.push((64 * digits.indexOf(code[i]) + digits.indexOf(code[i + 1])) / 4095);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return [canvas.parentElement.dataset.module + ' ' + canvas.parentElement.dataset.name, canvas.width, canvas.height, weights,
          [...pixels].filter((_, i) => i % 4 == 3).map(opacity => opacity / 255)];
})"""


def make_page(folder):
    """The page of a sentence in a trained model, or None where there is no program to make it."""
    if not program.BINARY:
        return None
    config = program.write(folder / "tiny.yaml", program.TINY)
    program.output_of("train", config, "--runs", folder / "runs", "--name", "tiny")
    page = folder / "page.html"
    program.output_of("inspect", folder / "runs" / "tiny", "--source", " ".join(PIECES), "--page", page)
    return page


def count(browser, selector):
    return browser.evaluate(f"document.querySelectorAll({selector!r}).length")


def check_pictures(browser, kinds, heads):
    expect_equal(count(browser, ".attention"), kinds, "kinds of attention")
    pictures = browser.evaluate(PICTURES)  # once: Chromium complains of pixels that are read again
    expect_equal(len(pictures), heads, "pictures of heads")
    for name, width, height, weights, opacities in pictures:
        expect_equal(len(weights), width * height, f"weights of {name}")
        expect(all(0 <= weight <= 1 for weight in weights), f"{name} has a weight beyond 0 and 1")
        for row in range(height):
            total = sum(weights[row * width:(row + 1) * width])
            expect(abs(total - 1) < 0.001 * width, f"{name}: row {row} sums to {total}")
        worst = max(abs(opacity - weight ** 0.5) for weight, opacity in zip(weights, opacities))
        expect(worst < 0.01, f"{name} is drawn {worst} away from its weights")
    return pictures


def check_texts(browser, pieces):
    tokens = browser.evaluate("[...document.querySelectorAll('.tokens .piece')].map(piece => piece.textContent)")
    for piece in pieces:
        expect(piece in tokens, f"{piece!r} is not among the tokens {tokens}")
    expect(count(browser, ".step .prefix") > 0, "no step of the search is shown")
    bars = "[...document.querySelectorAll('.next li')].map(li => [Number(li.style.getPropertyValue('--part')), li.lastChild.textContent])"
    for part, words in browser.evaluate(bars):
        expect(abs(part - float(words)) < 0.001, f"a bar of {part} stands for a probability of {words}")


def centre(browser, figure, row, column, selector):
    """The middle of a cell in the window, and what its labels say: [x, y, words]."""
    return browser.evaluate(f"""(() => {{
      const figure = document.querySelectorAll('.attention')[{figure}], canvas = figure.querySelector({selector!r});
      canvas.scrollIntoView({{block: 'center'}});
      const box = canvas.getBoundingClientRect(), label = (axis, i) => figure.querySelectorAll(axis + ' bdi')[i].textContent;
      return [box.left + ({column} + 0.5) / canvas.width * box.width, box.top + ({row} + 0.5) / canvas.height * box.height,
              label('.queries', {row}) + ' \\u2192 ' + label('.keys', {column})];
    }})()""")


def tip(browser, figure):
    shown = "(tip => tip.hidden ? '' : tip.textContent)"
    return browser.evaluate(f"{shown}(document.querySelectorAll('.attention')[{figure}].querySelector('.tip'))")


def check_pointer(browser, pictures):
    browser.resize(1280, 900)
    first_heads = browser.evaluate("[...document.querySelectorAll('.attention')].map(f => "
                                   "[...document.querySelectorAll('.head')].indexOf(f.querySelector('.head')))")
    for figure, first in enumerate(first_heads):
        _, width, height, weights, _ = pictures[first]
        for selector in (".cells canvas", ".head canvas"):
            for row, column in ((0, 0), (height - 1, width - 1), (height - 1, 0)):
                x, y, words = centre(browser, figure, row, column, selector)
                browser.mouse("Moved", x, y)
                seen, weight = tip(browser, figure), weights[row * width + column]
                expect(seen.startswith(f"{words}: {weight:.3f}"), f"over {words} of {weight:.3f} the page says {seen!r}")
                expect_equal(browser.evaluate(f"document.querySelectorAll('.attention')[{figure}].querySelectorAll('bdi.on').length"), 2,
                             "labels that light up")
        browser.mouse("Moved", 1, 1)
        expect_equal(tip(browser, figure), "", "what is shown when the pointer has left")


def check_choice(browser):
    """Pressing a head shows it large."""
    state = """(figure => [figure.querySelector('.chosen').textContent, figure.querySelector('.cells canvas').toDataURL(),
                           [...figure.querySelectorAll('.head')].map(head => head.getAttribute('aria-pressed'))])
               (document.querySelector('.attention'))"""
    before = browser.evaluate(state)
    x, y = browser.evaluate("""(head => { head.scrollIntoView({block: 'center'}); const box = head.getBoundingClientRect();
                                  return [box.left + box.width / 2, box.top + box.height / 2]; })(document.querySelectorAll('.head')[1])""")
    browser.mouse("Pressed", x, y, 1)
    browser.mouse("Released", x, y, 1)
    after = browser.evaluate(state)
    expect_equal((before[2][:2], after[2][:2]), (["true", "false"], ["false", "true"]), "heads that are pressed")
    expect(before[0] != after[0], "the name over the large picture stays")
    expect(before[1] != after[1], "the large picture stays")


def check_keyboard(browser):
    """The first key points at the first cell, the others move from there."""
    browser.evaluate("document.querySelector('.cells').focus()")
    for key in ("ArrowDown", "ArrowRight", "ArrowDown"):
        browser.call("Input.dispatchKeyEvent", type="keyDown", key=key)
        browser.call("Input.dispatchKeyEvent", type="keyUp", key=key)
    *_, words = centre(browser, 0, 1, 1, ".cells canvas")
    expect(tip(browser, 0).startswith(words + ": "), f"the arrow keys lead to {tip(browser, 0)!r} instead of {words}")
    browser.evaluate("document.activeElement.blur()")


def check_width(browser, width, height, is_phone):
    browser.resize(width, height, is_phone)
    expect_equal(browser.evaluate("document.documentElement.scrollWidth"), width, f"width of the page at {width} px")
    hidden = "[...document.querySelectorAll('canvas')].filter(canvas => canvas.clientWidth < 4 || canvas.clientHeight < 4).length"
    expect_equal(browser.evaluate(hidden), 0, f"pictures that cannot be seen at {width} px")


def check_dark(browser):
    look = """[getComputedStyle(document.documentElement).backgroundColor, document.querySelector('.head canvas').toDataURL(),
               document.querySelector('.cells canvas').toDataURL()]"""
    looks = []
    for scheme in ("light", "dark"):
        browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for _ in range(5):  # the page hears of it with one of the next frames
            browser.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        looks.append(browser.evaluate(look))
    for what, light, dark in zip(("the paper", "a small picture", "the large picture"), *looks):
        expect(light != dark, f"{what} looks the same in the dark")


def check(binary, page, pieces=PIECES, kinds=KINDS, heads=KINDS * HEADS):
    address = page.as_uri()
    with tempfile.TemporaryDirectory() as profile, Browser(binary, profile) as browser:
        browser.resize(1280, 900)
        browser.open(address)
        pictures = check_pictures(browser, kinds, heads)
        check_texts(browser, pieces)
        check_pointer(browser, pictures)
        check_choice(browser)
        check_keyboard(browser)
        for width, height, is_phone in ((360, 740, True), (1280, 900, False)):
            check_width(browser, width, height, is_phone)
        check_dark(browser)
        check_silence(browser, address)


if __name__ == "__main__":
    sys.exit(run(make_page, check, "the inspection in a browser"))
