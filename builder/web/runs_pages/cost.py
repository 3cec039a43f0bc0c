"""Deciding about what a run will cost, in the browser: from the run's page and from the canvas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.rate_limits import check_start_rate
from builder.shared.page_requests import by_session, check_sent, is_json, json_success, person_of
from builder.web.runs_pages.stage_rows import titles_of
from core import clock, errors, jsonsafe
from core.public_url import base_url
from runs import access, states
from runs.interaction import approval
from runs.models import Run
from runs.web import serializers

# So many of the things a quote rests on are told.
ASSUMED = 4


@login_required
@require_POST
def decide(request: HttpRequest, run_id: str) -> HttpResponse:
    """Accept, decline or quote again. A form goes back to the run; JSON is answered with it.

    JSON as the body of confirm-cost. A form: decision, and total and until of what was shown.
    """
    person = person_of(request)
    body = jsonsafe.loads_object(request.body) if is_json(request) else _read_form(request)
    run = access.own_run(person, run_id)
    principal = by_session(person)
    check_start_rate(principal)
    try:
        approval.decide_cost(
            run=run, actor=principal, body=body, key=request.headers.get("Idempotency-Key")
        )
    except (errors.Conflict, errors.InsufficientCredit) as problem:
        if is_json(request):
            raise
        messages.error(request, problem.person)
        return redirect("run", run_id=run.public_id)
    if not is_json(request):
        return redirect("run", run_id=run.public_id)
    run = access.own_run(person, run_id)
    return json_success({"workflow": serializers.record(run, base_url=base_url(request))})


def card(run: Run, snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """Build the card of a wait for money on the run's page. snapshot: as the API shows it."""
    reasons = (*states.COST_REASONS, states.INSUFFICIENT_CREDIT)
    wait = run.waits.filter(answered_at=None, reason__in=reasons).order_by("id").first()
    if wait is None:
        return {}
    preview = snapshot["billingPreview"]
    until = preview.get("validityUntil")
    titles = titles_of(snapshot["steps"])
    rests_on = [
        f"{titles.get(line['stageId'], line['stageId'])}: {words}"
        for line in preview.get("perStageBreakdown", ())
        for words in line["assumptions"]
    ]
    more = len(rests_on) - ASSUMED
    is_cost = wait.reason in states.COST_REASONS
    heading, text = (wait.message, "") if is_cost else _split(wait.message)
    return {
        "is_cost": is_cost,
        "heading": heading,
        "text": text,
        "assumed": rests_on[:ASSUMED] + ([f"{more} more"] if more > 0 else []),
        "is_expired": until is not None and datetime.fromisoformat(until) < clock.now(),
    }


def _split(message: str) -> tuple[str, str]:
    """A refusal as a heading and what follows it: "Not enough credits", "This needs …"."""
    heading, _, text = re.sub("[:.] ", "\n", message, count=1).partition("\n")
    return heading, text[:1].upper() + text[1:]


def _read_form(request: HttpRequest) -> dict[str, Any]:
    form = request.POST
    check_sent(form)
    body: dict[str, Any] = {"decision": form.get("decision", "confirm")[:20]}
    if form.get("total"):
        quote_seen = {
            "totalEstimatedCapacityUnits": form["total"],
            "validityUntil": form.get("until"),
        }
        body["acceptedCostPreview"] = {name: value for name, value in quote_seen.items() if value}
    return body
