"""The demand for a second factor, and what is closed to people until they have one.

REELGRAPH_SECOND_FACTOR=staff closes the pages of staff (`accounts.staff_permissions`). =everyone
closes all that a session or the token of a password opens, but for setting it up. API keys go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_htmx.http import HttpResponseClientRedirect
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import User
from core import errors, server_settings
from core.http import error_response
from core.middleware import CROSS_ORIGIN_ROOTS

OFF: Final = "off"
STAFF: Final = "staff"
EVERYONE: Final = "everyone"
SET_UP_PAGE: Final = "/me/security"
_ELSEWHERE: Final = "factor_elsewhere"

AnyView = TypeVar("AnyView", bound=Callable[..., Any])


def is_on(user: User) -> bool:
    """Return whether this person has a second factor."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def is_for_everyone() -> bool:
    """Return whether sessions of people without one are closed."""
    return bool(server_settings.value("SECOND_FACTOR") == EVERYONE)


def is_demanded(user: User) -> bool:
    """Return whether this person needs one, for all or for the pages of staff."""
    return is_for_everyone() or (user.is_staff and server_settings.value("SECOND_FACTOR") == STAFF)


def note_elsewhere(session: SessionBase) -> None:
    """Note that a session's person has shown a second factor to the provider of sign-on."""
    session[_ELSEWHERE] = True


def is_shown_elsewhere(session: SessionBase) -> bool:
    """Return whether they have, on a server whose owners trust the provider with it."""
    return bool(session.get(_ELSEWHERE) and server_settings.value("SIGN_ON_FACTOR"))


def check(user: User) -> None:
    """Raise Forbidden (`second_factor.required`) for someone without one, where all need one."""
    if is_for_everyone() and not is_on(user):
        raise errors.Forbidden(
            f"Everyone needs a second factor on this server. Set it up at {SET_UP_PAGE}. Programs"
            " use API keys.",
            code="second_factor.required",
        )


def allowed_without_factor(view: AnyView) -> AnyView:
    """Mark a view that someone needs to set a second factor up, or who isn't asked for one."""
    view.allowed_without_factor = True  # type: ignore[attr-defined]
    return view


class FactorDemand:
    """Leads people who lack a demanded second factor to where they set it up.

    Views say that they stay open, so that a new one is closed. What is below CROSS_ORIGIN_ROOTS
    asks for credentials itself, and `accounts.auth` checks sessions there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if (
            settings.SESSION_COOKIE_NAME not in request.COOKIES
            or getattr(view, "allowed_without_factor", False)
            or request.path_info.startswith(CROSS_ORIGIN_ROOTS)
            or not is_for_everyone()
            or is_shown_elsewhere(request.session)
        ):
            return None
        person = request.user
        if not isinstance(person, User):
            return None
        try:
            check(person)
        except errors.Forbidden as refusal:
            return _lead(request, refusal)
        return None


def _lead(request: HttpRequest, refusal: errors.Forbidden) -> HttpResponseBase:
    if request.path_info.startswith("/app/"):
        return error_response(request, refusal)
    if "HX-Request" in request.headers:
        return HttpResponseClientRedirect(SET_UP_PAGE)
    return redirect_to_login(request.get_full_path(), SET_UP_PAGE)
