"""`/admin/server/health`: what is wrong with this server, looked at in a thread beside requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from builder.ops.health import SharedSurvey
from builder.staff.operator.views import frame, staff_only
from core.checks import Level, Result

# If the checks take longer, the page requests them again; the thread serves other requests.
PATIENCE_S = 0.5
# What is older than the newest look by more has its own moment.
RECENT = timedelta(minutes=1)
_survey = SharedSurvey("server")


@staff_only
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Show what the checks say. htmx asks for the section alone, until the look is over."""
    try:
        context = _facts(_survey.results().result(PATIENCE_S))
    except TimeoutError:
        context = {"current": _survey.current}
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/health.html", context)
    return render(request, "operator/health.html", {**frame(request, "server"), **context})


def _facts(results: Sequence[Result]) -> dict[str, Any]:
    at = max(result.at for result in results)
    rows: dict[Level, list[dict[str, Any]]] = {"fault": [], "warning": [], "ok": []}
    for result in results:
        is_old = at - result.at > RECENT
        for check in result.checks:
            rows[check.level].append({"check": check, "at": result.at if is_old else None})
    return {"problems": [*rows["fault"], *rows["warning"]], "passes": rows["ok"], "at": at}
