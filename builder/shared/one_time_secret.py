"""A secret that a page shows once after a redirect, and that nothing keeps in the clear meanwhile.

The session holds the text mixed with as many random bytes; a cookie holds those bytes. Either alone
says nothing, so neither the database nor a stolen cookie gives the secret away.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control

COOKIE = "reveal"
# As long as it takes to follow a redirect.
LIFE_S = 60


def keep(request: HttpRequest, response: HttpResponse, text: str, *, path: str) -> None:
    """Have the next page at `path` show this text. response: the redirect to that page."""
    data = text.encode()
    pad = secrets.token_bytes(len(data))
    request.session[_slot(path)] = _text(_mix(data, pad))
    response.set_cookie(
        COOKIE,
        _text(pad),
        max_age=LIFE_S,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def shown_once(
    request: HttpRequest, path: str, page: Callable[[str | None], HttpResponse]
) -> HttpResponse:
    """Answer with the page with what was kept for it, which is then forgotten.

    page: takes the secret. A HEAD request consumes none.
    """
    if request.method != "GET":
        return page(None)
    response = page(take(request, path=path))
    if COOKIE in request.COOKIES:
        forget(response, path=path)
    return response


def take(request: HttpRequest, *, path: str) -> str | None:
    """The text kept for this page, the first time it is asked for; it is deleted then."""
    entry = request.session.pop(_slot(path), None)
    pad = request.COOKIES.get(COOKIE)
    if not isinstance(entry, str) or not pad:
        return None
    try:
        parts = base64.urlsafe_b64decode(entry), base64.urlsafe_b64decode(pad)
        return _mix(*parts).decode() if len(parts[0]) == len(parts[1]) else None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        # Not the cookie that we set.
        return None


def forget(response: HttpResponse, *, path: str) -> None:
    """Delete the cookie. response: the page that shows the text, which nothing may pack."""
    patch_cache_control(response, no_transform=True)
    response.delete_cookie(COOKIE, path=path, samesite="Strict")


def _slot(path: str) -> str:
    return f"reveal:{path}"


def _mix(data: bytes, pad: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(data, pad, strict=True))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()
