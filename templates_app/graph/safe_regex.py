"""Regular expressions of template authors, matched by RE2 in linear time.

Python's own engine backtracks: a pattern such as `(a+)+$` takes years on thirty letters. RE2
refuses what takes more than linear time, which is look-around and back-references.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

import re2

MAX_PATTERN: Final = 500
# For one pattern's automaton. Beyond it RE2 goes on without a cache of states, more slowly.
_MAX_BYTES: Final = 1 << 20
# Escapes of ECMA-262 or Python that RE2 spells in another way.
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(Z)|.)", re.S)


class Unsupported(Exception):
    """The reason a pattern cannot be matched here; reads on after “its pattern”."""


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Any:
    """An RE2 expression, whose `search` finds it anywhere in a text, as JSON Schema asks.

    Its `programsize` times the characters of a text bounds the work, about 1 ns each. Raises
    Unsupported.
    """
    if len(pattern) > MAX_PATTERN:
        raise Unsupported(f"is longer than {MAX_PATTERN} characters")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_BYTES
    try:
        return re2.compile(_ESCAPE.sub(_spelled_for_re2, pattern), options)
    except re2.error as refused:
        reason = refused.args[0]
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise Unsupported(f"can't be matched in linear time ({text})") from None
    except UnicodeEncodeError:
        raise Unsupported("contains a character that is no text") from None


def _spelled_for_re2(escape: re.Match[str]) -> str:
    if escape[1]:
        return rf"\x{{{escape[1]}}}"
    return r"\z" if escape[2] else escape[0]
