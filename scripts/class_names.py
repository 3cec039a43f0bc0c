"""`make check`: a class in a style sheet says its part in words. Short ones are listed here."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from line_lengths import ROOT

LETTERS = 4
# Words of three letters and less, and shorts that every reader of CSS knows.
SHORT = re.compile(
    "api|app|ask|bar|big|box|btn|by|cut|do|dot|end|fit|hit|hue|i|js|key|log|now|num|on|qr|row|run|"
    "set|tag|top|try|two|who|why"
)
CLASS = re.compile(r"\.([a-z][\w-]*)(?=[^{};]*\{)")
NO_RULE = re.compile(r"/\*.*?\*/|\"[^\"]*\"|url\([^)]*\)", re.DOTALL)


def too_short() -> Iterator[str]:
    """Each class that is an abbreviation, with its place."""
    for pattern in ("static/css/*.css", "frontend/src/**/*.css"):
        for path in sorted(ROOT.glob(pattern)):
            names = CLASS.findall(NO_RULE.sub("", path.read_text()))
            for name in sorted(set(names)):
                if len(name) < LETTERS and not SHORT.fullmatch(name):
                    yield f"{path.relative_to(ROOT)}: .{name}: name the part in full"


if __name__ == "__main__":
    faults = list(too_short())
    print("\n".join(faults))
    sys.exit(bool(faults))
