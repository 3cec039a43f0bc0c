"""The person and the page that open a WebSocket: two pieces of ASGI middleware around every
consumer.

    SocketOriginValidator(PrincipalMiddleware(RunConsumer.as_asgi()))

The credential is the first of these that the handshake brings:

1. the header `api-key` or `Authorization`, as in a request; from programs;
2. the subprotocols `["bearer", <API key or access token>]`, answered with `bearer`: from a page on
   any origin, which then holds the key;
3. `?ticket=`, see `accounts.socket_tickets`: from a page on any origin;
4. cookies, as in a request: from pages of this server and of the listed origins.

A key in the query is refused. Browsers tell scripts nothing of a refused handshake: a socket that
may not open is accepted and then closed with one of the codes below. Only a foreign origin that
brings cookies at most is refused before that, and learns nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

from channels.middleware import BaseMiddleware
from django.conf import settings

from accounts import scopes, socket_tickets
from accounts.auth import (
    Principal,
    principal_by_reference,
    principal_from_headers,
    refuse_key_in_query,
    without_scheme,
)
from core import errors
from core.asgi import Scope, Send, check_host, headers_of
from core.close_codes import FORBIDDEN, close_code
from core.database import in_database

BEARER = "bearer"


class SocketOriginValidator:
    """Refuses sockets of other websites that bring nothing but cookies, and unknown hosts.

    A browser sends cookies to any address a website names, so these count only from pages of this
    server and of settings.CORS_ORIGINS. Programs send no Origin; `PrincipalMiddleware` refuses
    cookies of theirs.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        headers = headers_of(scope)
        try:
            host = check_host(headers)
        except errors.AppError:
            return await _deny(receive, send)
        origin = headers.get("origin")
        if (
            origin is None
            or self._is_ours(origin, host)
            or _bearer(scope) is not None
            or _ticket(scope) is not None
        ):
            return await self.application(scope, receive, send)
        return await _deny(receive, send)

    def _is_ours(self, origin: str, host: str) -> bool:
        return origin in settings.CORS_ORIGINS or origin in _own_origins(host)


class PrincipalMiddleware(BaseMiddleware):
    """Writes who opens a socket into its scope, or closes the socket with a code.

    scope["principal"]: an `accounts.auth.Principal`. scope["recheck"]: `Callable[[], Principal]`,
    the same again; blocks on the database, raises AppError once the credential no longer holds.
    scope["accepted_subprotocol"]: what the consumer must accept with, None for none.

    Key scopes beyond `read`, access to what the path names, and the number of connections are the
    consumer's to check.
    """

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        subprotocol = None if _bearer(scope) is None else BEARER
        try:
            principal, recheck = await in_database(_authenticate, scope)
        except errors.AppError as error:
            return await _refuse(error, subprotocol, receive, send)
        except Exception:
            # Accepted, so that the server can close it with a code: the database may be away.
            await _accept(subprotocol, receive, send)
            raise
        additions = {
            "principal": principal,
            "recheck": recheck,
            "accepted_subprotocol": subprotocol,
        }
        return await super().__call__({**scope, **additions}, receive, send)


def _authenticate(scope: Scope) -> tuple[Principal, Callable[[], Principal]]:
    """The principal, and what asks for it again. Blocks on the database."""
    headers, bearer, ticket = headers_of(scope), _bearer(scope), _ticket(scope)
    refuse_key_in_query(_query(scope))
    in_header = any(without_scheme(headers.get(name, "")) for name in ("api-key", "authorization"))
    recheck: Callable[[], Principal]
    # `read` is the least that a key can be allowed; consumers ask for more.
    if in_header or (bearer is None and ticket is None):
        recheck = partial(principal_from_headers, headers, scope=scopes.READ)
    elif bearer is not None:
        recheck = partial(principal_from_headers, {"authorization": bearer}, scope=scopes.READ)
    else:
        reference = socket_tickets.redeem(str(ticket), scope["path"])
        recheck = partial(principal_by_reference, reference)
    principal = recheck()
    if principal.from_cookie and "origin" not in headers:
        raise errors.Forbidden("A socket without an Origin needs a key in a header, not a cookie.")
    return principal, recheck


def _own_origins(host: str) -> set[str]:
    """Return the origins of this server's pages as browsers write them, to be compared as they are.

    Without a public address a proxy may have added TLS, which the handshake doesn't tell.
    """
    ours = {_serialize(f"{scheme}://{host}") for scheme in ("http", "https")}
    if not settings.PUBLIC_URL:
        return ours
    public = _serialize(settings.PUBLIC_URL)
    other = {one for one in ours if one.partition("://")[2] != public.partition("://")[2]}
    return {public, *other}


def _serialize(url: str) -> str:
    """RFC 6454, 6.2: in small letters, without the scheme's own port."""
    parts = urlsplit(url.lower())
    port = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(port)}"


def _bearer(scope: Mapping[str, Any]) -> str | None:
    """The credential among the subprotocols; empty when `bearer` is offered alone."""
    subprotocols = [*scope.get("subprotocols", ()), ""]
    return str(subprotocols[subprotocols.index(BEARER) + 1]) if BEARER in subprotocols else None


def _ticket(scope: Mapping[str, Any]) -> str | None:
    values = parse_qs(_query(scope), keep_blank_values=True).get("ticket")
    return values[0] if values else None


def _query(scope: Mapping[str, Any]) -> str:
    return str(scope.get("query_string", b"").decode("latin-1"))


async def _deny(receive: Any, send: Send) -> None:
    """Refuse the handshake. Channels' own denier makes a consumer and a channel for this."""
    await receive()
    await send({"type": "websocket.close", "code": FORBIDDEN})


async def _refuse(
    error: errors.AppError, subprotocol: str | None, receive: Any, send: Send
) -> None:
    await _accept(subprotocol, receive, send)
    await send({"type": "websocket.close", "code": close_code(error)})


async def _accept(subprotocol: str | None, receive: Any, send: Send) -> None:
    """Browsers fail a handshake that offers subprotocols and is answered without one."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
