"""What a client may say over a WebSocket, tried with real sockets against the started product."""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.program import ROOT
from tests.support.server import Site, start
from tests.support.waiting import WAIT_S, family, promised, wait_for

PING = b"\x81\x84\0\0\0\0ping"
CONTROL_PING = b"\x89\xfd\0\0\0\0" + b"x" * 125
MESSAGE = b"\x81\xfe\x10\x00\0\0\0\0" + b"x" * 4096
PRESENCE_TEXT = json.dumps({"presence": {"selection": [], "cursor": {"x": 1, "y": 2}}})
PRESENCE = b"\x81" + bytes([0x80 | len(PRESENCE_TEXT)]) + b"\0\0\0\0" + PRESENCE_TEXT.encode()

# A template of alice's, open in the editor; prints its id.
OPEN = """
from accounts.models import User
from tests.support.builders.editing import make_document, template_of
print(template_of(make_document(User.objects.get(username="alice"))).public_id)
"""


@dataclass(frozen=True)
class Product:
    site: Site
    key: str
    paths: dict[str, str]

    def open(self, kind: str) -> ClientConnection:
        return connect(
            f"ws://127.0.0.1:{self.site.port}{self.paths[kind]}",
            additional_headers={"api-key": self.key},
            max_size=None,
            max_queue=None,  # it reads ahead of the test
            open_timeout=WAIT_S,
        )

    def raw(self, kind: str) -> socket.socket:
        """A socket after the handshake, nothing of which is read."""
        line = socket.create_connection(("127.0.0.1", self.site.port), WAIT_S)
        line.sendall(
            f"GET {self.paths[kind]} HTTP/1.1\r\nHost: 127.0.0.1:{self.site.port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\napi-key: {self.key}\r\n\r\n".encode()
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += line.recv(1)
        assert received.startswith(b"HTTP/1.1 101 "), received
        return line

    def processes(self) -> set[int]:
        assert self.site.program is not None
        return family(self.site.program.process.pid)

    def resident_mb(self) -> float:
        pid = self.site.pid("web")
        assert pid is not None
        return float(psutil.Process(pid).memory_info().rss) / 1e6


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A run that waits for a worker, and a template that is open in the editor."""
    home = tmp_path_factory.mktemp("home")
    with Site(home, workers=0, env={"PYTHONPATH": str(ROOT)}) as site:
        key = site.key("alice")
        with site.client(key) as client:
            run = start(client, {"input": {"steps": [{"toolName": "noop"}]}})
        document = site.manage("shell", "-c", OPEN).strip().splitlines()[-1]
        paths = {"run": f"/ws/runs/{run['id']}", "document": f"/ws/documents/{document}"}
        yield Product(site, key, paths)


def said_goodbye(line: ClientConnection, *messages: str | list[str]) -> int:
    """Send and read until the server closes; the code that it closed with."""
    try:
        for message in messages:
            line.send(message)
        while True:
            line.recv(timeout=WAIT_S)
    except ConnectionClosed:
        pass
    assert line.protocol.close_rcvd is not None
    return int(line.protocol.close_rcvd.code)


def answers(line: ClientConnection) -> bool:
    """Whether a ping is answered."""
    line.send("ping")
    while json.loads(line.recv(timeout=WAIT_S))["event"] != "pong":
        pass
    return True


@pytest.mark.parametrize(("kind", "most"), [("run", 4096), ("document", 1 << 20)])
def test_a_message_above_the_limit_closes_with_1009(product: Product, kind: str, most: int) -> None:
    with product.open(kind) as line:
        line.send("x" * most)
        assert answers(line)
        assert said_goodbye(line, "x" * (most + 1)) == 1009
    with product.open(kind) as line:  # in two frames
        assert said_goodbye(line, ["x" * (most - 1), "xx"]) == 1009


@pytest.mark.parametrize("kind", ["run", "document"])
def test_more_than_sixty_messages_a_second_close_with_4429(product: Product, kind: str) -> None:
    with product.open(kind) as line:
        # In one write: how many a second come doesn't depend on the machine.
        line.socket.sendall(PING * 200)
        assert said_goodbye(line) == 4429


def test_more_presence_than_twenty_a_second_closes_with_4429(product: Product) -> None:
    with product.open("document") as steady, product.open("document") as hasty:
        for _ in range(40):  # as the editor does: every 50 ms
            steady.send(PRESENCE_TEXT)
            time.sleep(0.05)
        assert answers(steady)
        # Of the sixty that may come at once, each second brings back twenty. Sixty messages of any
        # kind may come each second: with the ping that shows that they were read, there are fewer.
        for number in itertools.count():
            try:
                hasty.socket.sendall(PRESENCE * 50)
                assert answers(hasty)
            except (ConnectionClosed, OSError):
                break
            # Again where the machine stood still for so long that all sixty were back.
            assert number < 20, "presence is not limited"
            time.sleep(1)
        assert number > 0, "fifty may come at once"
        assert said_goodbye(hasty) == 4429


@pytest.mark.parametrize(
    ("kind", "frame"),
    [("run", PING), ("document", PING), ("run", CONTROL_PING), ("run", MESSAGE)],
    ids=["pings on a run", "pings on a document", "control pings", "messages of 4 KB"],
)
def test_a_flood_that_is_never_read_costs_others_nothing(
    product: Product, kind: str, frame: bytes
) -> None:
    before = product.resident_mb()
    with product.raw(kind) as line, product.site.client() as visitor:
        line.settimeout(1)
        sent = 0
        try:
            while sent < max(3_000_000, len(frame) * 75_000):
                line.sendall(frame * 1000)
                sent += 1000 * len(frame)
        except OSError:
            pass  # it was told to go
        for _ in range(20):
            with promised(5, of=product.processes()):
                assert visitor.get("/healthz").status_code == 200
            assert product.resident_mb() - before < 10
    with product.open(kind) as line:
        assert answers(line)


def test_a_client_that_keeps_the_pace_and_reads_nothing_is_not_queued_for(
    product: Product,
) -> None:
    """Its buffers are full first, by what the run's log replays to it again and again."""
    lines = []
    try:
        for _ in range(10):
            line = product.raw("run")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lines.append(line)
        before = product.resident_mb()
        for _ in range(40):  # so long as the pace allows
            for line in lines:
                line.sendall(CONTROL_PING)
            time.sleep(0.05)
        assert product.resident_mb() - before < 10
    finally:
        for line in lines:
            line.close()
    wait_for(lambda: product.site.client().get("/healthz").status_code == 200, "an answer")
