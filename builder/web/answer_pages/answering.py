"""Answering a run in the browser: its questions, trying again, a link for the phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.rate_limits import check_start_rate
from builder.shared import qr_codes
from builder.shared.page_requests import by_session, check_sent, is_json, json_success, person_of
from builder.web.answer_pages import links
from builder.web.runs_pages import pending_inputs
from core import clock, errors, jsonsafe
from core.public_url import base_url
from runs import access
from runs.interaction import answers, retry
from runs.models import Run, Wait
from runs.web import serializers

# Refusals that a page shows above the question, which stays as it was.
_REFUSALS = (
    errors.InvalidBody,
    errors.InvalidInput,
    errors.Conflict,
    errors.NotFound,
    errors.InsufficientCredit,
    errors.Forbidden,
)


@login_required
@require_POST
def answer(request: HttpRequest, run_id: str) -> HttpResponse:
    """Take an answer. JSON, as `resume_input` of a resume, is answered with the run; a form goes
    back to its page."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    if is_json(request):
        outcome = answers.answer(
            run=run,
            actor=person,
            resume_input=jsonsafe.loads_object(request.body),
            own_hosts=[request.get_host()],
        )
        run = access.own_run(person, run_id)
        body = serializers.record(run, base_url=base_url(request))
        return json_success({"resumed": outcome, "workflow": body})
    check_sent(request.POST)
    try:
        wait = _wait_of(run, request.POST.get("wait"))
        answers.answer(
            run=run,
            actor=person,
            resume_input=pending_inputs.read_answer(request.POST, wait),
            own_hosts=[request.get_host()],
            wait=wait,
        )
    except _REFUSALS as problem:
        messages.error(request, problem.person)
    return redirect("run", run_id=run.public_id)


@login_required
@require_POST
def resume(request: HttpRequest, run_id: str) -> HttpResponse:
    """Retry what failed, or continue when there are credits again."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    principal = by_session(person)
    check_start_rate(principal)
    body = jsonsafe.loads_object(request.body) if is_json(request) else {}
    try:
        outcome = retry.retry_or_answer(
            run=run, actor=principal, body=body, own_hosts=[request.get_host()]
        )
    except _REFUSALS as problem:
        if is_json(request):
            raise
        messages.error(request, problem.person)
        return redirect("run", run_id=run.public_id)
    if is_json(request):
        run = access.own_run(person, run_id)
        record = serializers.record(run, base_url=base_url(request))
        return json_success({"resumed": outcome, "workflow": record})
    if not outcome:
        messages.info(request, "There was nothing to do.")
    return redirect("run", run_id=run.public_id)


@never_cache
@login_required
@require_POST
def answer_link(request: HttpRequest, run_id: str) -> HttpResponse:
    """A link by which one question can be answered without signing in, as text and as a picture."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    check_start_rate(by_session(person))
    body: Mapping[str, Any] = request.POST
    if is_json(request):
        body = jsonsafe.loads_object(request.body)
    else:
        check_sent(request.POST)
    wait = _wait_of(run, body.get("waitId") or body.get("wait"))
    link = links.create(wait=wait, actor=person, base_url=base_url(request))
    picture = "" if qr_codes.is_only_here(link.url) else qr_codes.picture(link.url)
    if is_json(request):
        expires_at = clock.iso(link.expires_at)
        return json_success({"url": link.url, "expiresAt": expires_at, "picture": picture})
    context = {"run": run, "link": link, "picture": picture, "wait": wait}
    return render(request, "runs_pages/phone_link.html", context)


def _wait_of(run: Run, number: Any) -> Wait:
    """A question of this run. Without its number, the only one that is open."""
    rows = Wait.objects.filter(run=run).select_related("step", "run__owner")
    if number in (None, ""):
        still_open = list(rows.filter(answered_at=None)[:2])
        if len(still_open) != 1:
            raise errors.InvalidBody("waitId says which question is meant; send it.")
        return still_open[0]
    text = str(number)
    wait = rows.filter(id=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if wait is None:
        raise errors.NotFound("This workflow asks no such question.", code="workflow.unknown_step")
    return wait
