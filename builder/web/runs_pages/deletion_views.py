"""Deleting my own runs: one on its page, or many of a kind, with Undo for half a minute."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from builder.shared.page_requests import check_form, person_of
from builder.web.runs_pages.run_list import rows_of
from core import errors
from runs import access, selectors
from runs.engine import retention

# So many of what would go are shown.
NEWEST = 6
AGES = (
    *((0, "Any age"), (7, "Over 7 days"), (30, "Over 30 days")),
    *((90, "Over 90 days"), (365, "Over a year")),
)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: HttpRequest) -> HttpResponse:
    """Show how many runs of a kind would go and what they take; a POST deletes them, if there are
    still as many as it says that were shown."""
    person = person_of(request)
    parameters = request.POST if request.method == "POST" else request.GET
    kind, days = parameters.get("kind", ""), parameters.get("days", "0")
    if kind not in retention.KINDS or days not in {str(age) for age, _ in AGES}:
        raise errors.NotFound
    choice = retention.chosen(person, kind, int(days))
    if request.method != "POST":
        newest = selectors.runs_of(person).filter(id__in=choice.runs[-NEWEST:])
        context = {
            "choice": choice,
            "rows": rows_of(request, person, list(newest)),
            "more": max(0, len(choice.runs) - NEWEST),
            "kinds": [(key, title, key == kind) for key, (title, _) in retention.KINDS.items()],
            "ages": [(age, title, str(age) == days) for age, title in AGES],
            "kind": kind,
            "days": days,
        }
        return render(request, "runs_pages/delete.html", context)
    check_form(request)
    count = len(choice.runs)
    if parameters.get("count") != str(count):
        messages.error(request, "The number of these runs has changed. Nothing was deleted.")
        address = reverse("delete-runs", query={"kind": kind, "days": days})
        return redirect(address)
    if choice.runs:
        at = retention.delete_own(person, choice.runs)
        _say(request, f"{count:,} run{'' if count == 1 else 's'} deleted.", at)
    return redirect("my-runs")


@login_required
@require_POST
def delete(request: HttpRequest, run_id: str) -> HttpResponse:
    """Delete one run."""
    person = person_of(request)
    run = access.own_run(person, run_id)
    check_form(request)
    try:
        at = retention.delete_one(person, run, can_undo=True)
    except errors.Conflict as problem:
        messages.error(request, problem.message)
        return redirect("run", run_id)
    _say(request, "Run deleted.", at)
    return redirect("my-runs")


@login_required
@require_POST
def undo(request: HttpRequest, at: str) -> HttpResponse:
    """Keep what was deleted at that time, as long as it's there."""
    check_form(request)
    try:
        when = datetime.fromisoformat(at)
    except ValueError:
        raise errors.NotFound from None
    count = retention.undo(person_of(request), when) if when.tzinfo else 0
    if count:
        messages.success(request, f"{count:,} run{'' if count == 1 else 's'} kept.")
    else:
        messages.error(request, "It's too late: they are gone.")
    return redirect("my-runs")


def _say(request: HttpRequest, text: str, at: datetime) -> None:
    address = reverse("undo-run-deletion", args=[at.isoformat()])
    messages.success(request, text, extra_tags=address)
