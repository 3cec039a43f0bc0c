"""`/oauth/authorize`: a person sees who asks for what, and decides."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import app_clients, app_redirects, connected_apps, rate_limits, scopes
from accounts.connected_apps import Allowed, Asked
from accounts.oauth_errors import OAuthError
from accounts.suspension import check_may_act
from builder.agents.oauth import requests
from builder.agents.oauth.requests import Return
from builder.shared import proofs
from builder.shared.forms import KEY_LIVES, BudgetForm, ProofForm, show_refusal
from builder.shared.page_requests import check_form, person_of
from core import errors
from core.middleware import CONTENT_SECURITY_POLICY


class ConnectForm(BudgetForm, ProofForm):
    """A person's grant to an app: as for a key, with a daily budget in units."""

    scope = forms.ChoiceField(choices=list(scopes.WORDS.items()))
    days = forms.TypedChoiceField(
        choices=[("", "Never"), *((days, words) for days, words in KEY_LIVES.items())],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def allowed(self) -> Allowed:
        days, units = self.cleaned_data["days"], self.cleaned_data["units"]
        return Allowed(
            scope=self.cleaned_data["scope"],
            life=timedelta(days=days) if days else None,
            budget_milli=None if units is None else round(units * 1000),
        )


class Redirect(HttpResponseRedirect):
    """Back to an app, by GET after a form too. Its address was checked."""

    status_code = 303

    def __init__(self, address: str) -> None:
        self.allowed_schemes = [address.partition(":")[0].lower()]
        super().__init__(address)
        self["Cache-Control"] = "no-store"


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def authorize(request: HttpRequest) -> HttpResponse:
    """The page, and what its form sends. The request of the app is in the query of both."""
    try:
        check_may_act(person_of(request))
        back = requests.return_of(request, person_of(request))
    except (OAuthError, errors.Forbidden, errors.QuotaExceeded) as refusal:
        return _refusal_page(request, refusal)
    try:
        request_of_app = requests.asked_of(request, back)
    except OAuthError as refusal:
        # The app is told by the person's click: else a link of ours would lead anyone who is signed
        # in to any address that was registered (RFC 9700, 4.11).
        return _refusal_page(request, refusal, back)
    if request.method != "POST":
        app_clients.note_use(back.client)
        return _page(request, back, ConnectForm())
    check_form(request)
    if "allow" not in request.POST:
        return Redirect(
            back.with_answer(error="access_denied", error_description="The person refused.")
        )
    return _allow(request, back, request_of_app)


def _allow(request: HttpRequest, back: Return, app_request: Asked) -> HttpResponse:
    form = ConnectForm(request.POST)
    if not form.is_valid():
        return _page(request, back, form, status=422)
    person, permissions = person_of(request), form.allowed()
    try:
        if permissions.scope == scopes.ALL and not proofs.holds(request, form):
            return _page(request, back, form, status=422)
        rate_limits.check_new_keys(person)
        code = connected_apps.allow(user=person, request=app_request, grant=permissions)
    except (errors.QuotaExceeded, errors.Conflict, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        return _page(request, back, form, status=refusal.status)
    return Redirect(back.with_answer(code=code))


def _page(
    request: HttpRequest, back: Return, form: ConnectForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "client": back.client,
        "place": app_redirects.place_of(back.redirect_uri),
        "is_loopback": app_redirects.is_loopback(back.redirect_uri),
        "form": form,
        "permissions": _permissions(form, requests.suggested_scope(request.GET)),
    }
    response = render(request, "oauth/connect.html", context, status=status)
    # The form's answer leads to the app, which browsers count as a target of the form.
    target = app_redirects.form_target(back.redirect_uri)
    own = "form-action 'self'"
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(own, f"{own} {target}")
    return response


def _permissions(form: ConnectForm, default_scope: str) -> list[dict[str, object]]:
    """The scopes as choices: each with its name, what it adds, and whether it is chosen."""
    chosen = form.data.get("scope") or default_scope
    rows = ((scope, *words.split(": ", 1)) for scope, words in scopes.WORDS.items())
    return [
        {"scope": scope, "name": name, "adds": adds, "is_chosen": scope == chosen}
        for scope, name, adds in rows
    ]


def _refusal_page(
    request: HttpRequest, refusal: OAuthError | errors.AppError, back: Return | None = None
) -> HttpResponse:
    """The page of a request that can't be granted. back: where the app is told, if it is known."""
    status = 400 if isinstance(refusal, OAuthError) else refusal.status
    context = {"problem": str(refusal)}
    if back is not None and isinstance(refusal, OAuthError):
        context["address"] = back.redirect_uri
        context["target"] = back.with_answer(error=refusal.code, error_description=str(refusal))
    return render(request, "oauth/refused.html", context, status=status)
