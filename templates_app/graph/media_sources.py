"""The media that each step of a template takes, named or not. Pure.

A stage may take the newest file, one by its number, or all there are. Two templates whose steps
take the same, and are left out of a run with the same, do the same work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from templates_app.graph.bindings import Broken, Ref, find_refs, plain, read_text
from templates_app.graph.bypass import without_bypassed
from templates_app.graph.expressions import parse, replace_refs
from templates_app.graph.inlining import without_templates
from templates_app.graph.nesting import without_nested
from templates_app.graph.port_arguments import find_port, kinds_made
from templates_app.graph.references import kinds_made_by, latest_before, producers_of
from templates_app.graph.rewriting import path_text
from templates_app.graph.spec import Condition, Spec, Stage
from templates_app.graph.template_tool import TemplateTool
from tools.declaration.arguments import fill_defaults, read_arguments
from tools.declaration.ports import MEDIA_KINDS, Port, Tool, ToolTable

# More in all can't be compared.
MAX_SOURCES: Final = 100_000
# The key of a step, or `$…` for what is sent; and what of it.
Source: TypeAlias = tuple[str, str]
# Why a step may be left out: how, an expression, the steps that it is about.
Cause: TypeAlias = tuple[str, str, tuple[str, ...]]
# What one port finds: its name, how it looks, and what it may meet.
Find: TypeAlias = tuple[str, str, tuple[Source, ...]]


class MediaSources:
    """Steps in the order of a run, each with its key; those that begin and end others left out.

    owners: of each the stage that the template lists. finds: of those that find something.
    """

    def __init__(self, spec: Spec, tools: ToolTable) -> None:
        flat, nesting, _notices = without_nested(spec, tools)
        flat, nesting, _refusals = without_bypassed(flat, nesting, tools)
        flat, self.nesting, _problems = without_templates(flat, nesting, tools)
        self.stages, self.tools = flat.stages, tools
        self.places = {stage.id: place for place, stage in enumerate(spec.stages)}
        self.inputs = {one.name: one for one in flat.inputs}
        self.producers = producers_of(flat.stages)
        self.kinds = kinds_made_by(flat.stages, self.producers, tools, self.nesting.batches)
        self.owners: dict[str, str] = {}
        self.finds: dict[str, tuple[Find, ...]] = {}
        # Scope and kind → steps so far that may make it.
        self.makers: dict[tuple[str, str], list[str]] = {}
        # How many of them surely make one result each, before the first that may not.
        self.sure_counts: dict[tuple[str, str], int] = {}
        # The kind of each step's result.
        self.made: dict[str, str | None] = {}
        # Scope → all that is in it so far.
        self.all: dict[str, list[str]] = {}
        # Step → the steps whose results it names.
        self.named: dict[str, set[str]] = {}
        # Step or group → why it may be left out itself, and what else it is left out with.
        self.causes: dict[str, tuple[list[Cause], set[str]]] = {}
        self.lacking: set[str] = set()
        self.source_count = 0
        # Steps that may make nothing; not one; and anything.
        self.unsure: set[str] = set()
        self.several: set[str] = set()
        self.anything: set[str] = set()
        for place, stage in enumerate(flat.stages):
            if self.source_count <= MAX_SOURCES:
                self._enter(place, stage)

    def by_owner(self) -> dict[str, list[str]]:
        """Return the keys of the steps of each stage that the template lists."""
        keys: dict[str, list[str]] = {}
        for key, owner in self.owners.items():
            keys.setdefault(owner, []).append(key)
        return keys

    def is_own(self, key: str, in_template: bool) -> bool:
        """Tell whether a step is a call that a stage which the template lists makes itself, or one
        that the template which that stage is lists."""
        stage_id = self.nesting.origins.get(key, key)
        return self.owners[key] == (self.nesting.holders.get(stage_id) if in_template else stage_id)

    def causes_of(self, names: Mapping[str, str], numbers: dict[Cause, int]) -> dict[str, int]:
        """Return with what each step is left out: a bit for each cause.

        names: of steps in causes. numbers: of the causes, from which on others are counted.
        """
        masks: dict[str, int] = {}
        for key, (causes, sources) in self.causes.items():
            mask = 0
            for how, text, keys in causes:
                cause = how, text, tuple(names.get(one, one) for one in keys)
                mask |= 1 << numbers.setdefault(cause, len(numbers))
            for source in sources:
                mask |= masks[source]
            masks[key] = mask
        return masks

    def list_sources(self, key: str) -> set[str]:
        """Return the steps that one may take something from."""
        finds = self.finds.get(key, ())
        sources = {source for port, _, all_of in finds if port for source, _ in all_of}
        return self.named[key] | (sources & self.owners.keys())

    def first_makers(self, kind: str, end: int) -> list[str]:
        """List the stages whose one result each surely comes first of a kind, in their order, among
        those before a place in the template."""
        stages: list[str] = []
        for key in self.makers.get(("", kind), ()):
            stage_id = self.owners[key]
            is_result = self.nesting.result_of(stage_id) == key and self.made[key] == kind
            if self.places[stage_id] >= end or not is_result or not self._is_one(key):
                break
            stages.append(stage_id)
        return stages

    def _is_one(self, key: str) -> bool:
        """Tell whether a step surely makes one result."""
        return key not in self.unsure and key not in self.several

    def _enter(self, place: int, stage: Stage) -> None:
        around = [*self.nesting.around(stage.id)]
        is_batch = stage.id in self.nesting.batches
        scope = self.nesting.scopes.get(stage.id, "")
        self._note_causes(place, stage, around)
        if self._is_step(stage.id):
            self.owners[stage.id] = around[-1] if around else stage.id
            caller = stage.item if stage.type == "batch" and stage.item is not None else stage
            tool = self.tools.get(caller.tool) if caller.tool and not is_batch else None
            late = {name for name, value in caller.args.items() if any(find_refs(value))}
            literal = {name: plain(value) for name, value in caller.args.items()}
            params: dict[str, Any] = {}
            if tool is not None:
                params = dict(fill_defaults(tool, read_arguments(tool, literal).params))
                if "returnLastFrame" in late:
                    params["returnLastFrame"] = True
                finds = tuple(self._finds(stage, caller, tool, params, late))
                if finds:
                    self.finds[stage.id] = finds
                    self.source_count += sum(len(sources) for _, _, sources in finds)
            self._note_results(place, stage, tool, params)
        self.all.setdefault(scope, []).append(stage.id)

    def _note_causes(self, place: int, stage: Stage, around: Sequence[str]) -> None:
        makers = self._makers({ref.name for ref in _refs(stage) if ref.root == "artifacts"}, place)
        self.named[stage.id] = set(makers.values())
        waits = {**makers, **self._makers(stage.requires, place)}
        sources = {key for name, key in waits.items() if name not in stage.optional}
        sources.update(around[:1])
        causes: list[Cause] = []
        if stage.condition is not None and stage.is_conditional:
            causes.append(self._read_condition(place, stage, stage.condition))
        if stage.on_error in ("continue", "skip") or stage.allow_partial:
            # A group is called by its first step: it may be no one's after a change.
            at = place
            while not self._is_step(self.stages[at].id):
                at += 1
            causes.append(("fails" if at == place else "group fails", "", (self.stages[at].id,)))
        if causes or not self.lacking.isdisjoint(sources):
            self.lacking.add(stage.id)
        self.causes[stage.id] = causes, sources & self.lacking

    def _read_condition(self, place: int, stage: Stage, condition: Condition) -> Cause:
        """Return a condition by the steps that it is about: where that is all, two are the same."""
        if condition.type == "if_artifact_exists":
            places = self.producers.get(condition.artifact_name, [])
            keys = [self.stages[at].id for at in places if at < place]
            return condition.type, "", tuple(keys)
        if condition.type != "expr":
            return condition.type, "", (condition.stage_id,)
        reading = parse(condition.expression)
        refs = () if isinstance(reading, Broken) else reading.refs
        is_fixed = all(ref.root in ("inputs", "artifacts") for ref in refs)
        if isinstance(reading, Broken) or not is_fixed:
            return condition.type, condition.expression, (stage.id,)
        makers = self._makers({ref.name for ref in refs if ref.root == "artifacts"}, place)
        operands = {ref.text: self._read_operand(ref, makers) for ref in refs}
        tree = replace_refs(reading.tree, lambda one: {"lit": operands[one["ref"]]})
        return condition.type, repr(tree), tuple(makers.get(ref.name, "") for ref in refs)

    def _read_operand(self, ref: Ref, makers: Mapping[str, str]) -> str:
        """Return a reference in an expression without names that differ from other templates'."""
        path = path_text(ref.path)
        if ref.root == "artifacts":
            return f"{'' if ref.name in makers else ref.text}{path}"
        one = self.inputs.get(ref.name)
        is_fixed = one is not None and (one.scope or (one.internal and one.default is not None))
        return f"{one.default!r}{path}" if one is not None and is_fixed else ref.text

    def _makers(self, names: Iterable[str], place: int) -> dict[str, str]:
        """Return the steps whose results some names are at a place, by the names."""
        makers = {name: latest_before(self.producers.get(name, ()), place) for name in names}
        return {name: self.stages[at].id for name, at in makers.items() if at is not None}

    def _is_step(self, key: str) -> bool:
        """Tell whether a step does something itself: it is no group."""
        return key not in self.nesting.results or key in self.nesting.batches

    def _note_results(
        self, place: int, stage: Stage, tool: type[Tool] | None, params: dict[str, Any]
    ) -> None:
        """Note what a step may add to the media of its run."""
        kind = self.made[stage.id] = self.kinds[place]
        kinds: Iterable[str] = (kind,) if kind else ()
        if tool is not None:
            kinds = sorted(kinds_made(tool, params))
        elif kind is None:
            kinds = MEDIA_KINDS
            self.anything.add(stage.id)
        is_late = stage.type == "batch" or (stage.select is not None and stage.select.low == 0)
        if is_late or kind is None or stage.id in self.lacking:
            self.unsure.add(stage.id)
        if not makes_one(stage, self.tools):
            self.several.add(stage.id)
        for scope in self.nesting.finders(stage.id):
            for one in kinds:
                makers = self.makers.setdefault((scope, one), [])
                if self._is_one(stage.id) and self.sure_counts.get((scope, one), 0) == len(makers):
                    self.sure_counts[scope, one] = len(makers) + 1
                makers.append(stage.id)

    def _finds(
        self, stage: Stage, caller: Stage, tool: type[Tool], params: dict[str, Any], late: set[str]
    ) -> Iterator[Find]:
        scope = self.nesting.scopes.get(stage.id, "")
        values: dict[str, list[Any]] = {}
        for argument, value in caller.args.items():
            port, _ = find_port(tool, argument)
            if port is not None:
                parts = value if isinstance(value, list) else [value]
                values.setdefault(port.name, []).extend(parts)
        if tool.reads_run:
            yield "", "all", (*_whole(self.all.get(scope, ())), *self._list_sent(scope))
        for port in tool.ports():
            for part in values.get(port.name, ()):
                if isinstance(part, int):
                    yield self._find_place(port, scope, part)
            is_late = port.when is not None and port.when[0] in late
            if port.name in values or not (is_late or port.applies(params)):
                continue
            if stage.type == "fixed" and not values and port.implied != "none":
                yield from self._find_unnamed(port, scope)
            elif port.fallback == "latest":
                yield port.name, "newest", self._find_newest(port.kind, scope)

    def _find_place(self, port: Port, scope: str, number: int) -> Find:
        """Return what is at a place among the media of a kind."""
        if number < 0:
            return port.name, str(number), tuple(self._list_sent(scope, port.kind))
        makers = self.makers.get((scope, port.kind), [])
        if number < self.sure_counts.get((scope, port.kind), 0):
            return port.name, "first", _whole(makers[number : number + 1])
        return port.name, str(number), _whole(makers)

    def _find_unnamed(self, port: Port, scope: str) -> Iterator[Find]:
        makers = self.makers.get((scope, port.kind), [])
        newest_first = (one for one in reversed(makers) if one not in self.anything)
        if port.implied == "all":
            sources = _whole(reversed([*newest_first]))
            yield port.name, "every", sources or tuple(self._list_sent(scope, port.kind))
            return
        newest = next(newest_first, None)
        if newest is not None and newest not in self.unsure:
            yield port.name, "newest", _whole([newest])
        else:
            yield port.name, "newest", self._find_newest(port.kind, scope)

    def _find_newest(self, kind: str, scope: str) -> tuple[Source, ...]:
        """Return what may be the newest: back to what surely is there, else to what is sent."""
        newest: list[str] = []
        for key in reversed(self.makers.get((scope, kind), ())):
            newest.append(key)
            if key not in self.unsure:
                return _whole(newest)
        return (*_whole(newest), *self._list_sent(scope, kind))

    def _list_sent(self, scope: str, kind: str = "") -> Iterator[Source]:
        """Yield the media that were sent, or given to a template stage."""
        if not scope:
            for one in self.inputs.values():
                if one.is_media and not one.scope and kind in ("", one.type):
                    yield f"$inputs.{one.name}", ""
        elif scope not in self.nesting.media:
            yield "$item", ""
        for medium in self.nesting.media.get(scope, ()):
            if kind in ("", medium.port.kind):
                yield self._read_source(medium.text)

    def _read_source(self, text: str) -> Source:
        """Return what a template stage was given, as it is called in every template."""
        ref = read_text(text)
        if not isinstance(ref, Ref):
            return f"${text}", ""
        path = path_text(ref.path)
        if ref.root == "inputs":
            one = self.inputs.get(ref.name)
            is_own = one is not None and bool(one.scope)
            return (f"$={one.element or one.default}", path) if one and is_own else (text, "")
        at = latest_before(self.producers.get(ref.name, ()), len(self.stages))
        return (text, "") if at is None else (self.stages[at].id, path)


def _whole(keys: Iterable[str]) -> tuple[Source, ...]:
    return tuple((key, "") for key in keys)


def _refs(stage: Stage) -> Iterator[Ref]:
    select = stage.select.source if stage.select is not None else ""
    item = stage.item.args if stage.item is not None else {}
    for ref in find_refs([stage.args, item, stage.over, stage.user_message, select]):
        if not isinstance(ref, Broken):
            yield ref


def may_lack(stage: Stage) -> bool:
    """Tell whether a run may go on without a stage's result."""
    return stage.is_conditional or stage.on_error in ("continue", "skip") or stage.allow_partial


def makes_one(stage: Stage, tools: ToolTable) -> bool:
    """Tell whether a stage surely makes one result, so that its newest is its first and all."""
    tool = tools.get(stage.tool) if stage.type == "fixed" and stage.tool else None
    if tool is None:
        return False
    if issubclass(tool, TemplateTool):
        sources = (one for one in tool.flat.stages if one.id == tool.outputs[0].source)
        return bool(tool.outputs) and all(makes_one(one, tool.tools) for one in sources)
    return not tool.count or fill_defaults(tool, plain(dict(stage.args))).get(tool.count, 1) == 1
