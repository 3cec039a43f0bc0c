"""People as moderators see them. What is done to them, a case about them does."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.suspension import suspended_until
from builder.shared.page_requests import person_of
from builder.staff.moderation.requests import frame, moderators_only, text_of
from core import errors
from moderation import case_work, person_history

NAME_LENGTH = 150


@moderators_only
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """People by name; those with strikes or suspensions until a name is typed."""
    q = text_of(request.GET, "q", NAME_LENGTH)
    context = {
        **frame("people"),
        "q": q,
        "found": person_history.strikes_of(person_history.search(q)),
    }
    return render(request, "moderation/pages/people.html", context)


@moderators_only
@require_safe
def person(request: HttpRequest, public_id: str) -> HttpResponse:
    """One person: what they did, what was decided, and how they report."""
    return _page(request, _find(public_id))


@moderators_only
@require_POST
def open_case(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open a case about a person, or go to the one that is open."""
    person = _find(public_id)
    try:
        case = case_work.open_case_about(actor=person_of(request), person=person)
    except errors.Forbidden as problem:
        messages.error(request, problem.message)
        return _page(request, person, status=problem.status)
    return redirect("moderation-case", case_id=case.pk)


def _page(request: HttpRequest, person: User, *, status: int = 200) -> HttpResponse:
    context = {
        **frame("people"),
        "person": person,
        "one": person_history.one(person),
        "suspended_until": suspended_until(person),
        "is_me": person.pk == person_of(request).pk,
    }
    return render(request, "moderation/pages/person.html", context, status=status)


def _find(public_id: str) -> User:
    user = person_history.find(public_id)
    if user is None:
        raise errors.NotFound
    return user
