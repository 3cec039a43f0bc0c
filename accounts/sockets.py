"""The door of every WebSocket: whose page opens it, who they are, and whether there is room.

The sockets themselves are plain ASGI apps; what goes over them is theirs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from accounts import connection_limits, scopes
from accounts.auth import Principal, principal_from_headers
from accounts.socket_auth import FORBIDDEN, close_code
from core import errors
from core.asgi import check_host, headers_of
from core.database import in_database
from core.openapi import Scope

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
