"""The address that a person is written to, and what the links in mail open.

Looking at a link uses nothing up: mail scanners open links by themselves.
"""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import one_time_links
from builder.http.page_requests import check_sent, person_of
from builder.notice_pages.views import settings_context
from core import errors
from core.public_url import base_url
from notices import addresses, mailing, stop_links


@login_required
@require_POST
def address(request: HttpRequest) -> HttpResponse:
    """Send a link to a new address, or forget the one there is."""
    check_sent(request.POST)
    person = person_of(request)
    if "forget" in request.POST:
        addresses.forget(person=person)
        messages.success(request, "Address removed. You get no more mail.")
        return redirect("notice-settings")
    wanted = request.POST.get("address", "")
    try:
        addresses.ask_to_verify(person=person, address=wanted, base_url=base_url(request))
    except (errors.InvalidInput, errors.QuotaExceeded, errors.Conflict) as refusal:
        context = settings_context(request) | {"problem": refusal.message, "wanted": wanted}
        return render(request, "notice_pages/settings.html", context, status=refusal.status)
    messages.success(request, "We sent you a link. Open it to confirm your address.")
    return redirect("notice-settings")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """One button, which makes the address the person's."""
    try:
        if request.method != "POST":
            person = one_time_links.person_of_link(token=token, purpose=addresses.VERIFY)
            return render(request, "notice_pages/verify.html", {"person": person})
        addresses.verify(token=token)
    except (errors.NotFound, errors.Conflict) as refusal:
        context = {"problem": refusal.message}
        return render(request, "notice_pages/spent.html", context, status=refusal.status)
    messages.success(request, "Address confirmed.")
    return redirect("notice-settings" if request.user.is_authenticated else "sign-in")


# Mail programs send this themselves (RFC 8058), without a cookie: the link itself is the right.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """One button, which switches off mail of the link's kind."""
    try:
        is_done = request.method == "POST"
        kind = stop_links.stop(token) if is_done else stop_links.kind_of(token)
    except errors.NotFound as refusal:
        context = {"problem": refusal.message}
        return render(request, "notice_pages/spent.html", context, status=404)
    return render(request, "notice_pages/stop.html", {"kind": kind, "is_done": is_done})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_reset(request: HttpRequest) -> HttpResponse:
    """The same answer for every name: it doesn't tell who is here."""
    is_sent = request.method == "POST"
    if is_sent:
        check_sent(request.POST)
        addresses.ask_reset(name=request.POST.get("name", ""), base_url=base_url(request))
    context = {"is_sent": is_sent, "sends_mail": mailing.is_on()}
    return render(request, "notice_pages/ask_reset.html", context)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """A new password for the one who got the mail."""
    try:
        if request.method != "POST":
            person = one_time_links.person_of_link(token=token, purpose=addresses.RESET)
            return render(request, "notice_pages/reset.html", {"person": person})
        addresses.reset(token=token, password=request.POST.get("password", "")[:1000])
    except errors.InvalidInput as refusal:
        person = one_time_links.person_of_link(token=token, purpose=addresses.RESET)
        context = {"person": person, "problem": refusal.message}
        return render(request, "notice_pages/reset.html", context, status=422)
    except errors.NotFound as refusal:
        context = {"problem": refusal.message}
        return render(request, "notice_pages/spent.html", context, status=404)
    messages.success(request, "Password changed. Sign in with it.")
    return redirect("sign-in")
