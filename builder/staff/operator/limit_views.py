"""`/admin/providers`: limits and pauses of providers and API keys, and jobs at providers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from builder.shared.page_requests import person_of
from builder.staff.operator import final_media, provider_services, worker_facts
from builder.staff.operator.views import frame, staff_only
from compose import language_model
from compose.model.model_client import configured_model
from compose.model.service import LanguageModel
from core import clock, errors
from runs.engine import limit_settings, limits
from runs.engine.limit_settings import LimitState
from tools import content_filter, registry, services
from tools.models import Service

_NUMBERS = ("at_once", "per_minute")


@staff_only
@require_safe
def providers(request: HttpRequest) -> HttpResponse:
    """Show who may begin how much, what is paused, and what is at providers. htmx asks every few
    seconds for the parts that show the present state. Forms are not replaced: someone may be
    typing."""
    if request.headers.get("HX-Request"):
        return render(request, "operator/parts/providers_live.html", _live())
    return page(request)


@staff_only
@require_POST
def pause(request: HttpRequest, name: str) -> HttpResponse:
    """Have no step of a provider or key begin."""
    reason = request.POST.get("reason", "")

    def act(actor: User) -> str:
        provider_services.pause(actor=actor, name=name, reason=reason)
        return "Paused. What's at work goes on."

    return _do(request, name, act)


@staff_only
@require_POST
def resume(request: HttpRequest, name: str) -> HttpResponse:
    """End a pause."""

    def act(actor: User) -> str:
        is_new = provider_services.resume(actor=actor, name=name)
        return "Resumed." if is_new else ""

    return _do(request, name, act)


@staff_only
@require_POST
def numbers(request: HttpRequest, name: str) -> HttpResponse:
    """Set the limits of a provider or key. An empty field: as the settings say."""

    def act(actor: User) -> str:
        values = {field: _number(request, field) for field in _NUMBERS}
        if "person_share" in request.POST:
            share = _number(request, "person_share")
            values["person_share"] = None if share is None else share / 100
        is_new = provider_services.set_numbers(actor=actor, name=name, numbers=values)
        return "Limits saved." if is_new else ""

    return _do(request, name, act)


def _do(request: HttpRequest, name: str, act: Callable[[User], str]) -> HttpResponse:
    """act: says what it did; nothing where there was nothing to do."""
    try:
        sentence = act(person_of(request))
    except errors.InvalidInput as problem:
        # With what was typed, at the provider that it was typed for.
        fields = {"name": name, "problem": problem.message, **request.POST.dict()}
        return page(request, fields=fields, status=problem.status)
    if sentence:
        messages.success(request, f"{sentence} It's in the audit log with your name.")
    else:
        messages.info(request, "Nothing to change.")
    return redirect(f"{reverse('operator-providers')}#{_anchor(name)}")


def page(
    request: HttpRequest,
    *,
    fields: dict[str, str] | None = None,
    status: int = 200,
    more: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The whole page. fields: typed into a form. more: of models on this machine."""
    context = {**frame(request, "providers"), **_live(), "typed": fields or {}, **(more or {})}
    for _, _, rows in context["sections"]:
        # Not with the live parts: they are counted over many days.
        facts = final_media.facts([row["provider"] for row in rows if not row["is_key"]])
        for row in rows:
            row["final"] = facts.get(row["provider"])
            if fields and row["state"].name == fields["name"]:
                row["form"] |= fields
    return render(request, "operator/providers.html", context, status=status)


def _live() -> dict[str, Any]:
    own = {row.name: row for row in Service.objects.defer("key_encrypted")}
    configuration = registry.configuration()
    chosen = {name: len(people) for name, people in configuration.set_up.chosen.items()}
    broken = [
        {"service": row, "why": configuration.page_problems[name]}
        for name, row in own.items()
        if name in configuration.page_problems
    ]
    rows = [_row(state, own, chosen) for state in limit_settings.limit_states()]
    jobs, count = worker_facts.jobs_at_providers()
    model = configured_model()
    return {
        "model": model,
        "is_model_fixed": bool(
            model and model.service and model.service.name in settings.PROVIDERS
        ),
        "sections": (
            ("providers", "Providers", [row for row in rows if not row["is_key"]]),
            ("keys", "API keys with limits", [row for row in rows if row["is_key"]]),
        ),
        "totals": _totals(rows),
        "parked": jobs,
        "parked_count": count,
        "broken": broken,
    }


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Add up the providers. What a key has at work is counted at its provider."""
    states = [row["state"] for row in rows if not row["is_key"]]
    return {
        "providers": len(states),
        "held": sum(bool(state.is_paused or state.cooldowns) for state in states),
        "at_work": sum(state.at_work for state in states),
        "waiting": sum(state.waiting for state in states),
    }


def _row(
    state: LimitState, own: Mapping[str, Service], chosen: Mapping[str, int]
) -> dict[str, Any]:
    name = state.name.removeprefix("provider:")
    provider = registry.provider_named(name)
    model = provider.model if isinstance(provider, LanguageModel) else ""
    if model:
        # No step waits for a worker there.
        planner = configured_model()
        is_used = planner is not None and planner.service is provider
        state = replace(
            state, label="", at_work=language_model.at_work(clock.now()) if is_used else 0
        )
    from_settings = name in settings.PROVIDERS
    usual = {field: getattr(provider, field, None) for field in limits.NUMBERS}
    numbers = {
        "at_once": state.at_once,
        "per_minute": state.per_minute,
        "person_share": _percent(state.person_share),
    }
    own_numbers = {field: number for field, number in numbers.items() if field in state.own}
    return {
        "state": state,
        "anchor": _anchor(state.name),
        "is_key": state.name.startswith("key:"),
        "percent": numbers["person_share"],
        # What the forms show first.
        "form": {"reason": state.paused_reason, **own_numbers},
        "model": model,
        "filter": content_filter.summary(provider) if provider is not None and not model else "",
        "wait_s": max(1, round(state.next_token_s)),
        "provider": name,
        "from_settings": from_settings,
        "service": None if from_settings else own.get(name),
        "has_people": provider is not None and services.can_be_chosen_for(provider),
        # None: it is for everyone.
        "chosen": chosen.get(name),
        # What holds where a field is left empty.
        "usual": usual | {"person_share": _percent(usual["person_share"])},
    }


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)


def _anchor(name: str) -> str:
    return name.replace(":", "-")


def _number(request: HttpRequest, field: str) -> float | None:
    """A whole number of the form, None where it is empty. Raises InvalidInput."""
    text = request.POST.get(field, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        titles = {"at_once": "At once", "per_minute": "A minute", "person_share": "One person"}
        raise errors.InvalidInput(f"{titles[field]}: enter a whole number, or leave it empty.")
    return int(text)
