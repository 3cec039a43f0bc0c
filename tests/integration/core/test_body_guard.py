"""Bodies are admitted by their headers, counted and kept at a pace: raw sockets against a started
web server, whose clocks and spool tests/support/settings/edge.py makes short and small."""

import contextlib
import hashlib
import io
import json
import os
import socket
import time
from collections.abc import Iterator

import pytest
from django.core import signing

from accounts import signed_in
from media import presigned_uploads
from tests.support.fakes.edge_server import (
    MIB,
    Answer,
    EdgeServer,
    edge_server,
    head,
    in_envelope,
    length,
    read_answer,
    send_until_answered,
)
from tests.support.settings import edge as edge_settings
from tests.support.waiting import wait_for

TICKET = presigned_uploads.UploadTicket(owner="usr_1", slot="referenceImage", place="here")
SECRET = {"REELGRAPH_SECRET_KEY": "the same on both sides"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EdgeServer]:
    home = tmp_path_factory.mktemp("edge")
    with edge_server(
        home, "tests.support.fakes.edge_asgi:application", "tests.support.settings.edge", **SECRET
    ) as running:
        yield running


@pytest.fixture(autouse=True)
def _same_secret(settings: object) -> None:
    settings.SECRET_KEY = SECRET["REELGRAPH_SECRET_KEY"]  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _nothing_is_left(server: EdgeServer) -> Iterator[None]:
    """Whatever a test sends, the spool is empty afterwards."""
    yield
    wait_for(lambda: server.spooled_bytes() == 0, "an empty spool")


def holds(server: EdgeServer, size: int) -> bool:
    """Whether its spool holds so much. The end of each body may still be in its file's buffer."""
    return size - 2 * io.DEFAULT_BUFFER_SIZE < server.spooled_bytes() <= size


def refused_unread(server: EdgeServer, *lines: str, path: str = "/v1/x") -> Answer:
    """The answer to headers alone, of a body that is not sent."""
    with server.connect() as connection:
        connection.sendall(head("POST", path, *lines))
        answer = read_answer(connection)
    assert server.spooled_bytes() == 0
    return answer


@pytest.mark.parametrize("path", ["/v1/x", "/", "/app/x", "/app/uploads/upl_1", "/media/x"])
def test_a_declared_terabyte_is_refused_at_its_headers(server: EdgeServer, path: str) -> None:
    answer = refused_unread(server, length(1 << 40), path=path)
    assert answer.status == 413
    is_json = path.startswith(("/v1/", "/app/"))
    assert answer.headers["content-type"].startswith("application/json" if is_json else "text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"
    if not is_json:
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_refusal_is_in_the_envelope_with_cors_where_the_path_has_it(server: EdgeServer) -> None:
    origin = "Origin: https://page.example"
    answer = in_envelope(refused_unread(server, length(1 << 40), origin), 413, "body.too_large")
    assert answer.headers["access-control-allow-origin"] == "https://page.example"
    assert answer.headers["x-request-id"]
    elsewhere = refused_unread(server, length(1 << 40), origin, path="/app/documents/x")
    assert "access-control-allow-origin" not in elsewhere.headers


def test_a_chunked_body_is_counted_and_cut_at_the_limit(server: EdgeServer) -> None:
    with server.connect() as connection:
        connection.sendall(head("POST", "/v1/x", "Transfer-Encoding: chunked"))
        part = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        sent = send_until_answered(connection, part, 400 * MIB)
        in_envelope(read_answer(connection), 413, "body.too_large")
    assert sent < 16 * MIB


def test_the_last_chunk_may_not_go_beyond_the_limit(server: EdgeServer) -> None:
    most = edge_settings.BODY_LIMIT_BYTES

    def sent(path: str, *sizes: int) -> Answer:
        chunks = [b"%x\r\n%b\r\n" % (size, bytes(size)) for size in (*sizes, 0)]
        return server.exchange(head("POST", path, "Transfer-Encoding: chunked") + b"".join(chunks))

    assert json.loads(sent("/x", most - 1, 1).body)["length"] == most
    in_envelope(sent("/v1/x", most - 1, 2), 413, "body.too_large")
    assert server.spooled_bytes() == 0


def test_a_chunked_body_arrives_whole_with_a_length(server: EdgeServer) -> None:
    parts = [b"5\r\nhello\r\n", b"1\r\n \r\n", b"5\r\nworld\r\n", b"0\r\n\r\n"]
    answer = server.exchange(head("POST", "/x", "Transfer-Encoding: chunked") + b"".join(parts))
    said = json.loads(answer.body)
    assert (said["length"], said["declared"]) == (11, "11")
    assert said["sha256"] == hashlib.sha256(b"hello world").hexdigest()


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_an_upload_is_refused_before_its_first_byte_unless_its_ticket_holds(
    server: EdgeServer, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = presigned_uploads.issue(TICKET)
    monkeypatch.setattr(time, "time", lambda: 1_000_000_000.0)
    expired = presigned_uploads.issue(TICKET)
    monkeypatch.undo()
    altered = good[:-1] + ("a" if good[-1] != "a" else "b")
    for path in (altered, expired, "/uploads/none"):
        with server.connect() as connection:
            connection.sendall(head(method, path, length(50_000_000), "Origin: https://a.example"))
            answer = in_envelope(read_answer(connection), 403, "upload.ticket")
        assert answer.headers["access-control-allow-origin"] == "https://a.example"
        assert server.spooled_bytes() == 0


def test_an_upload_with_its_ticket_comes_through_up_to_the_limit(server: EdgeServer) -> None:
    body = os.urandom(MIB) * 20
    answer = server.exchange(head("PUT", presigned_uploads.issue(TICKET), length(len(body))) + body)
    assert json.loads(answer.body)["sha256"] == hashlib.sha256(body).hexdigest()
    most = edge_settings.UPLOAD_LIMIT_BYTES
    answer = server.exchange(head("PUT", presigned_uploads.issue(TICKET), length(most + 1)))
    in_envelope(answer, 413, "upload.too_large")
    assert "60 MB" in json.loads(answer.body)["message"]


def test_the_pages_uploads_are_for_browsers_in_which_a_person_is_signed_in(
    server: EdgeServer,
) -> None:
    cookie = signing.dumps("1", salt=signed_in._SALT)
    body = os.urandom(MIB) * 3
    for line in ("Cookie: sessionid=made-up", "Cookie: signed_in=made-up", "X: y"):
        answer = refused_unread(server, length(len(body)), line, path="/app/uploads")
        in_envelope(answer, 401, "auth.required")
    answer = server.exchange(
        head("POST", "/app/uploads", length(len(body)), f"Cookie: a=b; signed_in={cookie}") + body
    )
    assert json.loads(answer.body)["length"] == len(body)
    size = length(edge_settings.UPLOAD_LIMIT_BYTES + (1 << 20))
    answer = refused_unread(server, size, f"Cookie: signed_in={cookie}", path="/app/uploads")
    assert "60 MB" in json.loads(in_envelope(answer, 413, "body.too_large").body)["message"]


def test_the_cap_on_all_bodies_answers_503_until_others_are_done(server: EdgeServer) -> None:
    size = 40 * MIB
    path = presigned_uploads.issue(TICKET)
    with contextlib.ExitStack() as opened:
        for number in (1, 2):
            holder = opened.enter_context(server.connect())
            forwarded = f"X-Forwarded-For: 192.0.2.{number}"
            holder.sendall(head("PUT", path, length(size + 1), forwarded) + bytes(size))
        wait_for(lambda: holds(server, 2 * size), "both bodies")
        third = head("PUT", path, length(size), "X-Forwarded-For: 192.0.2.3")
        answer = in_envelope(server.exchange(third), 503, "server.busy")
        assert int(answer.headers["retry-after"]) > 0
        # One address has a share only, whatever room there is.
        holder.sendall(b"x")
        assert read_answer(holder).status == 200
        wait_for(lambda: holds(server, size), "the end of one")
        mine = head("PUT", path, length(size + 1), "X-Forwarded-For: 192.0.2.1")
        in_envelope(server.exchange(mine), 503, "server.busy")
        answer = server.exchange(third + bytes(size))
        assert (answer.status, json.loads(answer.body)["length"]) == (200, size)


def test_room_is_given_back_after_every_kind_of_end(server: EdgeServer) -> None:
    path = presigned_uploads.issue(TICKET)
    large = 5 * MIB
    for round_ in range(60):
        kind = round_ % 6
        with server.connect() as connection:
            if kind == 0:  # aborted half-way
                connection.sendall(head("PUT", path, length(large)) + bytes(large // 2))
            elif kind == 1:  # reset
                connection.sendall(head("PUT", path, length(large)) + bytes(large // 2))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            elif kind == 2:  # refused in the middle
                connection.sendall(
                    head("POST", "/v1/x", "Transfer-Encoding: chunked")
                    + b"300000\r\n"
                    + bytes(0x300000)
                )
                assert read_answer(connection).status == 413
            elif kind == 3:
                connection.sendall(head("PUT", path, length(large)) + bytes(large))
                assert read_answer(connection).status == 200
            elif kind == 4:  # gone before its answer
                connection.sendall(head("PUT", path, length(large)) + bytes(large))
            else:
                connection.sendall(b"nonsense\r\n\r\n")
    # All of the room is there again, for one.
    wait_for(lambda: server.spooled_bytes() == 0, "an empty spool")
    body = bytes(57 * MIB)
    assert server.exchange(head("PUT", path, length(len(body))) + body).status == 200


def test_a_client_that_sends_five_megabytes_before_it_reads_finds_its_answer(
    server: EdgeServer,
) -> None:
    with server.connect() as connection:
        connection.sendall(head("POST", "/v1/x", length(5 * MIB)))
        connection.sendall(bytes(5 * MIB))
        in_envelope(read_answer(connection), 413, "body.too_large")


def test_a_client_that_expects_100_hears_it_only_after_admission(server: EdgeServer) -> None:
    expects = "Expect: 100-continue"
    with server.connect() as connection:
        connection.sendall(head("POST", "/x", length(2), expects))
        first = connection.recv(4096)
        assert first == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert read_answer(connection).status == 200
    answer = refused_unread(server, length(1 << 40), expects)
    in_envelope(answer, 413, "body.too_large")


def test_several_requests_on_one_connection_also_sent_ahead(server: EdgeServer) -> None:
    def request(last: bool) -> bytes:
        close = b"Connection: close\r\n" if last else b""
        return b"POST /x HTTP/1.1\r\nHost: localhost\r\n" + close + b"Content-Length: 3\r\n\r\nabc"

    with server.connect() as connection:
        connection.sendall(request(False) + request(False) + request(True))
        received = b""
        while part := connection.recv(65536):
            received += part
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b'"length": 3') == 3


def test_one_address_holds_only_so_many_bodies_half_arrived(server: EdgeServer) -> None:
    most = edge_settings.HALF_ARRIVED_PER_ADDRESS
    with contextlib.ExitStack() as opened:
        lines = [opened.enter_context(server.connect()) for _ in range(most + 3)]
        for line in lines:
            line.sendall(
                head("POST", "/v1/x", length(1000), "X-Forwarded-For: 198.51.100.7") + b"half"
            )
            line.setblocking(False)

        def refused() -> list[socket.socket]:
            return [line for line in lines if _peek(line)]

        wait_for(lambda: len(refused()) == 3, "three refusals")
        refused()[0].setblocking(True)
        in_envelope(read_answer(refused()[0]), 429, "quota.rate")
        # Another address is served meanwhile, behind the same proxy.
        other = head("POST", "/x", length(2), "X-Forwarded-For: 198.51.100.8") + b"{}"
        assert server.exchange(other).status == 200


def _peek(line: socket.socket) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return line.recv(16, socket.MSG_PEEK)
    return b""


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("", "127.0.0.1"),
    ],
)
def test_the_address_is_the_rightmost_that_no_trusted_proxy_has(
    server: EdgeServer, forwarded: str, client: str
) -> None:
    answer = server.exchange(
        head("GET", "/x", f"X-Forwarded-For: {forwarded}", "X-Forwarded-Proto: https")
    )
    said = json.loads(answer.body)
    assert (said["client"], said["scheme"]) == (client, "https")
