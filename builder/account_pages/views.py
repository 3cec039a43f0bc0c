"""Coming in and going out: by name and password, or by a link that works once."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import limits, services
from accounts.models import User
from core import errors

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
        return redirect(_next(request))
    return _form(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button and consumes nothing: chats and mail scanners open links by themselves.
    POST uses the link up."""
    if request.method != "POST":
        return render(request, "account_pages/link.html", {"next": _next(request)})
    try:
        user = services.consume_link(token=token, purpose=services.SIGN_IN)
    except errors.NotFound as error:
        return render(
            request, "account_pages/link_spent.html", {"problem": error.message}, status=404
        )
    login(request, user, backend=_BACKEND)
    return redirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("/")


def _by_password(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip()[:150]
    caller = f"{username.lower()}|{request.META.get('REMOTE_ADDR', '')}"
    wait_s = limits.wrong_password_wait_s(caller)
    if wait_s:
        minutes = int(wait_s // 60) + 1
        problem = f"Too many wrong tries. Wait {minutes} min, or use a sign-in link."
        response = _form(request, username, problem, status=429)
        response["Retry-After"] = str(int(wait_s) + 1)
        return response
    password = request.POST.get("password", "")
    # Postgres refuses NUL in a query, so such a name is simply nobody's.
    known = "\x00" not in username
    user = authenticate(request, username=username, password=password) if known else None
    if not isinstance(user, User):
        limits.note_wrong_password(caller)
        return _form(request, username, "That name and password do not fit together.", status=422)
    limits.forget_wrong_passwords(caller)
    login(request, user)
    return redirect(_next(request))


def _form(
    request: HttpRequest, username: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "username": username,
        "problem": problem,
        "next": _next(request),
        "open_signup": settings.OPEN_SIGNUP,
    }
    return render(request, "account_pages/sign_in.html", context, status=status)


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: an address of this host, or the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours and "\x00" not in wanted else "/"
