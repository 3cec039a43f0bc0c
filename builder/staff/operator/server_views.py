"""`/admin/server`: what operators change while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from builder.shared.page_requests import person_of
from builder.staff.operator import server_services
from builder.staff.operator.server_services import Wish
from builder.staff.operator.views import frame, staff_only
from core import errors, server_settings
from core.declared_settings import DECLARED, GROUPS, Setting
from core.releases import RELEASE

SEEN, RESET = "seen-", "reset-"


@staff_only
@require_http_methods(["GET", "HEAD", "POST"])
def server(request: HttpRequest) -> HttpResponse:
    """The form of all settings. A field without its `seen-` is not touched."""
    if request.method != "POST":
        return _page(request)
    wishes = _wishes(request)
    try:
        outcome = server_services.save(actor=person_of(request), wishes=wishes)
    except (errors.InvalidInput, errors.Conflict) as problem:
        return _page(request, wishes=wishes, problem=problem)
    if outcome.changed:
        titles = ", ".join(one.title for one in outcome.changed)
        messages.success(request, f"Saved: {titles}. It holds everywhere in a few seconds.")
    else:
        messages.info(request, "Nothing to change.")
    if outcome.kept:
        titles = ", ".join(one.title for one in outcome.kept)
        messages.warning(request, f"Someone else changed {titles} just before. That was kept.")
    return redirect(reverse("operator-server"))


def _wishes(request: HttpRequest) -> dict[str, Wish]:
    wishes = {}
    for name in DECLARED:
        if SEEN + name in request.POST:
            is_reset = RESET + name in request.POST
            text = None if is_reset else request.POST.get(name, "")
            wishes[name] = Wish(text, request.POST[SEEN + name])
    return wishes


def _page(
    request: HttpRequest,
    *,
    wishes: Mapping[str, Wish] | None = None,
    problem: errors.AppError | None = None,
) -> HttpResponse:
    rows = server_settings.stored()
    issues = {one["path"]: one["message"] for one in problem.details["issues"]} if problem else {}
    context = {
        **frame(request, "server"),
        "problem": problem.message if problem else "",
        "release": RELEASE,
        "groups": [
            {
                "group": group,
                "fields": [
                    _field(one, rows, (wishes or {}).get(one.name), issues.get(one.name, ""))
                    for one in group.settings
                ],
            }
            for group in GROUPS
        ],
    }
    return render(
        request, "operator/server.html", context, status=problem.status if problem else 200
    )


def _field(
    setting: Setting, rows: Mapping[str, Any], wish: Wish | None, problem: str
) -> dict[str, Any]:
    value = rows.get(setting.name, setting.without_row)
    text = setting.shown(value)
    mark = server_services.stamp(setting.name, rows)
    if wish is not None and (problem or wish.seen == mark):
        # What was typed stays, but for what only someone else has changed.
        text = setting.shown(setting.without_row) if wish.text is None else wish.text
    return {
        "setting": setting,
        "text": text,
        "seen": mark,
        "problem": problem,
        "is_set": setting.name in rows,
        "is_reset": wish is not None and wish.text is None,
        "usual": setting.told(setting.without_row),
    }
