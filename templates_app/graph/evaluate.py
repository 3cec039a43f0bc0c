"""Late arguments, batches and conditions, evaluated once a run is under way. Pure."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from templates_app.graph import expressions
from templates_app.graph.result_paths import COMPLETED, ELEMENT, MISSING, Scope, resolve
from templates_app.graph.types import (
    JSON,
    BatchSpec,
    DeferredArgument,
    DeferredRef,
    MediaValue,
    StepKey,
)

MAX_LABEL: Final = 200


class Missing(Exception):
    """A reference leads to nothing. argument: what it should have filled."""

    def __init__(self, argument: str, ref: str) -> None:
        self.argument, self.ref = argument, ref
        super().__init__(f"{argument} takes {ref}, which is not there.")


# -- arguments ------------------------------------------------------------------------------------


def fill(late: DeferredArgument, scope: Scope) -> Any:
    """The argument with each null place filled; media in it are `MediaValue`.

    A list that takes the place of a list's element is spread in it. Raises Missing for a reference
    that leads to nothing; where the argument is not required, it is MISSING as a whole instead.
    """
    value = copy.deepcopy(late.value)
    spread: list[tuple[list[Any], int, list[Any]]] = []
    for ref in late.refs:
        result = resolve(ref, scope)
        if result is MISSING:
            if not late.required:
                return MISSING
            raise Missing(late.argument, ref.ref)
        if not ref.at:
            value = result
            continue
        holder = value
        for step in ref.at[:-1]:
            holder = holder[step]
        last = ref.at[-1]
        holder[last] = result
        if isinstance(result, list) and isinstance(holder, list) and isinstance(last, int):
            spread.append((holder, last, result))
    # From the back: positions before it stay true.
    for holder, place, result in sorted(spread, key=lambda entry: -entry[1]):
        holder[place : place + 1] = result
    return [medium_of(part) for part in value] if isinstance(value, list) else medium_of(value)


# -- batches --------------------------------------------------------------------------------------


def elements(batch: BatchSpec, scope: Scope) -> list[Any]:
    """List what a batch repeats: media as `MediaValue`, texts, numbers, objects; [] for nothing.

    Of an artifact with media every file is an element. A text is its JSON list, else its lines.
    """
    if batch.items is not None:
        return [medium_of(element) for element in batch.items]
    if batch.over is None:
        return []
    value = resolve(batch.over, scope)
    if value is MISSING or value is None:
        return []
    return as_elements(value)


def as_elements(value: Any) -> list[Any]:
    """A value as the elements of a batch, without nulls."""
    if isinstance(value, str):
        value = _lines(value)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if item is not None]


def _lines(text: str) -> list[Any]:
    if text.lstrip().startswith("["):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            if isinstance(content, list):
                return content
    return [line.strip() for line in text.splitlines() if line.strip()]


def item_scope(element: Any, index: int, item_name: str) -> Mapping[str, Any]:
    """Read what `$item` means for one element.

    An object's fields are spread; a file has `url`, `kind` and `selectedVersion.url`; else there
    is `value`. `index` counts from 0, and the batch's `itemName` is the whole element.
    """
    if isinstance(element, MediaValue):
        file_fields = {"value": element, "url": element, "kind": element.kind}
        fields: Mapping[str, Any] = {**file_fields, "selectedVersion": {"url": element}}
    elif isinstance(element, Mapping):
        fields = element
    else:
        fields = {"value": element}
    whole = {item_name: element} if item_name and item_name not in fields else {}
    return {**whole, **fields, "index": index, ELEMENT: element}


@dataclass(frozen=True, slots=True)
class ElementScope:
    """The scope of what a batch repeats before anything has run. item: from `item_scope`."""

    item: Mapping[str, Any]
    run: Mapping[str, JSON] = field(default_factory=dict)

    def result_of(self, source: StepKey, output: str = "") -> None:
        """Return nothing: no step has made anything yet."""
        return


def label_of(batch: BatchSpec, element: Any, index: int) -> str:
    """Name an item: the batch's template with `{index}` (from 1) and `{field}` put in."""
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
        name, brace, rest = part.partition("}")
        word = words.get(name.strip()) if brace else None
        label += f"{{{part}" if word is None else word + rest
    return label[:MAX_LABEL]


def medium_of(element: JSON) -> Any:
    """A value of a plan; one of the caller's media is {"$medium": "input:…", "kind": kind}."""
    if isinstance(element, Mapping) and element.keys() == {"$medium", "kind"}:
        return MediaValue(element["$medium"], element["kind"])
    return element


# -- conditions -----------------------------------------------------------------------------------


def holds(condition: Mapping[str, JSON] | None, scope: Scope) -> bool:
    """Tell whether a step whose needs are all terminal is to run. Never raises."""
    if condition is None:
        return True
    kind = condition["type"]
    if kind == "expr":

        def look(tree: Mapping[str, JSON]) -> Any:
            source, output = tree.get("source"), tree.get("output", "")
            key = None if source is None else StepKey(source)
            value = resolve(DeferredRef((), tree["ref"], key, output=output), scope)
            return None if value is MISSING else as_json(value)

        return expressions.truth(expressions.evaluate(condition["expression"], look))
    results = [scope.result_of(StepKey(source)) for source in condition["sources"]]
    existing = [one for one in results if one is not None]
    if kind == "if_success_of":
        return bool(existing) and all(one.status == COMPLETED for one in existing)
    if kind == "if_error_in":
        return any(one.status == "failed" for one in existing)
    return any(one.status == COMPLETED and bool(one.items) for one in existing)


def as_json(value: Any) -> JSON:
    """A value as expressions compare it: media by their references."""
    if isinstance(value, MediaValue):
        return value.ref
    if isinstance(value, list):
        return [as_json(part) for part in value]
    return value
