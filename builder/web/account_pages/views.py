"""Coming in and going out: by name and password, or by a link that works once."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import one_time_links, passwords, second_factor, sessions
from accounts.factor_demand import allowed_without_factor
from accounts.models import User
from accounts.suspension import allowed_while_suspended
from builder.shared.page_requests import as_refusal, json_success
from builder.web.account_pages import sign_on
from builder.web.account_pages.coming_in import come_in
from builder.web.account_pages.signup import sign_on_address
from core import errors, server_settings
from core.redirects import next_address, to_next
from sign_on import provider


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, and what it sends."""
    if request.method == "POST":
        return _by_password(request)
    if request.user.is_authenticated:
        return to_next(request)
    return _form(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def sign_in_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET names the person beside one button and consumes nothing: chats and mail scanners open
    links by themselves. POST uses the link up."""
    try:
        if request.method != "POST":
            person = one_time_links.person_of_link(token=token, purpose=one_time_links.SIGN_IN)
            context = {"person": person, "next": next_address(request)}
            return render(request, "account_pages/link.html", context)
        person = one_time_links.consume_link(token=token, purpose=one_time_links.SIGN_IN)
    except errors.NotFound as error:
        return render(
            request, "account_pages/link_spent.html", {"problem": error.message}, status=404
        )
    return come_in(request, person, by="link")


@never_cache
@require_safe
def form_token(request: HttpRequest) -> HttpResponse:
    """The token of forms, for scripts of a page that was open while someone signed in."""
    return json_success({"token": get_token(request)})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_while_suspended("POST")
@allowed_without_factor
def give_code(request: HttpRequest) -> HttpResponse:
    """The second factor, after password or link; also of a session that has shown none yet."""
    pending = second_factor.pending(request)
    if pending is None and isinstance(request.user, User) and second_factor.is_on(request.user):
        if second_factor.has_passed(request):
            return to_next(request)
        pending = request.user, ""
    if pending is None:
        return redirect(f"/sign-in?{urlencode({'next': next_address(request)})}")
    person, by = pending
    if request.method != "POST":
        return _code_form(request, person)
    try:
        device = second_factor.check(user=person, code=request.POST.get("code", "")[:40])
    except errors.QuotaExceeded as refusal:
        return as_refusal(_code_form(request, person, refusal.message), refusal)
    if device is None:
        problem = "That code doesn't match. Codes change every 30 seconds and work once."
        response = _code_form(request, person, problem)
        response.status_code = 422
        return response
    if by:
        sessions.begin(request, person, by=by)
    second_factor.passed(request, device)
    return to_next(request)


@require_POST
@allowed_while_suspended("POST")
@allowed_without_factor
def sign_out(request: HttpRequest) -> HttpResponse:
    return sign_on.sign_out(request)


def _by_password(request: HttpRequest) -> HttpResponse:
    username = request.POST.get("username", "").strip()[:150]
    try:
        user = passwords.sign_in(
            username=username, password=request.POST.get("password", ""), request=request
        )
    except errors.Unauthenticated as refusal:
        return _form(request, username, refusal.message, status=422)
    except (errors.QuotaExceeded, errors.Unavailable) as refusal:
        return as_refusal(_form(request, username, refusal.message), refusal)
    return come_in(request, user, by="password")


def _form(
    request: HttpRequest, username: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "username": username,
        "problem": problem,
        "next": next_address(request),
        "open_signup": server_settings.value("OPEN_SIGNUP"),
        "provider": provider.current(),
        "has_passwords": not passwords.are_closed(),
        "begin": sign_on_address(request),
    }
    return render(request, "account_pages/sign_in.html", context, status=status)


def _code_form(request: HttpRequest, person: User, problem: str = "") -> HttpResponse:
    context = {"person": person, "problem": problem, "next": next_address(request)}
    return render(request, "account_pages/code.html", context)
