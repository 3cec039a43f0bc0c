"""Retrying a run: what failed is done again, and what was lost or lacked credits goes on.

A retry keeps what is done. What is done again gets a new generation, and with it a new key for its
provider: it is asked again, not reminded of what it did before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import errors
from core.database import db_now
from core.http import parse
from runs import states
from runs.admission import start_limits
from runs.billing import allowances, authorization, reservations
from runs.billing.units import credits_text
from runs.engine import advance, groups, reclaiming
from runs.engine.redo import begin_again
from runs.interaction import answers, choices, waits
from runs.interaction.answer_schemas import JumpToStage, read_answer
from runs.log.changes import RunChange, changing
from runs.models import Run, Step, Wait
from runs.options import RunOptions
from runs.planning.schemas import ResumeIn


def retry_or_answer(
    *, run: Run, actor: Principal, body: Mapping[str, Any], own_hosts: Collection[str] = ()
) -> bool:
    """Resume a run, as the public API calls it (§4.4). False: nothing is to be done.

    body: the wire body, empty to retry or with an answer. own_hosts: hosts whose media URLs are
    ours. A run that waits for an answer is left as it is without one. Raises InvalidBody; Conflict
    when it waits for a decision about its cost; InsufficientCredit; NotFound for a question it
    never asked.
    """
    request = parse(ResumeIn, body)
    check_may_act(actor.user)
    if request.resume_input is not None:
        choice = read_answer(request.resume_input) if _is_jump(request.resume_input) else None
        if isinstance(choice, JumpToStage):
            return choices.jump(run=run, actor=actor, choice=choice, options=request.options())
        return answers.answer(
            run=run,
            actor=actor.user,
            resume_input=request.resume_input,
            options=request.options(),
            own_hosts=own_hosts,
        )
    if run.status in (states.FAILED, states.PARTIAL_FAILURE):
        return _retry_failed(run, actor, request.options())
    if run.status == states.WAITING_FOR_USER:
        return _continue_with_credits(run, actor, request.options())
    if run.status in (states.QUEUED, states.RUNNING):
        return _reclaim_lost(run)
    return False


def _is_jump(resume_input: Mapping[str, Any]) -> bool:
    return resume_input.get("type") == "jump_to_stage"


# -- after an end ---------------------------------------------------------------------------------


def _retry_failed(run: Run, actor: Principal, options: Mapping[str, str]) -> bool:
    start_limits.check_may_start(actor)
    start_limits.check_template_visible(run, actor)
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
                "tool",
                "wire_tool",
                "title",
                "status",
                "generation",
                "estimated_milli",
                "started_at",
            )
            .order_by("sequence", "item_index")
        )
        again = [step for step in steps if step.status in (states.FAILED, states.SKIPPED)]
        tools = {step.tool for step in again if step.kind == "tool"}
        start_limits.check_offered(tools, person=change.run.owner_id)
        # Of batches with known elements and of groups that had begun, only what failed goes again.
        holders = groups.opened_by(steps, again)
        quote = sum(step.estimated_milli for step in again if step.id not in holders)
        if allowances.payer_of(change.run) == actor.user.pk:
            # Nothing is reserved now: from here on it counts for the key that retries it.
            change.set(api_key_id=actor.api_key.pk if actor.api_key is not None else None)
        _check_cost(change, quote)
        change.set(options=RunOptions.read(change.run.options).with_changes(**options).to_json())
        choices.reopen(change, "Retrying failed stages")
        reservations.reserve(change, quote, ref=f"resume:{change.run.resume_count}")
        begin_again(change, [step for step in again if step.id not in holders], states.PENDING)
        begin_again(change, [step for step in steps if step.id in holders], states.EXPANDED)
        advance.reevaluate(change)
    return True


def _check_cost(change: RunChange, milli: int) -> None:
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


def _continue_with_credits(run: Run, actor: Principal, options: Mapping[str, str]) -> bool:
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
        due_milli = sum(int(wait.prompt.get("milli", 0)) for wait in poor)
        if not poor or authorization.hold_reason(change, due_milli):
            return False
        change.set(options=RunOptions.read(change.run.options).with_changes(**options).to_json())
        for wait in poor:
            waits.close_wait(change, wait, answer={"type": "resume"}, by=actor.user)
            if wait.step is not None:
                waits.release_step(change, wait.step, "Credits available again")
    return True


def _reclaim_lost(run: Run) -> bool:
    """Take steps back from workers that are gone, without waiting for the sweeper."""
    rows = Step.objects.filter(run=run, status=states.RUNNING, lease_until__lt=db_now())
    return (
        sum(reclaiming.reclaim(step_id, run.id) for step_id in rows.values_list("id", flat=True))
        > 0
    )
