"""The texts of an instruction that are set on the picture: quotations, and `title: Hello`.

It imports no drawing code: the server reads them before a run.
"""

from __future__ import annotations

import re
from typing import Final

QUOTE: Final = re.compile(
    r"[\"“”«»]([^\"“”«»]{1,300})[\"“”«»]|(?<!\w)['‘]([^'‘’]{2,300})['’](?!\w)"
)
WORDS_FOR_TEXT: Final = (
    r"text|title|caption|words?|headline|heading|slogan|label|sign|message|letters|lettering|"
    r"watermark|signature|subtitle|logo|name"
)
_UNQUOTED: Final = re.compile(
    rf"\b(?:{WORDS_FOR_TEXT})\b(?: that)?(?: (?:saying|says|reading|of))?\s*[:=]\s*(.+)|"
    rf"\b(?:{WORDS_FOR_TEXT}) (?:saying|that says|reading|that reads)\s+(.+)|"
    r"^write\s+(.+)",
    re.IGNORECASE,
)


def unquoted_text(clause: str) -> str:
    """Return the text that a clause names without quotation marks, or ""."""
    match = _UNQUOTED.search(clause)
    return next(filter(None, match.groups()), "") if match else ""


def lettered_texts(prompt: str) -> list[str]:
    """Return what an instruction may set on the picture: more than it does where a quotation is
    no text."""
    quotations = [match[1] or match[2] for match in QUOTE.finditer(prompt)]
    return quotations or [unquoted_text(prompt)]
