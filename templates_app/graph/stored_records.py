"""Parts of a template as a document stores them: JSON with the fields that no model knows. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from templates_app.graph.bindings import Every, Ref, read_text
from templates_app.graph.rewriting import GONE
from templates_app.graph.spec import Input, Stage

# Fields of a stage that name others, by their attribute and as they are fields.
_NAMING: Final = (
    ("args", "args"),
    ("produces", "produces"),
    ("requires", "requiredArtifactsIn"),
    ("optional", "optionalArtifactsIn"),
    ("condition", "condition"),
    ("over", "overBinding"),
    ("user_message", "userMessage"),
    ("select", "select"),
    ("item", "itemStage"),
)


def with_changes(record: Mapping[str, Any], old: Stage, new: Stage) -> dict[str, Any]:
    """Return a stored stage with those fields that changed."""
    fields_now = dict(record)
    fields = as_json(new)
    for name, alias in _NAMING:
        if getattr(old, name) == getattr(new, name):
            continue
        value = fields.get(alias)
        before = record.get(alias)
        if value is None:
            fields_now.pop(alias, None)
        elif isinstance(value, dict) and isinstance(before, dict) and alias != "args":
            fields_now[alias] = {**before, **value}
        else:
            fields_now[alias] = value
    inside = record.get("subStages")
    stages = old.sub_stages, new.sub_stages
    if isinstance(inside, list) and len(inside) == len(old.sub_stages) and stages[0] != stages[1]:
        rows = zip(inside, *stages, strict=True)
        fields_now["subStages"] = [with_changes(row, *both) for row, *both in rows]
    return fields_now


def with_new_names(
    template: Mapping[str, Any], text: Callable[[str], str], ids: Mapping[str, str]
) -> dict[str, Any]:
    """Return a template's own fields; outputs and previews name the stages that are now.

    text: of a reference. ids: of stages before → those in their place.
    """
    fields = dict(template)
    outputs, previews = fields.get("outputs"), fields.get("previewArtifacts")
    if isinstance(outputs, dict):
        fields["outputs"] = {
            name: {**output, "from": text(output["from"])}
            if isinstance(output, dict) and isinstance(output.get("from"), str)
            else output
            for name, output in outputs.items()
        }
    if isinstance(previews, list):
        fields["previewArtifacts"] = [
            {**one, "stageId": ids.get(one["stageId"], one["stageId"])}
            if isinstance(one, dict) and isinstance(one.get("stageId"), str)
            else one
            for one in previews
        ]
    return fields


def as_json(part: Stage | Input) -> dict[str, Any]:
    """Return a part as JSON, without what issues call it and an item's copy of its stage's id."""
    record = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    if isinstance(part, Stage) and part.sub_stages:
        record["subStages"] = [as_json(one) for one in part.sub_stages]
    item = record.get("itemStage")
    if isinstance(item, dict):
        names = ("type", "tool", "args")
        record["itemStage"] = {name: item[name] for name in names if name in item}
    return {name: value for name, value in record.items() if not name.startswith("$")}


def with_row(table: Mapping[str, Any], key: str, row: Any) -> dict[str, Any]:
    order = table["order"] if key in table["rows"] else [*table["order"], key]
    return {"order": list(order), "rows": {**table["rows"], key: row}}


def without_row(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    rows = {name: row for name, row in table["rows"].items() if name != key}
    return {"order": [name for name in table["order"] if name != key], "rows": rows}


def with_values(member: Stage, requires: Iterable[str], inputs: Mapping[str, Input]) -> Stage:
    """Return a member with the values of inputs that no one is asked for, where that can be.

    requires: what else it waits for.
    """
    update: dict[str, Any] = {
        "requires": tuple(dict.fromkeys((*member.requires, *requires))),
        "args": _with_values(member.args, inputs),
        "sub_stages": tuple(with_values(one, (), inputs) for one in member.sub_stages),
    }
    if member.item is not None:
        item = {"args": _with_values(member.item.args, inputs)}
        update["item"] = member.item.model_copy(update=item)
    return member.model_copy(update=update)


def _with_values(value: Any, inputs: Mapping[str, Input]) -> Any:
    """Return an argument with the values of inputs that no one is asked for."""
    if isinstance(value, str):
        ref = read_text(value)
        if not isinstance(ref, Ref) or ref.root != "inputs" or ref.name not in inputs:
            return value
        return _as_plain(_part(inputs[ref.name].default, ref))
    if isinstance(value, Mapping):
        entries = {name: _with_values(part, inputs) for name, part in value.items()}
        return {name: part for name, part in entries.items() if part is not GONE}
    if isinstance(value, list):
        parts: list[Any] = []
        for part in value:
            new = _with_values(part, inputs)
            parts.extend(new if isinstance(part, str) and isinstance(new, list) else [new])
        return [part for part in parts if part is not GONE]
    return value


def _part(default: Any, ref: Ref) -> Any:
    path = [
        part for part in ref.path if part not in ("url", "value") and not isinstance(part, Every)
    ]
    for part in path:
        is_there = isinstance(default, list) and isinstance(part, int) and part < len(default)
        default = default[part] if is_there else None
    return GONE if default is None else default


def _as_plain(value: Any) -> Any:
    """Return a value as an argument says it: a text that begins with `$` is no reference."""
    if isinstance(value, list):
        return [_as_plain(part) for part in value]
    return f"${value}" if isinstance(value, str) and value.startswith("$") else value
