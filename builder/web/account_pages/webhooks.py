"""`/me/webhooks`: the programs that hear of a person's runs, and what was sent to them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.suspension import allowed_while_suspended
from builder.shared import one_time_secret
from builder.shared.forms import REFUSALS, WebhookForm, show_refusal
from builder.shared.page_requests import person_of
from runs.webhook_events import EVENTS, TEST
from webhooks import deliveries, endpoints
from webhooks.models import Delivery, Endpoint

PATH = "/me/webhooks"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the endpoints, the form for a new one and the latest deliveries; take what it sends."""
    if request.method == "POST":
        return _add(request)
    form = WebhookForm(initial={"events": [*EVENTS]})
    return one_time_secret.shown_once(
        request, PATH, lambda secret: _page(request, form, secret=secret)
    )


@login_required
@require_POST
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Set where an endpoint is and what it hears of."""
    endpoint = endpoints.own_endpoint(person_of(request), public_id)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            endpoints.change(endpoint, **form.cleaned_data)
        except REFUSALS as refusal:
            show_refusal(form, refusal)
    if form.errors:
        problems = " ".join(str(text) for texts in form.errors.values() for text in texts)
        messages.error(request, f"Couldn't change the endpoint. {problems}")
    else:
        messages.success(request, "Saved.")
    return redirect(PATH)


@login_required
@require_POST
def test(request: HttpRequest, public_id: str) -> HttpResponse:
    """Send an endpoint a test."""
    endpoint = endpoints.own_endpoint(person_of(request), public_id)
    try:
        endpoints.send_test(endpoint)
    except REFUSALS as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Test sent. Reload to see how it went.")
    return redirect(PATH)


@login_required
@require_POST
def renew_secret(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give an endpoint a new secret, which the page then shows once."""
    endpoint = endpoints.own_endpoint(person_of(request), public_id)
    secret = endpoints.renew_secret(endpoint)
    response = redirect(PATH)
    one_time_secret.keep(request, response, secret, path=PATH)
    return response


@login_required
@require_POST
def switch_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Have an endpoint hear again of what happens from now on."""
    endpoints.switch_on(endpoints.own_endpoint(person_of(request), public_id))
    messages.success(request, "Switched on.")
    return redirect(PATH)


@login_required
@require_POST
@allowed_while_suspended("POST")
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Delete an endpoint, with its deliveries."""
    endpoint = endpoints.own_endpoint(person_of(request), public_id)
    endpoints.delete(endpoint)
    messages.success(request, f"Deleted {_place(endpoint.url)}.")
    return redirect(PATH)


@login_required
@require_POST
def send_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Try a delivery again that has ended, under its id."""
    try:
        deliveries.send_again(person_of(request), public_id)
    except REFUSALS as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Sent again. Reload to see how it went.")
    return redirect(f"{PATH}#deliveries")


def _add(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        _, secret = endpoints.create(person_of(request), **form.cleaned_data)
    except REFUSALS as refusal:
        show_refusal(form, refusal)
        return _page(request, form, status=refusal.status)
    response = redirect(PATH)
    one_time_secret.keep(request, response, secret, path=PATH)
    return response


def _page(
    request: HttpRequest, form: WebhookForm, *, secret: str | None = None, status: int = 200
) -> HttpResponse:
    person = person_of(request)
    own = endpoints.of_person(person)
    context = {
        "form": form,
        "events": EVENTS,
        "endpoints": [_endpoint(row) for row in own],
        "has_room": len(own) < endpoints.MOST,
        "limit": endpoints.MOST,
        "deliveries": [_delivery(row) for row in deliveries.latest_of(person)],
        "secret": secret,
    }
    return render(request, "account_pages/webhooks.html", context, status=status)


def _endpoint(row: Endpoint) -> dict[str, Any]:
    events = [words for name, words in EVENTS.items() if name in row.events]
    return {"row": row, "place": _place(row.url), "events": events}


def _delivery(row: Delivery) -> dict[str, Any]:
    return {
        "row": row,
        "words": "Test" if row.event == TEST else EVENTS.get(row.event, row.event),
        "place": _place(row.url),
    }


def _place(url: str) -> str:
    """Return a URL without its query, which may hold a secret."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"
