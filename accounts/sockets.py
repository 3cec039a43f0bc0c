"""The door of every WebSocket: whose page opens it, who they are, and whether there is room.

The sockets themselves are plain ASGI apps; what goes over them is theirs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from channels.middleware import BaseMiddleware
from django.conf import settings

from accounts import connection_limits, scopes
from accounts.auth import Principal, principal_from_headers
from core import errors
from core.asgi import check_host, headers_of
from core.database import in_database
from core.openapi import Scope

# Close codes. Browsers tell scripts nothing of a refused handshake, so a socket is accepted first.
ENDED = 1000
BROKEN = 1011
REFUSED = 4400
UNAUTHENTICATED = 4401
FORBIDDEN = 4403
NOT_FOUND = 4404
TOO_MANY = 4429

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Caller(Generic[Thing]):
    """Who opened a socket. thing: what they have access to.

    base_url: of the server as they see it. recheck: raises once they may no longer listen; blocks
    on the database.
    """

    principal: Principal
    thing: Thing
    query: str
    base_url: str
    recheck: Callable[[], tuple[Principal, Thing]]


@asynccontextmanager
async def let_in(
    scope: MutableMapping[str, Any],
    receive: Any,
    send: Any,
    admit: Callable[[Principal], Thing],
    needed: Scope = scopes.ALL,
) -> AsyncIterator[Caller[Thing] | None]:
    """Open a socket for as long as the block runs; None when it was closed at the door.

    admit: finds what the person may listen to, in a database thread, and raises AppError otherwise.
    needed: the scope that a key must have.
    """
    if (await receive())["type"] != "websocket.connect":
        yield None
        return
    headers = headers_of(scope)
    query = scope.get("query_string", b"").decode("latin-1")
    try:
        host = check_host(headers)
        _check_origin(headers, host)
    except errors.AppError:
        # Before the handshake is done: another website is to learn nothing at all.
        await send({"type": "websocket.close", "code": FORBIDDEN})
        yield None
        return
    await send({"type": "websocket.accept"})

    def ask() -> tuple[Principal, Thing]:
        principal = principal_from_headers(headers, query_string=query, scope=needed)
        return principal, admit(principal)

    try:
        principal, thing = await in_database(ask)
        if principal.from_cookie and "origin" not in headers:
            raise errors.Forbidden(
                "A socket without an Origin needs a key in a header, not a cookie."
            )
        await connection_limits.acquire(principal)
    except errors.AppError as error:
        await send({"type": "websocket.close", "code": close_code(error)})
        yield None
        return
    try:
        yield Caller(principal, thing, query, _base_url(scope, host), ask)
    finally:
        connection_limits.release(principal)


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

    Raises Forbidden. Programs send no Origin; `let_in` asks those for a key.
    """
    origin = headers.get("origin")
    if origin is None or origin in settings.CORS_ORIGINS:
        return
    if settings.PUBLIC_URL and origin == _origin_of(settings.PUBLIC_URL):
        return
    parts = urlsplit(origin)
    if parts.scheme not in ("http", "https") or parts.netloc.lower() != host.lower():
        raise errors.Forbidden("This socket is for the pages of this server.")


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _base_url(scope: Mapping[str, Any], host: str) -> str:
    """As `core.asgi.origin_of`, where a socket's scheme is ws or, with Daphne, not told."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    secure = scope.get("scheme") in ("wss", "https")
    return f"{'https' if secure else 'http'}://{host}"


class PrincipalMiddleware(BaseMiddleware):
    """Writes who opened a socket into its scope."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = headers_of(scope)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            _check_origin(headers, check_host(headers))
        except errors.AppError:
            await receive()
            await send({"type": "websocket.close", "code": FORBIDDEN})
            return
        proof = partial(principal_from_headers, headers, query_string=query, scope=scopes.READ)
        try:
            principal = await in_database(proof)
            if principal.from_cookie and "origin" not in headers:
                raise errors.Forbidden(
                    "A socket without an Origin needs a key in a header, not a cookie."
                )
        except errors.AppError as error:
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": close_code(error)})
            return
        await super().__call__(dict(scope, principal=principal, recheck=proof), receive, send)
