"""`/me/keys`: a person's API keys. A new one is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import connected_apps, credit, rate_limits, scopes, selectors, services
from accounts.models import ApiKey, User
from accounts.suspension import allowed_while_suspended
from builder.shared import one_time_secret, proofs
from builder.shared.forms import BudgetForm, KeyForm, show_refusal
from builder.shared.page_requests import person_of
from core import errors
from core.public_url import base_url
from run_sets.selectors import paused_words, sets_at_work
from runs.engine import limits as queue_limits
from webhooks.signatures import secret_of_key

PATH = "/me/keys"


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """The list and the form for a new key, and what it sends."""
    if request.method == "POST":
        return _make(request)
    return one_time_secret.shown_once(
        request, PATH, lambda text: _page(request, KeyForm(), text=text)
    )


@login_required
@require_POST
@allowed_while_suspended("POST")
def revoke(request: HttpRequest, lookup: str) -> HttpResponse:
    """End a key at once. Another person's is as unknown as one that never was."""
    key = ApiKey.objects.filter(user=person_of(request), lookup=lookup[:16]).first()
    if key is None:
        raise errors.NotFound("Key not found.", code="key.not_found")
    verb = "revoked" if key.client_id is None else "disconnected"
    set_count = sets_at_work(key.user).get(key.pk, 0)
    if services.revoke_api_key(key=key):
        messages.success(request, f"{verb.capitalize()} {key.name}.{paused_words(set_count)}")
    else:
        messages.info(request, f"{key.name} was already {verb}.")
    return redirect(PATH)


@login_required
@require_POST
def set_budget(request: HttpRequest, lookup: str) -> HttpResponse:
    """Set how much a key may use in one day; an empty field removes the limit."""
    mine = ApiKey.objects.filter(user=person_of(request), revoked_at=None)
    key = mine.filter(lookup=lookup[:16]).first()
    if key is None:
        raise errors.NotFound("Key not found.", code="key.not_found")
    form = BudgetForm(request.POST)
    if not form.is_valid():
        problems = (
            " ".join(str(one) for one in form.errors["units"]) if "units" in form.errors else ""
        )
        messages.error(request, f"Couldn't change the limit of {key.name}. {problems}".strip())
        return redirect(PATH)
    units = form.cleaned_data["units"]
    credit.set_daily_budget(key=key, milli=None if units is None else round(units * 1000))
    sentence = "has no daily limit" if units is None else f"can use {units:f} credits a day"
    messages.success(request, f"{key.name} {sentence}.")
    return redirect(PATH)


def _make(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    person = person_of(request)
    scope = form.cleaned_data["scope"] or scopes.ALL
    try:
        if scope == scopes.ALL and not proofs.holds(request, form):
            return _page(request, form, status=422)
        rate_limits.check_new_keys(person)
        days = form.cleaned_data["days"]
        _, text = services.create_api_key(
            user=person,
            name=form.cleaned_data["name"],
            scope=scope,
            life=timedelta(days=days) if days else None,
        )
    except (errors.QuotaExceeded, errors.Conflict, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        return _page(request, form, status=refusal.status)
    response = redirect(PATH)
    one_time_secret.keep(request, response, text, path=PATH)
    return response


def _page(
    request: HttpRequest, form: KeyForm, *, text: str | None = None, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    used_today = credit.used_today_by_key(person)
    set_counts = sets_at_work(person)
    keys_, apps = list(selectors.live_keys(person)), connected_apps.of_person(person)
    queue = queue_limits.read(queue_limits.of_key(key.pk) for key in (*keys_, *apps))

    def shown(key: ApiKey) -> dict[str, Any]:
        return {
            "row": key,
            "used_milli": used_today.get(key.pk, 0),
            "budget": _units(key),
            "has_ended": key.has_expired,
            "queue": queue[queue_limits.of_key(key.pk)],
            "set_count": set_counts.get(key.pk, 0),
        }

    context = {
        "form": form,
        "keys": [shown(key) for key in keys_],
        "apps": [shown(key) | {"place": connected_apps.place_of(key)} for key in apps],
        "working": services.working_keys(person).count(),
        "limit": settings.KEYS_PER_USER,
        "new_key": text,
        "webhook_secret": _webhook_secret(person, text),
        "origin": base_url(request),
    }
    return render(request, "account_pages/keys.html", context, status=status)


def _webhook_secret(person: User, text: str | None) -> str:
    """Return the secret that signs webhooks of runs that a new key starts; "" without one."""
    if not text:
        return ""
    key = ApiKey.objects.filter(user=person, lookup=text.split("_")[1]).first()
    return secret_of_key(key) if key is not None else ""


def _units(key: ApiKey) -> str:
    milli = key.daily_budget_milli
    return "" if milli is None else f"{milli / 1000:g}"
