"""One connection to the ASGI application, driven directly: what it sends is seen byte for byte."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connections

from builder.asgi import application
from core import database
from tests.support.waiting import WAIT_S, Late

T = TypeVar("T")
PATH = "/v1/creative-agent/workflows"


@dataclass(frozen=True)
class Frame:
    """One server-sent event."""

    id: int
    event: str
    data: dict[str, Any]


class Stream:
    """`async with Stream(run_id, key) as stream:` opens `…/<run_id>/events/stream`.

    query: without its question mark. held: the client reads nothing until `release`.
    """

    def __init__(
        self,
        run_id: str,
        key: str = "",
        *,
        query: str = "",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        held: bool = False,
    ) -> None:
        named = {"host": "testserver", **({"api-key": key} if key else {}), **(headers or {})}
        path = f"{PATH}/{run_id}/events/stream"
        self.scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.ended = False
        self._held = held
        self._reads = asyncio.Event()
        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._changed = asyncio.Condition()

    async def __aenter__(self) -> Stream:
        if not self._held:
            self._reads.set()
        self._inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        self._task = asyncio.ensure_future(application(self.scope, self._inbox.get, self._send))
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.hang_up()

    async def _send(self, message: dict[str, Any]) -> None:
        await self._reads.wait()
        if message["type"] == "http.response.start":
            assert not self.status, "headers came twice"
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            assert self.status, "a body came before the headers"
            assert not self.ended, "something came after the end"
            self.body += message.get("body", b"")
            self.ended = not message.get("more_body", False)
        async with self._changed:
            self._changed.notify_all()

    def release(self) -> None:
        """A held client begins to read."""
        self._reads.set()

    async def hang_up(self) -> None:
        """Close the client's end and wait until the application is done with it."""
        self._reads.set()
        self._inbox.put_nowait({"type": "http.disconnect"})
        async with asyncio.timeout(WAIT_S):
            await self._task

    async def until(self, look: Callable[[Stream], T], what: str, within_s: float = WAIT_S) -> T:
        """The first truthy answer of `look` at what came so far."""
        try:
            return await answer_of(lambda: look(self), self._changed, within_s)
        except TimeoutError:
            raise Late(f"{what} did not come; so far: {self.body!r}") from None

    async def frames_so_far(self, count: int) -> list[Frame]:
        """At least so many frames."""
        return await self.until(
            lambda stream: len(found := stream.frames()) >= count and found, f"frame {count}"
        )

    async def to_the_end(self) -> list[Frame]:
        """Every frame, once the server has closed the stream."""
        await self.until(lambda stream: stream.ended, "the end of the stream")
        return self.frames()

    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    def frames(self) -> list[Frame]:
        return read_frames(self.body.decode())


async def answer_of(look: Callable[[], T], changed: asyncio.Condition, within_s: float) -> T:
    """The first truthy answer of `look`, which is asked again at each change."""
    async with asyncio.timeout(within_s), changed:
        while not (answer := look()):
            await changed.wait()
        return answer


def read_frames(text: str) -> list[Frame]:
    """The whole frames of a stream so far; fails where its framing is not the contract's."""
    assert "\r" not in text
    *whole, _rest = text.split("\n\n")
    frames = []
    for part in whole:
        lines = [line for line in part.split("\n") if not line.startswith(":")]
        assert [line.partition(": ")[0] for line in lines] == ["id", "event", "data"], part
        number, name, data = (line.partition(": ")[2] for line in lines)
        frames.append(Frame(int(number), name, json.loads(data)))
    return frames


async def in_thread(function: Callable[..., T], *args: Any) -> T:
    """Something that uses the ORM, beside the event loop."""
    return await database.in_database(function, *args)


def close_pool_connections() -> None:
    """Let go of the test database, which is dropped at the end."""
    size = database._POOL._max_workers
    together = threading.Barrier(size)

    def close() -> None:
        together.wait(WAIT_S)
        connections.close_all()

    for done in [database._POOL.submit(close) for _ in range(size)]:
        done.result()
