"""My runs in the browser: a list that stays true while they go on (session)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from builder.shared import run_display
from builder.shared.page_requests import person_of
from builder.web.run_looks import look_path
from builder.web.runs_pages.durations import elapsed_of
from builder.web.runs_pages.view_models import segments
from core import clock
from core.public_url import base_url
from runs import run_names, selectors, states
from runs.billing.units import units
from runs.models import Run
from runs.web import failures
from runs.web.wire_states import step_status
from simple_apps.models import GuestRun

SHOWN = 20
# The most rows that one look at what goes on may ask for.
LIVE_ROWS = 60
# The filters of my runs: a word in the address, what it is called, the states it lets through.
FILTERS = (
    ("", "All", ()),
    ("turn", "Your turn", (states.WAITING_FOR_USER,)),
    ("running", "Running", (states.QUEUED, states.RUNNING)),
    ("done", "Done", (states.COMPLETED, states.PARTIAL_FAILURE)),
    ("failed", "Failed", (states.FAILED,)),
    ("stopped", "Stopped", (states.CANCELLED,)),
)


@never_cache
@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My runs, newest first. With `rows`, only those rows and what is newer, as htmx asks."""
    person = person_of(request)
    if request.GET.get("rows") is not None or request.GET.get("since"):
        return _live_rows(request, person)
    chosen = next((one for one in FILTERS if one[0] == request.GET.get("state", "")), FILTERS[0])
    before = request.GET.get("before", "")[:200]
    runs = selectors.earlier_runs(person, statuses=chosen[2], before=before, limit=SHOWN + 1)
    page = runs[:SHOWN]
    if not chosen[0]:
        # What waits for an answer comes first, however old it is, and not once more in its place.
        waits = (states.WAITING_FOR_USER,)
        asking = selectors.earlier_runs(person, statuses=waits, limit=SHOWN)
        asking_ids = {run.id for run in asking}
        rest = [run for run in page if run.id not in asking_ids]
        page = rest if before else [*asking, *rest]
    rows = rows_of(request, person, page)
    unfinished_count = selectors.count_unfinished(person)
    context = {
        "rows": rows,
        "state": chosen[0],
        "filters": [
            {
                "state": state,
                "label": label,
                "count": sum(
                    unfinished_count[one] for one in statuses if one not in states.RUN_TERMINAL
                ),
                "chosen": state == chosen[0],
            }
            for state, label, statuses in FILTERS
            # No one needs a filter for what isn't there.
            if state != "turn" or unfinished_count[states.WAITING_FOR_USER] or state == chosen[0]
        ],
        "next": runs[SHOWN - 1].public_id if len(runs) > SHOWN else "",
        "is_first": not before,
        **_watch_context(rows, since="" if before or chosen[0] else _newest(rows)),
    }
    return render(request, "runs_pages/mine.html", context)


def _live_rows(request: HttpRequest, person: User) -> HttpResponse:
    ids = [one for one in request.GET.get("rows", "").split(",") if one][:LIVE_ROWS]
    since = request.GET.get("since", "")[:200]
    rows = rows_of(request, person, selectors.named_runs(person, ids))
    later = selectors.later_runs(person, after=since, limit=SHOWN) if since else []
    fresh = rows_of(request, person, later)
    context = {
        "rows": rows,
        "fresh": fresh,
        **_watch_context([*fresh, *rows], since=_newest(fresh) or since),
    }
    return render(request, "runs_pages/live_rows.html", context)


def _watch_context(rows: Sequence[dict[str, Any]], *, since: str) -> dict[str, Any]:
    """Return what the list asks about again: its unfinished rows, and runs newer than its first."""
    going_on = [row["run"].public_id for row in rows if not row["is_over"]]
    return {"watched": ",".join(going_on), "since": since, "every": "3s" if going_on else "10s"}


def _newest(rows: Sequence[dict[str, Any]]) -> str:
    newest = max((row["run"] for row in rows), key=lambda run: run.id, default=None)
    return newest.public_id if newest else ""


def rows_of(request: HttpRequest, person: User, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return what the list shows of these runs of a person."""
    steps, looks = selectors.step_states(runs), selectors.newest_looks(runs)
    origin = base_url(request)
    now = clock.now()
    durations = elapsed_of(runs, now)
    guests = GuestRun.objects.filter(run__in=runs).values_list("run_id", "app__title")
    app_titles = dict(guests)
    repeated_titles = run_names.repeated_titles(person, runs)
    main_texts = run_names.main_texts([run for run in runs if run.title in repeated_titles])
    rows = []
    for run in runs:
        statuses = [step_status(step.status) for step in steps[run.id]]
        look = looks.get(run.id)
        over = run_display.is_over(run.status)
        count = statuses.count("completed")
        running = [
            step for step in steps[run.id] if step.status in (states.RUNNING, states.EXPANDED)
        ]
        whole = count + sum(step.progress for step in running)
        url = look and origin + look_path(look)
        rows.append(
            {
                "run": run,
                "is_over": over,
                "pill": run_display.pill(run.status, run_display.RUN_WORDS),
                "percent": round(100 * whole / max(1, len(statuses))),
                "segments": segments(
                    [
                        (status, step.progress)
                        for status, step in zip(statuses, steps[run.id], strict=True)
                    ]
                ),
                "done": count,
                "count": len(statuses),
                "doing": running[0].title or running[0].key if running else "",
                "look": {"url": url, "kind": look.kind} if look else None,
                "used": run_display.units_text(units(run.actual_milli)),
                "estimate": run_display.units_text(units(run.estimated_milli)),
                "lasts": run_display.lasting(durations[run.id].work),
                "error": failures.shown(run.error)["headline"] if run.error else "",
                "version": run.template_version.semver if run.template_version else "",
                "is_draft": run.draft_of_id is not None,
                "main_text": main_texts.get(run.id, ""),
                "guest_of": app_titles.get(run.id, ""),
            }
        )
    return rows
