"""Ten bodies of 400 MB at once from senders without a credential, to the product as it is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes.edge_server import (
    MIB,
    Answer,
    EdgeServer,
    edge_server,
    head,
    parse_answer,
)
from tests.support.waiting import wait_for

SIZE = 400 * MIB
PATHS = ("/v1/creative-agent/workflows", "/", "/app/uploads", "/uploads/none", "/media/x")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EdgeServer]:
    with edge_server(tmp_path, "builder.asgi:application", "builder.settings") as running:
        running.exchange(head("GET", "/healthz"))
        yield running


class Sender(threading.Thread):
    """Sends everything before it reads, as most clients do."""

    def __init__(self, server: EdgeServer, number: int) -> None:
        super().__init__(daemon=True)
        self.server = server
        self.path = PATHS[number % len(PATHS)]
        self.chunked = number >= len(PATHS)
        self.sent = 0
        self.answer: Answer | None = None

    def run(self) -> None:
        size = 256 * 1024
        part = bytes(size)
        lines = (f"Content-Length: {SIZE}",)
        if self.chunked:
            lines = ("Transfer-Encoding: chunked",)
            part = b"%x\r\n%s\r\n" % (size, part)
        received = b""
        with self.server.connect() as connection:
            connection.settimeout(30)
            with contextlib.suppress(OSError):
                connection.sendall(head("POST", self.path, *lines))
                while self.sent < SIZE:
                    connection.sendall(part)
                    self.sent += size
            with contextlib.suppress(OSError):
                while more := connection.recv(65536):
                    received += more
        if received:
            self.answer = parse_answer(received)


def test_ten_bodies_of_400_mb_are_neither_held_nor_spooled(server: EdgeServer) -> None:
    before = server.resident_bytes()
    senders = [Sender(server, number) for number in range(10)]
    for sender in senders:
        sender.start()
    most_resident = most_spooled = 0
    while any(sender.is_alive() for sender in senders):
        most_resident = max(most_resident, server.resident_bytes())
        most_spooled = max(most_spooled, server.spooled_bytes())
        senders[0].join(0.02)
    assert most_resident - before < 30_000_000
    # What is chunked has no length to be refused by: each may bring 2 MB.
    assert most_spooled <= 5 * 2 * MIB
    assert sum(sender.sent for sender in senders) < 10 * 64 * MIB
    for sender in senders:
        # One that never stops sending is cut off, and finds no answer then.
        assert sender.answer is None or sender.answer.status in (401, 403, 413), sender.answer
    wait_for(lambda: server.spooled_bytes() == 0, "an empty spool")
    assert server.exchange(head("GET", "/healthz")).status == 200
