"""Starting a run whose steps another app adds one by one; see `runs.engine.step_kinds`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.auth import Principal
from core import errors, ids
from core.stored_json import as_stored
from runs import states
from runs.admission.idempotency import KeyTaken, RequestKey
from runs.admission.new_run import StartResult
from runs.billing import quotes
from runs.dispatch import dispatch
from runs.engine import transitions
from runs.engine.own_steps import NewStep
from runs.log.events import RunCreated, RunQueued
from runs.models import Run
from runs.options import RunOptions
from templates_app.graph.plan_json import plan_to_json
from templates_app.graph.types import Plan


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
        options=as_stored(first.options.with_quote(quote).stored()),
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
        winner = request_key.replayed()
        if winner is None:
            raise errors.Unavailable(retry_after_s=1) from None
        return StartResult(run=winner, replayed=True)
    return StartResult(run=run, replayed=False)
