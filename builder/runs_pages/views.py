"""A run, live; and the browser's own way to start and stop one (session and CSRF)."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.auth import Principal
from accounts.limits import check_start_rate
from accounts.models import User
from builder.gallery.forms import check_sent, fields_of, read_inputs
from core import canonical, errors
from core.public_url import base_url
from runs import records, selectors, services, states
from templates_app import selectors as templates
from templates_app.rendering import template_out
from tools import registry

FINAL = states.RUN_TERMINAL
# How a state reads where its name does not say it; static/js/run.js has the same words.
WORDS = {"waiting_for_user": "your turn", "partial_failure": "done, with failures"}


@never_cache
@login_required
@require_safe
def watch(request: HttpRequest, run_id: str) -> HttpResponse:
    """The run as it is now; `static/js/run.js` keeps it true."""
    run = selectors.visible_run(_person(request), run_id)
    shown = records.record(run, base_url=base_url(request))
    context = {
        "run": shown,
        "film": _film(shown) if shown["status"] in FINAL else None,
        "is_over": shown["status"] in FINAL,
        "last_event": shown["events"][-1]["sequence"] if shown["events"] else 0,
        "brief": _words(shown),
        "state": _state(shown),
    }
    for step in shown["steps"]:
        step |= {"title": _title(step), "state": _state(step)}
    return render(request, "runs_pages/run.html", context)


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Start a template from its form, then go and watch."""
    check_sent(request.POST)
    person = _person(request)
    principal = Principal(user=person, api_key=None, via="session")
    check_start_rate(principal)
    template = templates.resolve(person, request.POST.get("template", "")[:256])
    spec = template_out(templates.shown_to(person, template), base_url=base_url(request))
    inputs = read_inputs(spec, request.POST)
    try:
        started = services.start_run(
            actor=principal,
            body={"workflow_id": template.public_id, "inputs": inputs},
            key=_key(request.POST.get("key", ""), inputs),
            app_source="reelgraph-pages",
            own_hosts=[request.get_host()],
        )
    except (errors.InvalidInput, errors.InvalidBody, errors.Conflict) as problem:
        issues = problem.details.get("compileErrors") or [{"message": problem.message}]
        context = {
            "id": template.public_id,
            "spec": spec,
            "fields": fields_of(spec, inputs),
            "key": secrets.token_urlsafe(16),
            "issues": issues,
        }
        return render(request, "gallery/try_again.html", {"card": context}, status=problem.status)
    return redirect("run", run_id=started.run.public_id)


@login_required
@require_POST
def cancel(request: HttpRequest, run_id: str) -> HttpResponse:
    """Stop a run and show what was kept."""
    run = selectors.visible_run(_person(request), run_id)
    services.cancel_run(run=run, reason="Stopped on its page")
    return redirect("run", run_id=run.public_id)


def _key(form_key: str, inputs: dict[str, Any]) -> str | None:
    """A double click starts one run; other words in the same form, after Back, start another."""
    return f"{form_key[:64]}.{canonical.sha256_hex(inputs)}" if form_key else None


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  login_required has seen to it
    return request.user


def _film(shown: dict[str, Any]) -> dict[str, Any] | None:
    """What the run was for: its last video, else its last medium."""
    artifacts = shown["artifacts"]
    videos = [artifact for artifact in artifacts if artifact["type"] == "video"]
    return (videos or artifacts or [None])[-1]


def _title(step: dict[str, Any]) -> str:
    """What the author called a step, else what its tool is called."""
    if step["title"] != step["id"]:
        return str(step["title"])
    tool = registry.table().get(step["toolName"])
    return tool.title if tool else str(step["id"])


def _state(shown: dict[str, Any]) -> str:
    return WORDS.get(shown["status"], shown["status"])


def _words(shown: dict[str, Any]) -> list[tuple[str, str]]:
    """What the person typed, for the page's heading."""
    inputs = shown["input"].get("inputs") or {}
    return [(name, value) for name, value in inputs.items() if isinstance(value, str)]
