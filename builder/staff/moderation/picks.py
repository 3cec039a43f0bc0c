"""Making something a staff pick, from its own page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from builder.shared.page_requests import person_of
from builder.staff.moderation.requests import moderators_only
from moderation import staff_picks


@moderators_only
@require_POST
def pick(request: HttpRequest) -> HttpResponse:
    """Make what a form names a staff pick, or with `unpick` none any more; back to its page."""
    form = request.POST
    is_picked = "unpick" not in form
    subject = staff_picks.set_picked(
        actor=person_of(request),
        kind=form.get("kind", ""),
        public_id=form.get("id", "").replace("\x00", ""),
        is_picked=is_picked,
    )
    messages.success(
        request, "It's a staff pick now." if is_picked else "It isn't a staff pick any more."
    )
    return redirect(subject.own_page)
