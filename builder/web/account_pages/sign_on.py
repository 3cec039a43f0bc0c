"""`/oidc/…`: coming in, joining and connecting an account by the provider of sign-on."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import rate_limits, sessions
from accounts.client_address import client_of
from accounts.factor_demand import allowed_without_factor
from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared import proofs
from builder.shared.forms import JoinForm, show_refusal
from builder.shared.page_requests import as_refusal, check_form, person_of, viewer_of
from builder.web.account_pages import security_page, signup
from builder.web.account_pages.coming_in import come_in
from core import errors
from core.public_url import base_url
from core.redirects import next_address, to_next
from moderation import moderators
from sign_on import flow, identities, provider
from sign_on.flow import Arrival, Way
from sign_on.models import Identity
from sign_on.provider import Provider

# Claims that are about the token itself, not about a person.
_OF_THE_TOKEN: Final = frozenset(
    ("aud", "azp", "at_hash", "c_hash", "exp", "iat", "iss", "jti", "nbf", "nonce", "sid")
)
JOIN: Final = "/oidc/join"
# Who is about to join, in the session; and the ID token of who came in, for signing out there.
_NEWCOMER: Final = "sign_on_newcomer"
_TOKEN: Final = "sign_on_token"  # noqa: S105  the name of a field
# A longer one is not kept: it would make each request of the session slow.
_LONGEST_TOKEN: Final = 8_000


@never_cache
@require_safe
@allowed_without_factor
def begin(request: HttpRequest) -> HttpResponse:
    """Lead to the provider. `invitation`: of someone who joins by one."""
    if request.user.is_authenticated:
        return to_next(request)
    try:
        rate_limits.check_sign_ons(client_of(request).address)
        return HttpResponseRedirect(
            flow.begin(
                request.session,
                _provider(),
                "come-in",
                origin=base_url(request),
                address=next_address(request),
                invitation=request.GET.get("invitation", "")[:100],
            )
        )
    except (errors.Unavailable, errors.QuotaExceeded) as refusal:
        return _problem_page(request, refusal)


@never_cache
@require_safe
@allowed_without_factor
def back(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer, and go on where this way was begun for."""
    try:
        way = flow.take(request.session, request.GET.get("state", ""))
        current = _provider()
        arrival = flow.arrive(current, way, request.GET.dict(), origin=base_url(request))
        if way.purpose == "link":
            return _link(request, way, arrival)
        if way.purpose == "try":
            return _try_page(request, way, current, arrival)
        return _come_in(request, way, current, arrival)
    except (errors.Unauthenticated, errors.Forbidden, errors.Unavailable) as refusal:
        return _problem_page(request, refusal)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_without_factor
def join(request: HttpRequest) -> HttpResponse:
    """The form of someone whose account at the provider is new here."""
    fields = request.session.get(_NEWCOMER)
    is_late = fields is not None and time.time() - fields["at"] > flow.LIFE_S
    if fields is None or is_late or request.user.is_authenticated:
        return redirect("/sign-in")
    arrival, invitation = Arrival(**fields["arrival"]), fields["invitation"]
    if request.method != "POST":
        form = JoinForm(
            initial={
                "username": identities.suggested_username(arrival),
                "display_name": arrival.name,
            }
        )
        return _join_page(request, form)
    form = JoinForm(request.POST)
    try:
        rate_limits.check_new_people(client_of(request).address)
        if not form.is_valid():
            return _join_page(request, form, status=422)
        person = identities.join(
            arrival,
            username=form.cleaned_data["username"],
            display_name=form.cleaned_data["display_name"],
            terms=form.cleaned_data["terms"],
            invitation=invitation,
        )
    except errors.NotFound:
        return render(request, "account_pages/invitation_spent.html", status=404)
    except errors.AppError as refusal:
        show_refusal(form, refusal)
        return _join_page(request, form, status=refusal.status)
    del request.session[_NEWCOMER]
    response = _begin_session(request, person, _provider(), arrival, fields["address"])
    messages.success(request, f"Welcome, {person.shown_name}.")
    return response


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_POST
@allowed_while_suspended("POST")
def connect(request: HttpRequest) -> HttpResponse:
    """Lead to the provider, to let its account sign this person in from then on."""
    form = security_page.sign_on_form(request.POST)
    try:
        check_form(request)
        if not form.is_valid() or not proofs.holds(request, form):
            return security_page.page(request, sign_on=form, status=422)
        current = _provider()
        url = flow.begin(
            request.session,
            current,
            "link",
            origin=base_url(request),
            person=person_of(request).pk,
        )
    except errors.AppError as refusal:
        show_refusal(form, refusal)
        return security_page.page(request, sign_on=form, status=refusal.status)
    return _leaving_page(request, current, url)


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_POST
@allowed_while_suspended("POST")
def disconnect(request: HttpRequest, identity_id: int) -> HttpResponse:
    """Let an account at the provider no longer sign this person in."""
    form = security_page.sign_on_form(request.POST)
    try:
        check_form(request)
        if not form.is_valid() or not proofs.holds(request, form):
            return security_page.page(request, sign_on=form, status=422)
        if identities.unlink(person_of(request), identity_id):
            messages.success(request, "Disconnected.")
    except errors.AppError as refusal:
        show_refusal(form, refusal)
        return security_page.page(request, sign_on=form, status=refusal.status)
    return redirect(security_page.PATH)


def sign_out(request: HttpRequest) -> HttpResponse:
    """End this browser's session, and lead to where the one at the provider ends."""
    token, current = request.session.get(_TOKEN), provider.current()
    sessions.end_own(request)
    if token and current is not None:
        url = flow.sign_out_address(current, token, origin=base_url(request))
        if url:
            return _leaving_page(request, current, url, is_sign_out=True)
    return redirect("/")


def _come_in(request: HttpRequest, way: Way, current: Provider, arrival: Arrival) -> HttpResponse:
    person = identities.person_of(arrival)
    if person is not None:
        return _begin_session(request, person, current, arrival, way.address)
    identities.check_may_join(current, arrival, is_invited=bool(way.invitation))
    # Of the claims only what the rules ask for: sessions stay small.
    rules = (current.claim, current.operator_claim)
    names = {rule.partition("=")[0].strip() for rule in rules if rule}
    claims = {name: arrival.claims[name] for name in names if name in arrival.claims}
    request.session[_NEWCOMER] = {
        "arrival": asdict(replace(arrival, claims=claims)),
        "invitation": way.invitation,
        "address": way.address,
        "at": int(time.time()),
    }
    return redirect(JOIN)


def _begin_session(
    request: HttpRequest, person: User, current: Provider, arrival: Arrival, address: str
) -> HttpResponse:
    _update_role(person, current, arrival)
    has_factor = current.trusts_factor and arrival.has_factor
    response = come_in(request, person, by="sign-on", address=address, has_factor=has_factor)
    if len(arrival.token) <= _LONGEST_TOKEN:
        request.session[_TOKEN] = arrival.token
    return response


def _update_role(person: User, current: Provider, arrival: Arrival) -> None:
    """Give and take the role of operators as the provider's claim says."""
    if not current.operator_claim or not person.is_active:
        return
    has = identities.has_claim(arrival, current.operator_claim)
    rows = Identity.objects.filter(issuer=arrival.issuer, subject=arrival.subject)
    if has and moderators.give(user=person, role=moderators.OPERATOR):
        rows.update(is_operator=True)
    elif not has and rows.filter(is_operator=True).exists():
        moderators.take(user=person, role=moderators.OPERATOR)
        rows.update(is_operator=False)


def _link(request: HttpRequest, way: Way, arrival: Arrival) -> HttpResponse:
    person = viewer_of(request)
    if person is None or person.pk != way.person:
        raise flow.refusal("You're signed in as someone else than when you began.")
    try:
        identities.link(person, arrival)
    except errors.Conflict as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "Connected. You can sign in with it from now on.")
    return redirect(security_page.PATH)


def _try_page(request: HttpRequest, way: Way, current: Provider, arrival: Arrival) -> HttpResponse:
    """Show an owner what the provider says, and what would come of it."""
    viewer = viewer_of(request)
    if viewer is None or viewer.pk != way.person:
        raise flow.refusal("You're signed in as someone else than when you began.")
    person = identities.person_of(arrival)
    try:
        identities.check_may_join(current, arrival, is_invited=False)
        why_not = ""
    except errors.Forbidden as refusal:
        why_not = refusal.message
    context = {
        "provider": current,
        "arrival": arrival,
        "person": person,
        "why_not": why_not,
        "is_operator": bool(current.operator_claim)
        and identities.has_claim(arrival, current.operator_claim),
        "claims": sorted(
            (name, json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value)
            for name, value in arrival.claims.items()
            if name not in _OF_THE_TOKEN
        ),
    }
    return render(request, "account_pages/sign_on_tried.html", context)


def _provider() -> Provider:
    current = provider.current()
    if current is None:
        raise errors.NotFound("Sign-on isn't set up on this server.")
    return current


def _join_page(request: HttpRequest, form: JoinForm, *, status: int = 200) -> HttpResponse:
    return signup.join_page(request, form, by="sign-on", status=status)


def _leaving_page(
    request: HttpRequest, current: Provider, url: str, *, is_sign_out: bool = False
) -> HttpResponse:
    """A page that leads to the provider: a form's own redirect may not leave this server."""
    context: dict[str, Any] = {"provider": current, "url": url, "is_sign_out": is_sign_out}
    return render(request, "account_pages/leaving.html", context)


def _problem_page(request: HttpRequest, refusal: errors.AppError) -> HttpResponse:
    context = {"problem": refusal.message, "provider": provider.current()}
    return as_refusal(render(request, "account_pages/sign_on_problem.html", context), refusal)
