"""Automatic connections, written into the stages that take them. Pure.

Stages that change places find other media by themselves than before. What they take is said first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.names import take_name, word_of
from templates_app.graph.bindings import plain
from templates_app.graph.media_sources import (
    MAX_SOURCES,
    Cause,
    MediaSources,
    Source,
    makes_one,
    may_lack,
)
from templates_app.graph.port_arguments import find_port
from templates_app.graph.references import latest_before, producers_of
from templates_app.graph.spec import Spec, Stage
from templates_app.graph.wiring import INPUTS, MAX_WIRES, Wiring, wiring_of
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import ToolTable


@dataclass(frozen=True, slots=True)
class Change:
    """A template after a change. order: the stages before it, as their steps follow after it.
    new_ids: of those that are replaced → what makes the same after it."""

    result: Any
    spec: Spec
    tools: ToolTable
    order: Sequence[str]
    new_ids: Mapping[str, str] = field(default_factory=dict)


class NotConnectable(Exception):
    """A connection can't be written: it shows when the stage runs. Its text says what to do."""


def with_connections(
    spec: Spec, tools: ToolTable, stage_ids: Collection[str], *, where: str = ""
) -> Spec:
    """Return a spec in which these stages name what they take. Raises NotConnectable.

    where: of what a person sees, where they are to connect what can't be, as " in the template".
    """
    producers = producers_of(spec.stages)
    places = {stage.id: place for place, stage in enumerate(spec.stages)}
    names: dict[str, str] = {}
    names_taken = {*producers}
    args = {stage.id: dict(stage.args) for stage in spec.stages}
    wiring = wiring_of(spec, tools)
    if len(wiring.wires) >= MAX_WIRES:
        raise NotConnectable(f"There are more than {MAX_WIRES:,} connections.")
    nodes = {node.id: node for node in wiring.nodes}
    lacking = _with_takers(wiring, {stage.id for stage in spec.stages if may_lack(stage)})
    passers = {stage.id for stage in spec.stages if stage.bypass}
    # What a bypassed stage passes on may be one of several, too.
    several = {stage.id for stage in spec.stages if not makes_one(stage, tools)} - passers
    several = _with_takers(wiring, several, passers)

    def name_of(source: str, reader: str) -> str:
        stage = spec.stages[places[source]]
        for name in stage.produces:
            if latest_before(producers[name], places[reader]) == places[source]:
                return name
        if source not in names:
            names[source] = take_name(f"{word_of(source)}_result", names_taken)
        return names[source]

    for wire in wiring.wires:
        if not wire.is_implied or wire.target not in stage_ids:
            continue
        stage = spec.stages[places[wire.target]]
        tool = tools.get(stage.tool)
        socket = nodes[wire.target].inputs[wire.input].key
        port = next((one for one in tool.ports() if one.name == socket), None) if tool else None
        if port is None:
            raise NotConnectable(f"{title_of(stage)} takes media in a way that can't be written.")
        argument = port.url or port.arguments[0]
        values = args[stage.id]
        if port.implied == "all" and wire.source in passers and not stage.bypass:
            # Of all media, those that it passes on are taken where they come from.
            values.setdefault(argument, [])
            continue
        if wire.source == INPUTS:
            input_ = nodes[INPUTS].outputs[wire.output]
            is_first = input_.is_list and port.implied != "all"
            text = f"$inputs.{input_.key}{'[0]' if is_first else ''}"
        elif (
            wire.source in lacking
            or nodes[wire.source].kind != port.kind
            or not {*stage.optional}.isdisjoint(spec.stages[places[wire.source]].produces)
            or (stage.optional and wire.source in passers)
        ):
            raise _is_found_late(stage, where)
        elif port.implied != "all" and wire.source in several:
            raise NotConnectable(
                f"{title_of(stage)} takes the newest of several. Connect it{where} first."
            )
        else:
            text = f"$artifacts.{name_of(wire.source, wire.target)}"
        if port.implied == "all" and port.is_list(argument):
            values[argument] = [*values.get(argument, ()), text]
        else:
            values[argument] = text
    media: MediaSources | None = None
    for stage in spec.stages:
        by_argument = _numbers_in(stage, args[stage.id], tools) if stage.id in stage_ids else {}
        if by_argument and media is None:
            media = MediaSources(spec, tools)
        for argument, (kind, numbers) in by_argument.items():
            makers = media.first_makers(kind, places[stage.id]) if media is not None else []
            names_made = {name for one in makers for name in spec.stages[places[one]].produces}
            if max(numbers) < len(makers) and names_made.isdisjoint(stage.optional):
                texts = [f"$artifacts.{name_of(makers[one], stage.id)}[0]" for one in numbers]
                is_list = isinstance(args[stage.id][argument], list)
                args[stage.id][argument] = texts if is_list else texts[0]
    stages = []
    for stage in spec.stages:
        if stage.id in stage_ids:
            if [] in [args[stage.id][name] for name in args[stage.id].keys() - stage.args.keys()]:
                raise _is_found_late(stage, where)
            _check_named(stage, args[stage.id], tools, where)
        name = names.get(stage.id)
        produces = stage.produces if name is None else (*stage.produces, name)
        stages.append(stage.model_copy(update={"args": args[stage.id], "produces": produces}))
    return spec.model_copy(update={"stages": tuple(stages)})


def with_kept_connections(
    spec: Spec,
    tools: ToolTable,
    targets: Collection[str],
    others: Collection[str],
    change: Callable[[Spec, MediaSources], Change],
) -> Any:
    """Make a change of a template with the connections written that it would lead elsewhere.

    targets: stages whose connections are written in any case. others: those that find by themselves
    what they found before, or name it then. Raises NotConnectable.
    """
    before, media_before = wiring_of(spec, tools), MediaSources(spec, tools)
    targets = {*targets}
    titles = {stage.id: title_of(stage) for stage in spec.stages}
    while True:
        outcome = change(with_connections(spec, tools, targets), media_before)
        after = wiring_of(outcome.spec, outcome.tools)
        strays = {
            one
            for one in {*others} - targets
            if _implied_wires(before, one, outcome.new_ids) != _implied_wires(after, one, {})
        }
        strays |= _finders_of_others(media_before, outcome, targets, titles)
        if not strays:
            return outcome.result
        if not strays.isdisjoint((*targets, *outcome.new_ids)):
            stray = min(strays.intersection((*targets, *outcome.new_ids)))
            stage = next(one for one in spec.stages if one.id == stray)
            raise _is_found_late(stage, "")
        targets |= strays


def _finders_of_others(
    before: MediaSources, outcome: Change, targets: Collection[str], titles: Mapping[str, str]
) -> set[str]:
    """Return the stages with a step that finds other media after a change.

    targets: those that name what they found.
    """
    after = MediaSources(outcome.spec, outcome.tools)
    by_owner = before.by_owner()
    keys = [key for owner in outcome.order for key in by_owner.get(owner, ())]
    if max(before.source_count, after.source_count) > MAX_SOURCES:
        raise NotConnectable("Too many stages take media by number or all there are.")
    if len(keys) != len(after.owners):
        raise NotConnectable("There would be too many stages then.")
    new_keys = dict(zip(keys, after.owners, strict=True))
    strays = set()

    def new_sources(sources: Iterable[Source]) -> Iterator[Source]:
        return ((new_keys.get(source, source), part) for source, part in sources)

    numbers: dict[Cause, int] = {}
    causes, causes_now = before.causes_of(new_keys, numbers), after.causes_of({}, numbers)
    for key, new_key in new_keys.items():
        owner, now = before.owners[key], after.finds.get(new_key, ())
        if causes[key] != causes_now[new_key]:
            raise NotConnectable(
                f"{titles[owner]} would be left out of a run with other stages than now."
            )
        finds = tuple(
            (port, how, tuple(new_sources(sources)))
            for port, how, sources in before.finds.get(key, ())
        )
        is_written = before.is_own(key, owner in outcome.new_ids) and (
            owner in targets or owner in outcome.new_ids
        )
        if finds != now and (now or not is_written):
            strays.add(owner)
            continue
        sources = {new_keys.get(one, one) for one in before.list_sources(key)}
        sources_now = after.list_sources(new_key)
        # What is written is one of what might have been found.
        if not sources_now <= sources or (finds == now and sources_now != sources):
            raise NotConnectable(f"{titles[owner]} would take something else then.")
    return strays


def _implied_wires(
    wiring: Wiring, target: str, new_ids: Mapping[str, str]
) -> set[tuple[str, int, int]]:
    return {
        (new_ids.get(wire.source, wire.source), wire.output, wire.input)
        for wire in wiring.wires
        if wire.is_implied and wire.target == target
    }


def _is_found_late(stage: Stage, where: str) -> NotConnectable:
    return NotConnectable(
        f"{title_of(stage)} takes what is there when it runs. Connect it{where} first."
    )


def title_of(stage: Stage) -> str:
    return stage.label or stage.id


def _with_takers(
    wiring: Wiring, sources: Collection[str], targets: Collection[str] | None = None
) -> set[str]:
    """Return stages and those that take from them, at any distance; of `targets` where given."""
    stage_ids = {*sources}
    # Wires point forward, and are in the order of what takes them.
    for wire in wiring.wires:
        if wire.source in stage_ids and (targets is None or wire.target in targets):
            stage_ids.add(wire.target)
    return stage_ids


def _numbers_in(
    stage: Stage, args: Mapping[str, Any], tools: ToolTable
) -> dict[str, tuple[str, list[int]]]:
    """Return the arguments of a stage that take what was made by number alone: kind and numbers."""
    tool = tools.get(stage.tool) if stage.type == "fixed" and not stage.bypass else None
    if tool is None:
        return {}
    ports = {argument: find_port(tool, argument)[0] for argument in args}
    by_argument: dict[str, tuple[str, list[int]]] = {}
    for argument, port in ports.items():
        parts = args[argument] if isinstance(args[argument], list) else [args[argument]]
        numbers = [one for one in parts if isinstance(one, int) and one >= 0]
        # Of several arguments for a port, it depends on what they are which one counts.
        is_only = [*ports.values()].count(port) == 1
        if port is not None and is_only and numbers and len(numbers) == len(parts):
            by_argument[argument] = port.kind, numbers
    return by_argument


def _check_named(stage: Stage, args: Mapping[str, Any], tools: ToolTable, where: str) -> None:
    """Raises where a stage finds media by their place in the run."""
    caller = stage.item if stage.item is not None else stage
    tool = tools.get(caller.tool) if caller.tool else None
    title = title_of(stage)
    if tool is None:
        return
    if tool.reads_run:
        raise NotConnectable(f"{title} reads all that its template makes, so it stays where it is.")
    values = caller.args if caller is not stage else args
    ports = {port.name for name in values if (port := find_port(tool, name)[0]) is not None}
    for name, value in values.items():
        parts = value if isinstance(value, list) else [value]
        if find_port(tool, name)[0] and any(isinstance(part, int) for part in parts):
            raise NotConnectable(f"{title} takes media by number. Connect it{where} first.")
    params = fill_defaults(tool, plain(dict(values)))
    if any(
        port.fallback == "latest" and port.name not in ports and port.applies(params)
        for port in tool.ports()
    ):
        raise NotConnectable(f"{title} takes the newest media. Connect it{where} first.")
