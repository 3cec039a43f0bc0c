"""The same principals for REST views, and what a suspended one may send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts import scopes
from accounts.auth import Principal, principal_from_headers
from accounts.models import User
from accounts.suspension import check_may_act
from core import errors
from core.http import error_response

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class PrincipalAuthentication(BaseAuthentication):
    """Sets `request.user` and `request.auth`, a Principal. Missing credentials are an error here:
    everything under /v1 needs a person."""

    def authenticate(self, request: Request) -> tuple[User, Principal]:
        principal = proof_of(request)
        if principal.from_cookie and request.method not in SAFE_METHODS:
            require_own_page(request._request)
        return principal.user, principal

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def proof_of(request: Request) -> Principal:
    """Look up who sends the request, by its headers, now. Raises as `principal_from_headers`."""
    return principal_from_headers(
        {name.lower(): value for name, value in request.headers.items()},
        query_string=request.META.get("QUERY_STRING", ""),
        scope=scopes.needed_by(request.parser_context["view"], request.method or "GET"),
    )


def principal_of(request: Request) -> Principal:
    """Return who a view's request comes from."""
    return cast(Principal, request.auth)


class IsAuthenticated(BasePermission):
    """Lets a principal pass."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, Principal)


class _TokenCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise _foreign_page()


def _foreign_page() -> errors.Forbidden:
    return errors.Forbidden(
        "Cookie requests must come from this site. From code, send an API key in the `api-key`"
        " header.",
        code="csrf.failed",
    )


def require_own_origin(headers: Mapping[str, str]) -> None:
    """As `require_own_page`, outside of Django and without its token. headers: lower-case names."""
    if not is_from_own_origin(headers, headers.get("host", "")):
        raise _foreign_page()


def is_from_own_origin(headers: Mapping[str, str], host: str) -> bool:
    """Return whether the browser's own headers say that a page of this server sent the request."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    try:
        return bool(origin) and urlsplit(origin or "").netloc == host
    except ValueError:
        return False


def require_own_page(request: HttpRequest) -> None:
    """Raise Forbidden unless a page of this server sent the request.

    A browser says so by itself (`Sec-Fetch-Site`, `Origin`); otherwise the CSRF token does.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    if is_from_own_origin(headers, request.get_host()):
        return
    # Reading the body first keeps it for the view: the check may parse a form.
    _ = request.body
    check = _TokenCheck(lambda _request: HttpResponse())
    check.process_request(request)
    check.process_view(request, lambda _request: HttpResponse(), (), {})


class SuspendedPeople:
    """Refuses what a suspended person sends with their session, pages and API alike.

    Views say that they may be written by: see `accounts.suspension.allowed_while_suspended`. So a
    new view is refused until someone has decided about it. Keys and tokens are refused by
    `accounts.auth`, whatever the method.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: object
    ) -> HttpResponse | None:
        if request.method in SAFE_METHODS or is_allowed(view, str(request.method)):
            return None
        person = request.user
        if not isinstance(person, User):
            return None
        try:
            check_may_act(person)
        except errors.Forbidden as refusal:
            return error_response(request, refusal)
        return None


def is_allowed(view: Any, method: str) -> bool:
    """Return whether a suspended person may write by this view."""
    views = getattr(view, "cls", None) or getattr(view, "view_class", None)
    one = getattr(views, method.lower(), None) if views is not None else view
    return method in getattr(one, "allowed_while_suspended", ())
