"""Raw bytes to the real web server: what Django's test client cannot send."""

import re
import socket
import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import signing

from accounts import signed_in
from tests.support.fakes import core_asgi
from tests.support.fakes.edge_server import edge_server
from tests.support.waiting import WAIT_S, wait_for

HEAD = b"Host: localhost\r\nConnection: close\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A web process of its own; nothing asked of it here needs a database."""
    home = tmp_path_factory.mktemp("home")
    with edge_server(
        home,
        "tests.support.fakes.core_asgi:application",
        "tests.support.settings.core",
        REELGRAPH_SECRET_KEY=settings.SECRET_KEY,
    ) as running:
        yield running.port


def exchange(port: int, request: bytes) -> tuple[int, str, bytes]:
    """Status, content type and body of one answer."""
    with socket.create_connection(("127.0.0.1", port), WAIT_S) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65536):
            received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    kinds = [line for line in lines if line.lower().startswith("content-type:")]
    return int(lines[0].split()[1]), kinds[0].partition(": ")[2] if kinds else "", body


def post(content_type: bytes, body: bytes = b"{}") -> bytes:
    length = str(len(body)).encode()
    return (
        b"POST /v1/echo HTTP/1.1\r\n"
        + HEAD
        + b"Content-Type: "
        + content_type
        + b"\r\nContent-Length: "
        + length
        + b"\r\n\r\n"
        + body
    )


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(post(b"application/json; a*=foo'x'%ff"), 400, id="unknown charset"),
        pytest.param(post(b"application/json; charset=zzz"), 401, id="unknown encoding"),
        pytest.param(post(b"x/y; charset=utf-16"), 401, id="UTF-16 form"),
        pytest.param(post(b"application/json; a=" + b"x" * 12_000), 401, id="long header"),
        pytest.param(b"GET /v1/%ff%zz%00 HTTP/1.1\r\n" + HEAD + b"\r\n", 404, id="bad escapes"),
        pytest.param(b"GET /v1/me?a=%ff%zz HTTP/1.1\r\n" + HEAD + b"\r\n", 404, id="bad query"),
        pytest.param(
            b"GET /v1/account/me HTTP/1.1\r\n" + HEAD + b"Host: other\r\n\r\n",
            400,
            id="two hosts",
        ),
        pytest.param(
            b"GET /v1/account/me HTTP/1.1\r\n" + HEAD + b"api-key: \xff\xfe\r\n\r\n",
            401,
            id="key of odd bytes",
        ),
        pytest.param(
            b"GET /v1/account/me HTTP/1.1\r\n" + HEAD + b"Cookie: authorization=\xff\r\n\r\n",
            401,
            id="cookie of odd bytes",
        ),
        pytest.param(b"BREW /v1/account/me HTTP/1.1\r\n" + HEAD + b"\r\n", 401, id="BREW"),
    ],
)
def test_odd_requests_are_answered_in_the_envelope(
    port: int, request_bytes: bytes, status: int
) -> None:
    got, kind, body = exchange(port, request_bytes)
    assert (got, kind) == (status, "application/json")
    assert b'"errorCode":' in body


def test_what_is_no_http_at_all_is_refused_without_html(port: int) -> None:
    for request in (
        b"GET /v1/\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET /v1/account/me HTTP/1.1\r\n" + HEAD + b"a b: c\r\n\r\n",
        b"POST /v1/echo HTTP/1.1\r\n" + HEAD + b"Content-Length: -5\r\n\r\n",
    ):
        status, kind, _ = exchange(port, request)
        assert (status, kind) == (400, "")


@pytest.mark.parametrize(
    "kind", [b"application/octet-stream", b"multipart/form-data; boundary=edge"]
)
def test_a_large_body_arrives_whole_without_being_held_in_memory(port: int, kind: bytes) -> None:
    cookie = f"Cookie: signed_in={signing.dumps('1', salt=signed_in._SALT)}\r\n".encode()

    def weigh(size: int) -> tuple[int, int]:
        head = b"POST /app/uploads HTTP/1.1\r\n" + HEAD + cookie
        head += b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, size)
        status, _, body = exchange(port, head + b"x" * size)
        assert status == 200, body
        length, most_kb = body.split()
        return int(length), int(most_kb)

    for size in (0, 10, 256 * 1024, 256 * 1024 + 1, 3_000_000):
        assert weigh(size)[0] == size
    before = weigh(1_000_000)[1]
    length, after = weigh(60_000_000)
    assert length == 60_000_000
    assert after - before < 40_000


def test_a_socket_waits_for_a_slow_reader_and_loses_nothing(port: int) -> None:
    def sent() -> int:
        return int(exchange(port, b"GET /sent HTTP/1.1\r\n" + HEAD + b"\r\n")[2])

    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    before = -1

    def is_still() -> bool:
        nonlocal before
        time.sleep(0.2)
        last, before = before, sent()
        return before == last and before > 0

    with socket.create_connection(("127.0.0.1", port), WAIT_S) as connection:
        connection.sendall(upgrade)
        # All that the buffers on the way hold, and no more: it stands still while no one reads.
        wait_for(is_still, "a standstill")
        assert before < core_asgi.MESSAGES * 0.75
        received = bytearray()
        while received.count(b"\r\n\r\n") == 0:
            received += connection.recv(1)
        # Each in one frame, whose head says its length in 8 bytes.
        expected = len(received) + core_asgi.MESSAGES * (core_asgi.SIZE + 10)
        while len(received) < expected:
            part = connection.recv(1 << 16)
            assert part, f"it ended after {len(received)} of {expected} bytes"
            received += part
    numbers = [int(found) for found in re.findall(rb"(\d{6}) {64}", received)]
    assert numbers == list(range(1, core_asgi.MESSAGES + 1))
    assert sent() == core_asgi.MESSAGES


@pytest.mark.slow
def test_a_socket_that_is_accepted_late_opens(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), core_asgi.LATE_S + WAIT_S) as connection:
        connection.sendall(
            b"GET /late HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        )
        assert connection.recv(4096).startswith(b"HTTP/1.1 101 ")
