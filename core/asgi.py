"""Helpers of the plain ASGI apps (event streams, media) for what Django does elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.http import parse_header_parameters

from core import client_disconnect, cors, errors, ids, jsonsafe
from core.http import envelope

Scope: TypeAlias = MutableMapping[str, Any]
# What daphne hands to an ASGI app; its messages are plain dicts.
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]
HeaderPairs: TypeAlias = Iterable[tuple[bytes | str, bytes | str]]


def headers_of(scope: Mapping[str, Any]) -> dict[str, str]:
    """Request headers with lower-case names. Repeated ones are joined as HTTP says."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in headers:
            headers[name] += ("; " if name == "cookie" else ", ") + value
        else:
            headers[name] = value
    return headers


async def disconnected(receive: Callable[[], Awaitable[Mapping[str, Any]]]) -> None:
    """Return once the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


def check_host(headers: Mapping[str, str]) -> str:
    """The Host header once ALLOWED_HOSTS agrees. Raises InvalidBody otherwise."""
    host = headers.get("host", "")
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        raise errors.InvalidBody(
            "Unknown host name. Set REELGRAPH_PUBLIC_URL to this server's public URL.",
            code="host.unknown",
        )
    return host


def origin_of(scope: Mapping[str, Any]) -> str:
    """PUBLIC_URL, else `scheme://host` of this request after ALLOWED_HOSTS."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    # Of a socket it is ws or wss, or with Daphne not told.
    scheme = {"ws": "http", "wss": "https"}.get(scope.get("scheme") or "ws", scope.get("scheme"))
    return f"{scheme}://{check_host(headers_of(scope))}"


def cursor(text: str | None) -> int:
    """A sequence number from a query or header; anything else means from the beginning."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def cors_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """The CORS answer to a request with these headers, as ASGI header pairs."""
    return _encode(cors.answer(headers.get("origin", "")).items())


async def send_preflight(send: Send, headers: Mapping[str, str]) -> None:
    """Answer OPTIONS: 204, without asking who it is."""
    header_names = headers.get("access-control-request-headers", "")
    answer = _encode(cors.preflight(headers.get("origin", ""), header_names).items())
    await _send(send, 204, b"", answer)


async def send_json(send: Send, status: int, body: Any, headers: HeaderPairs = ()) -> None:
    """Send a whole JSON response. headers: further pairs, as bytes or text."""
    pairs = [(b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff")]
    await _send(send, status, jsonsafe.dumps(body), [*pairs, *_encode(headers)])


async def send_error(
    send: Send, exc: Exception, scope_headers: Mapping[str, str], *, allow: str = ""
) -> None:
    """Send the error envelope for this exception, with CORS for the origin that header_names.

    allow: the methods to name in a 405.
    """
    status, extra, body = envelope(exc, request_id=ids.request_id())
    extra = {"Cache-Control": "private, no-store", **extra}
    if status == 405 and allow:
        extra = {**extra, "Allow": allow}
    await send_json(send, status, body, [*extra.items(), *cors_headers(scope_headers)])


class RequestGuard:
    """Passes on requests that Django can parse, and answers the others itself.

    Django builds its request before any of its own error handling. A header it cannot read there
    would end in the web server's HTML. Views can ask whether the client has left: `departure`.
    """

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = headers_of(scope)
        has_started = False

        async def send_and_note(message: dict[str, Any]) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            _refuse_unreadable(scope, headers)
            return await self._app(scope, client_disconnect.noting(receive), send_and_note)
        except Exception as exc:
            if has_started:
                raise
            return await send_error(send, exc, headers)


def _refuse_unreadable(scope: Scope, headers: Mapping[str, str]) -> None:
    try:
        parse_header_parameters(headers.get("content-type", ""))
        scope.get("query_string", b"").decode()
    except Exception:
        # The standard library's mail parser may raise anything on a malformed header.
        raise errors.InvalidBody(
            "Invalid Content-Type header or URL. Send Content-Type: application/json.",
            code="request.invalid",
        ) from None


async def _send(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    if status != 204:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _encode(pairs: HeaderPairs) -> list[tuple[bytes, bytes]]:
    def as_bytes(text: bytes | str) -> bytes:
        return text.encode("latin-1") if isinstance(text, str) else text

    return [(as_bytes(name).lower(), as_bytes(value)) for name, value in pairs]
