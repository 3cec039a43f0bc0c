"""Mentions of media in a prompt, which differ from model to model. Pure.

`@Image1` for Seedance, `Image 1` for GPT Image and Flux, `context_image_0` for LTX, Wan and Qwen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

Style = Literal["at", "plain", "context"]

_STYLES: Final[tuple[tuple[str, Style], ...]] = (
    ("seedance", "at"),
    ("gpt-image", "plain"),
    ("gpt_image", "plain"),
    ("flux", "plain"),
    ("ltx", "context"),
    ("wan", "context"),
    ("qwen", "context"),
)
# Of models we do not know: what people write anyway.
_USUAL: Final[Style] = "plain"
_KINDS: Final = "image|picture|video|audio"
_AT = re.compile(rf"@({_KINDS})\s?(\d{{1,4}})\b", re.IGNORECASE)
_CONTEXT = re.compile(rf"\bcontext_({_KINDS})_(\d{{1,4}})\b", re.IGNORECASE)
_PLAIN = re.compile(rf"(?<![@\w])({_KINDS})\s(\d{{1,4}})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PromptReference:
    """A file named in a prompt. number counts from 1, whatever the style counts from."""

    text: str
    start: int
    end: int
    style: Style
    kind: str
    number: int


def style_of(model: str) -> Style:
    """Return the style in which a model, by any of its names, wants media to be mentioned."""
    name = model.lower()
    return next((style for part, style in _STYLES if part in name), _USUAL)


def token(style: Style, kind: str, number: int) -> str:
    """The mention of the number-th medium of its kind, counted from 1."""
    if style == "context":
        return f"context_{kind}_{number - 1}"
    word = kind.capitalize()
    return f"@{word}{number}" if style == "at" else f"{word} {number}"


def references_in(prompt: str) -> list[PromptReference]:
    """Every mention of a file in a prompt, in order, in whatever style."""
    return sorted(_find(prompt), key=lambda reference: reference.start)


def _find(prompt: str) -> Iterator[PromptReference]:
    for pattern, style in ((_AT, "at"), (_CONTEXT, "context"), (_PLAIN, "plain")):
        for match in pattern.finditer(prompt):
            kind = match[1].lower().replace("picture", "image")
            number = int(match[2]) + (1 if style == "context" else 0)
            yield PromptReference(match[0], match.start(), match.end(), style, kind, number)  # type: ignore[arg-type]
