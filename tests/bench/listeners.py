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

import json
import re
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from tests.bench.figures import percentile
from tests.bench.wire import RUNS, at, take_frames, upgrade

# These are in the log when the readers open, so they are replayed, not live.
OPENING = 2
# Below the shortest queue of a server's listening socket.
CONNECT_AT_ONCE = 50
WITHIN_S = 180
CHUNK = 256 * 1024
SSE_DATA = re.compile(rb"data: (\{[^\n]*\})\n\n")


class Reader:
    """One open connection: what came, and when."""

    __slots__ = ("chunks", "is_open", "is_over", "socket")

    def __init__(self, address: tuple[str, int], request: bytes) -> None:
        self.chunks: list[tuple[float, bytes]] = []
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

    def open(self, address: tuple[str, int], request: Callable[[], bytes], count: int) -> None:
        while len(self.all) < count:
            part = [
                Reader(address, request())
                for _ in range(min(CONNECT_AT_ONCE, count - len(self.all)))
            ]
            for one in part:
                self._by_number[one.socket.fileno()] = one
                self._epoll.register(one.socket, select.EPOLLIN)
            self.all += part
            self._read_until(lambda part=part: all(one.is_open for one in part))

    def read_to_the_end(self) -> None:
        self._read_until(lambda: not self._by_number)

    def _read_until(self, done: Callable[[], bool]) -> None:
        by_number, poll = self._by_number, self._epoll.poll
        deadline = time.monotonic() + WITHIN_S
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(by_number)} readers still wait")
            for number, _ in poll(1):
                one = by_number[number]
                one.read()
                if one.is_over:
                    del by_number[number]


def sse_messages(chunks: list[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """The JSON of each frame of an event stream, and when its last byte came."""
    text = bytearray()
    for came_at, data in chunks:
        text += data
        used = 0
        for match in SSE_DATA.finditer(text):
            used = match.end()
            yield came_at, match[1]
        del text[:used]


def ws_messages(chunks: list[tuple[float, bytes]]) -> Iterator[tuple[float, bytes]]:
    """The JSON of each text message of a WebSocket, and when its last byte came."""
    text, is_answered = bytearray(), False
    for came_at, data in chunks:
        text += data
        if not is_answered and b"\r\n\r\n" in text:
            is_answered = True
            del text[: text.index(b"\r\n\r\n") + 4]
        if is_answered:
            yield from ((came_at, payload) for code, payload in take_frames(text) if code == 1)


class Events:
    """Reads messages; the same bytes, which come once for each reader, only once."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._known: dict[bytes, tuple[float | None, bool]] = {}

    def latencies_ms(self, one: Reader) -> tuple[list[float], bool]:
        """Of every live event in order, and whether the end of the run came."""
        found, is_ended = [], False
        messages = sse_messages if self._kind == "sse" else ws_messages
        for came_at, data in messages(one.chunks):
            if data not in self._known:
                self._known[data] = self.read(json.loads(data))
            created_at, is_end = self._known[data]
            is_ended = is_ended or is_end
            if created_at is not None:
                found.append(1000 * (came_at - created_at))
        return found, is_ended

    def read(self, said: dict[str, object]) -> tuple[float | None, bool]:
        """When a live event was made, if it is one, and whether this is the last frame."""
        body = said if self._kind == "sse" else said.get("data") or {}
        assert isinstance(body, dict)
        if "sequence" in body:
            is_live = body["sequence"] > OPENING
            return (at(body["createdAt"]) if is_live else None), False
        return None, "status" in body


def main(url: str, key: str, run_id: str, count: int, kind: str) -> None:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port

    def request() -> bytes:
        if kind == "ws":
            return upgrade(f"/ws/runs/{run_id}", parts.netloc, {"api-key": key})
        return (
            f"GET {RUNS}/{run_id}/events/stream HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"api-key: {key}\r\nAccept: text/event-stream\r\n\r\n"
        ).encode()

    began = time.perf_counter()
    readers = Readers()
    readers.open((parts.hostname, parts.port), request, count)
    opened_s = time.perf_counter() - began
    cpu_s = time.process_time()
    print("open", flush=True)
    readers.read_to_the_end()
    cpu_s = time.process_time() - cpu_s
    print("over", flush=True)
    events = Events(kind)
    heard = [events.latencies_ms(one) for one in readers.all]
    latencies = [latency for found, _ in heard for latency in found]
    found = {
        "latencies_ms": {
            "p50": percentile(latencies, 0.5),
            "p95": percentile(latencies, 0.95),
            "max": max(latencies),
        },
        "events": len(latencies),
        "readers": sum(is_ended for _, is_ended in heard),
        "opened_s": opened_s,
        "cpu_s": cpu_s,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
