"""Many event streams from one process: `python -m tests.bench.listeners URL KEY RUN COUNT`.

Prints `open` once every stream has shown the run's first events, then reads until the server
closes them all, and prints one JSON object: `latencies_ms` (p50, p95, max) of all live events on
all streams, `events` received and `streams` that saw their end. An event's latency is the time its
bytes came minus its `createdAt`, which is read just before the commit; the wire floors it to a
millisecond. Nothing is parsed while streams are open.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from urllib.parse import urlsplit

from tests.bench.figures import percentile
from tests.bench.wire import RUNS, at

# These are in the log when the streams open, so they are replayed, not live.
OPENING = 2
CONNECT_AT_ONCE = 250
WITHIN_S = 180
EVENT = re.compile(rb'"sequence":(\d+)[^\n]*?"createdAt":"([^"]+)"')


class Stream(asyncio.Protocol):
    """One open stream: what came, and when."""

    def __init__(self, request: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self.request = request
        self.open: asyncio.Future[None] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self.chunks: list[tuple[float, bytes]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.chunks.append((time.time(), data))
        if not self.open.done() and b"workflow_queued" in data:
            self.open.set_result(None)
        if b"event: workflow_status" in data:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        for future in (self.open, self.over):
            if not future.done():
                future.set_result(None)

    def latencies_ms(self) -> list[float]:
        """Of every live event, in order."""
        found, text, looked = [], b"", 0
        for came_at, data in self.chunks:
            text += data
            for match in EVENT.finditer(text, looked):
                looked = match.end()
                if int(match[1]) > OPENING:
                    found.append(1000 * (came_at - at(match[2].decode())))
        return found


async def listen(url: str, key: str, run_id: str, count: int) -> None:
    parts = urlsplit(url)
    request = (
        f"GET {RUNS}/{run_id}/events/stream HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Authorization: Bearer {key}\r\nAccept: text/event-stream\r\n\r\n"
    ).encode()
    loop = asyncio.get_running_loop()
    streams = [Stream(request, loop) for _ in range(count)]
    began = time.perf_counter()
    for start in range(0, count, CONNECT_AT_ONCE):
        part = streams[start : start + CONNECT_AT_ONCE]
        await asyncio.gather(
            *(
                loop.create_connection(lambda one=one: one, parts.hostname, parts.port)
                for one in part
            )
        )
        await asyncio.gather(*(one.open for one in part))
    print("open", flush=True)
    opened_s = time.perf_counter() - began
    async with asyncio.timeout(WITHIN_S):
        await asyncio.gather(*(one.over for one in streams))
    latencies = [latency for one in streams for latency in one.latencies_ms()]
    ended = sum(any(b"workflow_status" in data for _, data in one.chunks) for one in streams)
    found = {
        "latencies_ms": {
            "p50": percentile(latencies, 0.5),
            "p95": percentile(latencies, 0.95),
            "max": max(latencies),
        },
        "events": len(latencies),
        "streams": ended,
        "opened_s": opened_s,
    }
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    asyncio.run(listen(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
