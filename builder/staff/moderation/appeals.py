"""Appeals that wait for an answer, by a moderator who didn't make the decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.shared.page_requests import person_of
from builder.staff.moderation.requests import (
    LARGEST_ID,
    frame,
    moderators_only,
    version_of,
)
from core import errors
from core.paging import next_offset, read_page
from moderation import appeals, moderators, selectors, subjects
from moderation.models import NOTE_LENGTH, Appeal

DONE = {
    appeals.UPHELD: "The decision stays. They were told.",
    appeals.OVERTURNED: "Overturned. They were told.",
}


@moderators_only
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """List those that wait, oldest first."""
    return _page(request)


@moderators_only
@require_POST
def answer(request: HttpRequest, appeal_id: int) -> HttpResponse:
    """Keep a decision or overturn it, with what the person reads."""
    appeal = Appeal.objects.filter(pk=appeal_id).first() if appeal_id <= LARGEST_ID else None
    if appeal is None:
        raise errors.NotFound
    fields = {name: request.POST.get(name, "").replace("\x00", "") for name in ("outcome", "text")}
    try:
        version = version_of(request, appeal.decision.case)
        decision = appeals.answer(
            actor=person_of(request), appeal=appeal, version=version, **fields
        )
    except (errors.InvalidInput, errors.Forbidden, errors.Conflict) as refused:
        problem = {"id": appeal.pk, "text": refused.message, "sent": fields}
        return _page(request, problem=problem, status=refused.status)
    messages.success(request, DONE[decision.outcome])
    return redirect("moderation-appeals")


def _page(request: HttpRequest, *, status: int = 200, problem: Any = None) -> HttpResponse:
    viewer, page = person_of(request), read_page(request.GET, default=20)
    rows = list(appeals.waiting()[page.window])
    context = {
        **frame("appeals"),
        "appeals": [_row(one, viewer) for one in rows[: page.limit]],
        "next": next_offset(page, len(rows) > page.limit),
        "problem": problem,
        # One that was answered since is not in the list any more.
        "problem_apart": problem and problem["id"] not in {one.pk for one in rows},
        "note_length": NOTE_LENGTH,
    }
    return render(request, "moderation/pages/appeals.html", context, status=status)


def _row(appeal: Appeal, viewer: User) -> dict[str, Any]:
    case = appeal.decision.case
    subject = subjects.subject_of(case)
    return {
        "appeal": appeal,
        "case": case,
        "subject": subject,
        "name": subject.name if subject else case.title,
        "noun": subjects.KINDS[case.subject_kind].noun,
        "refused": _refusal(appeal, viewer),
        "is_latest": selectors.undoable(case) == appeal.decision,
    }


def _refusal(appeal: Appeal, viewer: User) -> str:
    """Return why this moderator can't answer, with what helps; "" where they can."""
    try:
        appeals.check_may_answer(viewer, appeal)
    except errors.Forbidden as refused:
        others = moderators.all_of_them().exclude(pk__in=[viewer.pk])
        for other in others:
            try:
                appeals.check_may_answer(other, appeal)
            except errors.Forbidden:
                continue
            return refused.message
        return f"{refused.message} No other moderator can: an owner adds one at /admin/roles."
    return ""
