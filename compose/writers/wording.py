"""Sentences and cuts that every writer needs, and the check for words to write about. Pure."""

from __future__ import annotations

import re
from pathlib import Path
from tomllib import loads
from typing import Any, Final

from core.errors import InvalidInput
from core.language.sentences import capital, shorten, tidy

_END: Final = re.compile(r"[.!?…。！？।:][\"'”’»“)\]]{0,3}\Z")
_BETWEEN: Final = re.compile(r"(?<=[.!?…])\s|(?<=[。！？])|\n")


def sentence(text: str) -> str:
    """Return a tidy text with a capital and a full stop; empty stays empty."""
    text = capital(tidy(text).rstrip(" -–—"))
    return text if not text or _END.search(text[-4:]) else f"{text}."


def sentences_of(text: str) -> list[str]:
    """Return the sentences and lines of a text."""
    return [tidy(part) for part in _BETWEEN.split(text) if tidy(part)]


def within_bytes(text: str, most: int) -> str:
    """Return at most so many bytes of UTF-8, cut between words where there are any."""
    octets = text.encode("utf-8", "replace")
    return (
        text if len(octets) <= most else shorten(text, len(octets[:most].decode("utf-8", "ignore")))
    )


def require_words(text: str, argument: str, of_what: str, example: str) -> None:
    """Raise InvalidInput, with the remedy, for a text without a letter."""
    if any(character.isalpha() for character in text):
        return
    message = f"`{argument}` doesn't say what {of_what}. Write it, such as “{example}”."
    raise InvalidInput(
        message,
        code="brief.subject_needed",
        person=message.replace("`", ""),
        details={"issues": [{"path": argument, "message": message}]},
    )


def table(name: str) -> dict[str, Any]:
    """Return the table of a writer, `<name>.toml`."""
    return loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
