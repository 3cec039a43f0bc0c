"""A stage that is a template, put into its template as the stages that it stands for. Pure.

What runs is the same: inputs are replaced by what the stage gives, and automatic connections are
written, as outside they would lead elsewhere. Where that can't be said, the stage stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from templates_app.document_ops.convert import to_spec
from templates_app.document_ops.ops import ROOT, TEMPLATE, State
from templates_app.graph.bindings import Every, Ref, find_refs, plain, read_text
from templates_app.graph.inlining import TemplateStages
from templates_app.graph.member_references import MemberReferences
from templates_app.graph.nesting import FLAT
from templates_app.graph.outputs import outputs_of
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before, producers_of
from templates_app.graph.rewriting import GONE
from templates_app.graph.spec import Input, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_tool import TemplateTool
from templates_app.graph.wiring import INPUTS, wiring_of
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool, ToolTable

# Fields of a stage that name others, by their attribute and as they are fields.
_NAMING: Final = (
    ("args", "args"),
    ("requires", "requiredArtifactsIn"),
    ("optional", "optionalArtifactsIn"),
    ("condition", "condition"),
    ("over", "overBinding"),
    ("user_message", "userMessage"),
    ("select", "select"),
    ("item", "itemStage"),
)


class NotUnpackable(Exception):
    """A stage can't be unpacked without changing what runs. Its text says what to do."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A document without a template stage. keys: of the stages in its place."""

    state: State
    keys: tuple[str, ...]


def unpack(state: State, key: str, tools: ToolTable) -> Unpacked:
    """Put the stages of a template stage in its place. Raises NotUnpackable.

    key: of the stage in the document. tools: with the templates that the document uses.
    """
    record = state["stages"]["rows"].get(key)
    spec, _ = read_spec(to_spec(state))
    stage_id = record.get("id") if isinstance(record, dict) else None
    stage = next((one for one in spec.stages if one.id == stage_id), None)
    tool = tools.uses.get(stage.tool) if stage is not None else None
    if stage is None or tool is None or not issubclass(tool, TemplateTool):
        raise NotUnpackable("Select a template stage first.")
    _check_whole(stage, spec)
    return _Unpacking(state, key, spec, stage, _open(tool), tools).apply()


def _check_whole(stage: Stage, spec: Spec) -> None:
    """Raises for what is true of the stage as a whole: it has no place among several."""
    if stage.is_conditional:
        raise NotUnpackable("Set its condition to Always first.")
    if stage.has_checkpoint:
        raise NotUnpackable("Turn off “Pause for approval” first.")
    if stage.bypass:
        raise NotUnpackable("Turn off “Bypass” first.")
    if stage.on_error != "stop":
        raise NotUnpackable("Set “If it fails” to “Stop the run” first.")
    for other in spec.stages:
        if other.condition is not None and other.condition.stage_id == stage.id:
            raise NotUnpackable(f"Change the condition of {other.label or other.id} first.")


def _open(tool: type[TemplateTool]) -> type[TemplateTool]:
    """Return the template one level deep, its automatic connections written."""
    spec = tool.spec
    if any(stage.sub_stages for stage in spec.stages):
        raise NotUnpackable("It has stages inside stages. Unpack those in the template first.")
    explicit = _with_connections(spec, tool.tools)
    outputs = outputs_of(spec, explicit, FLAT, tool.tools)
    fields = {"flat": explicit, "nesting": FLAT, "outputs": outputs}
    return type("OpenTemplate", (tool,), fields)


def _with_connections(spec: Spec, tools: ToolTable) -> Spec:
    """Return a spec in which every stage names what it takes."""
    producers = producers_of(spec.stages)
    places = {stage.id: place for place, stage in enumerate(spec.stages)}
    names: dict[str, str] = {}
    args = {stage.id: dict(stage.args) for stage in spec.stages}
    wiring = wiring_of(spec, tools)
    nodes = {node.id: node for node in wiring.nodes}

    def name_of(source: str, reader: str) -> str:
        stage = spec.stages[places[source]]
        for name in stage.produces:
            if latest_before(producers[name], places[reader]) == places[source]:
                return name
        return names.setdefault(source, f"{source}_result")

    for wire in wiring.wires:
        if not wire.is_implied:
            continue
        stage = spec.stages[places[wire.target]]
        tool = tools.get(stage.tool)
        socket = nodes[wire.target].inputs[wire.input].key
        port = next(one for one in tool.ports() if one.name == socket) if tool else None
        if port is None:
            raise NotUnpackable("It takes media in a way that only the template itself can.")
        if wire.source == INPUTS:
            text = f"$inputs.{nodes[INPUTS].outputs[wire.output].key}"
        elif _may_lack(spec.stages[places[wire.source]]):
            raise NotUnpackable(
                f"{stage.label or stage.id} takes what is there when it runs. Connect it in the"
                " template first."
            )
        else:
            text = f"$artifacts.{name_of(wire.source, wire.target)}"
        argument = port.url or port.arguments[0]
        values = args[stage.id]
        if port.implied == "all" and port.is_list(argument):
            values[argument] = [*values.get(argument, ()), text]
        else:
            values[argument] = text
    stages = []
    for stage in spec.stages:
        _check_named(stage, args[stage.id], tools)
        name = names.get(stage.id)
        produces = stage.produces if name is None else (*stage.produces, name)
        stages.append(stage.model_copy(update={"args": args[stage.id], "produces": produces}))
    return spec.model_copy(update={"stages": tuple(stages)})


def _may_lack(stage: Stage) -> bool:
    return stage.is_conditional or stage.on_error in ("continue", "skip") or stage.allow_partial


def _check_named(stage: Stage, args: Mapping[str, Any], tools: ToolTable) -> None:
    """Raises where a stage finds media by their place in the run."""
    caller = stage.item if stage.item is not None else stage
    tool = tools.get(caller.tool) if caller.tool else None
    title = stage.label or stage.id
    if tool is None:
        return
    if tool.reads_run:
        raise NotUnpackable(f"{title} reads all that its template makes, so it stays inside.")
    values = caller.args if caller is not stage else args
    ports = {port.name for name in values if (port := find_port(tool, name)[0]) is not None}
    for name, value in values.items():
        parts = value if isinstance(value, list) else [value]
        if find_port(tool, name)[0] and any(isinstance(part, int) for part in parts):
            raise NotUnpackable(f"{title} takes media by number. Connect it in the template first.")
    params = fill_defaults(tool, plain(dict(values)))
    if any(
        port.fallback == "latest" and port.name not in ports and port.applies(params)
        for port in tool.ports()
    ):
        raise NotUnpackable(f"{title} takes the newest media. Connect it in the template first.")


class _Unpacking:
    def __init__(
        self,
        state: State,
        key: str,
        spec: Spec,
        stage: Stage,
        tool: type[TemplateTool],
        tools: ToolTable,
    ) -> None:
        self.state, self.key, self.spec, self.stage, self.tool = state, key, spec, stage, tool
        uses: dict[str, type[Tool]] = {**tools.uses, stage.tool: tool}
        self.outside = TemplateStages(spec, FLAT, tools.with_uses(uses))
        ids = {one.id for one in spec.stages} | {*state["stages"]["rows"]}
        self.ids = {inner.id: _free(inner.id, ids) for inner in tool.flat.stages}

    def apply(self) -> Unpacked:
        outside, stage = self.outside, self.stage
        own_names = outside.own_names(stage.id, self.tool)
        results, aliases = outside.results_of(stage.id, self.tool, own_names)
        values = outside.values_of(stage, self.tool)
        problems = outside.issues
        references = MemberReferences(stage, self.ids, own_names, values, aliases, problems)
        members = [references.member(inner) for inner in self.tool.flat.stages]
        if any(one.severity == "error" for one in problems):
            raise NotUnpackable("Fix its problems first.")
        inputs = {one.name: one for one in outside.inputs[len(self.spec.inputs) :]}
        records = [self.record(member, inputs) for member in members]
        names = {ref.name for record in records for ref in _refs(record)} & inputs.keys()
        outside.current = dict.fromkeys(stage.produces, results)
        return self.document(records, [inputs[name] for name in inputs if name in names])

    def record(self, member: Stage, inputs: Mapping[str, Input]) -> dict[str, Any]:
        """Return a member as it is fields. What the stage waits for, each of its stages does."""
        requires = tuple(dict.fromkeys((*member.requires, *self.stage.requires)))
        update: dict[str, Any] = {"requires": requires, "args": _with_values(member.args, inputs)}
        if member.item is not None:
            item = {"args": _with_values(member.item.args, inputs)}
            update["item"] = member.item.model_copy(update=item)
        return _as_json(member.model_copy(update=update))

    def document(self, records: Sequence[dict[str, Any]], inputs: Iterable[Input]) -> Unpacked:
        keys = [str(record["id"]) for record in records]
        order = list(self.state["stages"]["order"])
        at = order.index(self.key)
        rows = {name: row for name, row in self.state["stages"]["rows"].items() if name != self.key}
        rows |= dict(zip(keys, records, strict=True))
        by_id = {one.id: one for one in self.spec.stages}
        for key in order[at + 1 :]:
            old = by_id.get(rows[key].get("id", "")) if isinstance(rows[key], dict) else None
            if old is None or not self.outside.current:
                continue
            rows[key] = _with_changes(rows[key], old, self.outside.outer_stage(old))
            for name in old.produces:
                self.outside.current.pop(name, None)
        state = dict(self.state)
        state["stages"] = {"order": [*order[:at], *keys, *order[at + 1 :]], "rows": rows}
        for one in inputs:
            state["inputs"] = _with_row(state["inputs"], one.name, _as_json(one))
        state["nodes"] = _without_row(state["nodes"], self.key)
        for inner, key in self.ids.items():
            seeds = state["seeds"]["rows"]
            seed = seeds.get(f"{self.stage.id}.{inner}")
            if seed is not None:
                seeds = _without_row(state["seeds"], f"{self.stage.id}.{inner}")
                state["seeds"] = _with_row(seeds, key, seed)
        state[ROOT] = self.root(state[ROOT])
        return Unpacked(state, tuple(keys))

    def root(self, table: Mapping[str, Any]) -> dict[str, Any]:
        """Return the template's own fields; outputs and previews name the stages that are now."""
        template = dict(table["rows"][TEMPLATE])
        outputs = template.get("outputs")
        if isinstance(outputs, dict):
            template["outputs"] = {
                name: {**output, "from": self.outside.text(output["from"])}
                if isinstance(output, dict) and isinstance(output.get("from"), str)
                else output
                for name, output in outputs.items()
            }
        previews = template.get("previewArtifacts")
        if isinstance(previews, list):
            main = self.ids[self.tool.outputs[0].source]
            template["previewArtifacts"] = [
                {**one, "stageId": main}
                if isinstance(one, dict) and one.get("stageId") == self.stage.id
                else one
                for one in previews
            ]
        return {**table, "rows": {**table["rows"], TEMPLATE: template}}


def _with_changes(record: Mapping[str, Any], old: Stage, new: Stage) -> dict[str, Any]:
    """Return a stored stage with those fields that changed."""
    changes = {}
    fields = _as_json(new)
    for name, alias in _NAMING:
        if getattr(old, name) == getattr(new, name):
            continue
        value = fields.get(alias)
        before = record.get(alias)
        is_part = isinstance(value, dict) and isinstance(before, dict) and alias != "args"
        changes[alias] = {**before, **value} if is_part else value  # type: ignore[dict-item]
    return {**record, **changes}


def _as_json(part: Stage | Input) -> dict[str, Any]:
    """Return a part as JSON, without what issues call it and an item's copy of its stage's id."""
    record = part.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    item = record.get("itemStage")
    if isinstance(item, dict):
        names = ("type", "tool", "args")
        record["itemStage"] = {name: item[name] for name in names if name in item}
    return {name: value for name, value in record.items() if not name.startswith("$")}


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


def _refs(record: Mapping[str, Any]) -> Iterable[Ref]:
    condition = record.get("condition") or {}
    expression = condition.get("expression", "")
    texts = [f"${word.lstrip('$(!')}" for word in expression.replace(")", " ").split()]
    refs = (*find_refs(dict(record)), *find_refs(texts))
    return [ref for ref in refs if isinstance(ref, Ref) and ref.root == "inputs"]


def _with_row(table: Mapping[str, Any], key: str, row: Any) -> dict[str, Any]:
    order = table["order"] if key in table["rows"] else [*table["order"], key]
    return {"order": list(order), "rows": {**table["rows"], key: row}}


def _without_row(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    rows = {name: row for name, row in table["rows"].items() if name != key}
    return {"order": [name for name in table["order"] if name != key], "rows": rows}


def _free(name: str, names: set[str]) -> str:
    free, number = name, 1
    while free in names:
        number += 1
        free = f"{name}_{number}"
    names.add(free)
    return free
