"""Plain clients of HTTP and WebSockets: little of their own time in what they measure."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import struct
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.support.server import TERMINAL
from tests.support.waiting import wait_for

RUNS = "/v1/creative-agent/workflows"
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Line:
    """One connection to a server with one API key."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key
        parts = urlsplit(url)
        assert parts.hostname
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of a successful answer. Raises RuntimeError with the body of any other."""
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:500].decode()}")
        found: dict[str, Any] = json.loads(text)["data"]
        return found

    def start(self, body: Mapping[str, Any]) -> str:
        """Start a run; its id."""
        return str(self.call("POST", RUNS, body)["workflow"]["workflowId"])

    def template(
        self, name: str, stages: list[dict[str, Any]], inputs: Sequence[dict[str, Any]] = ()
    ) -> str:
        """Save a template; its id."""
        body = {"name": name, "description": name, "inputs": list(inputs), "stages": stages}
        return str(self.call("POST", f"{RUNS}/templates", body)["template"]["id"])

    def cancel(self, run_id: str) -> None:
        self.call("POST", f"{RUNS}/{run_id}/cancel", {})

    def snapshot(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GET", f"{RUNS}/{run_id}")["workflow"]
        return found

    def finished(self, run_id: str, within_s: float = 120) -> dict[str, Any]:
        """The snapshot of a run that is over. Raises RuntimeError unless it completed."""

        def look() -> dict[str, Any] | None:
            shown = self.snapshot(run_id)
            return shown if shown["status"] in TERMINAL else None

        shown = wait_for(look, f"the end of {run_id}", within_s)
        assert shown is not None
        if shown["status"] != "completed":
            raise RuntimeError(f"{run_id} ended as {shown['status']}: {shown.get('error')}")
        return shown

    def close(self) -> None:
        self._connection.close()


def at(text: str) -> float:
    """An ISO moment of the wire as seconds since 1970."""
    return datetime.fromisoformat(text).timestamp()


def ms_since(started: float) -> float:
    """Milliseconds since a reading of time.perf_counter()."""
    return (time.perf_counter() - started) * 1000


def take_answer(buffer: bytearray) -> tuple[bytes, bytes] | None:
    """Take an answer with a Content-Length from a buffer, once it is whole: head and body."""
    end = buffer.find(b"\r\n\r\n")
    length = LENGTH.search(buffer, 0, end) if end >= 0 else None
    if length is None or len(buffer) < end + 4 + int(length[1]):
        return None
    size = end + 4 + int(length[1])
    head, body = bytes(buffer[:end]), bytes(buffer[end + 4 : size])
    del buffer[:size]
    return head, body


def upgrade(path: str, host: str, headers: Mapping[str, str]) -> bytes:
    """The request that opens a WebSocket, without compression."""
    named = {
        "Host": host,
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode()


def take_frames(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Take the whole unmasked WebSocket frames from a buffer: opcode and payload of each."""
    found, start = [], 0
    while len(buffer) - start >= 2:
        size, head = buffer[start + 1] & 0x7F, 2
        if size > 125:
            head = 4 if size == 126 else 10
            if len(buffer) - start < head:
                break
            size = int.from_bytes(buffer[start + 2 : start + head], "big")
        end = start + head + size
        if len(buffer) < end:
            break
        found.append((buffer[start] & 0x0F, bytes(buffer[start + head : end])))
        start = end
    del buffer[:start]
    return found


def masked(text: str) -> bytes:
    """A text message of up to 64 KB as a client sends it."""
    data = text.encode()
    size = bytes([0x80 | len(data)]) if len(data) < 126 else struct.pack("!BH", 0xFE, len(data))
    # A mask of zeros changes nothing.
    return b"\x81" + size + bytes(4) + data
