"""Messages kept as a key and parameters. They are worded where they leave the server.

What decides about a message compares keys and parameters, so a sentence can be reworded freely.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

# Longest piece of a caller's own text that a message repeats.
SHOWN_CHARACTERS: Final = 80
_QUOTED_CHARACTERS: Final = 40


@dataclass(frozen=True, slots=True)
class Phrase:
    """A part of a sentence that is not worded yet. key: of a table of patterns."""

    key: str
    params: Mapping[str, Any]


def phrase(key: str, /, **params: Any) -> Phrase:
    return Phrase(key, params)


def with_article(kind: str) -> str:
    """A kind of media as a sentence has it: "an image", "audio", "a 3D model"."""
    return {"image": "an image", "audio": "audio", "model": "a 3D model"}.get(kind, f"a {kind}")


class RefusedValue(Exception):
    """A value that cannot be used. why: the reason."""

    def __init__(self, key: str, /, **params: Any) -> None:
        self.why = Phrase(key, params)
        super().__init__(key)


def show(value: Any) -> str:
    """A caller's value for a message: short, and cheap however large the value is.

    A tuple is ours, such as the allowed values of a field, and is listed whole.
    """
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    if isinstance(value, str):
        return value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a very large number"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else type(value).__name__


def number_text(value: float) -> str:
    """Return a number with all of its digits, as JSON has it; a whole one without `.0`."""
    return repr(value).removesuffix(".0")


def quote(value: Any) -> str:
    """A value as it was sent: texts in quotes and on one line."""
    if not isinstance(value, str):
        return show(value)
    short = value if len(value) <= _QUOTED_CHARACTERS else value[:_QUOTED_CHARACTERS] + "…"
    return f'"{" ".join(short.split())}"' if value else "an empty text"


class Writer(string.Formatter):
    """Fills patterns such as `Use {allowed}; got {sent:quoted}.`

    phrases: the patterns of phrases among the parameters. how: what follows the colon → how such a
    parameter is shown. `all` shows a text of ours whole.
    """

    def __init__(
        self,
        phrases: Mapping[str, str] | Callable[[str], str],
        how: Mapping[str, Callable[[Any], str]] | None = None,
    ) -> None:
        self.pattern_of = phrases if callable(phrases) else phrases.__getitem__
        self.how: Mapping[str, Callable[[Any], str]] = {
            "all": str,
            "quoted": quote,
            **(how or {}),
        }

    def write(self, pattern: str, params: Mapping[str, Any]) -> str:
        return self.vformat(pattern, (), params)

    def phrase(self, part: Phrase) -> str:
        return self.write(self.pattern_of(part.key), part.params)

    def check_unused_args(
        self, used_args: set[int | str], args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> None:
        """A pattern need not use every parameter."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if isinstance(value, Phrase):
            return self.phrase(value)
        return self.how[format_spec](value) if format_spec else show(value)
