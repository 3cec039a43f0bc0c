"""Many readers of one run from one process:
`python -m tests.bench.listeners URL KEY RUN COUNT sse|ws`.

Prints `open` once every reader has the run's first events, `over` once the server has ended them
all, and then one JSON object: `latencies_ms` (p50, p95, max) of all live events of all readers,
`events` received, `readers` that saw the run's end, `opened_s`, and `cpu_s`, this process's own CPU
time between `open` and `over`. An event's latency is the time its bytes came minus its `createdAt`,
which is read just before the commit; the wire floors it to a millisecond.

Sockets are read by a plain epoll loop that keeps each chunk with the time it came. Nothing is
parsed before `over`: reader and server share the machine, so what the reader does is taken from
the server.
"""

from __future__ import annotations

import base64
import functools
import json
import os
import re
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tests.bench.figures import percentile
from tests.bench.wire import RUNS, at

# These are in the log when the readers open, so they are replayed, not live.
OPENING = 2
# Below the shortest queue of a server's listening socket.
CONNECT_AT_ONCE = 50
WITHIN_S = 180
CHUNK = 256 * 1024
SSE_DATA = re.compile(rb"data: (\{[^\n]*\})\n\n")
Chunks = list[tuple[float, bytes]]


class Reader:
    """One open connection: what came, and when."""

    __slots__ = ("chunks", "is_open", "is_over", "socket")

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.chunks: Chunks = []
        self.is_open = self.is_over = False
        self.socket = socket.create_connection(address)
        self.socket.sendall(request)
        self.socket.setblocking(False)

    def read(self) -> None:
        """Keep what is there. The last frame, or the server's end, ends it."""
        try:
            data = self.socket.recv(CHUNK)
        except ConnectionResetError:
            data = b""
        self.chunks.append((time.time(), data))
        if not self.is_open and b"workflow_queued" in data:
            self.is_open = True
        if not data or b"event: workflow_status" in data or b'"event":"workflow_status"' in data:
            self.is_open = self.is_over = True
            self.socket.close()


class Readers:
    """All connections of this process."""

    def __init__(self) -> None:
        self.all: list[Reader] = []
        self._by_number: dict[int, Reader] = {}
        self._epoll = select.epoll()

    def open(self, address: tuple[str, int], request: bytes, count: int) -> None:
        while len(self.all) < count:
            some = min(CONNECT_AT_ONCE, count - len(self.all))
            part = [Reader(address, request) for _ in range(some)]
            for reader in part:
                self._by_number[reader.socket.fileno()] = reader
                self._epoll.register(reader.socket, select.EPOLLIN)
            self.all += part
            self._read_until(lambda part=part: all(reader.is_open for reader in part))

    def read_to_the_end(self) -> None:
        self._read_until(lambda: not self._by_number)

    def _read_until(self, done: Callable[[], bool]) -> None:
        by_number, poll = self._by_number, self._epoll.poll
        deadline = time.monotonic() + WITHIN_S
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(by_number)} readers still wait")
            for number, _ in poll(1):
                reader = by_number[number]
                reader.read()
                if reader.is_over:
                    del by_number[number]


def sse_messages(chunks: Chunks) -> Iterator[tuple[float, bytes]]:
    """The JSON of each frame of an event stream, and when its last byte came."""
    text = bytearray()
    for came_at, data in chunks:
        text += data
        used = 0
        for match in SSE_DATA.finditer(text):
            used = match.end()
            yield came_at, match[1]
        del text[:used]


def ws_messages(chunks: Chunks) -> Iterator[tuple[float, bytes]]:
    """The JSON of each text message of a WebSocket, and when its last byte came."""
    text, is_answered = bytearray(), False
    for came_at, data in chunks:
        text += data
        if not is_answered and b"\r\n\r\n" in text:
            is_answered = True
            del text[: text.index(b"\r\n\r\n") + 4]
        if is_answered:
            yield from ((came_at, payload) for code, payload in take_frames(text) if code == 1)


def take_frames(buffer: bytearray) -> list[tuple[int, bytes]]:
    """Take the whole unmasked WebSocket frames from a buffer: opcode and payload of each."""
    frames, start = [], 0
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
        frames.append((buffer[start] & 0x0F, bytes(buffer[start + head : end])))
        start = end
    del buffer[:start]
    return frames


def event_of(data: bytes) -> tuple[float | None, bool]:
    """When a live event was made, if it is one, and whether this is the last frame.

    data: of an event stream, or of a WebSocket, whose messages have the same in their `data`.
    """
    body = json.loads(data)
    if "sequence" not in body:
        body = body.get("data") or body
    if "sequence" in body:
        return (at(body["createdAt"]) if body["sequence"] > OPENING else None), False
    return None, "status" in body


def main(url: str, key: str, run_id: str, count: int, kind: str) -> None:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    path, headers = f"{RUNS}/{run_id}/events/stream", "Accept: text/event-stream\r\n"
    if kind == "ws":
        path, nonce = f"/ws/runs/{run_id}", base64.b64encode(os.urandom(16)).decode()
        headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        headers += f"Sec-WebSocket-Key: {nonce}\r\n"
    request = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\napi-key: {key}\r\n{headers}\r\n"
    began = time.perf_counter()
    readers = Readers()
    readers.open((parts.hostname, parts.port), request.encode(), count)
    opened_s = time.perf_counter() - began
    cpu_s = time.process_time()
    print("open", flush=True)
    readers.read_to_the_end()
    cpu_s = time.process_time() - cpu_s
    print("over", flush=True)
    # The same bytes come once for each reader.
    known = functools.cache(event_of)
    messages = sse_messages if kind == "sse" else ws_messages
    latencies, ended = [], 0
    for reader in readers.all:
        events = [(came_at, *known(data)) for came_at, data in messages(reader.chunks)]
        ended += any(is_end for _, _, is_end in events)
        latencies += [1000 * (came_at - made) for came_at, made, _ in events if made is not None]
    said = {
        "latencies_ms": {
            "p50": percentile(latencies, 0.5),
            "p95": percentile(latencies, 0.95),
            "max": max(latencies),
        },
        "events": len(latencies),
        "readers": ended,
        "opened_s": opened_s,
        "cpu_s": cpu_s,
    }
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
