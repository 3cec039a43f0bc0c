"""Becoming someone: by an invitation of the owner, or at `/sign-up` where that is open."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits, names, one_time_links, selectors, services, sessions
from accounts.client import client_of
from accounts.gates import staff_page
from accounts.models import User
from accounts.roles import is_operator
from builder.account_pages import one_time_secret
from builder.account_pages.forms import InvitationForm, JoinForm, SignUpForm, show_refusal
from builder.account_pages.terms import terms_digest
from core import errors, server_settings
from core.public_url import base_url
from core.redirects import next_address, to_next

PATH = "/me/invitations"


@staff_page(is_operator)
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    """Open invitations and the form for a new one, for staff only."""
    person = cast(User, request.user)
    if request.method == "POST":
        return _invite(request, person)
    link = one_time_secret.take(request, path=PATH) if request.method == "GET" else None
    response = _invitations_page(request, InvitationForm(), link=link)
    if request.method == "GET" and one_time_secret.COOKIE in request.COOKIES:
        one_time_secret.forget(response, path=PATH)
    return response


@staff_page(is_operator)
@require_POST
def revoke_invitation(request: HttpRequest, link_id: int) -> HttpResponse:
    if not one_time_links.revoke_invitation(actor=cast(User, request.user), link_id=link_id):
        raise errors.NotFound("This invitation is no longer valid.", code="link.spent")
    messages.success(request, "Invitation revoked.")
    return redirect(PATH)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The form of an invited person. Looking uses nothing up; a form that is refused neither."""
    if request.user.is_authenticated:
        # Often the owner, trying the link: joining would swap who they are.
        return render(request, "account_pages/signed_in_already.html", status=409)
    if not one_time_links.is_open(token=token, purpose=one_time_links.INVITATION):
        return _spent(request)
    if request.method != "POST":
        return _join_page(request, JoinForm(), is_invited=True)
    form = JoinForm(request.POST)
    try:
        status = _check_people(request, form)
        if status == 200:
            person = services.accept_invitation(token=token, **form.cleaned_data)
            return _come_in(request, person, by="invitation")
    except errors.NotFound:
        return _spent(request)
    except (errors.InvalidInput, errors.Conflict) as refusal:
        show_refusal(form, refusal)
        status = 422
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return _join_page(request, form, is_invited=True, status=status)


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
        return _join_page(request, SignUpForm(), is_invited=False)
    form = SignUpForm(request.POST)
    try:
        status = _check_people(request, form)
        if status == 200:
            return _come_in(request, services.sign_up(**form.cleaned_data), by="sign-up")
    except (errors.InvalidInput, errors.Conflict) as refusal:
        show_refusal(form, refusal)
        status = 422
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        show_refusal(form, refusal)
        status = refusal.status
    return _join_page(request, form, is_invited=False, status=status)


def _check_people(request: HttpRequest, form: JoinForm) -> int:
    """200 when the form may be tried, else the status to refuse it with."""
    try:
        limits.check_new_people(client_of(request).address)
    except errors.QuotaExceeded as refusal:
        show_refusal(form, refusal)
        return refusal.status
    return 200 if form.is_valid() else 422


def _come_in(request: HttpRequest, person: User, *, by: str) -> HttpResponse:
    sessions.begin(request, person, by=by)
    messages.success(request, f"Welcome, {person.display_name or person.username}.")
    return to_next(request)


def _invite(request: HttpRequest, person: User) -> HttpResponse:
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _invitations_page(request, form, status=422)
    try:
        limits.check_invitations(person)
    except errors.QuotaExceeded as refusal:
        show_refusal(form, refusal)
        return _invitations_page(request, form, status=refusal.status)
    link = one_time_links.create_invitation(
        actor=person, note=form.cleaned_data["note"], base_url=base_url(request)
    )
    response = redirect(PATH)
    one_time_secret.keep(request, response, link, path=PATH)
    return response


def _invitations_page(
    request: HttpRequest, form: InvitationForm, *, link: str | None = None, status: int = 200
) -> HttpResponse:
    context = {"form": form, "invitations": selectors.open_invitations(), "link": link}
    return render(request, "account_pages/invitations.html", context, status=status)


def _join_page(
    request: HttpRequest, form: JoinForm, *, is_invited: bool, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "is_invited": is_invited,
        "rule": names.USERNAME_RULE,
        "terms": terms_digest(),
        "next": next_address(request),
    }
    return render(request, "account_pages/join.html", context, status=status)


def _spent(request: HttpRequest) -> HttpResponse:
    return render(request, "account_pages/invitation_spent.html", status=404)
