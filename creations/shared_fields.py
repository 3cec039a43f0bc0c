"""Fields that stay of a template whose prompts are hidden: those listed here, and nothing else.

Names and labels stay, and with them what makes the template work: types, tools, settings, choices,
connections and places on the canvas. A field that is added to templates later stays behind until
it is listed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from templates_app.graph.bindings import Ref, read_text
from templates_app.graph.expressions import Expression, Tree, parse
from templates_app.graph.spec import (
    CATEGORIES,
    CONDITIONS,
    INPUT_TYPES,
    ON_ERROR,
    STABILITIES,
    STAGE_TYPES,
)
from templates_app.graph.spec_values import is_number

# Whether a value may stay.
Check: TypeAlias = Callable[[Any], bool]

_FIELD_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", re.ASCII)
_TOOL_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}", re.ASCII)
# Nodes of the canvas that are no stages.
_OWN_NODE: Final = re.compile(r"\$[a-z]{1,32}", re.ASCII)
_CHOICE_INPUTS: Final = ("select", "number", "boolean")


def _one_of(choices: Collection[Any]) -> Check:
    return lambda value: isinstance(value, str) and value in choices


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def is_field_name(value: Any) -> bool:
    return isinstance(value, str) and _FIELD_NAME.fullmatch(value) is not None


_TEMPLATE: Final[Mapping[str, Check]] = {
    "category": _one_of(CATEGORIES),
    "stability": _one_of(STABILITIES),
}
_INPUT: Final[Mapping[str, Check]] = {
    "name": is_field_name,
    "type": _one_of(INPUT_TYPES),
    "required": _is_flag,
}
_STAGE: Final[Mapping[str, Check]] = {
    "id": _is_text,
    "type": _one_of(STAGE_TYPES),
    "label": _is_text,
    "produces": _is_names,
    "requiredArtifactsIn": _is_names,
    "optionalArtifactsIn": _is_names,
    "bypass": _is_flag,
    "onError": _one_of(ON_ERROR),
    "checkpointRequired": _is_flag,
    "humanApprovalDefault": _is_flag,
    "partialExecutionEnabled": _is_flag,
    "itemName": is_field_name,
    "concurrency": is_number,
    "maxAttemptsPerItem": is_number,
    "tool": lambda value: isinstance(value, str) and _TOOL_NAME.fullmatch(value) is not None,
}
_PLACE: Final = ("x", "y", "width", "height", "hue", "zoom")
_BOUNDS: Final = ("min", "max")
_SCHEMA_LIMITS: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "minItems", "maxItems"),
)


def template_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a template itself that stay, without its inputs, stages and graph."""
    fields = _allowed_fields(spec, _TEMPLATE)
    for name in ("estimatedCapacityUnits", "estimatedCredits"):
        if span := _numbers(spec.get(name), _BOUNDS):
            fields[name] = span
    return fields


def input_fields(declaration: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays of an input: of texts and files neither the default nor an example."""
    fields = _allowed_fields(declaration, _INPUT)
    multiple = declaration.get("multiple")
    if isinstance(multiple, bool):
        fields["multiple"] = multiple
    elif isinstance(multiple, dict):
        fields["multiple"] = _numbers(multiple, _BOUNDS)
    if limits := _numbers(declaration.get("jsonSchema"), _SCHEMA_LIMITS):
        fields["jsonSchema"] = limits
    if fields.get("type") not in _CHOICE_INPUTS:
        return fields
    options = [_option(one) for one in _items(declaration.get("options"))]
    if fields["type"] == "select":
        fields["options"] = [one for one in options if one is not None]
    default, fits = declaration.get("default"), _default_check(fields)
    if default is not None and all(map(fits, default if isinstance(default, list) else [default])):
        fields["default"] = default
        fields |= _allowed_fields(declaration, {"internal": _is_flag})
    return fields


def _default_check(fields: Mapping[str, Any]) -> Check:
    if fields["type"] == "number":
        return is_number
    if fields["type"] == "boolean":
        return _is_flag
    values = [one["value"] if isinstance(one, dict) else one for one in fields["options"]]
    return lambda value: value in values


def _option(option: Any) -> Any:
    """A choice with its label, or None where it is neither."""
    if isinstance(option, dict):
        fields = _allowed_fields(option, {"value": _is_plain, "label": _is_text})
        return fields if "value" in fields else None
    return option if _is_plain(option) else None


def _is_plain(value: Any) -> bool:
    return isinstance(value, (str, bool)) or is_number(value)


# -- stages and connections ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """A template's names for its parts, so what a connection may name. options: of its inputs."""

    inputs: frozenset[str]
    results: frozenset[str]
    options: frozenset[str]

    def is_binding(self, value: Any) -> bool:
        """Return whether a value is a connection to a part of the template, and nothing else."""
        part = read_text(value) if isinstance(value, str) else value
        if not isinstance(part, Ref):
            return False
        fields = [one for one in part.path if isinstance(one, str)]
        if part.root in ("inputs", "artifacts"):
            is_known = part.name in (self.inputs if part.root == "inputs" else self.results)
        else:
            is_known = not part.name or is_field_name(part.name)
        return is_known and all(map(is_field_name, fields))

    def is_expression(self, text: Any) -> bool:
        """Return whether a condition compares the template's parts with choices and numbers."""
        expression = parse(text) if isinstance(text, str) else None
        if not isinstance(expression, Expression):
            return False
        are_known = all(map(self.is_binding, expression.refs))
        return are_known and self._has_only_choices(expression.tree)

    def _has_only_choices(self, tree: Tree) -> bool:
        if "op" in tree:
            return all(map(self._has_only_choices, tree["args"]))
        literal = tree.get("lit")
        return not isinstance(literal, str) or literal in self.options


def names_of(inputs: Collection[Mapping[str, Any]], stages: Collection[Any]) -> Names:
    """The names in a template. inputs: as they stay. stages: as they are."""
    results: set[str] = set()
    rest = list(stages)
    while rest:
        stage = rest.pop()
        if isinstance(stage, dict):
            ids = (stage.get("id"), *_items(stage.get("produces")))
            results.update(one for one in ids if isinstance(one, str))
            rest.extend((*_items(stage.get("subStages")), stage.get("itemStage")))
    options = [
        one["value"] if isinstance(one, dict) else one
        for field in inputs
        for one in field.get("options", ())
    ]
    return Names(
        frozenset(str(field["name"]) for field in inputs if "name" in field),
        frozenset(results),
        frozenset(one for one in options if isinstance(one, str)),
    )


def stage_fields(stage: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return what stays of a stage, without its arguments and the stages in it."""
    fields = _allowed_fields(
        stage,
        {**_STAGE, "overBinding": names.is_binding, "userMessage": names.is_binding},
    )
    if tools := [one for one in _items(stage.get("allowedTools")) if _STAGE["tool"](one)]:
        fields["allowedTools"] = tools
    select = stage.get("select")
    if isinstance(select, dict):
        source = select.get("from")
        is_known = names.is_binding(source) or source in names.results
        fields["select"] = ({"from": source} if is_known else {}) | _numbers(select, _BOUNDS)
    condition = _condition(stage.get("condition"), names)
    if condition is not None:
        fields["condition"] = condition
    return fields


def _condition(condition: Any, names: Names) -> dict[str, Any] | None:
    """Return when a stage runs; None where it compares with words of the author's."""
    if not isinstance(condition, dict):
        return None
    is_result = _one_of(names.results)
    fields = {
        "type": _one_of(CONDITIONS),
        "stageId": is_result,
        "artifactName": is_result,
        "expression": names.is_expression,
    }
    remaining = _allowed_fields(condition, fields)
    return remaining if len(remaining) == len(fields.keys() & condition.keys()) else None


# -- the canvas ------------------------------------------------------------------------------------


def graph_fields(graph: Any, names: Names, *, with_notes: bool) -> dict[str, Any]:
    """Return where the stages are on the canvas. Frames stay without their titles."""
    if not isinstance(graph, dict):
        return {}
    fields: dict[str, Any] = {
        "nodes": [
            {"stageId": one["stageId"], **_numbers(one, _PLACE)}
            for one in _records(graph.get("nodes"))
            if _is_node(one.get("stageId"), names)
        ],
        "frames": [
            {"id": f"frame-{place}", **_numbers(one, _PLACE)}
            for place, one in enumerate(_records(graph.get("frames")), 1)
        ],
        "edges": [
            {"from": one["from"], "to": one["to"]}
            for one in _records(graph.get("edges"))
            if _is_node(one.get("from"), names) and _is_node(one.get("to"), names)
        ],
    }
    if with_notes:
        fields["notes"] = [
            {"id": f"note-{place}", **_numbers(one, _PLACE), "text": str(one.get("text") or "")}
            for place, one in enumerate(_records(graph.get("notes")), 1)
        ]
    if view := _numbers(graph.get("viewport"), _PLACE):
        fields["viewport"] = view
    return {name: value for name, value in fields.items() if value}


def _is_node(value: Any, names: Names) -> bool:
    return isinstance(value, str) and (
        value in names.results or _OWN_NODE.fullmatch(value) is not None
    )


# -- reading ---------------------------------------------------------------------------------------


def _allowed_fields(record: Mapping[str, Any], fields: Mapping[str, Check]) -> dict[str, Any]:
    return {
        name: record[name]
        for name, may_stay in fields.items()
        if record.get(name) is not None and may_stay(record[name])
    }


def _numbers(record: Any, names: Collection[str]) -> dict[str, Any]:
    if not isinstance(record, dict):
        return {}
    return {name: record[name] for name in names if is_number(record.get(name))}


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _records(value: Any) -> list[dict[str, Any]]:
    return [one for one in _items(value) if isinstance(one, dict)]
