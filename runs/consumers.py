"""A run's log over a WebSocket, for pages: `/ws/runs/<id>?after=N`.

The same events as REST and the event stream, in text messages `{"id", "event", "data"}`. A plain
ASGI app like the stream beside it, sharing its `Follower`. A client may send `ping` at any time
and hears `{"event": "pong", "id": <last sequence>}`: so a page that slept learns whether its line
still holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from accounts.auth import Principal
from core import errors, jsonsafe
from core.asgi import check_host, headers_of
from core.database import in_database
from runs.following import Follower, admit, cursor, leave_place, take_place, until_gone
from runs.models import Run

# Close codes. Browsers tell scripts nothing of a refused handshake, so a socket is accepted first.
ENDED = 1000
BROKEN = 1011
REFUSED = 4400
UNAUTHENTICATED = 4401
FORBIDDEN = 4403
NOT_FOUND = 4404
TOO_MANY = 4429


class RunSocketApp:
    """One socket. It closes as the stream does: when the run ends, or waits for a person."""

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Any, send: Any, *, run_id: str
    ) -> None:
        if (await receive())["type"] != "websocket.connect":
            return None
        headers = headers_of(scope)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            host = check_host(headers)
            _check_origin(headers, host)
        except errors.AppError:
            # Before the handshake is done: another website is to learn nothing at all.
            return await send({"type": "websocket.close", "code": FORBIDDEN})
        await send({"type": "websocket.accept"})
        try:
            principal, run = await in_database(_admit, headers, query, run_id)
            take_place(principal)
        except errors.AppError as error:
            return await send({"type": "websocket.close", "code": close_code(error)})
        try:
            socket = _Socket(
                send=send,
                run=run,
                base_url=_base_url(scope, host),
                last=cursor((parse_qs(query).get("after") or [""])[0]),
                recheck=lambda: admit(headers, "", run.public_id),
            )
            await until_gone(socket.serve(), receive, socket.heard)
        finally:
            leave_place(principal)
        return None


def close_code(error: errors.AppError) -> int:
    """What tells a page why its socket closed."""
    return {
        400: REFUSED,
        401: UNAUTHENTICATED,
        403: FORBIDDEN,
        404: NOT_FOUND,
        429: TOO_MANY,
    }.get(error.status, BROKEN)


def _check_origin(headers: Mapping[str, str], host: str) -> None:
    """A browser sends cookies to any address a website names: only pages of ours may listen.

    Raises Forbidden. Programs send no Origin; `_admit` asks those for a key.
    """
    origin = headers.get("origin")
    if origin is None or origin in settings.CORS_ORIGINS:
        return
    if settings.PUBLIC_URL and origin == _origin_of(settings.PUBLIC_URL):
        return
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower():
        raise errors.Forbidden("This socket is for the pages of this server.")


def _admit(headers: Mapping[str, str], query: str, run_id: str) -> tuple[Principal, Run]:
    principal, run = admit(headers, query, run_id)
    if principal.from_cookie and "origin" not in headers:
        raise errors.Forbidden("A socket without an Origin needs a key in a header, not a cookie.")
    return principal, run


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _base_url(scope: Mapping[str, Any], host: str) -> str:
    """As `core.asgi.origin_of`, where a socket's scheme is ws or, with Daphne, not told."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    secure = scope.get("scheme") in ("wss", "https")
    return f"{'https' if secure else 'http'}://{host}"


class _Socket(Follower):
    """One open socket."""

    kind: ClassVar[str] = "ws"

    __slots__ = ("_send",)

    def __init__(
        self,
        *,
        send: Any,
        run: Run,
        base_url: str,
        last: int,
        recheck: Callable[[], object],
    ) -> None:
        super().__init__(run=run, base_url=base_url, last=last, recheck=recheck)
        self._send = send

    async def heard(self, message: Mapping[str, Any]) -> None:
        """Only `ping` has a meaning; whatever else a client says is let pass."""
        if message.get("text") == "ping":
            await self._say({"event": "pong", "id": self.last})

    def frame(self, seq: int, name: str, body: Mapping[str, Any]) -> bytes:
        return jsonsafe.dumps({"id": seq, "event": name, "data": body})

    async def put(self, frames: list[bytes]) -> None:
        for one in frames:
            await self._send({"type": "websocket.send", "text": one.decode()})

    async def sign_of_life(self) -> None:
        await self._say({"event": "ping", "id": self.last})

    async def close(self, last: bytes) -> None:
        await self.put([last])
        await self._send({"type": "websocket.close", "code": ENDED})

    async def turn_away(self, error: errors.AppError) -> None:
        await self._send({"type": "websocket.close", "code": close_code(error)})

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self.put([jsonsafe.dumps(message)])
