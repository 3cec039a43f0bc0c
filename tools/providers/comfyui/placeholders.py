"""Places in a graph where a call's values go: `{{prompt}}`, `{{width:int=1024}}`. Pure.

A value that is one placeholder and nothing else takes the value's own type; inside other text a
placeholder becomes text. What is filled in is never looked at for placeholders again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias, cast

from tools.declaration.ports import MediaKind, to_snake, to_wire

Kind: TypeAlias = Literal["text", "int", "float", "bool", "image", "video", "audio", "mask"]
Scalar: TypeAlias = str | int | float | bool

KINDS: Final[tuple[Kind, ...]] = (
    "text",
    "int",
    "float",
    "bool",
    "image",
    "video",
    "audio",
    "mask",
)
MEDIA: Final[Mapping[Kind, MediaKind]] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "mask": "image",
}
# What these mean need not be written.
_KIND_OF: Final[Mapping[str, Kind]] = {
    "seed": "int",
    "image": "image",
    "video": "video",
    "audio": "audio",
    "mask": "mask",
}
_PLACEHOLDER: Final = re.compile(
    r"\{\{\s*(?P<name>[A-Za-z][A-Za-z0-9_]{0,59})\s*(?::\s*(?P<kind>\w+)\s*)?"
    r"(?:=(?P<default>(?:(?!\{\{).)*?))?\}\}",
    re.DOTALL,
)
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Unreadable(Exception):
    """A graph cannot be used as it is written. The message says why and what to write."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder, wherever it occurs.

    name: in snake case, as a tool declares it. kind: None while nothing has said it. default: None
    for none. places: `(node id, input)` of every occurrence.
    """

    name: str
    kind: Kind | None = None
    default: Scalar | None = None
    places: tuple[tuple[str, str], ...] = ()

    @property
    def wire(self) -> str:
        return to_wire(self.name)

    @property
    def is_medium(self) -> bool:
        return self.kind in MEDIA


@dataclass(frozen=True, slots=True)
class _Written:
    name: str
    kind: Kind | None
    default: str | None


def find_slots(nodes: Mapping[str, Any]) -> tuple[Slot, ...]:
    """Every placeholder of a graph's nodes, in order. Raises Unreadable."""
    occurrences: dict[str, list[tuple[_Written, tuple[str, str]]]] = {}
    for node_id, node in nodes.items():
        for name, value in node["inputs"].items():
            where = f"input {name} of node {node_id}"
            for text in _texts(value):
                for occurrence in _find_placeholders(text, where):
                    occurrences.setdefault(occurrence.name, []).append(
                        (occurrence, (node_id, name))
                    )
    return tuple(_slot(name, group) for name, group in occurrences.items())


def _slot(name: str, occurrences: list[tuple[_Written, tuple[str, str]]]) -> Slot:
    """One slot of all its occurrences, which may say its kind and default once."""
    kinds = {one.kind for one, _ in occurrences if one.kind is not None}
    defaults = {one.default for one, _ in occurrences if one.default is not None}
    if len(kinds) > 1 or len(defaults) > 1:
        raise Unreadable(
            f"{{{{{name}}}}} is written with different types or defaults. Write them once, and"
            f" {{{{{name}}}}} everywhere else."
        )
    slot = Slot(
        name,
        kind=next(iter(kinds), _KIND_OF.get(name)),
        places=tuple(dict.fromkeys(place for _, place in occurrences)),
    )
    if not defaults:
        return slot
    default = next(iter(defaults))
    if slot.is_medium:
        raise Unreadable(f"{{{{{name}}}}} is media, so it can't have a default.")
    return (
        replace(slot, default=default) if slot.kind is None else with_typed_default(slot, default)
    )


def with_typed_default(slot: Slot, default: Scalar) -> Slot:
    """The slot with its default as its kind has it. Raises Unreadable."""
    try:
        return replace(slot, default=as_kind(default, slot.kind or "text"))
    except ValueError as problem:
        raise Unreadable(f"The default of {{{{{slot.name}}}}} {problem}.") from problem


def as_kind(value: Any, kind: Kind) -> Scalar:
    """A value as a kind has it. Raises ValueError, whose message begins with `must be`."""
    if kind == "bool":
        truth = _TRUTHS.get(str(value).strip().lower())
        if truth is None:
            raise ValueError("must be true or false")
        return truth
    if kind in ("int", "float"):
        try:
            number = float(str(value).strip())
            whole = int(str(value).strip()) if kind == "int" else None
        except (ValueError, OverflowError):
            what = "a whole number" if kind == "int" else "a number"
            raise ValueError(f"must be {what}") from None
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueError("must be a number")
        return number if whole is None else whole
    return str(value)


def fill(nodes: Mapping[str, Any], values: Mapping[str, Scalar]) -> dict[str, Any]:
    """The nodes as they are sent, with every placeholder replaced. values: by slot name."""
    return {node_id: _fill(node, values) for node_id, node in nodes.items()}


def fill_known(nodes: Mapping[str, Any], slots: Iterable[Slot]) -> dict[str, Any]:
    """The nodes with their defaults filled in; inputs with a placeholder without one are gone."""
    values = {slot.name: slot.default for slot in slots if slot.default is not None}
    return {
        node_id: {
            **node,
            "inputs": {
                name: _fill(value, values)
                for name, value in node["inputs"].items()
                if all(
                    one.name in values
                    for text in _texts(value)
                    for one in _find_placeholders(text, name)
                )
            },
        }
        for node_id, node in nodes.items()
    }


def _fill(value: Any, values: Mapping[str, Scalar]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(part, values) for key, part in value.items()}
    if isinstance(value, list):
        return [_fill(part, values) for part in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    alone = _PLACEHOLDER.fullmatch(value.strip())
    if alone and "{{" not in value.strip()[2:]:
        return values[to_snake(alone["name"])]
    return _PLACEHOLDER.sub(lambda match: _as_text(values[to_snake(match["name"])]), value)


def _as_text(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _find_placeholders(text: str, where: str) -> Iterator[_Written]:
    matches = list(_PLACEHOLDER.finditer(text))
    if text.count("{{") != len(matches):
        raise Unreadable(
            f"A placeholder in {where} can't be read. Write {{{{name}}}}, {{{{name:type}}}} or"
            " {{name:type=default}}."
        )
    for one in matches:
        kind = one["kind"]
        if kind is not None and kind not in KINDS:
            raise Unreadable(
                f"{{{{{one['name']}:{kind}}}}} in {where}: the types are {', '.join(KINDS)}."
            )
        yield _Written(to_snake(one["name"]), cast("Kind | None", kind), one["default"])


def _texts(value: Any) -> Iterator[str]:
    """Every text that may hold a placeholder, at any depth of a value."""
    if isinstance(value, str):
        if "{{" in value:
            yield value
        return
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        yield from _texts(part)
