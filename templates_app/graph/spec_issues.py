"""Pydantic's errors → our issues, and what is refused out of the way of a second reading.

The one place that knows both. Error types of our own, as `graph.spec` declares them, are codes of
issues or keys of phrases; Pydantic's are in `_PHRASES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic_core import ErrorDetails

from core.phrases import Phrase, phrase
from templates_app.graph.issues import Issue, issue
from templates_app.graph.spec import (
    CATEGORIES,
    CONDITIONS,
    ON_ERROR,
    PREVIEW_TYPES,
    STABILITIES,
    VISIBILITIES,
    Input,
    Output,
    Preview,
    Spec,
    Stage,
)
from templates_app.graph.spec_values import MAX_LIST

# Error types that are issue codes; any other is the key of a phrase.
_CODES: Final = frozenset(
    {"tool_required", "batch_item_name_required", "batch_concurrency_invalid"}
)
_PHRASES: Final[Mapping[str, str]] = {
    "string_type": "must_be_text",
    "string_unicode": "must_be_text",
    "bool_type": "must_be_flag",
    "tuple_type": "must_be_list",
    "model_type": "must_be_object",
    "dict_type": "must_be_object",
    "is_instance_of": "must_be_object",
}
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "category": CATEGORIES,
    "stability": STABILITIES,
    "visibility": VISIBILITIES,
    "onError": ON_ERROR,
    "mediaType": PREVIEW_TYPES,
    "condition/type": CONDITIONS,
}
# Fields of inputs and previews that issues name with their path; of a stage none are.
_NAMED_WITH_PATH: Final = frozenset(
    {"options", "multiple", "jsonSchema", "stageId", "url", "mediaType"}
)
# A part's fields in the order of their declaration: issues keep to it.
_FIELD_ORDER: Final[Mapping[str, int]] = {
    info.alias or name: position
    for model in (Spec, Stage, Input, Output, Preview)
    for position, (name, info) in enumerate(model.model_fields.items())
}
_LISTS_OF_PARTS: Final = frozenset({"inputs", "stages", "subStages", "previewArtifacts"})
# Errors of a list's elements: they mean nothing in a list that is too long to be read.
_OF_ELEMENTS: Final = frozenset({"must_be_texts", "must_be_options"})
# Parts of a stage that are objects, and what they must be.
_OBJECTS: Final[Mapping[str, str]] = {
    "condition": "must_be_condition",
    "select": "must_be_select",
}


class Faults:
    """The issues of one reading, in the order of the template's parts."""

    def __init__(self) -> None:
        self.positions: dict[str, int] = {}
        self.found: list[tuple[tuple[int, int], Issue]] = []
        # (path of the part, field as issues name it) that has an issue already.
        self.said: set[tuple[str, str]] = set()

    def register(self, path: str, also: str = "") -> None:
        """The next part of the template has this path. also: a path it has already."""
        self.positions.setdefault(path, self.positions[also] if also else len(self.positions))

    def add(self, path: str, issue: Issue, field: str = "") -> None:
        """path: of the part it belongs to. field: what it is about, as in the wire."""
        order = (self.positions.get(path, 0), _FIELD_ORDER.get(field, 0))
        self.found.append((order, issue))

    def in_order(self) -> tuple[Issue, ...]:
        self.found.sort(key=lambda fault: fault[0])
        return tuple(issue for _, issue in self.found)


def wrong(path: str, name: str, problem: Phrase, stage_id: str | None = None) -> Issue:
    """A field that cannot be read, for the reason given."""
    return issue("invalid_field", path=path, stage_id=stage_id, field=name, problem=problem)


def wrong_choice(
    path: str, name: str, value: Any, choices: tuple[str, ...], stage_id: str | None = None
) -> Issue:
    """A field whose value is none of those allowed."""
    return issue(
        "invalid_enum", path=path, stage_id=stage_id, field=name, value=value, allowed=choices
    )


def settle(errors: Sequence[ErrorDetails], ready: dict[str, Any], faults: Faults) -> bool:
    """Say what the errors of a reading mean, and take their values out of `ready`.

    False when there was nothing to take out: a required field that was not made sure of before.
    """
    any_taken = False
    settled_names: set[tuple[int, str]] = set()  # Inputs of one name have one path, so not by that.
    for error in errors:
        part, rest = _innermost(error["loc"], ready)
        field = str(rest[0])
        if field not in part:
            continue  # An earlier error has taken it out.
        path = part.get("$path", "")
        name = _name_of(field, rest[1:], path)
        if (id(part), name) not in settled_names:
            settled_names.add((id(part), name))
            faults.said.add((path, name))
            faults.add(path, _issue_of(error, part, field, name), field)
        _take_out(error, part, field, rest[1:], faults)
        any_taken = True
    return any_taken


def _innermost(
    loc: tuple[int | str, ...], ready: dict[str, Any]
) -> tuple[dict[str, Any], tuple[int | str, ...]]:
    """The innermost part (template, input, stage, preview) an error is in, and where in it."""
    part, at, rest = ready, ready, loc
    for depth, key in enumerate(loc):
        try:
            at = at[key]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
        is_listed = isinstance(key, int) and loc[depth - 1] in _LISTS_OF_PARTS
        if is_listed or key == "itemStage" or (depth == 1 and loc[0] == "outputs"):
            part, rest = at, loc[depth + 1 :]
    return part, rest


def _name_of(field: str, within: tuple[int | str, ...], path: str) -> str:
    if path and (field in _NAMED_WITH_PATH or path.startswith("outputs/")):
        return f"{path}/{field}"
    if field == "condition" and within:
        return "condition/type" if within[0] == "type" else str(within[0])
    return "select/from" if field == "select" and within[:1] == ("from",) else field


def _issue_of(error: ErrorDetails, part: dict[str, Any], field: str, name: str) -> Issue:
    kind, stage_id = error["type"], None
    path: str = part.get("$path") or field
    if path.startswith("stages/"):
        stage_id = part["id"]
    if field in ("args", "subStages"):
        path = f"{path}/{field}"
    if kind in _CODES:
        return issue(kind, path=path, stage_id=stage_id, stage=stage_id)
    if kind == "too_long" or (kind in _OF_ELEMENTS and len(part[field]) > MAX_LIST):
        limit = _limit(error) if kind == "too_long" else MAX_LIST
        return issue("too_many", path=path, what=name, count=len(part[field]), limit=limit)
    if name in _CHOICES or field in _CHOICES:
        value = None if kind == "missing" else error["input"]
        choices = _CHOICES[name if name in _CHOICES else field]
        return wrong_choice(path, name, value, choices, stage_id)
    if name == "select/from":
        problem = phrase("must_be_select_source")
    elif kind == "string_too_long":
        problem = phrase("must_have_at_most", limit=_limit(error))
    elif kind == "model_type" and field in _OBJECTS:
        problem = phrase(_OBJECTS[field])
    else:
        problem = phrase(_PHRASES.get(kind, kind))
    return wrong(path, name, problem, None if field == "subStages" else stage_id)


def _limit(error: ErrorDetails) -> int:
    limit: int = error["ctx"]["max_length"]
    return limit


def _take_out(
    error: ErrorDetails,
    part: dict[str, Any],
    field: str,
    within: tuple[int | str, ...],
    faults: Faults,
) -> None:
    """Leave out what was refused; a text that is too long is cut, as what it says still counts."""
    whole = not within or field not in _OBJECTS or within[0] in ("type", "from")
    if error["type"] == "must_be_select_bounds":
        part[field] = {**part[field], "min": None, "max": None}
    elif error["type"] == "string_too_long":
        cut = error["input"][: _limit(error)]
        part[field] = {**part[field], within[0]: cut} if within else cut
    elif error["type"] == "must_be_options" and within and len(part[field]) <= MAX_LIST:
        part[field] = part[field][: int(within[0])]
    elif whole:
        del part[field]
    else:
        part[field] = {**part[field], within[0]: None}
    if field == "args" and part.pop("tool", None) is not None:
        # A call whose arguments cannot be read is not checked any further.
        faults.said.add((part["$path"], "tool"))
