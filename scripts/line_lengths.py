"""`make check`: no line of a template or a style sheet is longer than 120 characters.

djLint and Biome break lines where they can. Where djLint would add a space that people see it
leaves a line long; shorten it by hand: a value computed in the view, `{% with %}`, or a partial.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST = 120
CHECKED = ("*/templates/**/*.html", "static/css/*.css", "frontend/src/**/*.css")


def too_long() -> Iterator[str]:
    """Each line over the limit, with its place."""
    for pattern in CHECKED:
        for path in sorted(ROOT.glob(pattern)):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if len(line) > MOST:
                    place = f"{path.relative_to(ROOT)}:{number}"
                    yield f"{place}: {len(line)} characters, at most {MOST}"


if __name__ == "__main__":
    faults = list(too_long())
    print("\n".join(faults))
    sys.exit(bool(faults))
