"""The address that a person is written to, and what the links in mail open.

Looking at a link uses nothing up: mail scanners open links by themselves.
"""

from __future__ import annotations

import math
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

from accounts import limits, one_time_links
from accounts.client import client_of
from accounts.models import MailAddress, User
from accounts.suspension import allowed_while_suspended
from builder.account_pages.forms import PASSWORD_LENGTH
from builder.http.page_requests import check_sent, person_of
from core import errors
from core.public_url import base_url
from notices import addresses, mailing

# How long a request for a new password takes: longer than to write a mail.
RESET_ANSWER_S: Final = 0.5


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
def address(request: HttpRequest) -> HttpResponse:
    """The address of one's own: add, change, confirm and remove it."""
    if request.method != "POST":
        return _address_page(request)
    check_sent(request.POST)
    try:
        said = _change_address(request, person_of(request))
    except (errors.InvalidInput, errors.QuotaExceeded, errors.Conflict) as refusal:
        wanted = request.POST.get("address", "")
        return _refused(_address_page(request, problem=refusal.message, wanted=wanted), refusal)
    except errors.NotFound:
        said = "Nothing waits to be confirmed."
    messages.success(request, said)
    return redirect("mail-address")


def _change_address(request: HttpRequest, person: User) -> str:
    """Do what the button says. Returns what is said to the person."""
    if "forget" in request.POST:
        addresses.forget(person=person)
        return "Address removed. You get no more mail."
    if "cancel" in request.POST:
        addresses.take_back(person=person)
        return "Canceled. The link no longer works."
    if "again" in request.POST:
        addresses.ask_again(person=person, base_url=base_url(request))
    else:
        wanted = request.POST.get("address", "")
        addresses.ask_to_verify(person=person, address=wanted, base_url=base_url(request))
    return "Link sent. Open it to confirm the address."


def _address_page(request: HttpRequest, *, problem: str = "", wanted: str = "") -> HttpResponse:
    context = {
        "mail": MailAddress.objects.filter(person=person_of(request)).first(),
        "sends_mail": mailing.is_on(),
        "problem": problem,
        "wanted": wanted,
    }
    return render(request, "notice_pages/address.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
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
def ask_reset(request: HttpRequest) -> HttpResponse:
    """The same answer, after the same time, for every name: it doesn't tell who is here."""
    context: dict[str, object] = {"is_sent": False, "sends_mail": mailing.is_on()}
    if request.method != "POST":
        return render(request, "notice_pages/ask_reset.html", context)
    began = time.monotonic()
    check_sent(request.POST)
    try:
        limits.check_resets(client_of(request).address)
    except errors.QuotaExceeded as refusal:
        context["problem"] = refusal.message
        return _refused(render(request, "notice_pages/ask_reset.html", context), refusal)
    addresses.ask_reset(name=request.POST.get("name", ""), base_url=base_url(request))
    time.sleep(max(0.0, began + RESET_ANSWER_S - time.monotonic()))
    return render(request, "notice_pages/ask_reset.html", {**context, "is_sent": True})


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
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
        return _refused(render(request, "notice_pages/reset.html", context), refusal)
    except errors.NotFound as refusal:
        return _link_refused(request, refusal)
    messages.success(request, "Password changed. Sign in with it.")
    return redirect("sign-in")


def _refused(response: HttpResponse, refusal: errors.AppError) -> HttpResponse:
    response.status_code = refusal.status
    if refusal.retry_after_s:
        response["Retry-After"] = str(math.ceil(refusal.retry_after_s))
    return response


def _link_refused(request: HttpRequest, refusal: errors.AppError) -> HttpResponse:
    context = {"problem": refusal.message, "is_spent": isinstance(refusal, errors.NotFound)}
    return _refused(render(request, "notice_pages/spent.html", context), refusal)
