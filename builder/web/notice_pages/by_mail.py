"""The address that a person is written to, and what the links in mail open.

Looking at a link uses nothing up: mail scanners open links by themselves.
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import one_time_links, rate_limits
from accounts.client_address import client_of
from accounts.factor_demand import allowed_without_factor
from accounts.models import MailAddress, User
from accounts.suspension import allowed_while_suspended
from builder.shared import proofs
from builder.shared.forms import PASSWORD_LENGTH, ProofForm
from builder.shared.page_requests import as_refusal, check_sent, person_of
from core import errors
from core.held_answer import Wait, held
from core.public_url import base_url
from notices import addresses, mailing

# How long a request for a new password takes: longer than to write a mail.
RESET_ANSWER_S: Final = 0.5
# The button that removes the address.
REMOVAL: Final = "forget"
REFUSALS: Final = (
    errors.InvalidInput,
    errors.QuotaExceeded,
    errors.Conflict,
    errors.Unavailable,
)


@never_cache
@sensitive_post_parameters("proof")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def address(request: HttpRequest) -> HttpResponse:
    """The address of one's own: add, change, confirm and remove it.

    By the address a lost password is replaced: another one and none ask for a proof.
    """
    if request.method != "POST":
        return _address_page(request)
    check_sent(request.POST)
    form = ProofForm(request.POST)
    try:
        notice = _change_address(request, person_of(request), form)
    except REFUSALS as refusal:
        problem = "" if REMOVAL in request.POST else refusal.message
        if not problem:
            form.add_error(None, refusal.message)
        return as_refusal(_address_page(request, problem=problem, proof=form), refusal)
    except errors.NotFound:
        notice = "Nothing waits to be confirmed."
    if not notice:
        return _address_page(request, proof=form, status=422)
    messages.success(request, notice)
    return redirect("mail-address")


def _change_address(request: HttpRequest, person: User, form: ProofForm) -> str:
    """Do what the button says. Returns what is said to the person; empty for a wrong proof."""
    # One that changes nothing that was confirmed or asked for before needs no proof.
    if "cancel" in request.POST:
        addresses.take_back(person=person)
        return "Canceled. The link no longer works."
    if "again" in request.POST:
        addresses.ask_again(person=person, base_url=base_url(request))
        return "Link sent. Open it to confirm the address."
    if not form.is_valid() or not proofs.holds(request, form):
        return ""
    if REMOVAL in request.POST:
        addresses.forget(person=person)
        return "Address removed. You get no more mail."
    new_address = request.POST.get("address", "")
    addresses.ask_to_verify(person=person, address=new_address, base_url=base_url(request))
    return "Link sent. Open it to confirm the address."


def _address_page(
    request: HttpRequest, *, problem: str = "", proof: ProofForm | None = None, status: int = 200
) -> HttpResponse:
    # Two forms of this page ask for it; a refusal is shown at the one that was sent.
    proof_form, is_removal = proof or ProofForm(), REMOVAL in request.POST
    proof_form.auto_id = "removal-%s" if is_removal else "new-%s"
    other = ProofForm(auto_id="new-%s" if is_removal else "removal-%s")
    context = {
        "mail": MailAddress.objects.filter(person=person_of(request)).first(),
        "sends_mail": mailing.is_on(),
        "problem": problem,
        "wanted": request.POST.get("address", ""),
        "removal": proof_form if is_removal else other,
        "new": other if is_removal else proof_form,
    }
    return render(request, "notice_pages/address.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """One button, which makes the address the person's. No one need be signed in."""
    visitor = request.user if isinstance(request.user, User) else None
    try:
        if request.method != "POST":
            person = addresses.check_link(token=token, visitor=visitor)
            return render(request, "notice_pages/verify.html", {"person": person})
        addresses.verify(token=token, visitor=visitor)
    except (errors.NotFound, errors.Conflict) as refusal:
        return _link_refused(request, refusal)
    messages.success(request, "Address confirmed.")
    return redirect("mail-address" if visitor is not None else "sign-in")


# Mail programs send this themselves (RFC 8058), without a cookie: the link itself is the right.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """One button, which switches off mail of the link's kind."""
    try:
        is_done = request.method == "POST"
        kind = mailing.stop(token) if is_done else mailing.kind_of_stop_link(token)
    except errors.NotFound as refusal:
        return _link_refused(request, refusal)
    return render(request, "notice_pages/stop.html", {"kind": kind, "is_done": is_done})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def ask_reset(request: HttpRequest) -> HttpResponse:
    """The same answer, after the same time, for every name: it doesn't tell who is here."""
    context: dict[str, object] = {"is_sent": False, "sends_mail": mailing.is_on()}
    if request.method != "POST":
        return render(request, "notice_pages/ask_reset.html", context)
    began = time.monotonic()
    check_sent(request.POST)
    try:
        rate_limits.check_resets(client_of(request).address)
    except errors.QuotaExceeded as refusal:
        context["problem"] = refusal.message
        return as_refusal(render(request, "notice_pages/ask_reset.html", context), refusal)
    addresses.ask_reset(name=request.POST.get("name", ""), base_url=base_url(request))
    answer = render(request, "notice_pages/ask_reset.html", {**context, "is_sent": True})
    rest_s = max(0.0, began + RESET_ANSWER_S - time.monotonic())
    return held(request, answer, Wait(lambda: asyncio.sleep(rest_s)))


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """A new password for the one who got the mail."""
    try:
        person = one_time_links.person_of_link(token=token, purpose=addresses.RESET)
        if request.method != "POST":
            return render(request, "notice_pages/reset.html", {"person": person})
        check_sent(request.POST)
        addresses.reset(token=token, password=request.POST.get("password", "")[:PASSWORD_LENGTH])
    except (errors.InvalidInput, errors.QuotaExceeded, errors.Unavailable) as refusal:
        context = {"person": person, "problem": refusal.message}
        return as_refusal(render(request, "notice_pages/reset.html", context), refusal)
    except errors.NotFound as refusal:
        return _link_refused(request, refusal)
    messages.success(request, "Password changed. Sign in with it.")
    return redirect("sign-in")


def _link_refused(request: HttpRequest, refusal: errors.AppError) -> HttpResponse:
    context = {"problem": refusal.message, "is_spent": isinstance(refusal, errors.NotFound)}
    return as_refusal(render(request, "notice_pages/spent.html", context), refusal)
