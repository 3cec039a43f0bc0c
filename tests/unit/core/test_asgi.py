"""What plain ASGI apps share."""

import asyncio
import json
from typing import Any

import pytest
from pytest_django import Settings

from core import asgi, errors
from core.public_url import base_url


def _sent(coroutine_of: Any, *args: Any) -> tuple[int, dict[str, str], bytes]:
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    asyncio.run(coroutine_of(send, *args))
    start, body = messages
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, body["body"]


def test_headers_are_lower_case_and_repeated_ones_are_joined() -> None:
    scope = {
        "headers": [
            (b"API-Key", b"k"),
            (b"cookie", b"a=1"),
            (b"cookie", b"b=2"),
            (b"accept", b"x"),
            (b"accept", b"y"),
        ]
    }
    assert asgi.headers_of(scope) == {"api-key": "k", "cookie": "a=1; b=2", "accept": "x, y"}


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:80"])
def test_own_hosts_pass(host: str) -> None:
    assert asgi.check_host({"host": host}) == host


@pytest.mark.parametrize("headers", [{}, {"host": "evil.example"}, {"host": "a b"}, {"host": ""}])
def test_other_hosts_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(errors.InvalidBody):
        asgi.check_host(headers)


def test_the_origin_is_the_configured_address_or_that_of_the_request(
    settings: Settings,
) -> None:
    scope = {"scheme": "http", "headers": [(b"host", b"localhost:9")]}
    assert asgi.origin_of(scope) == "http://localhost:9"
    assert base_url(asgi.headers_of(scope)) == "http://localhost:9"
    settings.PUBLIC_URL = "https://films.example.org"
    assert asgi.origin_of(scope) == base_url({}) == "https://films.example.org"


def test_only_listed_origins_may_bring_cookies(settings: Settings) -> None:
    settings.CORS_ORIGINS = ["https://studio.example"]
    listed = dict(asgi.cors_headers({"origin": "https://studio.example"}))
    other = dict(asgi.cors_headers({"origin": "https://other.example"}))
    assert listed[b"access-control-allow-credentials"] == b"true"
    assert other[b"access-control-allow-origin"] == b"https://other.example"
    assert b"access-control-allow-credentials" not in other
    assert dict(asgi.cors_headers({})) == {b"vary": b"Origin"}


def test_errors_are_the_same_envelope() -> None:
    status, headers, body = _sent(
        asgi.send_error, errors.QuotaExceeded(retry_after_s=5), {"origin": "https://a.example"}
    )
    assert (status, headers["retry-after"]) == (429, "5")
    assert headers["content-type"] == "application/json"
    assert headers["access-control-allow-origin"] == "https://a.example"
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body)["errorCode"] == 4290


def test_a_preflight_has_no_body_and_names_the_headers() -> None:
    asked = "authorization, x-stainless-os, x-stainless-retry-count, x-other, x-stainless-\u00e9"
    status, headers, body = _sent(
        asgi.send_preflight,
        {"origin": "https://a.example", "access-control-request-headers": asked},
    )
    assert (status, body) == (204, b"")
    allowed = headers["access-control-allow-headers"].lower().split(", ")
    # What public SDKs send from a browser, and no more of what was asked for.
    for name in ("last-event-id", "x-guest", "idempotency-key", "openai-beta", "openai-project"):
        assert name in allowed
    assert [name for name in allowed if "stainless" in name] == [
        "x-stainless-os",
        "x-stainless-retry-count",
    ]
    assert "x-other" not in allowed


def _through_legible(app: Any, headers: list[tuple[bytes, bytes]]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    scope = {"type": "http", "headers": headers, "query_string": b""}
    asyncio.run(asgi.RequestGuard(app)(scope, None, send))
    return messages


async def _breaks_at_once(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("secret")


async def _breaks_half_way(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError("secret")


def test_an_app_that_breaks_before_it_answers_is_answered_for() -> None:
    start, body = _through_legible(_breaks_at_once, [])
    assert start["status"] == 500
    assert b"secret" not in body["body"]


def test_an_app_that_breaks_half_way_is_left_to_the_server() -> None:
    with pytest.raises(RuntimeError):
        _through_legible(_breaks_half_way, [])


def test_an_unreadable_content_type_never_reaches_the_app() -> None:
    start, _ = _through_legible(_breaks_at_once, [(b"content-type", b"a/b; c*=nope'x'y")])
    assert start["status"] == 400
