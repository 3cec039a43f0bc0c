"""A visitor's words, in their own browser, while they sign in or join: visitors fill no table."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

_COOKIE: Final = "__Host-brief" if settings.SESSION_COOKIE_SECURE else "brief"
_WAITS_S: Final = 3600
# Browsers drop cookies over 4,096 bytes with their name and attributes.
_LONGEST: Final = 3_500


def keep(answer: HttpResponse, brief: str) -> bool:
    """Keep the words in a cookie; return whether they fit. Signed, so what comes back is what a
    form with a CSRF token sent."""
    text = signing.dumps(brief, salt=_COOKIE, compress=True)
    if len(text) > _LONGEST:
        return False
    answer.set_cookie(
        _COOKIE,
        text,
        max_age=_WAITS_S,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return True


def of(request: HttpRequest) -> str:
    """The words that were left here within the hour; empty for none."""
    try:
        content = signing.loads(request.COOKIES.get(_COOKIE, ""), salt=_COOKIE, max_age=_WAITS_S)
    except signing.BadSignature:
        return ""
    return content if isinstance(content, str) else ""


def forget(answer: HttpResponse) -> None:
    answer.delete_cookie(_COOKIE)
