"""A stage that is a template, put into its template as the stages that it stands for. Pure.

What runs is the same: inputs are replaced by what the stage gives, and automatic connections are
written, as outside they would lead elsewhere. Where that can't be said, the stage stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.names import take_name
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import ROOT, TEMPLATE, State
from templates_app.graph.bindings import Ref, find_refs
from templates_app.graph.bypass import without_bypassed
from templates_app.graph.connections import (
    Change,
    NotConnectable,
    title_of,
    with_connections,
    with_kept_connections,
)
from templates_app.graph.inlining import TemplateStages
from templates_app.graph.kept_seeds import around, seed_places, with_keys
from templates_app.graph.media_sources import MediaSources
from templates_app.graph.member_references import InputValue, MemberReferences
from templates_app.graph.nesting import FLAT, every, key_of
from templates_app.graph.outputs import RESULT, outputs_of, read_outputs
from templates_app.graph.references import producers_of, refs_of
from templates_app.graph.spec import Input, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.stored_records import (
    as_json,
    with_changes,
    with_new_names,
    with_row,
    with_values,
    without_row,
)
from templates_app.graph.template_stages import HIDDEN, callers_of, code_of_missing
from templates_app.graph.template_tool import TemplateTool
from tools.declaration.ports import Tool, ToolTable


class NotUnpackable(Exception):
    """A stage can't be unpacked without changing what runs. Its text says what to do."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A document without template stages. keys: of the stages in their place. tools: what stages
    may be then. reasons: why one is as it was, by its id."""

    state: State
    keys: tuple[str, ...]
    tools: ToolTable
    reasons: Mapping[str, str] = field(default_factory=dict)


def unpack(state: State, key: str, tools: ToolTable) -> Unpacked:
    """Put the stages of a template stage in its place. Raises NotUnpackable.

    key: of the stage in the document. tools: with the templates that the document uses.
    """
    result = _unpack_all(state, [key], tools)
    if result.reasons:
        raise NotUnpackable(*result.reasons.values())
    return result


def expand(spec: Mapping[str, Any], tools: ToolTable) -> tuple[dict[str, Any], dict[str, str]]:
    """Put the stages of every template stage in its place, to any depth.

    Returns the spec, and for each stage in which a template is still named, why it is. tools: as
    for `unpack`.
    """
    spec = _with_output(spec, tools)
    state: State = to_document(spec)
    reasons: dict[str, str] = {}
    keys = tuple(state["stages"]["order"])
    while keys := tuple(key for key in keys if _template_of(state, key, tools) is not None):
        level = _unpack_each(state, keys, tools)
        state, keys, tools = level.state, level.keys, level.tools
        reasons |= level.reasons
    whole = to_spec(state)
    for stage_id, caller in callers_of(whole):
        if tools.get(caller["tool"]) is not None:
            reasons.setdefault(stage_id, "It is a part of another stage.")
        elif code_of_missing(caller["tool"], tools) == HIDDEN:
            reasons.setdefault(stage_id, "This template is hidden by a moderator.")
        else:
            reasons.setdefault(stage_id, "This template isn't available here.")
    return whole, reasons


def _template_of(state: State, key: str, tools: ToolTable) -> type[TemplateTool] | None:
    record = state["stages"]["rows"].get(key)
    name = record.get("tool") if isinstance(record, dict) else None
    tool = tools.uses.get(name) if isinstance(name, str) else None
    return tool if tool is not None and issubclass(tool, TemplateTool) else None


def _unpack_each(state: State, keys: Sequence[str], tools: ToolTable) -> Unpacked:
    """Unpack those of some template stages that can be, in halves where not all can at once."""
    try:
        return _unpack_all(state, keys, tools)
    except NotUnpackable as reason:
        if len(keys) == 1:
            return Unpacked(state, (), tools, {state["stages"]["rows"][keys[0]]["id"]: str(reason)})
    middle = len(keys) // 2
    first = _unpack_each(state, keys[:middle], tools)
    second = _unpack_each(first.state, keys[middle:], first.tools)
    reasons = {**first.reasons, **second.reasons}
    return Unpacked(second.state, (*first.keys, *second.keys), second.tools, reasons)


def _unpack_all(state: State, keys: Sequence[str], tools: ToolTable) -> Unpacked:
    """Unpack template stages in one change, but those for which there is a reason not to.

    Raises NotUnpackable where others would find other media then.
    """
    spec, _ = read_spec(to_spec(state))
    stages = {stage.id: stage for stage in spec.stages}
    followers = {
        one.condition.stage_id: one for one in every(spec.stages) if one.condition is not None
    }
    insides: dict[str, type[TemplateTool]] = {}
    by_tool: dict[type[Tool], type[TemplateTool] | NotUnpackable] = {}
    reasons: dict[str, str] = {}
    table = tools
    for key in keys:
        tool = _template_of(state, key, tools)
        stage_id = state["stages"]["rows"][key].get("id") if tool is not None else None
        stage = stages.get(stage_id) if isinstance(stage_id, str) else None
        if tool is None or stage is None or stage.tool not in tools.uses:
            raise NotUnpackable("Select a template stage first.")
        try:
            _check_whole(stage, followers.get(stage.id))
            inside = tool.tools.uses
            if any(not _is_same(one, table.uses.get(name)) for name, one in inside.items()):
                raise NotUnpackable("It names a version that means another one here.")
            if stage.is_conditional and any(one.is_conditional for one in tool.spec.stages):
                raise NotUnpackable("Set its condition to Always first.")
            insides[key] = _open(tool, by_tool)
        except NotUnpackable as reason:
            reasons[stage.id] = str(reason)
            continue
        table = table.with_uses({**inside, **table.uses}, hidden_names=tools.hidden_names)
    if not insides:
        return Unpacked(state, (), tools, reasons)

    def change(explicit: Spec, media: MediaSources) -> Change:
        return _Unpacking(state, explicit, insides, table, media, reasons).apply()

    try:
        result: Unpacked = with_kept_connections(spec, tools, (), stages.keys(), change)
    except NotConnectable as reason:
        raise NotUnpackable(str(reason)) from None
    return result


def _check_whole(stage: Stage, follower: Stage | None) -> None:
    """Raises for what is true of the stage as a whole: it has no place among several.

    follower: a stage with a condition about it.
    """
    if stage.has_checkpoint:
        raise NotUnpackable("Turn off “Pause for approval” first.")
    if stage.bypass:
        raise NotUnpackable("Turn off “Bypass” first.")
    if stage.on_error != "stop":
        raise NotUnpackable("Set “If it fails” to “Stop the run” first.")
    if follower is not None:
        raise NotUnpackable(f"Change the condition of {title_of(follower)} first.")


def _open(
    tool: type[TemplateTool], by_tool: dict[type[Tool], type[TemplateTool] | NotUnpackable]
) -> type[TemplateTool]:
    """Return the template one level deep, its automatic connections written; each but once."""
    result = by_tool.get(tool)
    if result is None:
        try:
            result = _open_first(tool)
        except NotUnpackable as reason:
            result = reason
        by_tool[tool] = result
    if isinstance(result, NotUnpackable):
        raise result
    return result


def _open_first(tool: type[TemplateTool]) -> type[TemplateTool]:
    spec = tool.spec
    if any(stage.type == "batch" and stage.inside for stage in every(spec.stages)):
        raise NotUnpackable("It has stages inside what a batch repeats. Unpack those in it first.")
    try:
        explicit = with_connections(
            spec, tool.tools, {stage.id for stage in spec.stages}, where=" in the template"
        )
    except NotConnectable as reason:
        raise NotUnpackable(str(reason)) from None
    outputs = outputs_of(spec, explicit, FLAT, tool.tools)
    if not outputs:
        raise NotUnpackable("All that is in the template is bypassed.")
    running, _, _ = without_bypassed(explicit, FLAT, tool.tools)
    own_outputs, _ = read_outputs(running, FLAT, tool.tools)
    if spec.outputs and len(own_outputs) < len(spec.outputs):
        raise NotUnpackable("A result of it is bypassed or inside a stage. Change that first.")
    fields = {"flat": explicit, "nesting": FLAT, "outputs": outputs}
    return type("OpenTemplate", (tool,), fields)


class _Unpacking:
    """Rewrites a document. insides: the template of each stage to unpack, by its key. reasons: gets
    those for which there is one not to."""

    def __init__(
        self,
        state: State,
        spec: Spec,
        insides: Mapping[str, type[TemplateTool]],
        tools: ToolTable,
        media: MediaSources,
        reasons: dict[str, str],
    ) -> None:
        self.state, self.spec, self.insides, self.tools = state, spec, insides, tools
        self.lacking, self.reasons = media.lacking, dict(reasons)
        self.outside = TemplateStages(spec, FLAT, tools)
        self.ids = {one.id for one in every(spec.stages)} | {*state["stages"]["rows"]}
        self.outside.names |= {name for one in every(spec.stages) for name in one.produces}
        self.name_counts = Counter(name for one in every(spec.stages) for name in one.produces)
        self.inputs: list[Input] = []
        self.keys: list[str] = []
        # What later stages find in the one that was unpacked last.
        self.results: Mapping[str, Any] = {}
        self.inner_ids: Mapping[str, str] = {}
        self.seeds = seed_places(state)
        # Of what was unpacked: the stage that makes its main result.
        self.mains: dict[str, str] = {}

    def apply(self) -> Change:
        before, _ = read_spec(to_spec(self.state))
        before_by_id = {one.id: one for one in before.stages}
        by_id = {one.id: one for one in self.spec.stages}
        state = dict(self.state)
        rows, order = dict(state["stages"]["rows"]), []
        for key in state["stages"]["order"]:
            stage_id = rows[key].get("id") if isinstance(rows.get(key), dict) else None
            stage = by_id.get(stage_id) if isinstance(stage_id, str) else None
            if stage is None:
                order.append(key)
                continue
            outer = self.outside.outer_stage(stage)
            self.results = {}
            members = self.members(key, outer)
            if members:
                del rows[key]
                rows |= members
                state["nodes"] = without_row(state["nodes"], key)
                state["seeds"] = with_keys(state["seeds"], self.seed_keys(stage.id))
            else:
                rows[key] = with_changes(rows[key], before_by_id[stage.id], outer)
            order.extend(members or [key])
            for name in stage.produces:
                if members:
                    self.outside.current[name] = self.results
                else:
                    self.outside.current.pop(name, None)
        state["stages"] = {"order": order, "rows": rows}
        for one in self.inputs:
            state["inputs"] = with_row(state["inputs"], one.name, as_json(one))
        root = state[ROOT]
        template = with_new_names(root["rows"][TEMPLATE], self.outside.text, self.mains)
        state[ROOT] = {**root, "rows": {**root["rows"], TEMPLATE: template}}
        result = Unpacked(state, tuple(self.keys), self.tools, self.reasons)
        spec, _ = read_spec(to_spec(state))
        return Change(result, spec, self.tools, [one.id for one in self.spec.stages], self.mains)

    def members(self, key: str, stage: Stage) -> dict[str, dict[str, Any]]:
        """Return the stages in the place of one, by their keys; none where it stays."""
        tool = self.insides.get(key)
        if tool is None:
            return {}
        outside = self.outside
        before = {*self.ids}, {*outside.names}
        inputs, outside.issues = list(outside.inputs), []
        try:
            stages = self.stages(stage, tool)
        except NotUnpackable as reason:
            self.reasons[stage.id] = str(reason)
            stages = []
        new_inputs = {one.name: one for one in outside.inputs[len(inputs) :]}
        names = {ref.name for one in stages for ref in refs_of(one)} & new_inputs.keys()
        outside.inputs = inputs + [one for name, one in new_inputs.items() if name in names]
        outside.input_names -= new_inputs.keys() - names
        self.inputs.extend(outside.inputs[len(inputs) :])
        if not stages:
            self.ids, outside.names = before
            return {}
        # Others may be called so from now on.
        self.ids -= {key, stage.id} if key == stage.id else set()
        self.name_counts.subtract(stage.produces)
        outside.names -= {name for name in stage.produces if not self.name_counts[name]}
        members = {one.id: as_json(one) for one in stages}
        self.keys.extend(members)
        return members

    def stages(self, stage: Stage, tool: type[TemplateTool]) -> list[Stage]:
        """Return the stages of a template stage as they are outside."""
        outside = self.outside
        ids = {inner.id: take_name(inner.id, self.ids) for inner in every(tool.flat.stages)}
        own_names = outside.own_names(stage.id, tool)
        results, aliases = outside.results_of(stage.id, tool, own_names)
        values = outside.values_of(stage, tool, ids)
        references = MemberReferences(stage, ids, own_names, values, aliases, outside.issues)
        for inner in tool.flat.stages:
            if inner.bypass and any(map(self.is_in_parts, _values_in(inner, values))):
                raise NotUnpackable(
                    f"{title_of(inner)} passes on one of several. Turn off its “Bypass” in the"
                    " template first."
                )
        members = [references.member(inner) for inner in tool.flat.stages]
        if any(one.severity == "error" for one in outside.issues):
            raise NotUnpackable("Fix its problems first.")
        # What the stage waits for, each of its stages does; so they do for what it takes, where it
        # may be left out with that.
        waits = outside.group(stage, tool) if stage.id in self.lacking else stage
        # What holds for the stage holds for each of its stages.
        update = {"condition": stage.condition} if stage.is_conditional else {}
        members = [member.model_copy(update=update) for member in members]
        self.results, self.inner_ids = results, ids
        self.mains[stage.id] = ids[tool.outputs[0].source]
        start = len(self.spec.inputs) + len(self.inputs)
        defaults = {one.name: one for one in outside.inputs[start:]}
        return [with_values(member, waits.requires, defaults) for member in members]

    def is_in_parts(self, value: InputValue) -> bool:
        """Tell whether an input is given as a list, and a bypassed stage passes on one part."""
        if not value.is_whole:
            return len(value.references) != 1
        defaults = {f"$inputs.{one.name}": one.default for one in self.outside.inputs}
        default = defaults.get(value.references[0])
        return isinstance(default, list) and len(default) != 1

    def seed_keys(self, stage_id: str) -> dict[str, str]:
        """Return new keys of the seeds that steps inside a stage have, by those before."""
        ids = {key_of(stage_id, inner): key for inner, key in self.inner_ids.items()}
        return {
            seed.key: ids[inner] + seed.step[len(inner) :]
            for seed in self.seeds
            if seed.stage == stage_id and (inner := around(seed.step, ids)) is not None
        }


def _values_in(stage: Stage, values: Mapping[str, InputValue]) -> list[InputValue]:
    """List the values of the inputs that a stage's arguments name as a whole."""
    refs = [ref for ref in find_refs(stage.args) if isinstance(ref, Ref) and ref.root == "inputs"]
    whole = [ref.name for ref in refs if not any(isinstance(part, int) for part in ref.path)]
    return [values[name] for name in whole if name in values]


def _is_same(inside: type[Tool], here: type[Tool] | None) -> bool:
    """Tell whether a name means the same version inside a template as around it, if it is there."""
    if here is None or here is inside:
        return True
    specs = [one.spec for one in (inside, here) if issubclass(one, TemplateTool)]
    return len(specs) == 2 and specs[0] == specs[1]


def _with_output(spec: Mapping[str, Any], tools: ToolTable) -> dict[str, Any]:
    """Return a spec that says its output, where that is a template's: not its last stage's."""
    flat, _ = read_spec(spec)
    if not flat.outputs and any(one.tool in tools.uses for one in flat.stages):
        makers = producers_of(flat.stages)
        for output in outputs_of(flat, flat, FLAT, tools):
            stage = next(one for one in flat.stages if one.id == output.source)
            for name in stage.produces if stage.tool in tools.uses else ():
                if flat.stages[makers[name][-1]] is stage:
                    text = f"$artifacts.{name}"
                    return {**spec, "outputs": {RESULT: {"from": text, "position": 0}}}
    return dict(spec)
