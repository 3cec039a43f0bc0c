"""A new run's rows: the run, its steps and edges, its first events and what it reserves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts import ledger
from accounts.auth import Principal
from accounts.models import User
from core import errors, ids
from core.database import db_now
from core.stored_json import as_stored
from runs import states
from runs.admission.idempotency import KeyTaken, RequestKey
from runs.admission.new_run import NewRun, StartResult
from runs.billing import allowances, authorization, estimates, quotes
from runs.dispatch import dispatch
from runs.engine import advance, cost_checks, plan_rows, transitions
from runs.engine.executor_writes import NewStep
from runs.log.changes import RunChange
from runs.log.events import RunCreated, RunEvent, RunQueued, RunWaiting
from runs.models import Run, Step, Wait
from runs.options import Quote, RunOptions
from runs.run_rows import RunRows
from templates_app import gallery_index
from templates_app.graph.plan_json import plan_to_json
from templates_app.graph.types import INPUT_MEDIA, Plan, PlanStep


def insert_run(
    new: NewRun, actor: Principal, request_key: RequestKey, payer: Principal | None = None
) -> StartResult:
    """Write a run, or find the one that an equal request with the same key wrote meanwhile.

    payer: the owner of its allowance, where that is not the actor. All or nothing in one
    transaction. Raises InsufficientCredit when it may not spend so much, and AllowanceSpent.
    """
    seconds = estimates.seconds_of(new.plan, without=new.options.kept_stages)
    quote = quotes.new_quote(new.estimate, seconds, new.options)
    run = _build_run(new, actor, quote)
    try:
        with transaction.atomic():
            rows = _insert(run, new, actor, payer or actor, request_key, quotes.question(quote))
    except KeyTaken:
        winner = request_key.replay()
        if winner is None:
            raise errors.Unavailable(retry_after_s=1) from None
        return StartResult(run=winner, replayed=True)
    return StartResult(run=run, replayed=False, warnings=new.warnings, rows=rows)


def _insert(
    run: Run,
    new: NewRun,
    actor: Principal,
    payer: Principal,
    request_key: RequestKey,
    question: str,
) -> RunRows | None:
    status, first_event = _first_state(run, new, question)
    count = sum(step.group is None for step in new.plan.steps)
    opening = (RunCreated(steps=count, title=run.title), first_event)
    log = transitions.insert_run(run, status, opening)
    request_key.claim(run)
    steps = _insert_steps(run, new)
    if new.priority >= 0:
        cost_checks.check_day_limits(steps, actor.user.pk)
    waits = _reserve(run, new, payer, question)
    if new.beside is not None:
        new.beside(run)
    dispatch().hint([step.id for step in steps if step.status == states.READY])
    moves_on = not new.awaits_approval and any(_is_due(step) for step in new.plan.steps)
    if moves_on:
        change = RunChange(run)
        advance.reevaluate(change)
        change.write()
    # Work of the server's own, such as previews, makes nothing popular. Last, as starts of one
    # template wait for each other here.
    if new.published_id is not None and new.priority >= 0:
        gallery_index.note_run(new.published_id)
    return None if moves_on else RunRows(log=log, steps=steps, waits=waits)


def _build_run(new: NewRun, actor: Principal, quote: Quote) -> Run:
    plan_json = as_stored(plan_to_json(new.plan))
    has_name = new.version is not None or new.draft_of is not None
    slug = ids.slug(new.plan.title).replace("-", "_") if has_name else new.kind
    return Run(
        public_id=ids.run_id(slug or "run"),
        owner=actor.user,
        api_key=actor.api_key,
        kind=new.kind,
        title=new.plan.title[:200],
        template_version=new.version,
        request=as_stored(new.request),
        plan=plan_json,
        plan_format=new.plan.format,
        media=plan_json["media"],
        options=as_stored(new.options.with_quote(quote).to_json()),
        estimated_milli=new.estimate,
        reserved_milli=0 if new.awaits_approval else new.estimate,
        ceiling_milli=new.ceiling_milli,
        allowance_id=new.allowance,
        cloned_from=new.repeats,
        draft_of=new.draft_of,
        priority=new.priority,
    )


def _first_state(run: Run, new: NewRun, question: str) -> tuple[str, RunEvent]:
    """The first state of a new run and the event of it: queued, or asking what it may cost."""
    if not new.awaits_approval:
        return states.QUEUED, RunQueued()
    run.waiting_reason = states.COST_APPROVAL
    return states.WAITING_FOR_USER, RunWaiting(reason=states.COST_APPROVAL, question=question)


def _reserve(run: Run, new: NewRun, payer: Principal, question: str) -> list[Wait]:
    """Reserve what a new run will take, or ask for it; the first other rows it locks."""
    if new.allowance is not None:
        allowances.take(new.allowance, 0 if new.awaits_approval else new.estimate)
    if new.awaits_approval:
        prompt = {"message": question}
        return [Wait.objects.create(run=run, reason=states.COST_APPROVAL, prompt=prompt)]
    if payer.user.pk != run.owner_id:
        # In one order: each of two people may run the other's app, and both rows are locked below.
        people = User.objects.select_for_update(no_key=True)
        people = people.filter(pk__in=[payer.user.pk, run.owner_id]).order_by("pk")
        list(people.values_list("pk"))
    if new.estimate:
        # Background work, such as `make previews`, is charged to no person.
        if new.priority >= 0:
            authorization.check_credit(payer, new.estimate)
        ledger.reserve(
            ref=f"run:{run.id}", user=payer.user, api_key=payer.api_key, milli=new.estimate
        )
    return []


def _insert_steps(run: Run, new: NewRun) -> list[Step]:
    steps = new.plan.steps
    rows = [
        plan_rows.row_of(step, run, milli, draft=new.options.draft_by(step.key))
        for step, milli in zip(steps, new.quotes, strict=True)
    ]
    first_states = [states.READY if _may_begin(step, new) else states.PENDING for step in steps]
    for row, state in zip(rows, first_states, strict=True):
        if state == states.READY:
            # By the clock of the claim. The others get theirs as they become ready: an expression
            # in each row takes Postgres three times as long.
            row.not_before = db_now()
    plan_rows.insert(list(zip(steps, rows, first_states, strict=True)), {})
    return rows


def _may_begin(step: PlanStep, new: NewRun) -> bool:
    """Return whether a worker may take the step as soon as its run is stored."""
    return not (new.awaits_approval or _waits(step) or _is_due(step))


def _is_due(step: PlanStep) -> bool:
    """Return whether the step is to be weighed, or to ask, before any other has ended."""
    asks = step.condition is not None or step.kind in ("wait", "gate", "group")
    return asks and not _waits(step)


def _waits(step: PlanStep) -> bool:
    if step.member_of is not None:
        return True
    return any(binding.source != INPUT_MEDIA for binding in step.needs)


# --- runs whose steps another app adds one by one -------------------------------------------------


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A run by its first step. request: what it was asked for, in stored form."""

    kind: str
    title: str
    request: Mapping[str, Any]
    options: RunOptions
    step: NewStep
    ceiling_milli: int | None = None


def start_with(first: FirstStep, actor: Principal, request_key: RequestKey) -> StartResult:
    """Store and queue the run, or find the one that an equal request with the same key wrote.

    The caller has checked all else.
    """
    plan = Plan(title=first.title, steps=())
    quote = quotes.new_quote(0, None, first.options)
    run = Run(
        public_id=ids.run_id(first.kind),
        owner=actor.user,
        api_key=actor.api_key,
        kind=first.kind,
        title=first.title[:200],
        request=as_stored(dict(first.request)),
        plan=as_stored(plan_to_json(plan)),
        plan_format=plan.format,
        options=as_stored(first.options.with_quote(quote).to_json()),
        ceiling_milli=first.ceiling_milli,
    )
    try:
        with transaction.atomic():
            opening = (RunCreated(steps=1, title=run.title), RunQueued())
            transitions.insert_run(run, states.QUEUED, opening)
            request_key.claim(run)
            [step] = transitions.insert_steps([(first.step.row(run), states.READY)])
            dispatch().hint([step.id])
    except KeyTaken:
        winner = request_key.replay()
        if winner is None:
            raise errors.Unavailable(retry_after_s=1) from None
        return StartResult(run=winner, replayed=True)
    return StartResult(run=run, replayed=False)
