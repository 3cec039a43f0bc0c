"""Doing a finished stage once more, while its checkpoint asks about it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from core import clock, errors
from core.database import db_now
from runs import states, versions
from runs.billing import authorization, reservations
from runs.billing.estimates import MediaOfPlan, late_arguments
from runs.engine import batches, open_questions, transitions
from runs.engine.routing import route_of
from runs.log.changes import RunChange
from runs.log.events import StepResumed, about
from runs.models import Run, Step
from runs.options import RunOptions
from templates_app.graph.plan_json import binding_from_json
from templates_app.graph.port_arguments import find_port
from tools import registry
from tools.declaration.arguments import read_arguments
from tools.declaration.ports import Tool

_SEEDS = 2**31


def redo(change: RunChange, step: Step, override: Mapping[str, Any] | None = None) -> list[int]:
    """Make a stage, or one item of a batch, again: a new generation, with a new seed.

    override: parameters to change, as a caller wrote them. The stage's checkpoint asks again when
    it is done. Returns the ids of steps that became ready. Raises Conflict when no checkpoint asks
    about it or it may not spend so much, InsufficientCredit, InvalidInput for a bad override.
    """
    stage = Step.objects.get(id=step.parent_id or 0) if step.is_item else step
    gate = Step.objects.filter(kind="gate", status=states.WAITING, needs__source=stage).first()
    if gate is None or stage.status != states.COMPLETED or step.status not in states.STEP_TERMINAL:
        raise errors.Conflict(
            f"{step.title or step.key} can only be redone while its checkpoint is waiting.",
            code="step.not_at_checkpoint",
        )
    again = _unlocked_steps(change, step)
    fields_of = [changed_columns(change, one, override or {}) for one in again]
    milli = sum(fields["estimated_milli"] for fields in fields_of)
    if reason := authorization.hold_reason(change, milli):
        raise too_dear(reason)
    reservations.reserve(change, milli, ref=f"redo:{step.id}:{step.generation + 1}")
    change.set(estimated_milli=change.run.estimated_milli + milli)
    status = states.READY if again == [step] else states.PENDING
    for one, fields in zip(again, fields_of, strict=True):
        begin_again(change, [one], status, **fields)
    # No event of its own: readers fetch the run again for the redone step.
    transitions.move(change, gate, states.PENDING, resolved=None, started_at=None)
    open_questions.withdraw([gate.id])
    open_questions.resume_run(change, f"Redoing {step.title or step.key}")
    ready = [step.id] if status == states.READY else []
    if stage.kind == "expand":
        begin_again(change, [stage], states.EXPANDED)
        ready += batches.advance(change, Step.objects.get(id=stage.id)).ready
    change.hint(ready)
    return ready


def _unlocked_steps(change: RunChange, step: Step) -> list[Step]:
    """Return what is made again of a stage or item. Raises Conflict when all of it is locked."""
    again = [step]
    if step.kind == "expand":
        again = list(Step.objects.filter(parent_id=step.id).order_by("item_index"))
    locked_keys = RunOptions.read(change.run.options).locked
    remaining = [one for one in again if one.key not in locked_keys]
    if again and not remaining:
        raise locked_error(step)
    return remaining


def locked_error(step: Step) -> errors.Conflict:
    """Return the error for a change of a stage or an item that a person keeps."""
    name = step.title or step.key
    return errors.Conflict(
        f"{name} is locked. Unlock it with lock_item and locked: false.",
        person=f"{name} is locked.",
        code="workflow.item_locked",
    )


def in_use_error(step: Step, source: Step) -> errors.Conflict:
    """Return the error for a change of what a later step is at work with."""
    return errors.Conflict(
        f"{step.title or step.key} is at work with {source.title or source.key}. Wait until it is"
        " done, or cancel the workflow.",
        code="workflow.item_in_use",
    )


def begin_again(change: RunChange, steps: Sequence[Step], status: str, **fields: Any) -> None:
    """Steps are done once more on purpose: a new generation, nothing of the old one.

    fields: further columns to write.
    """
    now = clock.now()
    old_versions = {step.id: versions.snapshot(step) for step in steps}
    for step in steps:
        step.generation += 1
    transitions.move_all(
        change,
        steps,
        status,
        lambda step: StepResumed(
            **about(step), generation=step.generation, replaced=old_versions[step.id]
        ),
        generation=F("generation") + 1,
        failures=0,
        lost_leases=0,
        progress=0,
        provider="",
        reuse_key="",
        reused_from=None,
        resolved=None,
        result=None,
        error=None,
        not_before=db_now(),
        started_at=now if status == states.EXPANDED else None,
        finished_at=None,
        **fields,
    )


def changed_columns(change: RunChange, step: Step, override: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that another try differs in."""
    tool = registry.table().get(step.tool)
    if tool is None:
        raise errors.Conflict(f"{step.tool} is not known on this server any more.")
    arguments, late = dict(step.arguments), step.late
    if override:
        arguments, late = _overridden(step, tool, override)
    seed = step.seed
    if seed is not None:
        requested_seed = arguments.get("seed") if "seed" in override else None
        seed = requested_seed if isinstance(requested_seed, int) else secrets.randbelow(_SEEDS)
        if "seed" in arguments:
            arguments["seed"] = seed
    person = change.run.owner_id
    needs = [binding_from_json(edge) for edge in step.needs.values_list("binding", flat=True)]
    # A change reads only some columns of its run.
    run_media = Run.objects.values_list("media", flat=True).get(id=step.run_id)
    media = MediaOfPlan(run_media).of_call(tool, arguments, needs)
    draft = RunOptions.read(change.run.options).draft_by(step.stage_key)
    absent = late_arguments(needs, [str(one["argument"]) for one in late or ()])
    price = registry.quote(tool, arguments, media=media, person=person, draft=draft, late=absent)
    milli = price.milli
    again = {"arguments": arguments, "late": late, "seed": seed, "estimated_milli": milli}
    # Another model may be another provider's.
    route = route_of(step.tool, arguments, person=person, draft=draft)
    return again | (route.columns if step.kind == "tool" else {})


def _overridden(
    step: Step, tool: type[Tool], override: Mapping[str, Any]
) -> tuple[dict[str, Any], Sequence[Any] | None]:
    media = [name for name in override if find_port(tool, name)[0] is not None]
    if media:
        raise _bad(media[0], "names media; only parameters can be changed")
    targets = step.needs.values_list("binding__target_argument", flat=True)
    bound_names = {target for target in targets if target} | {
        entry["argument"] for entry in step.late or ()
    }
    reading = read_arguments(tool, {**step.arguments, **override}, bound=frozenset(bound_names))
    if reading.problems:
        raise _bad(reading.problems[0].argument, reading.problems[0].message.rstrip("."))
    media_arguments = {
        name: value
        for name, value in step.arguments.items()
        if find_port(tool, name)[0] is not None
    }
    # What is given now need not be looked up any more.
    override_names = {find_port(tool, name)[1] for name in override}
    late = [entry for entry in step.late or () if entry["argument"] not in override_names]
    return {**media_arguments, **reading.params}, late or None


def _bad(argument: str, message: str) -> errors.InvalidInput:
    path = f"overrideArgs.{argument}"
    return errors.InvalidInput(
        f"{path}: {message}.", details={"issues": [{"path": path, "message": message}]}
    )


def too_dear(reason: str) -> errors.AppError:
    if reason == states.INSUFFICIENT_CREDIT:
        return errors.InsufficientCredit("Not enough credits to redo this.")
    return errors.Conflict(
        "Redoing this would exceed this run's credit limit.",
        code="cost.ceiling_exceeded",
        details={"reason": "cost_ceiling_exceeded"},
    )
