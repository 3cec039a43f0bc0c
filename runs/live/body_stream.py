"""Server-sent events of one body, which is sent again each time it differs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final, NamedTuple

from core import asgi, database, durable, errors, jsonsafe
from core.openapi import Operation
from runs.live.event_stream import opening
from runs.live.feed import until_closed

Receive = Callable[[], Awaitable[dict[str, Any]]]

LONGEST_S: Final = 300.0
KEEP_ALIVE_S: Final = 15.0
LOOK_S: Final = 1.0
# Browsers ask again after so long, in milliseconds.
RETRY: Final = b"retry: 3000\n\n"


class Reading(NamedTuple):
    """A body as it is now. is_over: it won't change any more. run: whose moves change it, by key;
    None: of several runs, so it is looked at every second."""

    body: Any
    is_over: bool
    run: int | None = None


class BodyStream:
    """A plain ASGI app: no thread for each open stream. After `end` nothing more comes; a browser
    that reconnects before that gets the present state."""

    operations: ClassVar[dict[str, Operation]]
    event: ClassVar[str]

    def look(self, names: Mapping[str, str], headers: Mapping[str, str], query: str) -> Reading:
        """Read the body for a caller. Raises what refuses them, also once it is being sent.

        names: of the route. Called in a database thread.
        """
        raise NotImplementedError

    async def __call__(self, scope: asgi.Scope, receive: Receive, send: asgi.Send) -> None:
        headers = asgi.headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await asgi.send_preflight(send, headers)
        names = scope["url_route"]["kwargs"]
        query = scope.get("query_string", b"").decode("latin-1")

        async def look() -> Reading:
            reading = await database.in_database(self.look, names, headers, query)
            # It tells of steps and of ends, as events do.
            await database.in_database(durable.flush)
            return reading

        try:
            asgi.check_host(headers)
            if scope["method"] != "GET":
                raise errors.NotAllowed("A stream is only read: use GET.")
            reading = await look()
        except Exception as error:
            return await asgi.send_error(send, error, headers, allow="GET, OPTIONS")
        await send(opening(headers))
        stream = _Stream(send, self.event, look)
        await stream.write(RETRY)
        await stream.put(reading)
        departure = asyncio.ensure_future(asgi.disconnected(receive))
        following = asyncio.ensure_future(stream.follow(reading))
        try:
            await asyncio.wait({departure, following}, return_when=asyncio.FIRST_COMPLETED)
            if following.done() and not departure.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            for task in (departure, following):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
        return None


class _Stream:
    def __init__(self, send: asgi.Send, event: str, look: Callable[[], Awaitable[Reading]]) -> None:
        self._send, self._event, self._look = send, event.encode(), look
        self._last = b""
        self._is_over = False

    async def follow(self, reading: Reading) -> None:
        """Send what changes until it is over, or waits, or for LONGEST_S."""
        beat = asyncio.ensure_future(self._beat())
        try:
            if reading.run is not None:
                await until_closed(reading.run, LONGEST_S, self._put_next)
                await self._put_next()
                return
            for _ in range(int(LONGEST_S / LOOK_S)):
                if self._is_over:
                    return
                await asyncio.sleep(LOOK_S)
                await self._put_next()
        finally:
            beat.cancel()

    async def _put_next(self) -> None:
        await self.put(await self._look())

    async def put(self, reading: Reading) -> None:
        data = jsonsafe.dumps(reading.body)
        if data != self._last:
            self._last, self._is_over = data, reading.is_over
            await self.write(b"event: %s\ndata: %s\n\n" % (self._event, data))
            if reading.is_over:
                await self.write(b"event: end\ndata: {}\n\n")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            await self.write(b": keep-alive\n\n")

    async def write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
