"""The outermost limit: requests of one network address for pages and media.

Pages cost work and need no credential, so nothing else limits them. The API counts by key
(`accounts.rate_limits`), uploads by ticket; health has no limit.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from core import errors
from core.addresses import counted_as
from core.admission import refusal
from core.asgi import Scope, Send, headers_of
from core.close_codes import TOO_MANY
from core.counters import Counter
from core.database import in_database
from core.middleware import API_ROOTS

logger = logging.getLogger(__name__)

MINUTE_S = 60.0
UNLIMITED = (*API_ROOTS, "/uploads/", "/static/", "/healthz", "/readyz")
# Addresses that were told to wait, kept here so that they cost nothing until they have.
_REMEMBERED = 10_000

pages = Counter("pages", MINUTE_S)
media = Counter("media", MINUTE_S)


class AddressLimit:
    """An ASGI application with a limit in front of it; None in the settings switches it off."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._told_to_wait: dict[tuple[str, str], float] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            wait_s, rate = await self._wait_s(scope)
            if wait_s:
                return await _refuse(scope, receive, send, wait_s, rate)
        await self._app(scope, receive, send)
        return None

    async def _wait_s(self, scope: Mapping[str, Any]) -> tuple[float, int]:
        """Seconds until this address may ask again, 0 for now; and the rate it is held to."""
        path: str = scope["path"]
        is_media = path.startswith("/media/")
        rate = settings.MEDIA_PER_MINUTE if is_media else settings.PAGES_PER_MINUTE
        if rate is None or path.startswith(UNLIMITED):
            return 0.0, 0
        address = counted_as(str((scope.get("client") or ("",))[0]))
        place = ("media" if is_media else "pages", address)
        now = time.monotonic()
        left_s = self._told_to_wait.get(place, 0.0) - now
        if left_s > 0:
            return left_s, rate
        self._told_to_wait.pop(place, None)
        try:
            wait_s = await in_database((media if is_media else pages).wait_s, address, rate)
        except Exception:
            # Without its counters a server still answers; what is behind has limits of its own.
            logger.exception("requests of an address could not be counted")
            return 0.0, rate
        if wait_s:
            if len(self._told_to_wait) >= _REMEMBERED:
                self._told_to_wait.clear()
            self._told_to_wait[place] = now + wait_s
        return wait_s, rate


async def _refuse(scope: Scope, receive: Any, send: Send, wait_s: float, rate: int) -> None:
    if scope["type"] == "websocket":
        # Browsers tell scripts nothing of a refused handshake, so a socket is accepted first.
        await receive()
        await send({"type": "websocket.accept"})
        return await send({"type": "websocket.close", "code": TOO_MANY})
    seconds = math.ceil(wait_s)
    error = errors.QuotaExceeded(
        f"More than {rate:,} requests in a minute came from your network address. Wait {seconds} s"
        " and try again.",
        code="quota.rate",
        details={"limit": rate, "per": "minute", "what": "requests of an address"},
        retry_after_s=wait_s,
    )
    answer = refusal(
        error,
        method=scope["method"],
        path=scope["path"],
        origin=headers_of(scope).get("origin", ""),
    )
    answer["Cache-Control"] = "no-store"
    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else answer.content
    await send({"type": "http.response.body", "body": body})
    return None
