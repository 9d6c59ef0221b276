#!/usr/bin/env python3
"""Prints docs/variants.md from what `sublayer list` says: every kind, its variants and their options. A test compares the two.

    tools/variants_page.py build/sublayer > docs/variants.md
"""

import re
import subprocess
import sys


def listed(binary, *kind):
    return subprocess.run([binary, "list", *kind], check=True, capture_output=True, text=True).stdout.splitlines()


def in_table(text):
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def page(binary):
    kinds = [line.split(":")[0] for line in listed(binary) if line and not line.startswith(" ")]
    yield "# Variants"
    yield ""
    yield "Every choice that a config has, as `sublayer list` prints them. A name alone takes the defaults; `{type: name, option: value}` states options."
    for kind in kinds:
        head, *lines = listed(binary, kind)
        yield ""
        yield f"## {head.replace(': ', ' - ', 1)}"
        yield "| variant | what it is | options |"
        yield "|---|---|---|"
        rows = []
        for line in lines:
            variant = re.fullmatch(r"  (\S+)\s+(.*)", line)
            option = re.fullmatch(r"    (\S+)\s+(.*)", line)
            if option:
                rows[-1][2].append(f"`{option[1]}`: {in_table(option[2])}")
            elif variant:
                rows.append((variant[1], variant[2], []))
        for name, documentation, options in rows:
            yield f"| `{name}` | {in_table(documentation)} | {'<br>'.join(options)} |"


if __name__ == "__main__":
    print("\n".join(page(sys.argv[1])))
