"""`/me/people`, and what leads there: blocking, muting, and ending either."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import blocks
from accounts.models import User
from accounts.selectors import person_of_id
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import check_form, person_of
from comments import selectors as comments
from core import errors
from core.redirects import next_address, to_next
from templates_app.documents import selectors as documents

ENDED: Final = {blocks.BLOCK: "Unblocked {}.", blocks.MUTE: "Unmuted {}."}


@never_cache
@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List whom I have blocked and muted."""
    rows = blocks.list_of(person_of(request))
    return render(request, "people_pages/people.html", {"rows": rows})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def block(request: HttpRequest, person_id: str) -> HttpResponse:
    """GET: what a block does, and the button, for a dialog or as a page. POST: block them."""
    other = person_of_id(person_id)
    if request.method != "POST":
        return _confirm(request, other, next_address(request))
    return _change(request, other, blocks.BLOCK)


@login_required
@require_POST
@allowed_while_suspended("POST")
def mute(request: HttpRequest, person_id: str) -> HttpResponse:
    return _change(request, person_of_id(person_id), blocks.MUTE)


@login_required
@require_POST
def undo(request: HttpRequest, person_id: str) -> HttpResponse:
    """Unblock or unmute them."""
    check_form(request)
    other = person_of_id(person_id)
    was = blocks.undo(actor=person_of(request), other=other)
    if was:
        messages.success(request, ENDED[was].format(other.shown_name))
    return to_next(request)


@never_cache
@login_required
@require_safe
def block_author(request: HttpRequest, comment_id: int) -> HttpResponse:
    """Ask as `block` does, from a comment: its author may have no page. `?of=` as for comments."""
    other, page = _author(request, comment_id)
    return _confirm(request, other, page)


@login_required
@require_POST
@allowed_while_suspended("POST")
def mute_author(request: HttpRequest, comment_id: int) -> HttpResponse:
    other, _ = _author(request, comment_id)
    return _change(request, other, blocks.MUTE)


def _author(request: HttpRequest, comment_id: int) -> tuple[User, str]:
    """Return who wrote a comment on a creation, and where it is read."""
    of = request.GET.get("of", "")
    comment = comments.visible_comment(person_of(request), comment_id, share_id=of)
    if comment.share is None:
        raise comments.missing()
    return comment.author, reverse("creation", args=[comment.share.public_id]) + "#comments"


def _confirm(request: HttpRequest, other: User, back: str) -> HttpResponse:
    person = person_of(request)
    context = {
        "other": other,
        "name": other.shown_name,
        "next": back,
        "together": documents.worked_on_together(person, other),
    }
    is_dialog = request.htmx  # type: ignore[attr-defined]  # set by django_htmx's middleware
    name = "block_form" if is_dialog else "block"
    return render(request, f"people_pages/{name}.html", context | {"is_dialog": bool(is_dialog)})


def _change(request: HttpRequest, other: User, kind: str) -> HttpResponse:
    """Block or mute, and say so with a way back."""
    check_form(request)
    person, name = person_of(request), other.shown_name
    change, verb = (blocks.block, "Blocked") if kind == blocks.BLOCK else (blocks.mute, "Muted")
    try:
        change(actor=person, other=other)
    except (errors.InvalidInput, errors.Conflict) as refusal:
        messages.error(request, refusal.person)
    else:
        messages.success(
            request, f"{verb} {name}.", extra_tags=reverse("undo-person", args=[other.public_id])
        )
    return to_next(request)
