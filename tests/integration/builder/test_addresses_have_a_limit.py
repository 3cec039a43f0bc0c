"""Pages, /app and media are limited for each network address of a public server."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from builder.asgi import application
from tests.support.clients.sockets import Socket

# Status, headers and body.
Answer: TypeAlias = tuple[int, Any, bytes]
Ask: TypeAlias = Callable[..., Answer]
_addresses = itertools.count(10)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _public(settings: Any) -> None:
    settings.PAGES_PER_MINUTE, settings.MEDIA_PER_MINUTE = 3, 5


@pytest.fixture
def ask() -> Ask:
    """`ask(path)` from an address of this test's own: one that was told to wait is remembered."""
    return functools.partial(_ask, f"192.0.2.{next(_addresses)}")


def _ask(own: str, path: str, address: str = "", method: str = "GET") -> Answer:
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "client": [address or own, 1],
        "server": ["127.0.0.1", 80],
    }
    sent: list[dict[str, Any]] = []

    async def scene() -> None:
        inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await application(scope, inbox.get, send)

    asyncio.run(scene())
    headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:])


def test_an_address_that_asks_for_too_many_pages_is_told_to_wait_in_words(ask: Ask) -> None:
    assert [ask("/sign-in")[0] for _ in range(3)] == [200, 200, 200]
    status, headers, body = ask("/sign-in")
    assert status == 429
    assert 0 < int(headers["retry-after"]) <= 60
    assert headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in headers["content-security-policy"]
    assert b"More than 3 requests in a minute came from your network address" in body
    status, headers, body = ask("/app/uploads")
    assert (status, headers["content-type"]) == (429, "application/json")
    assert json.loads(body)["error"]["code"] == "quota.rate"
    assert ask("/", method="HEAD")[2] == b""


def test_another_address_the_api_and_health_are_served_meanwhile(ask: Ask) -> None:
    for _ in range(5):
        ask("/sign-in")
    assert ask("/sign-in", "198.51.100.2")[0] == 200
    for path, status in (("/healthz", 200), ("/v1/account/me", 401), ("/uploads/x", 405)):
        assert ask(path)[0] == status


def test_media_have_a_rate_of_their_own(ask: Ask) -> None:
    assert [ask("/media/x/y")[0] for _ in range(7)].count(429) == 2
    assert ask("/sign-in")[0] == 200


def test_a_line_of_ipv6_addresses_counts_as_one(ask: Ask) -> None:
    statuses = [ask("/sign-in", f"2001:db8:0:1::{number}")[0] for number in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert ask("/sign-in", "2001:db8:0:2::1")[0] == 200


def test_a_refused_request_asks_no_database(ask: Ask, django_assert_num_queries: Any) -> None:
    for _ in range(4):
        ask("/sign-in")
    with django_assert_num_queries(0):
        assert ask("/")[0] == 429


def test_sockets_count_too(ask: Ask) -> None:
    async def scene() -> None:
        async with Socket("none") as socket:
            assert await socket.to_the_end() == 4429

    for _ in range(3):
        ask("/sign-in", "127.0.0.1")
    asyncio.run(scene())
