"""Hashes by which words that were taken down are known again in another template. Pure.

Ids, positions, numbers, models and connections don't count, nor do case, spaces and punctuation:
what is the same to a reader has the same hash.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core import canonical
from templates_app.graph.bindings import read_text

# Shorter texts, such as "a red fox", are anyone's: alone they say nothing.
MIN_LETTERS: Final = 12
_WORD: Final = re.compile(r"\w+")
# Arguments whose text is a choice, however it is spelled.
_CHOICES: Final = ("model", "ratio", "resolution", "language", "format", "id", "url", "color")


def fingerprints(spec: Mapping[str, Any]) -> frozenset[str]:
    """The hashes of a template: of its name with its stages, and of what its stages are told alone.

    The latter with and without the texts that its inputs begin with, as a prompt may be moved into
    one and what was typed may come along; and only if they are long enough to be someone's own.
    """
    stages = list(_stages(spec.get("stages")))
    words = {text for stage in stages for text in _texts_of(stage)} - {""}
    defaults = {
        text
        for field in _records(spec.get("inputs"))
        if field.get("type") == "text"
        for text in _strings(field.get("default"))
    }
    hashes = {
        canonical.sha256_hex({"words": sorted(texts)})
        for texts in (words, (words | defaults) - {""})
        if sum(len(text.replace(" ", "")) for text in texts) >= MIN_LETTERS
    }
    name = _words_of(spec.get("name"))
    if name:
        whole = {
            "name": name,
            "labels": sorted({_words_of(stage.get("label")) for stage in stages}),
            "tools": sorted(_tool_of(stage) for stage in stages),
            "words": sorted(words),
        }
        hashes.add(canonical.sha256_hex(whole))
    return frozenset(hashes)


def _tool_of(stage: Mapping[str, Any]) -> str:
    return str(stage.get("tool") or stage.get("type") or "").removeprefix("sogni_")


def _stages(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every stage, and every stage in one."""
    for stage in _records(value):
        yield stage
        yield from _stages(stage.get("subStages"))
        yield from _stages([stage.get("itemStage")])


def _texts_of(stage: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a stage is told, in one form for all spellings."""
    for field in ("systemPrompt", "userMessage"):
        yield from _strings(stage.get(field))
    args = stage.get("args")
    for name, value in args.items() if isinstance(args, dict) else ():
        if not str(name).lower().endswith(_CHOICES):
            yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        # A connection is no text.
        if isinstance(plain := read_text(value), str):
            yield _words_of(plain)
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


def _words_of(value: Any) -> str:
    """The words of a text, without what a reader doesn't tell apart or see."""
    if not isinstance(value, str):
        return ""
    visible = "".join(one for one in value if unicodedata.category(one) != "Cf")
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", visible).casefold()))


def _records(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
