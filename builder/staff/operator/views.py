"""All runs, for staff: which are stuck, why, and what to do. Parse, call, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import is_moderator, is_operator, is_owner, is_staff
from accounts.staff_permissions import View, staff_page
from builder.ops import mail_status
from builder.shared import run_display
from builder.shared.forms import answer_form
from builder.shared.page_requests import person_of
from builder.staff.operator import selectors, services, worker_facts
from core import errors, server_settings
from moderation import case_queue
from notices import mailing, sending
from runs import states
from runs.engine import stuck
from runs.models import Run
from runs.stage_titles import stage_title
from runs.web.event_wire import message_of
from runs.web.wire_states import step_status
from tools import registry

# What SQLite and Postgres take as a row's id.
LARGEST_ID = 2**63 - 1
STEP_WORDS = {
    states.PENDING: "Waiting for others",
    states.READY: "Ready",
    states.EXPANDED: "Running its items",
    states.WAITING: "Waiting for its owner",
    states.PARKED: "At the provider",
}
# How an attempt at a step ended.
OUTCOMES = {
    "": "running",
    "done": "done",
    "error": "failed",
    "held": "waiting for a decision",
    "lost": "worker lost",
    "returned": "released",
    "cancelled": "stopped",
    "stopped": "stopped",
}


staff_only = staff_page(is_operator)


@staff_page(is_staff)
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The pages that this person can open, with what needs attention."""
    context = frame(request, "index")
    if context["is_operator"]:
        context |= _operators_index()
    if context["is_moderator"]:
        context["cases"] = _count_words(case_queue.open_cases(), "open case")
    return render(request, "operator/index.html", context)


def _operators_index() -> dict[str, Any]:
    overview = selectors.overview()
    return {
        "stuck": f"{overview.stuck} stuck" if overview.stuck else "",
        "unfinished": str(overview.unfinished),
        "online": str(overview.online),
        "no_workers": "No workers" if settings.WORKERS and not overview.online else "",
        "paused": f"{overview.paused} paused" if overview.paused else "",
        "at_providers": f"{_count_words(overview.at_providers, 'job') or '0 jobs'} at providers",
        "mail": f"{mail_status.counts().waiting} waiting. See what was given up, and why."
        if mailing.is_on()
        else "Off. Set REELGRAPH_MAIL to send notices and password links.",
        "mail_problem": "Not sending" if sending.problem() else "",
    }


def _count_words(count: int, noun: str) -> str:
    """Return "2 jobs"; "" of none."""
    return f"{count} {noun}{'' if count == 1 else 's'}" if count else ""


def led_to(name: str) -> View:
    """A page at another address: a redirect there, for staff; that page asks for its own role."""

    @staff_page(is_staff)
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        query = request.META["QUERY_STRING"]
        return redirect(f"{reverse(name)}{f'?{query}' if query else ''}")

    return view


@staff_only
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """All runs, newest first; with `?show=` those of one state."""
    show = request.GET.get("show", "")
    if show not in {word for word, _, _ in selectors.FILTERS}:
        show = ""
    owner = request.GET.get("owner", "").replace("\x00", "").strip()[:150]
    page = selectors.list_runs(show=show, owner=owner, before=_row_id(request, "before"))
    query = {name: value for name, value in (("show", show), ("owner", owner)) if value}
    context = {
        **frame(request, "runs"),
        "rows": [
            {
                "run": row.run,
                "pill": _run_pill(row.run.status),
                "done": row.done,
                "total": row.total,
                "failed": row.counts.get(states.FAILED, 0),
                "stuck": row.stuck,
                "started": row.started,
                "last": row.last,
                "said": message_of(row.last) if row.last else "",
                "error": selectors.as_words(row.run.error),
            }
            for row in page.rows
        ],
        "queue": page.queue,
        "wanted_workers": settings.WORKERS,
        "show": show,
        "owner": owner,
        "filters": [
            {
                "word": word,
                "label": label,
                "count": page.counts["stuck"]
                if word == "stuck"
                else sum(page.counts.get(state, 0) for state in statuses),
                "address": urlencode({**({"show": word} if word else {}), **_owner(owner)}),
            }
            for word, label, statuses in selectors.FILTERS
        ],
        "older": urlencode({**query, "before": page.following}) if page.following else "",
        "is_first": not request.GET.get("before"),
    }
    return render(request, "operator/runs.html", context)


@staff_only
@require_safe
def run(request: HttpRequest, run_id: str) -> HttpResponse:
    """One run with its steps, attempts, leases, waits and last events."""
    return _run_page(request, run_id)


@staff_only
@require_safe
def workers(request: HttpRequest) -> HttpResponse:
    """Labels, workers by machine, web processes, queue, database and disk.

    htmx asks every few seconds for what changes by the second.
    """
    live = {
        "hosts": worker_facts.hosts(),
        "labels": worker_facts.labels(),
        "queue": worker_facts.queue(),
        "wanted_workers": settings.WORKERS,
    }
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/queue.html", live)
    context = {
        **frame(request, "workers"),
        **live,
        "database": worker_facts.database(),
        "disk": worker_facts.disk(),
        "web_processes": worker_facts.web_processes(),
        "wanted_web": settings.WEB,
        "keep_days": server_settings.value("KEEP_RUNS_DAYS"),
    }
    return render(request, "operator/workers.html", context)


@staff_only
@require_POST
def cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Stop a run."""
    return _do(request, run_id, services.cancel, "Stopped.", "It had already ended.")


@staff_only
@require_POST
def resume(request: HttpRequest, run_id: str) -> HttpResponse:
    """Retry the failed steps of a run."""
    return _do(request, run_id, services.resume, "Retrying failed steps.", "Nothing to retry.")


@staff_only
@require_POST
def retry(request: HttpRequest, run_id: str) -> HttpResponse:
    """Have another worker claim one step of a run."""
    return _do(
        request,
        run_id,
        services.retry_step,
        "The step was released to another worker.",
        "The step already continued.",
        key=_step_key(request),
    )


@staff_only
@require_POST
def look(request: HttpRequest, run_id: str) -> HttpResponse:
    """Ask a provider about its job at once."""
    return _do(
        request,
        run_id,
        services.look_now,
        "A worker looks at the job now.",
        "The step is no longer at the provider.",
        key=_step_key(request),
    )


def _step_key(request: HttpRequest) -> str:
    return request.POST.get("step", "").replace("\x00", "")[:160]


def _do(
    request: HttpRequest,
    run_id: str,
    act: Callable[..., bool],
    sentence: str,
    nothing: str,
    **more: str,
) -> HttpResponse:
    run = selectors.run_of(run_id)
    note = request.POST.get("note", "")
    try:
        is_new = act(actor=person_of(request), run=run, note=note, **more)
    except errors.AppError as problem:
        return _run_page(request, run_id, status=problem.status, problem=problem.message)
    if is_new:
        messages.success(request, f"{sentence} It's in the audit log with your name.")
    else:
        messages.info(request, nothing)
    if request.POST.get("back") == "providers":
        return redirect("operator-providers")
    return redirect("operator-run", run_id=run_id)


def _run_page(
    request: HttpRequest, run_id: str, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    page = selectors.show_run(run_id)
    over = page.run.status in states.RUN_TERMINAL
    context = {
        **frame(request, "runs"),
        "run": page.run,
        "pill": _run_pill(page.run.status),
        "is_over": over,
        "can_resume": page.run.status in (states.FAILED, states.PARTIAL_FAILURE),
        "stuck": page.stuck,
        "steps": [
            {
                "row": row,
                "step": row.step,
                "name": stage_title(row.step),
                "tool": registry.title_of(row.step.tool),
                "said": message_of(row.last) if row.last else "",
                "pill": _step_pill(row.step.status),
                "percent": round(100 * row.step.progress),
                "error": selectors.as_words(row.step.error),
                "reason": row.reason,
                "can_retry": any(one.can_retry for one in row.stuck),
                "attempts": [
                    {
                        "attempt": one,
                        "outcome": OUTCOMES.get(one.outcome, one.outcome),
                        "error": selectors.as_words(one.error),
                    }
                    for one in row.attempts
                ],
            }
            for row in page.steps
        ],
        "hidden_steps": page.hidden_steps,
        "started": page.started,
        "counts": [(_step_pill(state)["word"].lower(), n) for state, n in page.counts.items()],
        "events": [(event, message_of(event)) for event in page.events],
        "waits": [
            (wait, stuck.reason_text(wait.reason), stage_title(wait.step) if wait.step else "")
            for wait in page.waits
        ],
        "waiting_for": stuck.reason_text(reason) if (reason := page.run.waiting_reason) else "",
        "error": selectors.as_words(page.run.error),
        "problem": problem,
        "template": _template_of(page.run),
    }
    return render(request, "operator/run.html", context, status=status)


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """Build the context of the frame of every page for staff. section: of its navigation."""
    return {
        "section": section,
        "is_moderator": is_moderator(request.user),
        "is_operator": is_operator(request.user),
        "is_owner": is_owner(request.user),
    }


def form_page(
    request: HttpRequest, form: forms.Form, act: Callable[..., HttpResponse], **more: Any
) -> HttpResponse:
    """Answer as `act` does to what was sent, or with the page of the form.

    more: of its context, such as `title`, `says` and `button`, and `section` as of `frame`.
    """
    answer, status = answer_form(request, form, act)
    context = {**frame(request, "people"), "form": form, **more}
    return answer or render(request, "operator/form.html", context, status=status)


def _run_pill(status: str) -> dict[str, str]:
    return run_display.pill(
        status, {**run_display.RUN_WORDS, states.WAITING_FOR_USER: "Waiting for owner"}
    )


def _step_pill(status: str) -> dict[str, str]:
    """Build the pill of a step as on the run's page, but in the engine's own states."""
    shown_status = step_status(status)
    word = STEP_WORDS.get(status) or run_display.STEP_WORDS[shown_status]
    return {**run_display.pill(shown_status, run_display.STEP_WORDS), "word": word}


def _template_of(run: Run) -> str:
    if run.template_version is not None:
        return f"{run.template_version.template.name} {run.template_version.semver}"
    return f"{run.draft_of.name} (draft)" if run.draft_of is not None else ""


def _owner(name: str) -> dict[str, str]:
    return {"owner": name} if name else {}


def _row_id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return None
    return int(text) if int(text) <= LARGEST_ID else None
