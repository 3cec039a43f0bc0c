"""`/me/notices`: what happened, newest first, and how to hear of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import MailAddress
from builder.http.page_requests import json_success, person_of
from core import clock
from notices import mailing, selectors, telling
from notices.kinds import KINDS
from notices.models import Notice

SHOWN = 30
# What SQLite and Postgres take as a row's id.
LARGEST_ID = 2**63 - 1


@never_cache
@login_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """The list. Looking at it reads all of it."""
    person = person_of(request)
    before = _number(request.GET.get("before"))
    found = selectors.notices_of(person, before=before, limit=SHOWN + 1)
    shown = found[:SHOWN]
    context = {
        "notices": shown,
        "next": shown[-1].pk if len(found) > SHOWN else None,
        "unread": {one.pk for one in shown if one.read_at is None},
        "newest": shown[0].pk if shown and before is None else 0,
    }
    return render(request, "notice_pages/notices.html", context)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All up to this one were seen."""
    up_to = _number(request.POST.get("upTo"))
    if up_to is not None:
        selectors.mark_read(person_of(request), up_to)
    if request.headers.get("Accept", "").startswith("application/json"):
        return json_success({"unread": selectors.unread_count(person_of(request))})
    return redirect("notices")


@never_cache
@login_required
@require_safe
def later(request: HttpRequest) -> HttpResponse:
    """What came after one: for the bell, the title of the tab and the browser's notifications."""
    person = person_of(request)
    after = _number(request.GET.get("after")) or 0
    found = selectors.later(person, after)
    return json_success(
        {
            "unread": selectors.unread_count(person),
            "notices": [_out(one) for one in found],
        }
    )


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest) -> HttpResponse:
    """Each kind of notice: in the page, by the browser, by mail."""
    person = person_of(request)
    if request.method == "POST":
        for kind in KINDS:
            telling.choose(
                person,
                kind,
                telling.Ways(
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
    ways = telling.all_ways(person)
    return {
        "kinds": [{"kind": kind, "ways": ways[key]} for key, kind in KINDS.items()],
        "mail": MailAddress.objects.filter(person=person).first(),
        "sends_mail": mailing.is_on(),
    }


def _out(one: Notice) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "text": one.text,
        "url": one.url,
        "inBrowser": one.in_browser,
        "createdAt": clock.iso(one.created_at),
    }


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), LARGEST_ID)
