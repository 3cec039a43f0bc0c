"""A signed cookie beside the session's, which says that a person is signed in in this browser.

The session is a row, and where large bodies are admitted no database can be asked
(`core.admission`). This permits nothing but to be listened to: the view still looks at the session.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.cookie import parse_cookie

_SALT = "accounts.signed_in"
# Renewed after this, so that it lives as long as the session beside it.
_RENEWED_S = 24 * 3600


def cookie_name() -> str:
    return "__Host-signed_in" if settings.SESSION_COOKIE_SECURE else "signed_in"


def holds(cookies: str) -> bool:
    """Return whether a Cookie header has this cookie, genuine and not expired."""
    return _is_genuine(parse_cookie(cookies).get(cookie_name(), ""), settings.SESSION_COOKIE_AGE)


def _is_genuine(text: str, max_age_s: int) -> bool:
    try:
        signing.loads(text, salt=_SALT, max_age=max_age_s)
    except signing.BadSignature:
        return False
    return True


class SignedInCookie:
    """Sets the cookie while a person is signed in, and removes it when they sign out. Asks the
    database nothing: it looks at sessions that a view has looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.session.accessed:
            return response
        name = cookie_name()
        present = request.COOKIES.get(name, "")
        person = request.session.get(SESSION_KEY)
        if person is None:
            if present:
                response.delete_cookie(name, samesite="Lax")
        elif not _is_genuine(present, _RENEWED_S):
            response.set_cookie(
                name,
                signing.dumps(person, salt=_SALT),
                max_age=settings.SESSION_COOKIE_AGE,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
