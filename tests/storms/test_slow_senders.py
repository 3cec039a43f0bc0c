"""Requests that come slowly are cut, and nothing else is: raw sockets against a started web server,
whose clocks tests/support/settings/edge.py makes short."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes.edge_server import (
    EdgeServer,
    edge_server,
    head,
    in_envelope,
    length,
    parse_answer,
    read_answer,
)
from tests.support.server import Site
from tests.support.waiting import WAIT_S, wait_for


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeServer]:
    home = tmp_path_factory.mktemp("edge")
    with edge_server(
        home, "tests.support.fakes.edge_asgi:application", "tests.support.settings.edge"
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("request_bytes", "drip"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: ", b"a", id="headers"),
        pytest.param(head("POST", "/v1/x", length(100_000)), b"a", id="a body"),
        pytest.param(
            head("POST", "/v1/x", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n0\r\n",
            b"a",
            id="the trailer of a chunked body",
        ),
        pytest.param(
            b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n|GET /x HTTP/1.1\r\nX: ",
            b"a",
            id="a second request on a kept connection",
        ),
    ],
)
def test_what_comes_too_slowly_is_cut_with_408(
    server: EdgeServer, request_bytes: bytes, drip: bytes
) -> None:
    with server.connect() as connection:
        *first, request = request_bytes.split(b"|")
        for whole in first:
            connection.sendall(whole)
            received = b""
            while not received.endswith(b"}"):
                received += connection.recv(4096)
        connection.sendall(request)
        connection.settimeout(0.3)

        def answer() -> bytes:
            with contextlib.suppress(TimeoutError):
                return connection.recv(65536)
            connection.sendall(drip)
            return b""

        received = wait_for(answer, "an answer")
        connection.settimeout(WAIT_S)
        while part := connection.recv(65536):
            received += part
    assert parse_answer(received).status == 408


def test_a_small_body_at_the_pace_is_cut_at_its_deadline(server: EdgeServer) -> None:
    with server.connect() as connection:
        connection.sendall(head("POST", "/v1/x", length(1_000_000)))
        connection.settimeout(0.5)

        def answer() -> bytes:
            connection.sendall(bytes(8 * 1024))
            with contextlib.suppress(TimeoutError):
                return connection.recv(65536)
            return b""

        received = wait_for(answer, "an answer")
        connection.settimeout(WAIT_S)
        while part := connection.recv(65536):
            received += part
    in_envelope(parse_answer(received), 408, "request.timeout")


def test_a_connection_that_says_nothing_is_closed_without_a_word(server: EdgeServer) -> None:
    with server.connect() as connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(10) == b""


def test_an_answer_and_a_kept_connection_outlive_every_clock(server: EdgeServer) -> None:
    with server.connect() as kept, server.connect() as held:
        kept.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n")
        held.sendall(head("GET", "/held"))
        answer = read_answer(held)  # longer than the clocks of this server
        assert b"." * 8 in answer.body.replace(b"\r\n1\r\n", b"")
        kept.sendall(b"GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while part := kept.recv(65536):
            received += part
    assert received.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.slow
def test_what_a_killed_process_left_in_the_spool_goes_at_the_start(tmp_path: Path) -> None:
    folder = tmp_path / "run" / "bodies"
    folder.mkdir(parents=True)
    (folder / "tmpabc").write_bytes(b"left")
    (folder / "web-1-0a1b2c3d").mkdir()
    (folder / "web-1-0a1b2c3d" / "tmpdef").write_bytes(b"left")
    with Site(tmp_path, workers=0):
        (own,) = folder.iterdir()
        assert own.name.startswith("web-")
        assert list(own.iterdir()) == []
