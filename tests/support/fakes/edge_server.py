"""A really started web server for tests of its edge, and raw exchanges with it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from scripts.ports import free_port
from tests.support.waiting import WAIT_S, wait_for

ROOT = Path(__file__).resolve().parents[3]
MIB = 1 << 20


@dataclass(frozen=True)
class Answer:
    """One HTTP answer. headers: by lower-case name."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class EdgeServer:
    """A running web process."""

    port: int
    pid: int
    home: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), WAIT_S)

    def exchange(self, request: bytes) -> Answer:
        """Send all, then read one answer to the end of the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_answer(connection)

    def resident_bytes(self) -> int:
        return int(psutil.Process(self.pid).memory_info().rss)

    def spooled_bytes(self) -> int:
        """What its open files without a name hold."""
        held = 0
        folder = f"/proc/{self.pid}/fd"
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                if "(deleted)" in os.readlink(f"{folder}/{name}"):
                    held += os.stat(f"{folder}/{name}").st_size
        return held


def read_answer(connection: socket.socket) -> Answer:
    """The one answer that a connection brings before it ends."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            received += part
    assert received, "the connection ended without an answer"
    return parse_answer(received)


def parse_answer(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Answer(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)


def head(method: str, path: str, *lines: str) -> bytes:
    """The headers of a request; the connection is to end after it."""
    fixed = (f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close")
    return "\r\n".join([*fixed, *lines, "", ""]).encode("latin-1")


def length(size: int) -> str:
    return f"Content-Length: {size}"


def in_envelope(answer: Answer, status: int, code: str) -> Answer:
    """The answer, which is a refusal in the shape of the public contract."""
    assert answer.status == status, answer
    body = json.loads(answer.body)
    assert body["status"] == "error"
    named = {"code": code, "type": body["error"]["type"], "message": body["message"]}
    assert body["error"] == named
    assert body["errorCode"] // 10 == status or status == 401
    assert answer.headers["cache-control"] == "no-store"
    return answer


def send_until_answered(connection: socket.socket, part: bytes, most: int) -> int:
    """Send a part again and again until something is answered. Returns the bytes sent."""
    sent = 0
    with contextlib.suppress(ConnectionError):
        while sent < most and not select.select([connection], [], [], 0)[0]:
            if select.select([], [connection], [], 1)[1]:
                sent += connection.send(part)
    return sent


@contextlib.contextmanager
def edge_server(
    home: Path, application: str, settings_module: str, **environment: str
) -> Iterator[EdgeServer]:
    """Start the web process on a data folder and wait until it answers connections."""
    port = free_port()
    command = [sys.executable, "-m", "core.server", "-b", "127.0.0.1", "-p", str(port)]
    environment = {
        **os.environ,
        "REELGRAPH_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": settings_module,
        **environment,
    }
    with (home / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [*command, application], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        wait_for(lambda: _answers(web, port, home), "the start of the web server")
        yield EdgeServer(port, web.pid, home)
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(WAIT_S)


def _answers(web: subprocess.Popen[bytes], port: int, home: Path) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        assert web.poll() is None, (home / "web.log").read_text()
        return False
    return True
