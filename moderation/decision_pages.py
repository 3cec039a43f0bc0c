"""Decisions about my work: reading them, and appealing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.suspension import allowed_while_suspended
from core import errors
from core.paging import read_page
from moderation import appeals, own_decisions
from moderation.models import NOTE_LENGTH, Decision
from moderation.report_pages import signed_in

SENT = "Appeal sent. A different moderator will look at it."


@never_cache
@login_required
@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    """All of them, newest first, and what I have of strikes."""
    person, page = signed_in(request), read_page(request.GET)
    listed, following = own_decisions.listed(person, page)
    context = {
        "listed": listed,
        "standing": own_decisions.standing(person),
        "next": following,
        "limit": page.limit,
    }
    return render(request, "moderation/pages/decisions.html", context)


@allowed_while_suspended("POST")
@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """One of them, with the form of an appeal, and what that sends. Also for suspended people."""
    person = signed_in(request)
    told = own_decisions.one(person, decision_id)
    context = {"one": told, "longest": NOTE_LENGTH}
    if request.method != "POST":
        return render(request, "moderation/pages/decision.html", context)
    text = request.POST.get("text", "")
    try:
        appeals.file(person=person, decision=Decision.objects.get(pk=told.id), text=text)
    except (errors.InvalidInput, errors.Conflict) as problem:
        # It may have been answered, undone or too late in the meantime.
        context |= {"problem": problem.person, "text": text.replace("\x00", "")}
        context["one"] = own_decisions.one(person, decision_id)
        page = "moderation/pages/decision.html"
        return render(request, page, context, status=problem.status)
    messages.success(request, SENT)
    return redirect("my-decision", decision_id=told.id)
