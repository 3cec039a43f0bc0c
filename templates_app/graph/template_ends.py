"""Stages of a template that are to become one of their own, and its inputs and outputs. Pure.

What those stages take from outside is given to it, what others take from them it gives.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.names import take_name, word_of
from templates_app.graph.bindings import OF_EVERY_RESULT, Ref, read_text
from templates_app.graph.connections import title_of
from templates_app.graph.media_sources import may_lack
from templates_app.graph.nesting import FLAT, every
from templates_app.graph.outputs import outputs_of
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import (
    kinds_made_by,
    latest_before,
    pick_of,
    producers_of,
    refs_of,
)
from templates_app.graph.rewriting import path_text
from templates_app.graph.spec import MAX_OUTPUTS, MEDIA_INPUTS, Condition, Spec, Stage
from templates_app.graph.spec_reader import read_spec
from templates_app.graph.template_tool import output_of
from templates_app.graph.types import EVERY
from tools.declaration.ports import Tool, ToolTable
from tools.declaration.schema import parameter_schemas

_TYPES: Final = {"number": "number", "integer": "number", "boolean": "boolean"}
_LIST: Final = "array"
_NAME_LENGTH: Final = 60


class NotCollapsible(Exception):
    """Stages can't become a template without changing what runs. Its text says what to do."""


class SelectedStages:
    """The stages of a template, of which some are selected, by their places.

    stages: with their connections written. inside: those that are selected. sources: for each, by
    name, the places of what makes what it names.
    """

    def __init__(self, stages: Sequence[Stage], chosen: Sequence[int], tools: ToolTable) -> None:
        self.stages, self.chosen, self.tools = stages, chosen, tools
        self.inside = frozenset(chosen)
        self.producers = producers_of(stages)
        self.sources = [self._sources(place) for place in range(len(stages))]
        self.kinds = kinds_made_by(stages, self.producers, tools)

    @property
    def member_ids(self) -> set[str]:
        return {self.stages[place].id for place in self.chosen}

    def _sources(self, place: int) -> dict[str, int]:
        """Return the makers of what a stage names: by name, their places."""
        stage = self.stages[place]
        names = [ref.name for ref in refs_of(stage) if ref.root == "artifacts"]
        condition = stage.condition
        if condition is not None and condition.type == "if_artifact_exists":
            names.append(condition.artifact_name)
        sources = {}
        for name in (*names, *stage.requires, *stage.optional):
            maker = latest_before(self.producers.get(name, ()), place)
            if maker is not None:
                sources[name] = maker
        return sources

    def order(self) -> list[int]:
        """Return the places of what is outside, -1 for the new stage, as they are to follow.

        Stages in between that need one of them come after it.
        """
        last = self.chosen[-1]
        needing: set[int] = set(self.inside)
        for place in range(self.chosen[0], last + 1):
            makers = {*self.sources[place].values(), *self._condition_sources(place)}
            between = makers & needing - self.inside
            if place in self.inside and between:
                stage = self.stages[min(between)]
                raise NotCollapsible(
                    f"{title_of(stage)} takes from these stages, and they take from it. Select it,"
                    " too."
                )
            if makers & needing:
                needing.add(place)
        followers = sorted(needing - self.inside)
        before = [at for at in range(last) if at not in needing]
        return [*before, -1, *followers, *range(last + 1, len(self.stages))]

    def _condition_makers(self, place: int) -> set[int]:
        """Return the places of what a condition is about, but an expression."""
        condition, sources = self.stages[place].condition, self.sources[place]
        if condition is None or condition.type != "if_artifact_exists":
            return self._condition_sources(place)
        return {sources.get(condition.artifact_name, place)}

    def _condition_sources(self, place: int) -> set[int]:
        condition = self.stages[place].condition
        stage_id = condition.stage_id if condition is not None else ""
        return {at for at, stage in enumerate(self.stages) if stage_id and stage.id == stage_id}

    def check_lacking(self) -> None:
        """Raises where only some of the stages would be left out with what they take."""
        lacking: set[int] = set()
        for place, stage in enumerate(self.stages):
            needs = {
                at: name for name, at in self.sources[place].items() if name not in stage.optional
            }
            missing = lacking & needs.keys()
            if may_lack(stage) or missing:
                lacking.add(place)
            if place in self.inside and missing - self.inside:
                source = self.stages[min(missing - self.inside)]
                raise NotCollapsible(
                    f"{title_of(source)} may be left out of a run, and {title_of(stage)} with it."
                    f" Select {title_of(source)}, too."
                )

    def check_sources(self, after: Sequence[Stage], new_id: str) -> None:
        """Raises where a stage would take something from another stage outside than before."""
        producers = producers_of(after)
        members = self.member_ids
        places = {stage.id: place for place, stage in enumerate(after)}
        for at in self.chosen:
            for name, maker in self.sources[at].items():
                now = latest_before(producers.get(name, ()), places[new_id])
                if maker not in self.inside and (
                    now is None or after[now].id != self.stages[maker].id
                ):
                    raise _other_source(self.stages[at])
        for at, stage in enumerate(self.stages):
            if at in self.inside:
                continue
            own = {self.stages[maker].id for maker in self.sources[at].values()}
            makers_before = {new_id if one in members else one for one in own}
            place = places[stage.id]
            names = [ref.name for ref in refs_of(after[place]) if ref.root == "artifacts"]
            condition = after[place].condition
            names.append(condition.artifact_name if condition is not None else "")
            makers = [
                latest_before(producers.get(name, ()), place)
                for name in (*names, *after[place].requires, *after[place].optional)
            ]
            if {after[maker].id for maker in makers if maker is not None} != makers_before:
                raise _other_source(stage)

    def check_below(self, place: int) -> None:
        """Raises where a stage inside a stage waits for one on the other side."""
        for inner in every(self.stages[place].inside):
            for name in (*inner.requires, *inner.optional):
                maker = latest_before(self.producers.get(name, ()), place)
                if maker is not None and (maker in self.inside) != (place in self.inside):
                    other = title_of(self.stages[maker])
                    raise NotCollapsible(f"{title_of(inner)} waits for {other}. Change that first.")

    def shared_condition(self) -> Condition | None:
        """Return the condition that all selected stages have, where it is about one outside."""
        condition = self.stages[self.chosen[0]].condition
        is_shared = all(self.stages[place].condition == condition for place in self.chosen)
        if condition is None or condition.type in ("always", "expr") or not is_shared:
            return None
        makers = self._condition_makers(self.chosen[0])
        return condition if makers and self.inside.isdisjoint(makers) else None

    def check_condition(self, place: int) -> None:
        """Raises for a condition that is about a stage on the other side, but for expressions."""
        is_inside = place in self.inside
        makers = (self._condition_makers if is_inside else self._condition_sources)(place)
        if any((at in self.inside) != is_inside for at in makers):
            raise NotCollapsible(f"Change the condition of {title_of(self.stages[place])} first.")

    def maker(self, ref: Ref, place: int) -> int | None:
        return self.sources[place].get(ref.name) if ref.root == "artifacts" else None

    def last_maker(self, ref: Any) -> int | None:
        if not isinstance(ref, Ref) or ref.root != "artifacts":
            return None
        return latest_before(self.producers.get(ref.name, ()), len(self.stages))


def _other_source(stage: Stage) -> NotCollapsible:
    return NotCollapsible(
        f"{title_of(stage)} would take something else then. Give what stages make different names"
        " first."
    )


class TakenInputs:
    """Declares an input for each reference that leads out, and keeps what is given for it.

    rows: the inputs as they are stored, by name. args: of the new stage.
    """

    def __init__(self, outer_rows: Mapping[str, Mapping[str, Any]]) -> None:
        self.outer_rows = outer_rows
        self.rows: dict[str, dict[str, Any]] = {}
        self.args: dict[str, str] = {}
        self.names = set(outer_rows)
        self.by_reference: dict[tuple[str, str, bool], str] = {}

    def input(self, ref: Ref) -> str:
        """Return a reference to an input of the outer template, which has its twin inside."""
        outer = self.outer_rows.get(ref.name)
        if outer is not None and ref.name not in self.rows:
            self.rows[ref.name] = _as_asked(outer)
            self.args[ref.name] = f"$inputs.{ref.name}"
        return ref.text

    def artifact(
        self, ref: Ref, tool: type[Tool] | None, argument: str, *, is_optional: bool
    ) -> str | None:
        """Return a reference to an input that stands for a result made outside.

        tool, argument: what takes it. None where what is taken can't be an input.
        """
        port = find_port(tool, argument)[0] if tool is not None else None
        is_whole = pick_of(ref, many=True) == EVERY
        if port is not None:
            if port.kind not in MEDIA_INPUTS or pick_of(ref, many=True) is None:
                return None
            return self.input_for(
                ref, port.kind, is_many=port.many and is_whole, is_optional=is_optional
            )
        schema = {}
        if tool is not None:
            schema = parameter_schemas(tool).get(find_port(tool, argument)[1], {})
        kind = _TYPES.get(schema.get("type", ""), "text")
        is_many = schema.get("type") == _LIST
        return self.input_for(ref, kind, is_many=is_many, is_optional=is_optional)

    def named_by(self, ref: Ref, kind: str | None, *, is_many: bool, is_optional: bool) -> str:
        """Return a reference to an input for what is no argument: the list of a batch, a question.

        kind: of media that its maker makes.
        """
        is_media = kind in MEDIA_INPUTS and pick_of(ref, many=True) is not None
        name = kind if is_media and kind else "text"
        return self.input_for(ref, name, is_many=is_many, is_optional=is_optional)

    def input_for(self, ref: Ref, kind: str, *, is_many: bool, is_optional: bool) -> str:
        """Return a reference to the input for this one, the same for all that take it so."""
        key = (f"{ref.name}{path_text(ref.path)}", kind, is_many)
        name = self.by_reference.get(key)
        if name is None:
            name = self.by_reference[key] = _end_name(ref.name, self.names)
            row: dict[str, Any] = {"name": name, "type": kind, "required": not is_optional}
            self.rows[name] = {**row, "multiple": True} if is_many else row
            self.args[name] = ref.text
        return f"$inputs.{name}"


def _as_asked(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an input as another template asks for it: files of the outer one stay there."""
    declaration = {name: value for name, value in row.items() if name != "internal"}
    if row.get("type") not in MEDIA_INPUTS:
        return declaration
    if declaration.pop("default", None) is not None:
        declaration["required"] = True
    schema = declaration.get("jsonSchema")
    if isinstance(schema, Mapping):
        declaration["jsonSchema"] = {
            key: value for key, value in schema.items() if key != "examples"
        }
    return declaration


@dataclass(frozen=True, slots=True)
class TakenResult:
    """A result that others take. output: of a template stage, "" for its main one."""

    place: int
    output: str = ""


class TakenOutputs:
    """Names the results that are taken outside; the main one is the first of `names`.

    artifact: how the stage's result is called outside.
    """

    def __init__(self, selection: SelectedStages, artifact: str) -> None:
        self.selection, self.artifact = selection, artifact
        self.stages, self.inside = selection.stages, selection.inside
        self.names: dict[TakenResult, str] = {}
        self.main: set[TakenResult] = set()

    def find(self, spec: Spec) -> None:
        """Note the results that are taken outside, and which of them has to be the main one."""
        for place, stage in enumerate(self.stages):
            if place in self.inside:
                continue
            self.selection.check_condition(place)
            self.selection.check_below(place)
            makers = set()
            for ref in refs_of(stage):
                maker = self.selection.maker(ref, place)
                if maker is not None and maker in self.inside:
                    self.names[self.result_of(ref, maker)] = ""
                    makers.add(maker)
            names = [*stage.optional]
            condition = stage.condition
            if condition is not None and condition.type == "if_artifact_exists":
                names.append(condition.artifact_name)
            # A stage that takes a result waits for it anyway.
            sources = self.selection.sources[place]
            names.extend(name for name in stage.requires if sources.get(name) not in makers)
            for name in names:
                maker = sources.get(name)
                if maker is not None and maker in self.inside:
                    self.main.add(TakenResult(maker))
                    self.names[TakenResult(maker)] = ""
        for output in spec.outputs.values():
            source = read_text(output.source)
            maker = self.selection.last_maker(source)
            if isinstance(source, Ref) and maker is not None and maker in self.inside:
                self.names[self.result_of(source, maker)] = ""
        if len(self.main) > 1:
            first, second, *_ = sorted(title_of(self.stages[one.place]) for one in self.main)
            raise NotCollapsible(
                f"Others wait for {first} and for {second}, and a template has one main result."
            )

    def default(self, inner: Mapping[str, Any]) -> int | None:
        """Find the stage whose result a template of these would have if it said nothing."""
        spec, _ = read_spec(inner)
        results = outputs_of(spec, spec, FLAT, self.selection.tools)
        ids = {self.stages[place].id: place for place in self.selection.chosen}
        return ids.get(results[0].source) if results else None

    def name_all(self, default: int | None) -> None:
        """Name the outputs, the main one first: the one that must be, else what no other takes,
        else the last."""
        if default is not None and all(one.place != default for one in self.names):
            self.names[TakenResult(default)] = ""
        results = sorted(self.names, key=lambda one: (one.place, one.output))
        if len(results) > MAX_OUTPUTS:
            raise NotCollapsible(
                f"Others take more than {MAX_OUTPUTS} results of these stages. Select fewer."
            )
        last = TakenResult(default) if default is not None else results[-1]
        main = next(iter(self.main), last if last in self.names else results[-1])
        names = {*OF_EVERY_RESULT, *self._fields_read()}
        self.names = {}
        for result in (main, *(one for one in results if one != main)):
            self.names[result] = _end_name(self.name_inside(result), names)

    def check_given(self, names: Collection[str]) -> None:
        """Raises where a template of these has not all that others take. names: its outputs."""
        for result, name in self.names.items():
            if name not in names:
                title = title_of(self.stages[result.place])
                raise NotCollapsible(
                    f"Others take what {title} passes on, and that is made outside. Turn off"
                    f" “Bypass” of {title} first."
                )

    def _fields_read(self) -> Iterator[str]:
        """Yield the fields of results that others read: no output may be called so."""
        for place, stage in enumerate(self.stages):
            for ref in refs_of(stage):
                maker = self.selection.maker(ref, place)
                if place not in self.inside and maker in self.inside:
                    yield from (part for part in ref.path[:1] if isinstance(part, str))

    def name_inside(self, result: TakenResult) -> str:
        """Return how a result is called after `$artifacts.` at the end of the new template."""
        stage = self.stages[result.place]
        for name in stage.produces:
            if max(self.inside.intersection(self.selection.producers[name])) == result.place:
                return f"{name}.{result.output}" if result.output else name
        raise NotCollapsible(
            f"Give what {title_of(stage)} makes a name that no other stage uses first."
        )

    def result_of(self, ref: Ref, maker: int) -> TakenResult:
        return TakenResult(maker, output_of(ref, self.stages[maker], self.selection.tools))

    def text(self, ref: Ref, maker: int | None) -> str:
        """Return a reference as it is outside, where the new stage has the results."""
        if maker is None or maker not in self.inside:
            return ref.text
        result = self.result_of(ref, maker)
        path = ref.path[1:] if result.output else ref.path
        name = self.names[result]
        is_main = name == next(iter(self.names.values()))
        return f"$artifacts.{self.artifact}{'' if is_main else f'.{name}'}{path_text(path)}"


def _end_name(artifact: str, names: set[str]) -> str:
    """Return a name for an input or output after an artifact, and add it to those there are."""
    word = word_of(artifact)
    word = word if word[0].isalpha() else f"result_{word}"
    return take_name(word[:_NAME_LENGTH], names)
