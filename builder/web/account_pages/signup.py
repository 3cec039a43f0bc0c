"""Becoming someone: by an invitation of an operator, or at `/sign-up` where that is open."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts import names, one_time_links, passwords, rate_limits, services
from accounts.client_address import client_of
from accounts.factor_demand import allowed_without_factor
from accounts.models import User
from builder.shared.forms import JoinForm, SignUpForm, show_refusal
from builder.web.account_pages.coming_in import come_in
from core import declared_settings, errors, server_settings
from core.redirects import next_address, to_next
from sign_on import provider

_HEADINGS: Final = {
    "invitation": "You're invited",
    "sign-on": "Choose a name",
    "sign-up": "Sign up",
}


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The form of an invited person. Looking uses nothing up; a form that is refused neither."""
    if request.user.is_authenticated:
        # Often the owner, trying the link: joining would swap who they are.
        return render(request, "account_pages/signed_in_already.html", status=409)
    if not one_time_links.is_open(token=token, purpose=one_time_links.INVITATION):
        return _spent_page(request)
    if request.method != "POST":
        return join_page(request, JoinForm(), by="invitation")
    form = JoinForm(request.POST)
    try:
        status = _check_people(request, form)
        if status == 200:
            person = services.accept_invitation(token=token, **form.cleaned_data)
            return _welcome(request, person, by="invitation")
    except errors.NotFound:
        return _spent_page(request)
    except (errors.InvalidInput, errors.Conflict) as refusal:
        show_refusal(form, refusal)
        status = 422
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return join_page(request, form, by="invitation", status=status)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """The same form without an invitation, where REELGRAPH_OPEN_SIGNUP is set."""
    if not server_settings.value("OPEN_SIGNUP"):
        raise errors.NotFound("This server is invite-only. Ask its owner for an invitation.")
    if request.user.is_authenticated:
        return to_next(request)
    if request.method != "POST":
        return join_page(request, SignUpForm(), by="sign-up")
    form = SignUpForm(request.POST)
    try:
        status = _check_people(request, form)
        if status == 200:
            return _welcome(request, services.sign_up(**form.cleaned_data), by="sign-up")
    except (errors.InvalidInput, errors.Conflict) as refusal:
        show_refusal(form, refusal)
        status = 422
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return join_page(request, form, by="sign-up", status=status)


def _check_people(request: HttpRequest, form: JoinForm) -> int:
    """200 when the form may be tried, else the status to refuse it with."""
    try:
        rate_limits.check_new_people(client_of(request).address)
    except errors.QuotaExceeded as refusal:
        show_refusal(form, refusal)
        return refusal.status
    return 200 if form.is_valid() else 422


def _welcome(request: HttpRequest, person: User, *, by: str) -> HttpResponse:
    response = come_in(request, person, by=by)
    messages.success(request, f"Welcome, {person.shown_name}.")
    return response


def join_page(request: HttpRequest, form: JoinForm, *, by: str, status: int = 200) -> HttpResponse:
    """Show the form of a newcomer. by: `invitation`, `sign-up` or `sign-on`."""
    context = {
        "form": form,
        "by": by,
        "heading": _HEADINGS[by],
        "provider": provider.current(),
        "has_passwords": not passwords.are_closed(),
        "begin": sign_on_address(request),
        "rule": names.USERNAME_RULE,
        "terms": terms_digest(),
        "next": next_address(request),
    }
    return render(request, "account_pages/join.html", context, status=status)


def sign_on_address(request: HttpRequest) -> str:
    """Return the address at which someone goes on by the provider of sign-on instead."""
    query = {"next": next_address(request)}
    match = request.resolver_match
    if match is not None and "token" in match.kwargs:
        query["invitation"] = match.kwargs["token"]
    return f"/oidc/begin?{urlencode(query)}"


def _spent_page(request: HttpRequest) -> HttpResponse:
    return render(request, "account_pages/invitation_spent.html", status=404)


def terms_digest() -> str:
    """Return the digest of the terms that a newcomer accepts; empty where the server has none."""
    text = server_settings.value("TERMS")
    return server_settings.digest(text) if text else ""


@require_safe
@allowed_without_factor
def terms(request: HttpRequest) -> HttpResponse:
    """Show `/terms`: what people accept who join this server."""
    text = server_settings.value("TERMS")
    if not text:
        raise errors.NotFound("This server has no terms.")
    context = {
        "terms": text,
        "digest": server_settings.digest(text)[:16],
        "contact": server_settings.value("CONTACT"),
        "contact_link": declared_settings.contact_link(server_settings.value("CONTACT")),
    }
    return render(request, "account_pages/terms.html", context)
