"""Patterns of words that people write, in time by the length of the text. Pure.

Python's engine tries all ways to divide a text among the repetitions of a pattern, at every place
of the text, and holds the interpreter while it does: `\\s+,` looks at each of 20,000 spaces from
each of them. Where every repetition has an end, so has the work at one place.
"""

from __future__ import annotations

import re
from typing import Final

MOST_CHARACTERS: Final = 200
MOST_OF_A_KIND: Final = 12
# Spaces, digits, and whole groups.
_FEW: Final = (r"\s", r"\d", ")")
_TOKEN: Final = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\]){0,150}+\]"
    r"|(?P<open>\((?:\?(?:P?<\w{1,40}>|<?[=!]|[a-zA-Z-]{0,9}:|>)?)?)"
    r"|(?P<repeat>(?:[*+?]|\{\d{0,9},?\d{0,9}\})[?+]?)|.",
    re.DOTALL,
)
_ENDLESS: Final = re.compile(r"(?:(?P<sign>[*+])|\{(?P<least>\d*),\})(?P<kind>[?+]?)")


def bounded_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a pattern whose repetitions end: of spaces, of digits and of a group after 12, of
    other characters after 200. One at the end of the pattern, or of an alternative that is not in
    a group, takes all that is left.
    """
    tokens = list(_TOKEN.finditer(pattern))
    parts: list[str] = []
    depth, before = 0, ""
    for place, token in enumerate(tokens):
        text = token[0]
        depth += (token["open"] is not None) - (text == ")")
        endless = _ENDLESS.fullmatch(text) if token["repeat"] else None
        if endless and not _is_last([one[0] for one in tokens[place + 1 :]], depth):
            least = int(endless["least"] or endless["sign"] == "+")
            most = MOST_OF_A_KIND if before in _FEW else MOST_CHARACTERS
            text = f"{{{least},{max(least, most)}}}{endless['kind']}"
        if not (flags & re.VERBOSE and text.isspace()):
            before = token[0]
        parts.append(text)
    return re.compile("".join(parts), flags)


def _is_last(after: list[str], depth: int) -> bool:
    count = 0
    while count < len(after) and after[count] == ")":
        count += 1
    return count == depth and (count == len(after) or after[count] == "|")
