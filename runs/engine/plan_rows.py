"""Steps of a plan as rows with the edges between them: of a new run, and of a batch's element."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from core.stored_json import as_stored
from runs.engine import routing, transitions
from runs.models import Run, Step, StepEdge
from templates_app.graph.plan_json import (
    batch_to_json,
    binding_to_json,
    group_to_json,
    late_to_json,
)
from templates_app.graph.types import PlanStep
from tools.declaration.model_facts import DraftBy

# A planned step, its row, and the state that it begins in.
NewRow: TypeAlias = tuple[PlanStep, Step, str]


def row_of(step: PlanStep, run: Run, milli: int, *, draft: DraftBy) -> Step:
    """Return the row of a planned step, which has no parent yet. milli: its quote. draft: who draws
    a draft of it."""
    return Step(
        run_id=run.id,
        owner_id=run.queue_owner_id,
        key=step.key,
        sequence=step.sequence,
        kind=step.kind,
        tool=step.tool,
        wire_tool=step.wire_tool,
        progress=0.0,
        on_error=step.on_error,
        **columns_of(step, run, milli, draft=draft),
    )


def columns_of(step: PlanStep, run: Run, milli: int, *, draft: DraftBy) -> dict[str, Any]:
    """Return the columns in which the same step of two elements of a batch differs."""
    return {
        "title": step.title[:200],
        "arguments": as_stored(dict(step.arguments)),
        "condition": step.condition,
        "late": [late_to_json(late) for late in step.late] or None,
        "batch": _spec(step),
        "ask": step.ask,
        "seed": step.seed,
        "estimated_milli": milli,
        **_route(step, run, draft).columns,
    }


def insert(entries: Sequence[NewRow], ids: Mapping[str, int]) -> None:
    """Store new rows in their first states, holders before what they hold, and their edges.

    ids: of the rows that are there already, by key.
    """
    by_key = dict(ids)
    remaining = list(entries)
    while remaining:
        wave = [
            (step, row, state)
            for step, row, state in remaining
            if step.member_of is None or step.member_of in by_key
        ]
        for step, row, _ in wave:
            row.parent_id = None if step.member_of is None else by_key[step.member_of]
        transitions.insert_steps((row, state) for _, row, state in wave)
        by_key |= {step.key: row.id for step, row, _ in wave}
        remaining = [entry for entry in remaining if entry[0].key not in by_key]
    insert_edges([step for step, _, _ in entries], by_key)


def insert_edges(steps: Sequence[PlanStep], ids: Mapping[str, int]) -> None:
    """Store the edges of steps whose rows are there. ids: of all rows, by key."""
    gates = {step.key for step in steps if step.kind == "gate"}
    StepEdge.objects.bulk_create(
        StepEdge(
            step_id=ids[step.key],
            source_id=ids.get(binding.source),
            position=position,
            binding=binding_to_json(binding),
            # What is only looked for may be missing; and whether the stage before a gate is
            # needed, the need of that stage says.
            is_barrier=binding.barrier or not binding.required or binding.source in gates,
        )
        for step in steps
        for position, binding in enumerate(step.needs)
    )


def _spec(step: PlanStep) -> dict[str, Any] | None:
    """Return what a batch repeats, or what a group makes."""
    if step.group is not None:
        return group_to_json(step.group)
    return None if step.batch is None else batch_to_json(step.batch)


def _route(step: PlanStep, run: Run, draft: DraftBy) -> routing.Route:
    """Return the route of a call: any worker expands a batch, and people answer questions."""
    if step.kind != "tool":
        return routing.Route()
    return routing.route_of(
        step.tool,
        step.arguments,
        person=run.owner_id,
        local_only=run.is_background,
        draft=draft,
    )
