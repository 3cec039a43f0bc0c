"""Stages put into a template of their own, and one stage that is it in their place. Pure.

The inverse of `unpacking`: what runs is the same. What the stages take from outside becomes inputs,
what others take from them outputs. Where that can't be said, nothing changes and the reason is
given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from core.names import take_name, word_of
from templates_app.document_ops.convert import to_spec
from templates_app.document_ops.ops import ROOT, TEMPLATE, State
from templates_app.graph.bindings import Broken, Ref, read_text
from templates_app.graph.connections import (
    Change,
    NotConnectable,
    title_of,
    with_kept_connections,
)
from templates_app.graph.kept_seeds import seed_places, with_keys
from templates_app.graph.media_sources import MediaSources
from templates_app.graph.nesting import FLAT, every, key_of
from templates_app.graph.outputs import RESULT, outputs_of
from templates_app.graph.rewriting import rewritten, with_references
from templates_app.graph.spec import MAX_INPUTS, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.stored_records import with_changes, with_new_names, without_row
from templates_app.graph.template_ends import (
    NotCollapsible,
    SelectedStages,
    TakenInputs,
    TakenOutputs,
    TakenResult,
)
from templates_app.graph.version_tool import version_tool
from templates_app.graph.wiring import INPUTS, wiring_of
from tools.declaration.ports import ToolTable

# How far the inputs of the new template are from its stages.
_COLUMN: Final = 320


@dataclass(frozen=True, slots=True)
class Collapsed:
    """A document with a template stage. key: of that stage. inner: the template that it is. tools:
    what stages may be then."""

    state: State
    key: str
    inner: dict[str, Any]
    tools: ToolTable


@dataclass(frozen=True, slots=True)
class NewTemplate:
    """The names of a new template. reference: as stages name its version."""

    name: str
    stage_id: str
    reference: str


def collapse(
    state: State, keys: Collection[str], tools: ToolTable, template: NewTemplate
) -> Collapsed:
    """Put stages into a template and a stage that is it in their place. Raises NotCollapsible.

    keys: of the stages in the document. tools: with the templates that the document uses.
    """
    spec, _ = read_spec(to_spec(state))
    records = [state["stages"]["rows"].get(key) for key in keys]
    ids = [record.get("id") for record in records if isinstance(record, dict)]
    chosen = [place for place, stage in enumerate(spec.stages) if stage.id in ids]
    if not chosen or len(chosen) < len(set(keys)):
        raise NotCollapsible("Select stages first.")
    if len(spec.stages) < len(state["stages"]["order"]):
        raise NotCollapsible("Fix or delete the stages that can't be read first.")
    if all(spec.stages[place].bypass for place in chosen):
        raise NotCollapsible("Select a stage that isn't bypassed, too.")
    members = {spec.stages[place].id for place in chosen}
    # Over the border, and of what is bypassed: that says now what passes through.
    targets = {
        wire.target
        for wire in wiring_of(spec, tools).wires
        if wire.is_implied and (wire.source in members) != (wire.target in members)
    } | {spec.stages[place].id for place in chosen if spec.stages[place].bypass}
    others = {stage.id for stage in spec.stages} - members

    def change(explicit: Spec, _media: MediaSources) -> Change:
        return _Collapsing(state, spec, explicit, chosen, tools, template).apply()

    try:
        result: Collapsed = with_kept_connections(spec, tools, targets, others, change)
    except NotConnectable as reason:
        raise NotCollapsible(str(reason)) from None
    return result


class _Collapsing:
    def __init__(
        self,
        state: State,
        spec: Spec,
        explicit: Spec,
        chosen: Sequence[int],
        tools: ToolTable,
        template: NewTemplate,
    ) -> None:
        self.state, self.spec, self.tools, self.template = state, spec, tools, template
        self.selection = SelectedStages(explicit.stages, chosen, tools)
        self.stages, self.chosen = explicit.stages, chosen
        self.inside, self.sources = self.selection.inside, self.selection.sources
        self.keys = {
            record["id"]: key
            for key, record in state["stages"]["rows"].items()
            if isinstance(record, dict) and isinstance(record.get("id"), str)
        }
        self.records = state["stages"]["rows"]
        self.id = self._free_id()
        names = {name for one in every(self.stages) for name in one.produces}
        self.name = take_name(word_of(self.id), names)
        names = {one.name for one in spec.inputs}
        inputs = [one for one in state["inputs"]["rows"].values() if _name_of(one) in names]
        self.outputs = TakenOutputs(self.selection, self.name)
        self.taken = TakenInputs({one["name"]: one for one in inputs})
        # What holds for all of them holds for the new stage.
        self.condition = self.selection.shared_condition()
        # Names from outside: that some stage waits for or takes, and that one can do without.
        self.waits: list[str] = []
        self.needed: set[str] = set()
        self.optional: list[str] = []

    def _free_id(self) -> str:
        ids = {*self.keys, *self.records, *(one.id for one in every(self.spec.stages))}
        members = [self.stages[place].id for place in self.chosen]
        while True:
            free = take_name(self.template.stage_id, ids)
            if all(f"{free}.{member}" not in self.keys for member in members):
                return free

    def apply(self) -> Change:
        order = self.selection.order()
        self.selection.check_lacking()
        members = [self._member(place) for place in self.chosen]
        self.outputs.find(self.spec)
        inner = self._inner(members)
        readable, issues = read_spec(inner)
        if issues:
            raise NotCollapsible("Fix their problems first.")
        tool = version_tool(self.template.reference, readable, self.tools)
        self.outputs.check_given({one.name for one in tool.outputs})
        self.tools_after = self.tools.with_uses({**self.tools.uses, self.template.reference: tool})
        state = self._document(order)
        self.spec_after, _ = read_spec(to_spec(state))
        self.selection.check_sources(self.spec_after.stages, self.id)
        result = Collapsed(self._keep_result(state), self.id, inner, self.tools_after)
        stages = [*map(self.stages.__getitem__, self.places_after(order))]
        return Change(result, self.spec_after, self.tools_after, [one.id for one in stages])

    def places_after(self, order: Sequence[int]) -> Iterator[int]:
        """Yield the places of stages in the order in which they run then."""
        for place in order:
            yield from self.chosen if place < 0 else (place,)

    def _keep_result(self, state: State) -> State:
        """Say what the outer template's result is where it would be another one then."""
        if self.spec.outputs:
            return state
        before = outputs_of(self.spec, self.spec, FLAT, self.tools)
        after = outputs_of(self.spec_after, self.spec_after, FLAT, self.tools_after)
        source = before[0].source
        place = next(at for at, stage in enumerate(self.stages) if stage.id == source)
        result = TakenResult(place)
        is_same = after[0].source == (self.id if place in self.inside else source)
        if is_same and (place not in self.inside or [*self.outputs.names][:1] in ([], [result])):
            return state
        if place in self.inside and result in self.outputs.names:
            name = self.outputs.names[result]
            is_main = result == next(iter(self.outputs.names))
            text = f"$artifacts.{self.name}{'' if is_main else f'.{name}'}"
        else:
            names = [name for name in self.stages[place].produces if name != self.name]
            if place in self.inside or not names or self.selection.producers[names[0]][-1] != place:
                raise NotCollapsible("Say in Results what this template is for first.")
            text = f"$artifacts.{names[0]}"
        template = {**state[ROOT]["rows"][TEMPLATE], "outputs": {RESULT: {"from": text}}}
        rows = {**state[ROOT]["rows"], TEMPLATE: template}
        return {**state, ROOT: {**state[ROOT], "rows": rows}}

    # -- inside ------------------------------------------------------------------------------------

    def _member(self, place: int) -> dict[str, Any]:
        """Return a stage as it is stored inside, and note what it takes from outside."""
        stage = self.stages[place]
        if self.condition is None:
            self.selection.check_condition(place)
        self.selection.check_below(place)
        outside = {name for name, at in self.sources[place].items() if at not in self.inside}
        self.waits.extend(name for name in stage.requires if name in outside)
        self.optional.extend(name for name in stage.optional if name in outside)
        self.needed |= outside - {*stage.optional}
        bare = stage.model_copy(
            update={
                "condition": stage.condition if self.condition is None else None,
                "requires": tuple(name for name in stage.requires if name not in outside),
                "optional": tuple(name for name in stage.optional if name not in outside),
            }
        )
        return with_changes(
            self._record(place), self.spec.stages[place], self._part(bare, place, set())
        )

    def _part(self, stage: Stage, place: int, names: set[str]) -> Stage:
        """Return a stage with what it takes from outside as inputs, and so those in it.

        place: of the one that the template lists. names: those of what that one has made so far;
        this one's are added.
        """

        def is_inside(ref: Ref) -> bool:
            return ref.name in names or self.selection.maker(ref, place) in self.inside

        if stage.select is not None:
            ref = read_text(stage.select.source)
            if isinstance(ref, Ref) and not is_inside(ref):
                raise NotCollapsible(
                    f"{title_of(stage)} is a choice from outside. Select what makes it, too."
                )
        if stage.type == "batch" and stage.inside:
            raise NotCollapsible(f"{title_of(stage)} repeats several stages, so it stays outside.")
        caller = stage.item if stage.item is not None else stage
        tool = self.tools.get(caller.tool) if caller.tool else None

        def inside(ref: Ref | Broken, argument: str = "") -> str:
            if isinstance(ref, Ref) and ref.root == "inputs":
                return self.taken.input(ref)
            if not isinstance(ref, Ref) or ref.root != "artifacts":
                return ref.text
            if is_inside(ref):
                return ref.text
            maker = self.selection.maker(ref, place)
            is_optional = ref.name in self.stages[place].optional
            text: str | None = None
            if argument:
                text = self.taken.artifact(ref, tool, argument, is_optional=is_optional)
            elif maker is not None:
                is_list = ref.text == stage.over
                kind = self.selection.kinds[maker] if is_list else None
                text = self.taken.named_by(ref, kind, is_many=is_list, is_optional=is_optional)
            if text is None:
                raise NotCollapsible(f"{title_of(stage)} takes something that no input can be.")
            return text

        def all_inside(args: Mapping[str, Any]) -> dict[str, Any]:
            return {name: rewritten(args[name], partial(inside, argument=name)) for name in args}

        item = stage.item
        if item is not None:
            item = item.model_copy(update={"args": all_inside(item.args)})
        bare = stage.model_copy(update={"sub_stages": ()})
        new = with_references(bare, inside, lambda name: name, lambda ref: ref.text)
        args = all_inside(stage.args)
        names.update(stage.produces)
        below = tuple(self._part(one, place, names) for one in stage.sub_stages)
        return new.model_copy(update={"args": args, "sub_stages": below, "item": item})

    def _record(self, place: int) -> dict[str, Any]:
        record: dict[str, Any] = self.records[self.keys[self.stages[place].id]]
        return record

    def _inner(self, members: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the new template as it is stored."""
        names = [self.stages[place].id for place in self.chosen]
        nodes = [
            row
            for name in names
            if isinstance(row := self.state["nodes"]["rows"].get(self.keys[name]), dict)
        ]
        inner: dict[str, Any] = {
            "name": self.template.name,
            "inputs": [*self.taken.rows.values()],
            "stages": [*members],
        }
        if len(inner["inputs"]) > MAX_INPUTS:
            raise NotCollapsible(f"They take more than {MAX_INPUTS} things from outside.")
        default = self.outputs.default(inner)
        if self.outputs.names:
            self.outputs.name_all(default)
            inner["outputs"] = {
                name: {
                    "from": f"$artifacts.{self.outputs.name_inside(result)}",
                    "label": title_of(self.stages[result.place]),
                    "position": position,
                }
                for position, (result, name) in enumerate(self.outputs.names.items())
            }
        places = [x for row in nodes if isinstance(x := row.get("x"), (int, float))]
        if places and inner["inputs"]:
            corner = {"x": min(places) - _COLUMN, "y": nodes[0].get("y", 0)}
            nodes = [{"stageId": INPUTS, **corner}, *nodes]
        if nodes:
            inner["graph"] = {"nodes": nodes}
        return inner

    # -- outside -----------------------------------------------------------------------------------

    def _document(self, order: Sequence[int]) -> State:
        """Return the document with the one stage."""
        keys = {self.keys[self.stages[place].id] for place in self.inside}
        rows = {key: row for key, row in self.records.items() if key not in keys}
        own_keys = []
        for place in order:
            if place < 0:
                rows[self.id] = self._new_record()
                own_keys.append(self.id)
                continue
            key = self.keys[self.stages[place].id]
            rows[key] = with_changes(rows[key], self.spec.stages[place], self._outside(place))
            own_keys.append(key)
        state = dict(self.state)
        state["stages"] = {"order": own_keys, "rows": rows}
        for place in self.inside:
            state["nodes"] = without_row(state["nodes"], self.keys[self.stages[place].id])
        # Inside, the template has the same steps.
        members = {one.id for one in every(self.stages[place] for place in self.inside)}
        seeds = [one for one in seed_places(self.state) if one.stage in members]
        new_keys = {one.key: key_of(self.id, one.step) for one in seeds}
        state["seeds"] = with_keys(state["seeds"], new_keys)
        root = state[ROOT]
        template = with_new_names(
            root["rows"][TEMPLATE],
            self._output_text,
            dict.fromkeys(self.selection.member_ids, self.id),
        )
        state[ROOT] = {**root, "rows": {**root["rows"], TEMPLATE: template}}
        return state

    def _new_record(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "id": self.id,
            "label": self.template.name,
            "type": "fixed",
            "tool": self.template.reference,
            "args": self.taken.args,
            "produces": [self.name],
        }
        if self.condition is not None:
            record["condition"] = self._record(self.chosen[0])["condition"]
        if self.needed & {*self.optional}:
            raise NotCollapsible("One of them needs what another can do without.")
        if self.waits:
            record["requiredArtifactsIn"] = [*dict.fromkeys(self.waits)]
        if self.optional:
            record["optionalArtifactsIn"] = [*dict.fromkeys(self.optional)]
        return record

    def _outside(self, place: int) -> Stage:
        """Return a stage outside that names the new stage in place of those inside."""
        stage = self.stages[place]
        mains = {result.place for result in [*self.outputs.names][:1] if not result.output}

        def name_of(name: str) -> str:
            return self.name if self.sources[place].get(name) in self.inside else name

        waits = [name for name in stage.requires if self._is_said(name, place, mains)]
        stage = stage.model_copy(update={"requires": tuple(waits)})
        return with_references(
            stage, lambda ref: self.outputs.text(ref, self.selection.maker(ref, place)), name_of
        )

    def _is_said(self, name: str, place: int, mains: Collection[int]) -> bool:
        """Tell whether to wait for a name can be said: of those inside, for the main result."""
        maker = self.sources[place].get(name)
        return maker not in self.inside or maker in mains

    def _output_text(self, text: str) -> str:
        ref = read_text(text)
        return (
            self.outputs.text(ref, self.selection.last_maker(ref)) if isinstance(ref, Ref) else text
        )


def _name_of(record: Any) -> str:
    name = record.get("name") if isinstance(record, dict) else ""
    return name if isinstance(name, str) else ""
