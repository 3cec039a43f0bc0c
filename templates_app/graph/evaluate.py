"""What references and conditions mean once a run is under way. Pure.

What `$artifacts…`, `$item…` and `$run…` lead to is read from a `Scope`, which the engine gives over
the database and tests over plain values. Paths are those of the public contract, §6.5.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeAlias

from templates_app.graph import expressions
from templates_app.graph.bindings import Every, Ref, Segment, read_text
from templates_app.graph.types import (
    JSON,
    BatchSpec,
    DeferredArgument,
    DeferredRef,
    MediaValue,
    StepKey,
)

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
MAX_LABEL: Final = 200
# So much of what a result says is shown.
MAX_WORDS: Final = 4_000
# The whole element, under a name that no path can write.
_ELEMENT: Final = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of an artifact: media in order, or content (a text or any JSON), or both."""

    id: str
    label: str = ""
    media: tuple[MediaValue, ...] = ()
    content: JSON = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step made. status: of `runs.states`.

    items of a batch: one for each completed item, in order. Of any other step: one for each file,
    in order of position; without media one for its content (`content_of`), or none. result: values.
    """

    key: str
    status: str
    items: tuple[Item, ...] = ()
    result: Mapping[str, JSON] = field(default_factory=dict)


class Scope(Protocol):
    """What one step can see of its run."""

    @property
    def run(self) -> Mapping[str, JSON]:
        """What `$run` means: id, title, createdAt …"""

    @property
    def item(self) -> Mapping[str, Any] | None:
        """What `$item` means, from `item_scope`; None outside a batch."""

    def made(self, source: StepKey) -> StepResult | None:
        """What this step made; None when the run has no such step."""


class Missing(Exception):
    """A reference leads to nothing. argument: what it should have filled."""

    def __init__(self, argument: str, ref: str) -> None:
        self.argument, self.ref = argument, ref
        super().__init__(f"{argument} takes {ref}, which is not there.")


# -- arguments ------------------------------------------------------------------------------------


def read(ref: DeferredRef, scope: Scope) -> Any:
    """What a reference leads to: a JSON value or a `MediaValue`, lists of them, or MISSING."""
    parsed = read_text(ref.ref)
    if not isinstance(parsed, Ref):
        return MISSING
    return _value(_reach(parsed, ref.source, scope))


def fill(late: DeferredArgument, scope: Scope) -> Any:
    """The argument with each null place filled; media in it are `MediaValue`.

    A list that takes the place of a list's element is spread in it. Raises Missing for a reference
    that leads to nothing; where the argument is not required, it is MISSING as a whole instead.
    """
    value = copy.deepcopy(late.value)
    spread: list[tuple[list[Any], int, list[Any]]] = []
    for ref in late.refs:
        found = read(ref, scope)
        if found is MISSING:
            if not late.required:
                return MISSING
            raise Missing(late.argument, ref.ref)
        if not ref.at:
            value = found
            continue
        holder = value
        for step in ref.at[:-1]:
            holder = holder[step]
        last = ref.at[-1]
        holder[last] = found
        if isinstance(found, list) and isinstance(holder, list) and isinstance(last, int):
            spread.append((holder, last, found))
    # From the back: positions before it stay true.
    for holder, place, found in sorted(spread, key=lambda known: -known[1]):
        holder[place : place + 1] = found
    return [_medium_of(part) for part in value] if isinstance(value, list) else _medium_of(value)


# -- batches --------------------------------------------------------------------------------------


def elements(batch: BatchSpec, scope: Scope) -> list[Any]:
    """What a batch repeats: media as `MediaValue`, texts, numbers, objects; [] for nothing.

    Of an artifact with media every file is an element. A text is its JSON list, else its lines.
    """
    if batch.items is not None:
        return [_medium_of(element) for element in batch.items]
    if batch.over is None:
        return []
    found = read(batch.over, scope)
    if found is MISSING or found is None:
        return []
    return listed(found)


def listed(value: Any) -> list[Any]:
    """A value as the elements of a batch, without nulls."""
    if isinstance(value, str):
        value = _lines(value)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if item is not None]


def _lines(text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            if isinstance(found, list):
                return found
    return [line.strip() for line in text.splitlines() if line.strip()]


def item_scope(element: Any, index: int, item_name: str) -> Mapping[str, Any]:
    """What `$item` means for one element.

    An object's fields are spread; a file has `url`, `kind` and `selectedVersion.url`; else there
    is `value`. `index` counts from 0, and the batch's `itemName` is the whole element.
    """
    if isinstance(element, MediaValue):
        named = {"value": element, "url": element, "kind": element.kind}
        fields: Mapping[str, Any] = {**named, "selectedVersion": {"url": element}}
    elif isinstance(element, Mapping):
        fields = element
    else:
        fields = {"value": element}
    whole = {item_name: element} if item_name and item_name not in fields else {}
    return {**whole, **fields, "index": index, _ELEMENT: element}


def label_of(batch: BatchSpec, element: Any, index: int) -> str:
    """What an item is called: the batch's template with `{index}` (from 1) and `{field}` put in."""
    if not batch.label:
        return ""
    scope = item_scope(element, index, batch.item_name)
    words: dict[str, str] = {}
    for name, value in scope.items():
        if isinstance(value, (str, int, float)) and not isinstance(value, bool):
            words[name] = str(value)
    words["index"] = str(index + 1)
    parts = batch.label.split("{")
    label = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        known = words.get(name.strip()) if closed else None
        label += f"{{{part}" if known is None else known + rest
    return label[:MAX_LABEL]


def _medium_of(element: JSON) -> Any:
    """A value of a plan; one of the caller's media is {"$medium": "input:…", "kind": kind}."""
    if isinstance(element, Mapping) and element.keys() == {"$medium", "kind"}:
        return MediaValue(element["$medium"], element["kind"])
    return element


# -- conditions -----------------------------------------------------------------------------------


def holds(condition: Mapping[str, JSON] | None, scope: Scope) -> bool:
    """Whether a step whose needs are all terminal is to run. Never raises."""
    if condition is None:
        return True
    kind = condition["type"]
    if kind == "expr":

        def look(text: str, source: str | None) -> Any:
            found = read(DeferredRef((), text, None if source is None else StepKey(source)), scope)
            return None if found is MISSING else _as_json(found)

        return expressions.truth(expressions.evaluate(condition["expression"], look))
    made = [scope.made(StepKey(source)) for source in condition["sources"]]
    known = [one for one in made if one is not None]
    if kind == "if_success_of":
        return bool(known) and all(one.status == COMPLETED for one in known)
    if kind == "if_error_in":
        return any(one.status == "failed" for one in known)
    return any(one.status == COMPLETED and bool(one.items) for one in known)


def _as_json(value: Any) -> JSON:
    """A value as expressions compare it: media by their references."""
    if isinstance(value, MediaValue):
        return value.ref
    if isinstance(value, list):
        return [_as_json(part) for part in value]
    return value


def content_of(result: Mapping[str, JSON]) -> JSON:
    """What a result without media says: its text where there is one, else all its values."""
    for name in CONTENT_FIELDS:
        if result.get(name) not in (None, ""):
            return result[name]
    return dict(result) or None


def words_of(result: Mapping[str, JSON]) -> str:
    """What a result says to people; empty when it says nothing."""
    said = result.get("message") or content_of(result)
    return said[:MAX_WORDS] if isinstance(said, str) else ""


# -- paths ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Version:
    """The version of an item that counts; a run's results have one."""

    item: Item


@dataclass(frozen=True, slots=True)
class _Many:
    """Several values that the rest of the path is read in, each."""

    values: tuple[Any, ...]


_Node: TypeAlias = Any


def _reach(ref: Ref, source: StepKey | None, scope: Scope) -> _Node:
    if ref.root == "artifacts":
        made = None if source is None else scope.made(source)
        node: _Node = MISSING if made is None or made.status != COMPLETED else made
        path: Sequence[Segment] = ref.path
    elif ref.root == "item":
        if scope.item is None:
            return MISSING
        # A bare `$item` is the element; a position or a name is looked for in it.
        node = scope.item if ref.name else scope.item.get(_ELEMENT, MISSING)
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
        found = (_step(value, segment) for value in node.values)
        return _Many(tuple(value for value in found if value is not MISSING))
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


def _in_artifact(made: StepResult, segment: Segment) -> _Node:
    if segment == "items":
        return made.items
    if isinstance(segment, (int, Every)):
        return _step(made.items, segment)
    if segment == "kind":
        first = made.items[0] if made.items else None
        if first is None:
            return MISSING
        if first.media:
            return first.media[0].kind
        return "text" if isinstance(first.content, str) else "structured"
    # The items may be left out where there is nothing to choose: `$artifacts.script.content`.
    if made.items:
        found = _step(made.items[0], segment)
        if found is not MISSING:
            return found
    return _in_json(made.result, segment)


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
    """What the end of a path stands for; what has nothing to show is MISSING."""
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
    found: list[Any] = []
    for node in nodes:
        value = _value(node)
        if value is MISSING:
            continue
        item = node.item if isinstance(node, _Version) else node
        if isinstance(item, Item) and len(item.media) > 1:
            found.extend(value)
        else:
            found.append(value)
    return found


def _only(values: list[Any]) -> Any:
    """A single value for itself: an artifact of one item is that item."""
    return values[0] if len(values) == 1 else values
