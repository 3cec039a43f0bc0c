"""Paths of references in the results of a run. Pure.

What `$artifacts…`, `$item…` and `$run…` lead to is read from a `Scope`, which the engine gives over
the database and tests over plain values. Paths are those of the public contract, §6.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from templates_app.graph.bindings import Every, Ref, Segment, read_text
from templates_app.graph.types import JSON, DeferredRef, MediaValue, StepKey

# A path that leads to nothing.
MISSING: Final = object()
COMPLETED: Final = "completed"

# Where the text of a result is, by what tools and people call it; the first that is there.
CONTENT_FIELDS: Final = (
    "answer",
    "text",
    "description",
    "prompt",
    "script",
    "lyrics",
    "summary",
    "message",
    "caption",
)
# So much of what a result says is shown.
MAX_WORDS: Final = 4_000
# The whole element, under a name that no path can write.
ELEMENT: Final = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an artifact: media in order, or content (a text or any JSON), or both."""

    id: str
    label: str = ""
    media: tuple[MediaValue, ...] = ()
    content: JSON = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a step. status: of `runs.states`.

    items of a batch: one for each completed item, in order. Of any other step: one for each file,
    in order of position; without media one for its content (`content_of`), or none. result: values.
    """

    key: str
    status: str
    items: tuple[Item, ...] = ()
    result: Mapping[str, JSON] = field(default_factory=dict)


class Scope(Protocol):
    """The part of a run that one step can see."""

    @property
    def run(self) -> Mapping[str, JSON]:
        """Return what `$run` means: id, title, createdAt …"""

    @property
    def item(self) -> Mapping[str, Any] | None:
        """Return what `$item` means, from `item_scope`; None outside a batch."""

    def result_of(self, source: StepKey, output: str = "") -> StepResult | None:
        """Return what this step made; None when the run has no such step. output: as `Binding` has
        it."""


def resolve(ref: DeferredRef, scope: Scope) -> Any:
    """Follow a reference to a JSON value or a `MediaValue`, lists of them, or MISSING."""
    reading = read_text(ref.ref)
    if not isinstance(reading, Ref):
        return MISSING
    return _value(_reach(reading, ref, scope))


def content_of(result: Mapping[str, JSON]) -> JSON:
    """Return what a result without media says: its text if it has one, else all its values."""
    for name in CONTENT_FIELDS:
        if result.get(name) not in (None, ""):
            return result[name]
    return dict(result) or None


def message_of(result: Mapping[str, JSON]) -> str:
    """Return what a result says to people; empty when it says nothing."""
    words = result.get("message") or content_of(result)
    return words[:MAX_WORDS] if isinstance(words, str) else ""


@dataclass(frozen=True, slots=True)
class _Version:
    """The version of an item that counts; a run's results have one."""

    item: Item


@dataclass(frozen=True, slots=True)
class _Many:
    """Several values that the rest of the path is read in, each."""

    values: tuple[Any, ...]


_Node: TypeAlias = Any


def _reach(ref: Ref, late: DeferredRef, scope: Scope) -> _Node:
    if ref.root == "artifacts":
        result = None if late.source is None else scope.result_of(late.source, late.output)
        node: _Node = MISSING if result is None or result.status != COMPLETED else result
        path: Sequence[Segment] = ref.path
    elif ref.root == "item":
        if scope.item is None:
            return MISSING
        # A bare `$item` is the element; a position or a name is looked for in it.
        node = scope.item if ref.name else scope.item.get(ELEMENT, MISSING)
        path = (ref.name, *ref.path) if ref.name else ref.path
    elif ref.root == "run":
        node, path = scope.run, (ref.name, *ref.path)
    else:
        return MISSING
    for segment in path:
        node = _step(node, segment)
        if node is MISSING:
            break
    return node


def _step(node: _Node, segment: Segment) -> _Node:
    if isinstance(node, _Many):
        values = (_step(value, segment) for value in node.values)
        return _Many(tuple(value for value in values if value is not MISSING))
    if isinstance(node, StepResult):
        return _in_artifact(node, segment)
    if isinstance(node, tuple):
        if isinstance(segment, Every):
            return _Many(node)
        if isinstance(segment, int):
            return node[segment] if segment < len(node) else MISSING
        return len(node) if segment == "length" else MISSING
    if isinstance(node, Item):
        return _in_item(node, segment)
    if isinstance(node, _Version):
        return _in_version(node.item, segment)
    if isinstance(node, MediaValue):
        return node if segment == "url" else node.kind if segment == "kind" else MISSING
    return _in_json(node, segment)


def _in_artifact(artifact: StepResult, segment: Segment) -> _Node:
    if segment == "items":
        return artifact.items
    if isinstance(segment, (int, Every)):
        return _step(artifact.items, segment)
    if segment == "kind":
        first = artifact.items[0] if artifact.items else None
        if first is None:
            return MISSING
        if first.media:
            return first.media[0].kind
        return "text" if isinstance(first.content, str) else "structured"
    # The items may be left out where there is nothing to choose: `$artifacts.script.content`.
    if artifact.items:
        value = _step(artifact.items[0], segment)
        if value is not MISSING:
            return value
    return _in_json(artifact.result, segment)


def _in_item(item: Item, segment: Segment) -> _Node:
    match segment:
        case "selectedVersion":
            return _Version(item)
        case "versions":
            return (_Version(item),)
        case "id" | "selectedVersionId":
            return item.id
        case "label":
            return item.label
    return _in_version(item, segment)


def _in_version(item: Item, segment: Segment) -> _Node:
    match segment:
        case "url":
            return item.media[0] if item.media else MISSING
        case "content":
            return item.content if item.content is not None else _value(item)
        case "id":
            return item.id
    return _in_json(item.content, segment)


def _in_json(value: Any, segment: Segment) -> _Node:
    if isinstance(value, Mapping):
        return value.get(segment, MISSING) if isinstance(segment, str) else MISSING
    if isinstance(value, list):
        if isinstance(segment, Every):
            return _Many(tuple(value))
        if isinstance(segment, int):
            return value[segment] if segment < len(value) else MISSING
        return len(value) if segment == "length" else MISSING
    return MISSING


def _value(node: _Node) -> Any:
    """Return the value at the end of a path, or MISSING if it has none."""
    if isinstance(node, StepResult):
        if node.items:
            return _only(_values(node.items))
        node = content_of(node.result)
    if isinstance(node, _Version):
        node = node.item
    if isinstance(node, Item):
        if node.media:
            return _only(list(node.media))
        return MISSING if node.content is None else node.content
    if isinstance(node, tuple):
        return _values(node)
    if isinstance(node, _Many):
        return _values(node.values)
    return MISSING if node is None else node


def _values(nodes: Sequence[_Node]) -> list[Any]:
    """The values of several nodes, lists of media spread."""
    values: list[Any] = []
    for node in nodes:
        value = _value(node)
        if value is MISSING:
            continue
        item = node.item if isinstance(node, _Version) else node
        if isinstance(item, Item) and len(item.media) > 1:
            values.extend(value)
        else:
            values.append(value)
    return values


def _only(values: list[Any]) -> Any:
    """A single value for itself: an artifact of one item is that item."""
    return values[0] if len(values) == 1 else values
