"""Binding strings: `$inputs.brief`, `$artifacts.keyframe.items[0].selectedVersion.url`, `$item`.

A text argument that begins with `$` is a binding as a whole; nothing is filled in inside a text.
`$$…` is the text `$…`; `$` before a digit or a space, as in a price, is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from core.phrases import Phrase, phrase

Root: TypeAlias = Literal["inputs", "artifacts", "item", "run"]
# As they may be written → what they are called here: the run has two names.
ROOTS: Final[dict[str, Root]] = {
    "inputs": "inputs",
    "artifacts": "artifacts",
    "item": "item",
    "run": "run",
    "runtime": "run",
}
# Roots that mean nothing without a first field.
_NAMED_ROOTS: Final = frozenset({"inputs", "artifacts", "run"})

# What every result has: no value of a tool and no output is called so.
OF_EVERY_RESULT: Final = frozenset(
    {"items", "kind", "selectedVersion", "versions", "id", "selectedVersionId", "label"}
    | {"url", "content", "length"}
)
# Deeper values are refused rather than walked; the JSON parser at the door has the same limit.
DEPTH_LIMIT = 64

_SEGMENT = re.compile(r"\.(?P<field>[^.\[\]]*)|\[(?P<index>[^\[\]]*)(?P<end>\]?)")
_ROOT = re.compile(r"\$([^.\[\]]*)")
_INDEX = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Every:
    """`[*]`: each element."""


EVERY_ELEMENT: Final = Every()
Segment: TypeAlias = str | int | Every


@dataclass(frozen=True, slots=True)
class Ref:
    """A binding that was read. name: its first field ("" for a bare `$item`); path: the rest."""

    root: Root
    name: str
    path: tuple[Segment, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A text that begins like a binding and is none. why: a part of its message."""

    text: str
    why: Phrase


def read_text(text: str) -> Ref | Broken | str:
    """A text as a binding, as a broken one, or as the plain text it stands for."""
    if not text.startswith("$"):
        return text
    return _parse(text) if len(text) > 200 else _parse_again(text)


def _parse(text: str) -> Ref | Broken | str:
    if text.startswith("$$"):
        return text[1:]
    if len(text) == 1 or text[1].isdigit() or text[1].isspace():
        return text
    root = _ROOT.match(text)
    name = root.group(1) if root else ""
    kind = ROOTS.get(name)
    if kind is None:
        roots = ", ".join(f"${one}" for one in ROOTS)
        return Broken(text, phrase("known_roots", roots=roots))
    path: list[Segment] = []
    at = len(name) + 1
    while at < len(text):
        match = _SEGMENT.match(text, at)
        if match is None:
            return Broken(text, phrase("unexpected", character=text[at]))
        at = match.end()
        if match["field"] is not None:
            if not match["field"]:
                return Broken(text, phrase("name_after_dot"))
            path.append(match["field"])
        elif not match["end"]:
            return Broken(text, phrase("close_bracket"))
        elif match["index"] == "*":
            path.append(EVERY_ELEMENT)
        elif _INDEX.fullmatch(match["index"]):
            path.append(int(match["index"]))
        else:
            return Broken(text, phrase("position_or_all"))
    if path and isinstance(path[0], str):
        return Ref(kind, path[0], tuple(path[1:]), text)
    if kind in _NAMED_ROOTS:
        return Broken(text, phrase("root_needs_name", root=name))
    return Ref(kind, "", tuple(path), text)


# Validating, compiling and starting read the same few texts over and over.
_parse_again = lru_cache(maxsize=4_096)(_parse)


def find_refs(value: Any, depth: int = 0) -> Iterator[Ref | Broken]:
    """Every binding inside a JSON value, in order; values deeper than the limit are not entered."""
    if isinstance(value, str):
        if value.startswith("$"):
            reading = read_text(value)
            if not isinstance(reading, str):
                yield reading
    elif depth < DEPTH_LIMIT:
        if isinstance(value, dict):
            for part in value.values():
                yield from find_refs(part, depth + 1)
        elif isinstance(value, list):
            for part in value:
                yield from find_refs(part, depth + 1)


def is_too_deep(value: Any, depth: int = 0) -> bool:
    """Tell whether a JSON value is nested deeper than the limit."""
    if not isinstance(value, (dict, list)):
        return False
    if depth >= DEPTH_LIMIT:
        return True
    parts = value.values() if isinstance(value, dict) else value
    return any(isinstance(part, (dict, list)) and is_too_deep(part, depth + 1) for part in parts)


def plain(value: Any, depth: int = 0) -> Any:
    """A JSON value without bindings, its `$$` texts as the texts they stand for."""
    if isinstance(value, str):
        reading = read_text(value)
        return reading if isinstance(reading, str) else value
    if depth < DEPTH_LIMIT:
        if isinstance(value, dict):
            return {key: plain(part, depth + 1) for key, part in value.items()}
        if isinstance(value, list):
            return [plain(part, depth + 1) for part in value]
    return value
