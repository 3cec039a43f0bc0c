"""Taking a run up again: what failed is done once more, what was lost is found; and reseeding.

A resume keeps what is done. What is done again gets a new generation, and with it a new key for its
provider: it is asked again, not reminded of what it did before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import canonical, errors
from core.database import db_now
from core.http import parse
from runs import states
from runs.admission import limits
from runs.admission.idempotency import request_key, without_key
from runs.admission.new_run import Started
from runs.admission.run_again import run_again
from runs.billing import authorization, reservations
from runs.billing.units import credits_text
from runs.engine import advance, lease, transitions
from runs.engine.redo import begin_again
from runs.interaction import answers, waits
from runs.log.changes import Change, changing
from runs.log.events import RunResumed
from runs.models import Run, Step, Wait
from runs.planning.schemas import ReseedIn, ResumeIn

RESEED = "reseed"
# States that a reseed repeats: everything the plan can make was made.
RESEEDED = (states.COMPLETED, states.PARTIAL_FAILURE)


@dataclass(frozen=True, slots=True)
class Reseeded:
    """A run with other seeds. steps: {"id", "stepId", "seed", "previousSeed"} of each that has."""

    started: Started
    steps: list[dict[str, Any]]


def resume_run(
    *, run: Run, actor: Principal, body: Mapping[str, Any], own_hosts: Collection[str] = ()
) -> bool:
    """Go on with a run as the public contract's §4.4 says. False: nothing is to be done.

    body: the wire body, empty or with an answer. own_hosts: hosts whose media URLs are ours. A run
    that waits for an answer is left as it is without one. Raises InvalidBody; Conflict when it
    waits for a decision about its cost; InsufficientCredit; NotFound for a question it never asked.
    """
    wanted = parse(ResumeIn, {name: value for name, value in body.items() if value is not None})
    check_may_act(actor.user)
    if wanted.resume_input is not None:
        return answers.answer(
            run=run,
            actor=actor.user,
            resume_input=wanted.resume_input,
            options=wanted.options(),
            own_hosts=own_hosts,
        )
    if run.status in (states.FAILED, states.PARTIAL_FAILURE):
        return _try_again(run, actor, wanted.options())
    if run.status == states.WAITING_FOR_USER:
        return _go_on(run, actor, wanted.options())
    if run.status in (states.QUEUED, states.RUNNING):
        return _find_lost(run)
    return False


def reseed_run(
    *, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None = None
) -> Reseeded:
    """Start the plan of a finished run with other seeds; a second call with the key, once only.

    Raises InvalidBody for a step the run does not have or that takes no seed, Conflict for a run
    that is not done.
    """
    given = {name: value for name, value in body.items() if value is not None}
    wanted = parse(ReseedIn, given)
    fingerprint = canonical.sha256_hex([RESEED, run.public_id, without_key(given)])
    own_key = request_key(actor, RESEED, fingerprint, header=key, body=wanted.idempotency_key)
    if replay := own_key.replayed():
        return _reseeded(run, Started(run=replay, replayed=True))
    if run.status not in RESEEDED:
        raise errors.Conflict(
            f"This workflow is {run.status}; only one that is completed or partial_failure can be"
            " reseeded. Wait for its end, or resume it.",
            code="workflow.not_done",
            details={"status": run.status},
        )
    _check_overrides(run, wanted.seed_overrides)
    started = run_again(
        run=run,
        actor=actor,
        new_seeds=True,
        seeds=wanted.seed_overrides,
        options=wanted.options(),
        key=own_key,
    )
    return _reseeded(run, started)


def _check_overrides(run: Run, overrides: Mapping[str, int]) -> None:
    seeded = {planned["key"] for planned in run.plan["steps"] if planned.get("seed") is not None}
    known = {planned["key"] for planned in run.plan["steps"]}
    issues = [
        {
            "path": f"seed_overrides.{key}",
            "message": "has no seed." if key in known else "isn't a step of this workflow.",
        }
        for key in overrides
        if key not in seeded
    ]
    if issues:
        names = ", ".join(sorted(seeded)) or "none"
        raise errors.InvalidBody(
            f"{issues[0]['path'][:200]} {issues[0]['message']} Steps with a seed: {names[:500]}.",
            details={"issues": issues[:50]},
        )


def _reseeded(run: Run, started: Started) -> Reseeded:
    before = dict(Step.objects.filter(run=run).values_list("key", "seed"))
    now = Step.objects.filter(run=started.run, seed__isnull=False)
    rows = now.order_by("sequence", "item_index").values_list("key", "seed")
    return Reseeded(
        started,
        [
            {"id": key, "stepId": key, "seed": seed}
            | ({"previousSeed": before[key]} if before.get(key) is not None else {})
            for key, seed in rows
        ],
    )


# -- after an end ---------------------------------------------------------------------------------


def _try_again(run: Run, actor: Principal, options: Mapping[str, str]) -> bool:
    limits.check_may_start(actor)
    limits.check_template_visible(run, actor)
    with changing(run.id) as change:
        # Of two at once, one finds it ended.
        if change.run.status not in (states.FAILED, states.PARTIAL_FAILURE):
            return False
        steps = list(
            Step.objects.filter(run_id=run.id)
            .only(
                "id",
                "key",
                "kind",
                "parent_id",
                "wire_tool",
                "title",
                "status",
                "generation",
                "estimated_milli",
            )
            .order_by("sequence", "item_index")
        )
        again = [step for step in steps if step.status in (states.FAILED, states.SKIPPED)]
        batches = _batches_of(steps, again)
        quote = sum(step.estimated_milli for step in again if step.id not in batches)
        _check_cost(change, quote)
        change.set(
            resume_count=change.run.resume_count + 1,
            error=None,
            finished_at=None,
            waiting_reason="",
            options={**change.run.options, **options},
        )
        reservations.reserve(change, quote, ref=f"resume:{change.run.resume_count}")
        resumed = RunResumed(why="Retrying failed stages")
        transitions.move_run(change, states.RUNNING, resumed)
        begin_again(change, [step for step in again if step.id not in batches], states.PENDING)
        begin_again(change, [step for step in steps if step.id in batches], states.EXPANDED)
        advance.look_again(change)
    return True


def _batches_of(steps: Collection[Step], again: Collection[Step]) -> set[int]:
    """The batches whose elements are known: only those of their items that failed go again."""
    failed_items = {step.parent_id for step in again if step.parent_id is not None}
    return {step.id for step in steps if step.id in failed_items}


def _check_cost(change: Change, milli: int) -> None:
    """Raise what forbids reserving so much more for a run that has ended."""
    reason = authorization.hold_reason(change, milli)
    if reason == states.COST_REAUTHORIZATION:
        limit = authorization.ceiling_of(change.run) or 0
        raise errors.Conflict(
            f"The rest costs {credits_text(milli)} more, above the approved"
            f" {credits_text(limit)}. Start a new workflow with a higher"
            " `max_estimated_capacity_units`.",
            person=f"The rest costs {credits_text(milli)} more, above the approved"
            f" {credits_text(limit)}. Start a new run with a higher limit.",
            code="cost.ceiling_exceeded",
            details={"reason": "cost_ceiling_exceeded"},
        )
    if reason:
        raise errors.InsufficientCredit(
            authorization.hold_prompt(change, reason, milli)["message"], details={"reason": reason}
        )


# -- in the middle --------------------------------------------------------------------------------


def _go_on(run: Run, actor: Principal, options: Mapping[str, str]) -> bool:
    """A wait goes on without an answer only when it was for credit, and there is enough now."""
    if run.waiting_reason in states.COST_REASONS:
        raise errors.Conflict(
            "This workflow waits for a decision about its cost. Send it to confirm-cost.",
            code="workflow.waits_for_cost",
            details={
                "reason": run.waiting_reason,
                "confirmCost": f"/v1/creative-agent/workflows/{run.public_id}/confirm-cost",
            },
        )
    with changing(run.id) as change:
        rows = Wait.objects.filter(
            run_id=run.id, answered_at=None, reason=states.INSUFFICIENT_CREDIT
        )
        poor = [wait for wait in rows.select_related("step") if wait.step is not None]
        needed = sum(int(wait.prompt.get("milli", 0)) for wait in poor)
        if not poor or authorization.hold_reason(change, needed):
            return False
        change.set(options={**change.run.options, **options})
        for wait in poor:
            waits.close_wait(change, wait, answer={"type": "resume"}, by=actor.user)
            if wait.step is not None:
                waits.go_on_with(change, wait.step, "Credits available again")
    return True


def _find_lost(run: Run) -> bool:
    """Take steps back from workers that are gone, without waiting for the sweeper."""
    lost = Step.objects.filter(run=run, status=states.RUNNING, lease_until__lt=db_now())
    return sum(lease.reclaim(step_id, run.id) for step_id in lost.values_list("id", flat=True)) > 0
