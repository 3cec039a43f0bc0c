"""`GET /v1/apps/<slug>/runs/<token>/events`: a guest's run as server-sent events.

Each `run` event holds all that the guest reads of it, when that has changed. After `end` nothing
more comes; a browser that reconnects before that gets the present state.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Final

from core import asgi, durable, errors, jsonsafe
from core.database import in_database
from core.openapi import Operation
from runs import states
from runs.live.event_stream import opening
from runs.live.feed import until_closed
from simple_apps import access, guest_view
from simple_apps.schemas import GuestRunOut

Receive = Callable[[], Awaitable[dict[str, Any]]]

LONGEST_S: Final = 300.0
KEEP_ALIVE_S: Final = 15.0
# Browsers ask again after so long, in milliseconds.
RETRY: Final = b"retry: 3000\n\n"


class GuestRunStream:
    """A plain ASGI app: no thread for each open stream."""

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamGuestRun",
            "Stream a guest's run",
            "Apps",
            answers={200: {"type": "string", "description": "Server-sent events."}},
            answer_type="text/event-stream",
            flat=True,
            public=True,
            description="`event: run` with a `GuestRunOut` as `data` each time it changes, then"
            " `event: end` when it is over.",
        )
    }

    async def __call__(self, scope: asgi.Scope, receive: Receive, send: asgi.Send) -> None:
        headers = asgi.headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await asgi.send_preflight(send, headers)
        names = scope["url_route"]["kwargs"]
        try:
            asgi.check_host(headers)
            if scope["method"] != "GET":
                raise errors.NotAllowed("A stream is only read: use GET.")
            run_id, body = await in_database(_run_of, names["slug"], names["token"])
        except Exception as error:
            return await asgi.send_error(send, error, headers, allow="GET, OPTIONS")
        stream = _Stream(send, names["slug"], names["token"])
        await stream.open(headers)
        await stream.put(body)
        departure = asyncio.ensure_future(asgi.disconnected(receive))
        following = asyncio.ensure_future(stream.follow(run_id))
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
    def __init__(self, send: asgi.Send, slug: str, token: str) -> None:
        self._send, self._slug, self._token = send, slug, token
        self._last = b""

    async def open(self, headers: Mapping[str, str]) -> None:
        await self._send(opening(headers))
        await self._write(RETRY)

    async def follow(self, run_id: int) -> None:
        """Send what changes until the run is over, or waits, or for LONGEST_S."""
        beat = asyncio.ensure_future(self._beat())
        try:
            await until_closed(run_id, LONGEST_S, self._look)
            await self._look()
        finally:
            beat.cancel()

    async def _look(self) -> None:
        _, body = await in_database(_run_of, self._slug, self._token)
        await self.put(body)

    async def put(self, body: GuestRunOut) -> None:
        data = jsonsafe.dumps(body)
        if data != self._last:
            self._last = data
            await self._write(b"event: run\ndata: %s\n\n" % data)
            if body["status"] in states.RUN_TERMINAL:
                await self._write(b"event: end\ndata: {}\n\n")

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(KEEP_ALIVE_S)
            await self._write(b": keep-alive\n\n")

    async def _write(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})


def _run_of(slug: str, token: str) -> tuple[int, GuestRunOut]:
    guest = access.open_run(slug, token)
    # It tells of steps and of the run's end, as events do.
    return guest.run_id, durable.flushed(guest_view.guest_run(guest, token))
