"""Decisions of people about the cost of a run: to accept it, to decline it, to ask again.

A run waits for that before it begins, when its start asked for it, or in the middle, when it turns
out to need more than was accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import clock, errors
from core.http import parse
from runs import states
from runs.admission.idempotency import KeyTaken, RequestKey, fingerprint_of, request_key
from runs.billing import allowances, authorization, estimates, quotes, reservations
from runs.billing.units import units
from runs.engine import advance, cancelling, step_kinds, transitions
from runs.interaction import overrides, waits
from runs.log.changes import RunChange, changing
from runs.log.events import CostResolved, PreviewUpdated, RunQueued
from runs.models import Run, Step, Wait
from runs.options import RunOptions
from runs.planning.schemas import CostDecisionIn
from templates_app.graph.plan_json import plan_from_json

ENDPOINT = "confirm-cost"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms to decide about. milli: the new total. quotes: by step, until the run starts."""

    waits: Sequence[Wait]
    milli: int
    seconds: float | None
    quotes: Mapping[str, int] | None


def decide_cost(
    *, run: Run, actor: Principal, body: Mapping[str, Any], key: str | None = None
) -> bool:
    """Do what the wire body of confirm-cost says (public contract §9.4).

    False: a request with the same key did it before, nothing is done again. Raises InvalidBody;
    Conflict when no decision is open, or, with the preview as it is now, when the accepted one does
    not hold any more; InsufficientCredit when what was accepted cannot be reserved.
    """
    fields = {name: value for name, value in body.items() if value is not None}
    request = parse(CostDecisionIn, fields)
    fingerprint = fingerprint_of(fields, before=[ENDPOINT, run.public_id])
    own_key = request_key(actor, ENDPOINT, fingerprint, header=key, body=request.idempotency_key)
    check_may_act(actor.user)
    with changing(run.id) as change:
        # Under the lock: of two equal requests at once, one finds what the other did.
        if own_key.replay():
            return False
        holds = _carry_out(change, run, actor, request)
        if holds:
            _claim(own_key, run)
    if not holds:
        raise _stale(run.id)
    return True


def _claim(own_key: RequestKey, run: Run) -> None:
    try:
        own_key.claim(run)
    except KeyTaken:
        # A decision about another run took it at the same moment: that is a Conflict.
        own_key.replay()


def terms_of(change: RunChange, run: Run) -> Terms:
    """Return what a decision now would be about. run: with its plan, which a change does not read.

    Raises Conflict when there is nothing to decide.
    """
    waits = _open_cost_waits(change.run.id)
    if not waits or change.run.status in states.RUN_TERMINAL:
        raise errors.Conflict(
            f"This workflow is {change.run.status}; no cost decision is pending.",
            person="No cost decision is pending for this run.",
            code="cost.not_waiting",
            details={"reason": "not_waiting_for_cost", "status": change.run.status},
        )
    if any(wait.reason == states.COST_APPROVAL for wait in waits):
        plan = plan_from_json(run.plan)
        options = RunOptions.read(change.run.options)
        quotes = estimates.step_quotes(plan, person=run.owner_id, options=options)
        by_step = {str(step.key): quote for step, quote in zip(plan.steps, quotes, strict=True)}
        seconds = estimates.seconds_of(plan, without=options.kept_stages)
        return Terms(waits, sum(quotes), seconds, by_step)
    milli = reservations.committed_milli(change.run) + authorization.requested_milli(change.run.id)
    return Terms(waits, milli, None, None)


def _open_cost_waits(run_id: int) -> list[Wait]:
    rows = Wait.objects.filter(run_id=run_id, answered_at=None, reason__in=states.COST_REASONS)
    # A chat's has a route of its own.
    rows = rows.exclude(step__kind__in=step_kinds.kinds())
    return list(rows.select_related("step").order_by("id"))


def _carry_out(change: RunChange, run: Run, actor: Principal, decision: CostDecisionIn) -> bool:
    """Carry a decision out. False: the preview it accepts does not hold; a fresh one is kept."""
    terms = terms_of(change, run)
    _check_step(change.run, terms, decision.step)
    change.set(
        options=RunOptions.read(change.run.options).with_changes(**decision.options()).to_json()
    )
    if decision.decision == "cancel":
        _close(terms, actor, decision, units=0)
        change.append(CostResolved(decision="cancel", units=units(terms.milli)))
        cancelling.cancel_within(change, decision.reason or "Cost declined")
        return True
    if decision.decision == "requote":
        _quote_again(change, terms)
        return True
    if not _holds(change.run, terms, decision):
        _quote_again(change, terms)
        return False
    _accept(change, run, terms, actor, decision)
    return True


def _check_step(run: Run, terms: Terms, step: str | None) -> None:
    asking = {wait.step.key for wait in terms.waits if wait.step is not None}
    if step is None or step in asking:
        return
    if not asking and Step.objects.filter(run_id=run.id, key=step).exists():
        return
    raise errors.InvalidBody(
        f"tool_call_id: {step[:80]!r} isn't waiting for this decision."
        " Take it from waiting.details, or leave it out."
    )


def _holds(run: Run, terms: Terms, decision: CostDecisionIn) -> bool:
    """Return whether what was seen is the latest quote, and it costs no more than that now."""
    quote = RunOptions.read(run.options).quotes[-1]
    if decision.accepted is None:
        # No one said which preview was seen: then it is the latest, and only its price counts.
        return terms.milli <= quote.milli
    until = decision.accepted.valid_until or datetime.fromisoformat(quote.until)
    accepted_milli = round(decision.accepted.total_units * 1000)
    return accepted_milli == quote.milli >= terms.milli and until > clock.now()


def _quote_again(change: RunChange, terms: Terms) -> None:
    run = change.run
    options = RunOptions.read(run.options)
    quote = quotes.new_quote(terms.milli, terms.seconds, options)
    change.set(options=options.with_quote(quote).to_json())
    if terms.quotes is not None:
        _reprice(change, terms)
        prompt = {"message": quotes.question(quote)}
        Wait.objects.filter(id__in=[wait.id for wait in terms.waits]).update(prompt=prompt)
    if run.status == states.WAITING_FOR_USER:
        change.append(PreviewUpdated(units=units(terms.milli), until=quote.until))


def _reprice(change: RunChange, terms: Terms) -> None:
    """Update what steps cost, which may have changed while the run waited."""
    for step in Step.objects.filter(run_id=change.run.id).only("id", "key", "estimated_milli"):
        now = (terms.quotes or {}).get(step.key, step.estimated_milli)
        if now != step.estimated_milli:
            Step.objects.filter(id=step.id).update(estimated_milli=now)
    change.set(estimated_milli=terms.milli)


def _accept(
    change: RunChange, run: Run, terms: Terms, actor: Principal, decision: CostDecisionIn
) -> None:
    allowances.check_pays(change.run, actor.user.pk)
    if decision.overrides is not None:
        overrides.apply(
            change, run, decision.overrides, step=decision.step, is_begun=not terms.quotes
        )
    options = RunOptions.read(change.run.options)
    approved_milli = options.quotes[-1].milli
    _close(terms, actor, decision, units=units(approved_milli))
    change.set(options=options.with_changes(approved_milli=approved_milli).to_json())
    change.append(CostResolved(decision="confirm", units=units(approved_milli)))
    if terms.quotes is None:
        _release_steps(change, terms)
        return
    _reprice(change, terms)
    allowances.lock(change.run.allowance_id)
    authorization.check_credit(_payer(change.run, actor), terms.milli)
    reservations.reserve(change, terms.milli, ref="")
    transitions.move_run(change, states.QUEUED, RunQueued(), waiting_reason="")
    advance.reevaluate(change)


def _payer(run: Run, actor: Principal) -> Principal:
    """The key that started the run pays for it, anyone who confirms."""
    return Principal(user=actor.user, api_key=run.api_key, via=actor.via)


def _release_steps(change: RunChange, terms: Terms) -> None:
    """Stages that asked for more are taken up once more, and find that they may."""
    for wait in terms.waits:
        if wait.step is not None:
            waits.release_step(change, wait.step, "Cost approved")


def _close(terms: Terms, actor: Principal, decision: CostDecisionIn, *, units: float) -> None:
    answer = {"decision": decision.decision, "units": units, "reason": decision.reason}
    Wait.objects.filter(id__in=[wait.id for wait in terms.waits]).update(
        answered_at=clock.now(),
        answered_by=actor.user,
        answer={name: value for name, value in answer.items() if value is not None},
    )


def _stale(run_id: int) -> errors.Conflict:
    run = Run.objects.get(id=run_id)
    return errors.Conflict(
        "This estimate has changed. Fetch the new one and confirm again.",
        person="The estimate has changed. Check the new one, then confirm.",
        code="cost.preview_stale",
        details={"reason": "cost_preview_stale", "billingPreview": quotes.preview_of(run)},
    )
