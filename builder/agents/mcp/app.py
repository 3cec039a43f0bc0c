"""`POST /mcp`: a plain ASGI app before the official package, which is imported by its first use.

Both eras of the protocol are served without sessions, so any web process answers any request, and
a restart ends nothing. What the package leaves to its host is done here: who asks, what they may,
the size and the form of a body, and the end of a request whose client has left or may not go on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar, Final, Protocol, TypeAlias

from django.conf import settings

from accounts import connection_limits, scopes
from accounts.access_revalidation import OpenConnection, recheck
from accounts.auth import Principal, principal_from_headers
from accounts.rate_limits import check_request_rate
from accounts.suspension import check_may_act
from builder.agents.mcp.message import read_message
from builder.agents.mcp.tool import CALLER, PERSON, Caller
from core import asgi, client_disconnect, errors, ids
from core.database import in_database
from core.http import envelope
from core.openapi import Operation
from core.per_loop import per_loop

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

# Requests that one web process answers at once, and those of one person; open waits are among them.
AT_ONCE: Final = 512
AT_ONCE_PER_USER: Final = 128
METADATA: Final = "/.well-known/oauth-protected-resource/mcp"
# JSON-RPC's numbers.
PARSE_ERROR, INVALID_REQUEST, REFUSED = -32700, -32600, -32000


_FAILURE: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An error of JSON-RPC. `data.code` is one of the codes of this API.",
    "required": ["jsonrpc", "error"],
    "properties": {
        "jsonrpc": {"const": "2.0"},
        "id": {"type": ["string", "integer", "null"]},
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string"},
                "data": {},
            },
        },
    },
}


class Serving(Protocol):
    """The package at work in one event loop: `builder.agents.mcp.server.Serving`."""

    def manager(self, *, streams: bool) -> Any:
        """Return the manager that answers a request, in one JSON text or in an event stream."""

    async def check_scope(self, caller: Caller, message: Mapping[str, Any]) -> None:
        """Raise Forbidden where the caller's key may do less than the message needs."""


class McpApp:
    """POST and OPTIONS on `/mcp`."""

    operations: ClassVar[dict[str, Operation]] = {
        "post": Operation(
            "callMcp",
            "The Model Context Protocol, for agents",
            "Agents",
            body={"type": "object", "description": "One JSON-RPC request or notification."},
            body_example={"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
            answers={200: {"type": "object", "description": "A JSON-RPC response."}},
            flat=True,
            failure=_FAILURE,
            scope="read",
            description="Streamable HTTP of the revisions 2026-07-28 and 2025-11-25, without"
            " sessions. Each tool names the scope that its key needs. See"
            " docs/howto/connect-agents.md.",
        )
    }

    def __init__(self) -> None:
        self._serving = per_loop(_Loader)
        self._open: Counter[int] = Counter()

    async def __call__(self, scope: asgi.Scope, receive: Receive, send: asgi.Send) -> None:
        headers = asgi.headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await asgi.send_preflight(send, headers)
        request = _Request(scope, headers, client_disconnect.noting(receive), send)
        try:
            await self._answer(request)
        except errors.ClientLeft:
            return None
        except Exception as error:
            await request.refuse(error)
        return None

    async def _answer(self, request: _Request) -> None:
        asgi.check_host(request.headers)
        _check_origin(request)
        if request.scope["method"] != "POST":
            raise errors.NotAllowed("Send JSON-RPC messages with POST.")
        principal = await in_database(_admit, request.headers, request.query)
        await request.read()
        person = principal.user.pk
        if self._open.total() >= AT_ONCE:
            raise errors.Unavailable("Too many requests at once. Retry.", retry_after_s=2)
        if self._open[person] >= AT_ONCE_PER_USER:
            raise errors.QuotaExceeded(
                f"{AT_ONCE_PER_USER} of your requests are being answered already. Wait for one to"
                " finish.",
                retry_after_s=2,
            )
        self._open[person] += 1
        PERSON.set(person)
        try:
            serving = await self._serving().get()
            request.scope[CALLER] = caller = request.caller(principal)
            await serving.check_scope(caller, request.message)
            await request.serve(serving)
        finally:
            self._open[person] -= 1
            if not self._open[person]:
                del self._open[person]


class _Loader:
    """Imports the package and starts its session managers, once in each event loop."""

    def __init__(self) -> None:
        self._started: asyncio.Future[Serving] | None = None
        self._task: asyncio.Task[None] | None = None

    async def get(self) -> Serving:
        if self._started is None or (self._task is not None and self._task.done()):
            self._started = asyncio.get_running_loop().create_future()
            # A task of its own: what it opens must be closed in the same task.
            self._task = asyncio.create_task(self._run(self._started))
        return await asyncio.shield(self._started)

    async def _run(self, started: asyncio.Future[Serving]) -> None:
        try:
            # Takes about a second.
            server = await asyncio.to_thread(import_module, "builder.agents.mcp.server")
            async with server.serving() as serving:
                started.set_result(serving)
                await asyncio.Event().wait()
        except Exception as error:
            if started.done():
                raise
            started.set_exception(error)


class _Request:
    """One HTTP request, from its headers to the end of its answer."""

    def __init__(
        self, scope: asgi.Scope, headers: Mapping[str, str], receive: Receive, send: asgi.Send
    ) -> None:
        self.scope = dict(scope)
        self.headers = headers
        self.query = scope.get("query_string", b"").decode("latin-1")
        self.message: dict[str, Any] = {}
        self._receive = receive
        self._send = send
        self._body = b""
        self._has_begun = False
        self._is_streaming = False
        self._refusal: asyncio.Future[errors.AppError] = asyncio.Future()

    async def read(self) -> None:
        """Take in the body. Raises TooLarge, and what `read_message` raises."""
        parts, size, more = [], 0, True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise errors.ClientLeft
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            more = message.get("more_body", False)
            if size > settings.BODY_LIMIT_BYTES:
                raise errors.TooLarge()
        self._body = b"".join(parts)
        self.message = read_message(self._body)

    @property
    def wants_progress(self) -> bool:
        """Return whether it asks to be told how far it is, which takes an event stream."""
        params = self.message.get("params")
        meta = params.get("_meta") if isinstance(params, dict) else None
        has_token = isinstance(meta, dict) and meta.get("progressToken") is not None
        accept = self.headers.get("accept", "")
        return has_token and ("text/event-stream" in accept or "*/*" in accept)

    def caller(self, principal: Principal) -> Caller:
        return Caller(
            principal=principal,
            base_url=asgi.origin_of(self.scope),
            host=self.headers["host"],
            client=_client_of(self.message, self.headers),
            waiting=lambda: self._waiting(principal),
        )

    @contextlib.asynccontextmanager
    async def _waiting(self, principal: Principal) -> AsyncIterator[bool]:
        try:
            await connection_limits.acquire(principal)
        except errors.QuotaExceeded:
            # They ask again, as those who do not wait.
            yield False
            return
        open_connection = OpenConnection(
            principal,
            None,
            # What they wait for was read as theirs; all else depends on who they are.
            set,
            lambda: (_principal_of(self.headers, self.query), None),
            self._end,
        )
        recheck().join(open_connection)
        try:
            yield True
        finally:
            recheck().leave(open_connection)
            connection_limits.release(principal)

    def _end(self, error: errors.AppError) -> None:
        """Their credential has ended, or they were suspended."""
        if not self._refusal.done():
            self._refusal.set_result(error)

    async def serve(self, serving: Serving) -> None:
        """Have the package answer. Raises ClientLeft, and why they may not go on."""
        departure = asyncio.ensure_future(asgi.disconnected(self._receive))
        unread = [{"type": "http.request", "body": self._body, "more_body": False}]

        async def replay() -> dict[str, Any]:
            if unread:
                return unread.pop()
            await asyncio.shield(departure)
            return {"type": "http.disconnect"}

        manager = serving.manager(streams=self.wants_progress)
        answer = asyncio.ensure_future(manager.handle_request(self.scope, replay, self._passed_on))
        try:
            ends: set[asyncio.Future[Any]] = {answer, departure, self._refusal}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if self._refusal.done():
                raise self._refusal.result()
            if not answer.done():
                raise errors.ClientLeft
            answer.result()
        finally:
            departure.cancel()
            if not answer.done():
                client_disconnect.end()
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)

    async def _passed_on(self, message: dict[str, Any]) -> None:
        """Send a part of the package's answer, with our headers."""
        if message["type"] == "http.response.start":
            if self._refusal.done():
                return
            self._has_begun = True
            pairs = [
                *message.get("headers", ()),
                (b"x-content-type-options", b"nosniff"),
                *asgi.cors_headers(self.headers),
            ]
            names = {name.lower() for name, _ in pairs}
            if b"cache-control" not in names:
                pairs.append((b"cache-control", b"private, no-store"))
            message = {**message, "headers": pairs}
        elif not self._has_begun:
            return
        await self._send(message)

    async def refuse(self, error: Exception) -> None:
        """Answer with an error: JSON-RPC's, with HTTP's status."""
        if self._has_begun:
            with contextlib.suppress(Exception):
                await self._send({"type": "http.response.body", "body": b""})
            return
        status, extra, body = envelope(error, request_id=ids.request_id())
        refusal = error if isinstance(error, errors.AppError) else errors.AppError()
        # No one reads the rest of it.
        extra = {"Cache-Control": "private, no-store", **extra}
        if status == 405:
            extra["Allow"] = "POST, OPTIONS"
        challenge = _challenge(refusal, self.scope)
        if challenge:
            extra["WWW-Authenticate"] = challenge
        request_id = self.message.get("id")
        message = {
            "jsonrpc": "2.0",
            "id": request_id if isinstance(request_id, (str, int)) else None,
            "error": {
                "code": _number(refusal),
                "message": body["message"],
                "data": {"code": refusal.code, "details": refusal.details},
            },
        }
        await asgi.send_json(
            self._send, status, message, [*extra.items(), *asgi.cors_headers(self.headers)]
        )


def _number(error: errors.AppError) -> int:
    if error.code == "body.not_json":
        return PARSE_ERROR
    return INVALID_REQUEST if isinstance(error, errors.InvalidBody) else REFUSED


def _challenge(error: errors.AppError, scope: Mapping[str, Any]) -> str:
    """Return the challenge of a 401 or a 403 (RFC 6750, RFC 9728); empty for other errors."""
    with contextlib.suppress(errors.AppError):
        metadata = f'resource_metadata="{asgi.origin_of(scope)}{METADATA}"'
        if error.status == 401:
            invalid = 'error="invalid_token", ' if error.number == 102 else ""
            return f"Bearer {invalid}{metadata}"
        if error.code == "key_scope":
            needs = error.details.get("needed", scopes.READ)
            return f'Bearer error="insufficient_scope", scope="{needs}", {metadata}'
    return ""


def _check_origin(request: _Request) -> None:
    """A page of another website may not call, unless its origin is listed: it may be anyone's."""
    origin = request.headers.get("origin", "")
    own = asgi.origin_of(request.scope)
    if origin and origin not in (own, *settings.CORS_ORIGINS):
        raise errors.Forbidden(
            f"Pages of {origin[:200]} can't use this server. Its operator may list that origin in"
            " REELGRAPH_CORS_ORIGINS.",
            code="origin.foreign",
        )


def _admit(headers: Mapping[str, str], query: str) -> Principal:
    principal = _principal_of(headers, query)
    check_request_rate(principal)
    return principal


def _principal_of(headers: Mapping[str, str], query: str) -> Principal:
    """Return who asks; raises AppError. A cookie is no credential: a browser adds it itself."""
    proofs = {name: value for name, value in headers.items() if name != "cookie"}
    principal = principal_from_headers(proofs, query_string=query, scope=scopes.READ)
    check_may_act(principal.user)
    return principal


def _client_of(message: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the program's own name for itself: `mcp/claude-code`."""
    params = message.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    info = meta.get("io.modelcontextprotocol/clientInfo") if isinstance(meta, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    if not isinstance(name, str) or not name.strip():
        name = headers.get("user-agent", "").partition("/")[0]
    plain = "".join(char for char in name if char.isalnum() or char in " ._-").strip()[:60]
    return f"mcp/{plain}" if plain else "mcp"
