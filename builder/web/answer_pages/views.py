"""`/answer/<token>`: one question of someone's run, for the one who holds the link. No sign-in."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from builder.shared.page_requests import check_sent
from builder.web.answer_pages import links
from builder.web.runs_pages import pending_inputs
from builder.web.runs_pages.page_state import turn_state
from core import errors
from core.public_url import base_url
from runs.interaction import answers
from runs.models import Wait

# What a link may be used for; to stop the run is not.
ALLOWED = ("answer", "complete", "select", "approve")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the question and uses nothing up: chats open links by themselves. POST answers."""
    try:
        link = links.look(token)
    except errors.NotFound as unknown:
        return _over(request, unknown.person, 404)
    if link.wait is None:
        return _over(request, link.why, 410)
    if request.method != "POST":
        return _ask(request, link.wait)
    check_sent(request.POST)
    try:
        if request.POST.get("do") not in ALLOWED:
            raise errors.InvalidBody(
                "Something's missing in this form. Reload the page and try again."
            )
        answers.answer(
            run=link.wait.run,
            actor=None,
            resume_input=pending_inputs.read_answer(request.POST, link.wait),
            own_hosts=[request.get_host()],
            wait=link.wait,
        )
    except errors.InvalidBody as problem:
        return _ask(request, link.wait, problem.person)
    except (errors.Conflict, errors.Forbidden) as problem:
        return _over(request, problem.person, problem.status)
    links.use_up(link.row)
    return render(request, "answer_pages/done.html")


def _ask(request: HttpRequest, wait: Wait, problem: str = "") -> HttpResponse:
    turn = pending_inputs.pending_input_of(wait, base_url=base_url(request), asks_only=True)
    if problem:
        turn = replace(
            turn,
            picked=request.POST.getlist("pick")[:1000],
            typed=request.POST.get("text", "")[: pending_inputs.MAX_WORDS],
        )
    context = {"turn": turn, "problem": problem, "state": turn_state(turn, problem)}
    return render(request, "answer_pages/answer.html", context, status=422 if problem else 200)


def _over(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return render(request, "answer_pages/over.html", {"why": why}, status=status)
