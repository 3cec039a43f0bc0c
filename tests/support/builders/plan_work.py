"""What each step of a plan would be given in a run, as far as it shows without one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from core.errors import ProviderError
from runs.engine.resolve import resolve
from runs.planning.resolved_plan import Output
from templates_app.graph.port_arguments import find_port
from templates_app.graph.types import DeferredRef, Plan, PlanStep
from tests.support.builders.planning import TOOLS

Names = Callable[[PlanStep], str]


def work_of(plan: Plan, name_of: Names, world: int = 0) -> dict[str, Any]:
    """Say of each step by its name what it is, what it is asked, and the files it is given.

    world: steps that may be left out or may fail are so in some of them; 0: they all succeed.
    """
    names: dict[str, str] = {}
    first = ""
    for step in reversed(plan.steps):
        # A group is called after its first step: its own name may be another one elsewhere.
        is_group = step.kind == "group"
        names[step.key] = f"group of {first}" if is_group else name_of(step)
        first = first if is_group else names[step.key]
    made: list[Output] = []
    absent: set[str] = set()
    # Of groups, too: what holds for them holds for what is in them.
    conditions: dict[str | None, list[str]] = {None: []}
    work: dict[str, Any] = {}
    for step in plan.steps:
        own = _words(step.condition, names)
        conditions[step.key] = sorted({*conditions[step.member_of], *own})
        waits = {need.source for need in step.needs if need.required and not need.barrier}
        chances = [*own, *([names[step.key]] if step.on_error in ("continue", "skip") else [])]
        is_waiting = step.member_of in absent or not absent.isdisjoint(waits)
        if is_waiting or any(_is_so(chance, world) for chance in chances):
            absent.add(step.key)
        if step.kind == "group":
            continue
        call = step if step.batch is None else step.batch.item
        tool = TOOLS.get(call.tool)
        late = [
            (one.argument, one.required, [_late(ref, names) for ref in one.refs])
            for one in call.late
        ]
        known: list[Any] = [call.tool, step.on_error, conditions[step.key], late]
        if step.key in absent:
            work[names[step.key]] = known
            continue
        # What the engine reads before it looks for others.
        late_ports = [find_port(tool, one.argument)[0] for one in call.late]
        count = 1 if step.batch is not None else call.arguments.get("numberOfVariations", 1)
        try:
            for item in (-1,) if step.batch is None else (0, 1):
                taken = resolve(
                    tool=tool,
                    arguments=call.arguments,
                    sequence=step.sequence,
                    needs=step.needs if step.batch is None else call.needs,
                    media=plan.media,
                    outputs=made,
                    scopes=plan.scopes,
                    item_index=item,
                )
                media = {
                    port.name: [_file(plan, ref) for ref in refs]
                    for argument, refs in taken.media.items()
                    if (port := find_port(tool, argument)[0]) is not None and port not in late_ports
                }
                known.append((dict(taken.arguments), media))
                made.extend(
                    Output(
                        f"{names[step.key]}_{item}_{at}",
                        step.key,
                        step.sequence,
                        item,
                        at,
                        tool.output,
                    )
                    for at in range(count if tool.output else 0)
                )
        except ProviderError:
            if step.on_error not in ("continue", "skip"):
                # The run ends here, and how far others are by then is chance.
                return {names[step.key]: "finds nothing"}
            known.append("finds nothing")
            absent.add(step.key)
        work[names[step.key]] = known
    return work


def _words(condition: Mapping[str, Any] | None, names: Mapping[str, str]) -> list[str]:
    """Say a condition by the names of the steps that it is about."""

    def said(part: Any) -> Any:
        if isinstance(part, list):
            return [said(one) for one in part]
        if not isinstance(part, dict):
            return part
        if "source" in part:
            return [names.get(part["source"]), part["ref"].split(".")[2:]]
        sources = [names.get(one, one) for one in part.get("sources", ())]
        rest = {name: said(one) for name, one in part.items() if name != "sources"}
        return {**rest, "sources": sources}

    return [] if condition is None else [json.dumps(said(condition), sort_keys=True)]


def _is_so(chance: str, world: int) -> bool:
    return world > 0 and random.Random(f"{chance} {world}").random() < 0.6


def _file(plan: Plan, ref: str) -> str:
    kind, _, rest = ref.partition(":")
    return str(plan.media[int(rest)].url) if kind == "input" else rest


def _late(ref: DeferredRef, names: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the step that a late reference means, and what of its result."""
    return names.get(str(ref.source), str(ref.source)), ref.ref.split(".")[2:]
