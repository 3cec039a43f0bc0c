"""The second half of planning, shared by templates and explicit steps: raw ordered steps → a plan.

Arguments are read by each tool's form. Media named in them become bindings or stay as positions.
Steps that read the run's media list get barriers on whatever may still add to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from core.phrases import phrase
from templates_app.graph.dependency_tracker import DependencyTracker
from templates_app.graph.given_values import values_not_given
from templates_app.graph.issues import Issue, issue, split
from templates_app.graph.media_urls import MediaShelf
from templates_app.graph.port_arguments import find_port, kinds_made, port_names
from templates_app.graph.port_media import PortBinder, PortUse
from templates_app.graph.types import (
    INPUT_MEDIA,
    BatchSpec,
    Binding,
    Compiled,
    DeferredArgument,
    DeferredRef,
    Limits,
    MediaKind,
    Plan,
    PlanScope,
    PlanStep,
    StepKey,
    is_element,
)
from templates_app.graph.unresolved_step import UnresolvedBatch, UnresolvedStep
from tools.declaration.arguments import (
    fill_defaults,
    read_arguments,
)
from tools.declaration.ports import Port, Tool, ToolTable


def assemble(
    title: str,
    steps: Sequence[UnresolvedStep],
    media: MediaShelf,
    tools: ToolTable,
    limits: Limits,
    *,
    artifact_names: Mapping[str, StepKey] | None = None,
) -> Compiled:
    """Read every step's arguments and join the steps. Never raises on user data.

    steps: in order, keys unique. Problems of arguments are errors here.
    """
    builder = _PlanBuilder(media, tools, limits)
    for raw in steps:
        builder.add(raw)
    if len(media) - media.inline_count > limits.max_media:
        builder.issues.append(too_many_media(len(media) - media.inline_count, limits))
    plan = Plan(
        title=title,
        steps=tuple(builder.steps),
        media=media.items,
        artifact_names=dict(artifact_names or {}),
    )
    paths = {raw.key: raw.args_path for raw in steps}
    errors, warnings = split((*builder.issues, *values_not_given(plan, tools, paths)))
    if any(step.group is not None or _repeats(step) for step in plan.steps):
        plan = replace(
            plan,
            format=3 if any(map(_repeats, plan.steps)) else 2,
            steps=_with_members(plan.steps),
            scopes=_scopes(steps, builder.order),
        )
    return Compiled(None if errors else plan, errors, warnings)


def _repeats(step: PlanStep) -> bool:
    """Tell whether a step is a batch over a group."""
    return step.batch is not None and step.batch.item.group is not None


def _with_members(steps: Sequence[PlanStep]) -> tuple[PlanStep, ...]:
    """Put the steps that a batch repeats into it. A batch comes before them."""
    holders = {step.key: step.member_of for step in steps}
    members: dict[StepKey | None, list[PlanStep]] = {
        step.key: [] for step in steps if _repeats(step)
    }
    members[None] = []
    for step in reversed(steps):
        inside = members.get(step.key, ())
        if step.batch is not None and inside:
            batch = replace(step.batch, members=tuple(reversed(inside)))
            step = replace(step, batch=batch)
            step = replace(step, needs=(*step.needs, *_outer_sources(step, batch.members)))
        holder = step.member_of
        while holder is not None and holder not in members:
            holder = holders[holder]
        members[holder].append(step)
    return tuple(reversed(members[None]))


def _outer_sources(batch: PlanStep, members: Sequence[PlanStep]) -> Iterator[Binding]:
    """Yield barriers on what the steps that a batch repeats take from outside."""
    sources = {batch.key, INPUT_MEDIA, *(step.key for step in members)}
    sources.update(need.source for need in batch.needs)
    for step in members:
        for need in step.needs:
            if need.source not in sources:
                sources.add(need.source)
                yield Binding(need.source, None, barrier=True)


def _scopes(steps: Sequence[UnresolvedStep], order: DependencyTracker) -> tuple[PlanScope, ...]:
    ends: dict[str, int] = {}
    results = {raw.key: raw.group.result for raw in steps if raw.batch and raw.group}
    for raw in steps:
        for group in raw.member_of:
            ends[group] = order.positions[raw.gate or raw.key]
    scopes = []
    for raw in steps:
        if raw.scope_media is not None and raw.group is not None:
            first = order.positions[raw.key]
            end = ends.get(raw.key, first)
            maker = raw.group.result
            while maker in results:
                maker = results[maker]
            scope = PlanScope(
                first,
                end,
                raw.group.result,
                raw.scope_media,
                repeats=raw.batch is not None,
                maker=order.positions.get(maker, -1),
            )
            scopes.append(scope)
    return tuple(scopes)


def too_many_media(count: int, limits: Limits) -> Issue:
    path, most = "media_references", limits.max_media
    return issue("too_many", path=path, what="media", count=count, limit=most)


@dataclass(slots=True)
class _ReadCall:
    """A step's arguments while its ports are filled.

    with_defaults: params with defaults. late: arguments that are read when the step starts.
    closed_ports: ports that such an argument fills, or one that has an issue. literal_bindings,
    implied_bindings: bindings of what the arguments say, and of what no argument names. reads_list:
    kinds looked up in the run's media.
    """

    params: dict[str, Any]
    with_defaults: Mapping[str, Any]
    late: set[str]
    uses: Mapping[str, PortUse]
    closed_ports: set[str]
    names_media: bool
    literal_bindings: list[Binding] = field(default_factory=list)
    implied_bindings: list[Binding] = field(default_factory=list)
    implied_late: list[DeferredArgument] = field(default_factory=list)
    reads_list: set[MediaKind] = field(default_factory=set)

    def seed(self, tool: type[Tool]) -> int | None:
        seed = self.params.get("seed") if tool.seeded and "seed" not in self.late else None
        return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _question(params: Mapping[str, Any]) -> dict[str, Any]:
    """The question of a step whose tool asks, for the person who answers."""
    prompt = {name: params[name] for name in ("question", "reason") if params.get(name)}
    return {"reason": "ask_clarifying_question", "prompt": prompt}


class _PlanBuilder:
    """Plans one step after the other, in order."""

    def __init__(self, media: MediaShelf, tools: ToolTable, limits: Limits) -> None:
        self.tools = tools
        self.issues: list[Issue] = []
        self.steps: list[PlanStep] = []
        self.order = DependencyTracker(limits)
        self.ports = PortBinder(media, limits, self.order, self.issues)

    def say(self, raw: UnresolvedStep, code: str, **params: Any) -> None:
        self.issues.append(raw.issue(code, **params))

    def add(self, raw: UnresolvedStep) -> None:
        """Plan a step and the gate that follows it, if one does."""
        step = self.step(len(self.steps), raw)
        self.steps.append(step)
        if raw.gate is None:
            return
        prompt = {"stageId": raw.stage_id, "step": raw.key, "message": raw.title or raw.key}
        needs = self.order.barriers(raw, [Binding(raw.key, None)], set())
        self.enter(raw, raw.gate, None, frozenset(), 0, needs)
        gate = PlanStep(
            key=raw.gate,
            sequence=len(self.steps),
            kind="gate",
            tool="ask_clarifying_question",
            wire_tool="ask_clarifying_question",
            arguments={},
            needs=tuple(needs),
            title=f"Approve {raw.title or raw.key}",
            stage_id=raw.stage_id,
            ask={"reason": "workflow_user_input_required", "prompt": prompt},
            member_of=next(iter(raw.member_of), None),
        )
        self.steps.append(gate)
        self.order.gates[raw.key] = raw.gate

    def enter(self, *step: Any) -> None:
        """Make a step known to those that follow, as `DependencyTracker.enter` takes it."""
        too_many = self.order.enter(*step)
        if too_many is not None:
            self.issues.append(too_many)

    def step(self, position: int, raw: UnresolvedStep) -> PlanStep:
        tool = raw.tool
        if tool.unusable:
            self.say(raw, "tool_unusable", path=raw.path, tool=raw.wire_tool, problem=tool.unusable)
        elif raw.group is None and not self.tools.is_provided(tool.name):
            self.say(raw, "model_unavailable", path=raw.path, tool=raw.wire_tool)
        needs = [self.ports.target(raw, binding) for binding in raw.needs]
        call = self.read_call(raw, needs)
        for port in tool.ports():
            self.fill(raw, call, port)
        # What the arguments say comes first: bindings append to lists and overwrite single values.
        all_needs = self.order.barriers(
            raw,
            [*call.literal_bindings, *needs, *call.implied_bindings],
            call.reads_list,
            reads_run=tool.reads_run,
        )
        self.enter(raw, raw.key, *self.outputs(raw, call), all_needs)
        ask = raw.ask if raw.ask is not None or not tool.asks else _question(call.params)
        step = PlanStep(
            key=raw.key,
            sequence=position,
            kind="group" if raw.group is not None else "tool" if ask is None else "wait",
            tool=tool.name,
            wire_tool=raw.wire_tool,
            arguments=call.params,
            needs=tuple(all_needs),
            title=raw.title,
            stage_id=raw.stage_id,
            seed=call.seed(tool),
            late=(*raw.late, *call.implied_late),
            condition=raw.condition,
            on_error=raw.on_error,
            ask=ask,
            group=raw.group,
            member_of=next(iter(raw.member_of), None),
        )
        return step if raw.batch is None else self.batch_step(step, raw.batch)

    def read_call(self, raw: UnresolvedStep, needs: Sequence[Binding]) -> _ReadCall:
        """The arguments by the tool's form; what they and the bindings give to each port."""
        tool = raw.tool
        targets = {need.target_argument for need in needs if need.target_argument is not None}
        late = {entry.argument for entry in raw.late}
        reading = read_arguments(tool, raw.arguments, bound=raw.excused_arguments | targets | late)
        uses: dict[str, PortUse] = {}
        for medium in reading.media:
            uses.setdefault(medium.port.name, PortUse()).literals.append(medium)
        for need in needs:
            port, _ = find_port(tool, need.target_argument or "")
            if port is not None:
                uses.setdefault(port.name, PortUse()).bindings.append(need)
        closed_ports = port_names(tool, raw.excused_arguments)
        for problem in reading.problems:
            port, _ = find_port(tool, problem.argument)
            if port is not None and problem.code == "missing_argument":
                continue  # `PortBinder.absent` knows better what could be done about it.
            if port is not None:
                closed_ports.add(port.name)
            self.say(raw, problem.code, argument=problem.argument, **problem.params)
        late_ports = port_names(tool, late)
        return _ReadCall(
            params=dict(reading.params),
            with_defaults=fill_defaults(tool, reading.params),
            late=late,
            uses=uses,
            closed_ports=closed_ports | late_ports,
            names_media=bool(uses or late_ports),
        )

    def fill(self, raw: UnresolvedStep, call: _ReadCall, port: Port) -> None:
        """Settle what one port takes, and whether the run's media list is read for it."""
        use = call.uses.get(port.name)
        if use is not None:
            params, bindings, reads = self.ports.literals(raw, port, use)
            call.params.update(params)
            if bindings:
                call.literal_bindings.extend(self.without_elements(call, port, bindings))
        elif port.name in call.closed_ports or not port.fills_itself:
            return
        elif port.when is not None and port.when[0] in call.late:
            reads = port.fallback == "latest"  # Whether it is used shows when it starts.
        elif not port.applies(call.with_defaults):
            return
        elif raw.batch is not None and not call.names_media and self.takes_each(raw, port):
            call.implied_late.append(self.each(raw, port))
            reads = False
        else:
            may_imply = raw.may_imply and not call.names_media
            bindings, reads = self.ports.absent(raw, port, may_imply=may_imply)
            if bindings:
                call.implied_bindings.extend(self.without_elements(call, port, bindings))
        if reads:
            call.reads_list.add(port.kind)

    @staticmethod
    def without_elements(
        call: _ReadCall, port: Port, bindings: Sequence[Binding]
    ) -> Sequence[Binding]:
        """Return the bindings of a port but those of a batch's elements, which are read late."""
        elements = [one for one in bindings if is_element(one)]
        if not elements:
            return bindings
        argument = str(elements[0].target_argument)
        is_list = port.is_list(argument)
        refs = tuple(
            DeferredRef((at,) if is_list else (), str(one.pick.path), batch=StepKey(one.source))
            for at, one in enumerate(elements)
            if one.pick is not None
        )
        value = [None] * len(refs) if is_list else None
        call.implied_late.append(DeferredArgument(argument, value, refs))
        return [one for one in bindings if one not in elements]

    def outputs(
        self, raw: UnresolvedStep, call: _ReadCall
    ) -> tuple[MediaKind | None, frozenset[MediaKind] | None, int | None]:
        """The kind of media a step promises, all kinds it may add to its run, and how many."""
        tool, params = raw.tool, call.with_defaults
        if raw.output is not None:
            return raw.output, frozenset({raw.output}), None
        count: Any = 1
        if tool.count:
            count = None if tool.count in call.late else params.get(tool.count, 1)
        count = count if isinstance(count, int) else None
        if raw.makes_anything:
            return None, None, count
        choice = raw.ask.get("select") if raw.ask is not None else None
        if choice is not None:
            return choice["kind"], frozenset({choice["kind"]}), count
        if "returnLastFrame" in call.late:
            params = {**params, "returnLastFrame": True}
        return tool.output, kinds_made(tool, params), count

    def batch_step(self, item: PlanStep, batch: UnresolvedBatch) -> PlanStep:
        """The step that makes one of `item` for each element."""
        spec = BatchSpec(
            item_name=batch.item_name,
            item=replace(item, condition=None),
            items=batch.items,
            over=batch.over,
            concurrency=batch.concurrency,
            allow_partial=batch.allow_partial,
            label=batch.label,
            tries=batch.tries,
            expected=self.expected_count(batch),
        )
        return replace(item, kind="expand", arguments={}, late=(), batch=spec, group=None)

    def expected_count(self, batch: UnresolvedBatch) -> int:
        """The number of elements there will be, as far as anyone can tell."""
        if batch.items is not None:
            return len(batch.items)
        source = batch.over.source if batch.over is not None else None
        step = self.order.find(source) if source is not None and batch.element else None
        return 1 if step is None else step.count or 1

    @staticmethod
    def takes_each(raw: UnresolvedStep, port: Port) -> bool:
        """Tell whether a port that no one names takes its batch's elements: media of its kind."""
        first = next(candidate for candidate in raw.tool.ports() if candidate.kind == port.kind)
        works_on_it = port.required or port.implied != "none"
        is_its_kind = raw.batch is not None and raw.batch.element == port.kind
        return is_its_kind and works_on_it and first.name == port.name

    def each(self, raw: UnresolvedStep, port: Port) -> DeferredArgument:
        argument = port.arguments[0]
        self.say(
            raw,
            "implicit_media_dependency",
            severity="warning",
            stage=raw.key,
            kind=port.kind,
            argument=argument,
            source=phrase("each_item"),
        )
        if port.is_list(argument):
            return DeferredArgument(argument, [None], (DeferredRef((0,), "$item"),))
        return DeferredArgument(argument, None, (DeferredRef((), "$item"),))
