"""Coming in and going out: by name and password, or by a link that works once."""

from __future__ import annotations

import math

from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passwords, services
from core import errors
from core.redirects import next_address, to_next

# Links bypass passwords, so the backend that checks them is named for the session.
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends."""
    if request.method == "POST":
        return _by_password(request)
    if request.user.is_authenticated:
        return to_next(request)
    return _form(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button and consumes nothing: chats and mail scanners open links by themselves.
    POST uses the link up."""
    if request.method != "POST":
        return render(request, "account_pages/link.html", {"next": next_address(request)})
    try:
        user = services.consume_link(token=token, purpose=services.SIGN_IN)
    except errors.NotFound as error:
        return render(
            request, "account_pages/link_spent.html", {"problem": error.message}, status=404
        )
    login(request, user, backend=_BACKEND)
    return to_next(request)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/")


def _by_password(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip()[:150]
    try:
        user = passwords.sign_in(
            username=username, password=request.POST.get("password", ""), request=request
        )
    except errors.Unauthenticated as refusal:
        return _form(request, username, refusal.message, status=422)
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        response = _form(request, username, refusal.message, status=refusal.status)
        response["Retry-After"] = str(math.ceil(refusal.retry_after_s or 1))
        return response
    login(request, user)
    return to_next(request)


def _form(
    request: HttpRequest, username: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "username": username,
        "problem": problem,
        "next": next_address(request),
        "open_signup": settings.OPEN_SIGNUP,
    }
    return render(request, "account_pages/sign_in.html", context, status=status)
