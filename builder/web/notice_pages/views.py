"""`/me/notices`: what happened, newest first, and how to hear of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import MailAddress
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import json_success, person_of
from notices import create_notice, feed, mailing, selectors
from notices.models import Notice
from notices.notice_types import kinds_for

SHOWN = 30
ICONS: Final = {
    "run_done": "check",
    "run_failed": "triangle-alert",
    "your_turn": "hourglass",
    "comment": "message-circle",
    "invitation": "user-plus",
    "remix": "git-fork",
    "like": "heart",
    "moderation": "shield",
    "server": "triangle-alert",
}
# What SQLite and Postgres take as a row's id.
LARGEST_ID = 2**63 - 1


@never_cache
@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The list; one is read when it is opened, or all at once by the button."""
    person = person_of(request)
    before = _number(request.GET.get("before"))
    rows = selectors.notices_of(person, before=before, limit=SHOWN + 1)
    page = rows[:SHOWN]
    context = {
        "shown": _with_icons(page),
        "next": page[-1].pk if len(rows) > SHOWN else None,
        "is_first": before is None,
        "standing": selectors.standing(person.pk),
    }
    return render(request, "notice_pages/notices.html", context)


@never_cache
@login_required
@require_safe
def panel(request: HttpRequest) -> HttpResponse:
    """Show what the bell opens: the latest, as a part of a page."""
    person = person_of(request)
    context = {
        "shown": _with_icons(selectors.notices_of(person, limit=selectors.LATEST)),
        "standing": selectors.standing(person.pk),
    }
    return render(request, "notice_pages/panel.html", context)


@login_required
@require_POST
@allowed_while_suspended("POST")
def read(request: HttpRequest) -> HttpResponse:
    """Mark those of these ids as read, or all up to one."""
    ids = [number for text in request.POST.getlist("id")[:SHOWN] if (number := _number(text))]
    create_notice.mark_read(person_of(request), up_to=_number(request.POST.get("upTo")), ids=ids)
    if request.headers.get("Accept", "").startswith("application/json"):
        return json_success({"unread": selectors.standing(person_of(request).pk).unread})
    return redirect("notices")


@never_cache
@login_required
@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    """Return what the bell shows, for pages that can't have the socket."""
    person = person_of(request)
    return json_success(feed.shown_to(person.pk, selectors.standing(person.pk)))


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def settings_page(request: HttpRequest) -> HttpResponse:
    """Each kind of notice: in the page, by the browser, by mail."""
    person = person_of(request)
    if request.method == "POST":
        for kind in kinds_for(is_operator=person.is_staff):
            create_notice.choose(
                person,
                kind,
                create_notice.Ways(
                    in_page=request.POST.get(f"{kind}.page") == "on",
                    in_browser=request.POST.get(f"{kind}.browser") == "on",
                    by_mail=request.POST.get(f"{kind}.mail") == "on",
                ),
            )
        messages.success(request, "Saved.")
        return redirect("notice-settings")
    return render(request, "notice_pages/settings.html", settings_context(request))


def settings_context(request: HttpRequest) -> dict[str, Any]:
    person = person_of(request)
    ways = create_notice.all_ways(person)
    return {
        "kinds": [
            {"kind": kind, "ways": ways[key]}
            for key, kind in kinds_for(is_operator=person.is_staff).items()
        ],
        "mail": MailAddress.objects.filter(person=person).first(),
        "sends_mail": mailing.is_on(),
    }


def _with_icons(rows: Iterable[Notice]) -> list[tuple[Notice, str]]:
    return [(row, ICONS[row.kind]) for row in rows]


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), LARGEST_ID)
