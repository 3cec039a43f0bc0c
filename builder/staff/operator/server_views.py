"""`/admin/server`: what operators change while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import is_owner
from builder.shared.page_requests import person_of
from builder.staff.operator import server_services
from builder.staff.operator.server_services import Wish
from builder.staff.operator.views import frame, staff_only
from core import errors, server_settings
from core.declared_settings import DECLARED, GROUPS, Setting
from core.public_url import base_url
from core.releases import RELEASE
from sign_on import flow, identities, provider

SEEN, RESET = "seen-", "reset-"
# Of the people who didn't come by sign-on lately.
AWAY_SHOWN = 100


@staff_only
@require_safe
def try_sign_on(request: HttpRequest) -> HttpResponse:
    """Lead an owner to the provider, whose answer is shown and changes nothing."""
    current = provider.current()
    if current is None or not is_owner(person_of(request)):
        raise errors.NotFound
    person = person_of(request)
    try:
        origin = base_url(request)
        url = flow.begin(request.session, current, "try", origin=origin, person=person.pk)
    except errors.Unavailable as refusal:
        messages.error(request, refusal.message)
        return redirect(f"{reverse('operator-server')}#sign-on")
    return HttpResponseRedirect(url)


@staff_only
@sensitive_post_parameters("SIGN_ON_SECRET")
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
            if not group.is_owners or is_owner(person_of(request))
        ],
        "sign_on": _sign_on(request),
    }
    return render(
        request, "operator/server.html", context, status=problem.status if problem else 200
    )


def _sign_on(request: HttpRequest) -> dict[str, Any]:
    """Return what an owner enters at the provider of sign-on, and who hasn't come by it lately."""
    origin = base_url(request)
    return {
        "back": f"{origin}{flow.BACK}",
        "home": f"{origin}/",
        "provider": provider.current(),
        "away": identities.long_away()[:AWAY_SHOWN],
        "away_days": identities.AWAY.days,
    }


def _field(
    setting: Setting, rows: Mapping[str, Any], wish: Wish | None, problem: str
) -> dict[str, Any]:
    value = rows.get(setting.name, setting.without_row)
    text = setting.shown(value)
    mark = server_services.stamp(setting.name, rows)
    if wish is not None and (problem or wish.seen == mark):
        # What was typed stays, but for what only someone else has changed.
        is_gone = wish.text is None or setting.kind == "secret"
        if is_gone and wish.text and not problem:
            problem = "Enter it again: nothing was saved."
        text = setting.shown(setting.without_row) if is_gone else str(wish.text)
    return {
        "setting": setting,
        "text": text,
        "seen": mark,
        "problem": problem,
        "is_set": setting.name in rows,
        "is_reset": wish is not None and wish.text is None,
        "usual": setting.told(setting.without_row),
    }
