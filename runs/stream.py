"""Server-sent events of a run, as a plain ASGI app: no thread per open stream.

Replay after the cursor, then the live tail, then one `workflow_status` frame, then close: many
clients stop only when the server closes. Framing is the public contract's §5.4.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from accounts.auth import Principal, principal_from_headers
from core import errors, jsonsafe
from core.asgi import check_host, cors_headers, headers_of, origin_of, send_error, send_preflight
from core.database import in_database
from runs import records, selectors, states
from runs.api import cursor
from runs.models import Event, Run
from runs.tail import READ_AT_ONCE, Tailed, tailer

# One comment line without the blank line that ends a frame: it glues to the next frame, and the
# SDKs' readers skip it. A full comment frame would show up there as a bogus message.
KEEP_ALIVE = b": keep-alive\n"

_open_streams: Counter[int] = Counter()


class RunStreamApp:
    """`GET /v1/creative-agent/workflows/<id>/events/stream?after=N`."""

    async def __call__(
        self, scope: MutableMapping[str, Any], receive: Any, send: Any, *, run_id: str
    ) -> None:
        headers = headers_of(scope)
        if scope["method"] == "OPTIONS":
            return await send_preflight(send, headers)
        query = scope.get("query_string", b"").decode("latin-1")
        try:
            check_host(headers)
            base_url = origin_of(scope)
            principal, run = await in_database(_admit, headers, query, run_id)
            _take_place(principal)
        except Exception as error:
            return await send_error(send, error, headers)
        try:
            await send(_opening(headers))
            if scope["method"] == "HEAD":
                return await send({"type": "http.response.body", "body": b""})
            stream = _Stream(
                send=send,
                run=run,
                base_url=base_url,
                last=_cursor(headers, query),
                recheck=lambda: _admit(headers, "", run.public_id),
            )
            await _until_gone(stream.serve(), receive)
        finally:
            _leave_place(principal)
        return None


def _admit(headers: Mapping[str, str], query: str, run_id: str) -> tuple[Principal, Run]:
    """Who asks, and the run if it is theirs to see."""
    principal = principal_from_headers(headers, query_string=query)
    return principal, selectors.followed_run(principal.user, run_id)


def _take_place(principal: Principal) -> None:
    """Count a person's open streams. Raises QuotaExceeded before any header is sent."""
    if _open_streams[principal.user.pk] >= settings.STREAMS_PER_USER:
        raise errors.QuotaExceeded(
            f"You have {settings.STREAMS_PER_USER} streams open already. Close one first.",
            retry_after_s=5,
        )
    _open_streams[principal.user.pk] += 1


def _leave_place(principal: Principal) -> None:
    _open_streams[principal.user.pk] -= 1
    if not _open_streams[principal.user.pk]:
        del _open_streams[principal.user.pk]


def _cursor(headers: Mapping[str, str], query: str) -> int:
    """`after` wins over Last-Event-ID; what cannot be read replays everything."""
    after = parse_qs(query).get("after")
    return cursor(after[0] if after else headers.get("last-event-id"))


def _opening(headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "type": "http.response.start",
        "status": 200,
        "headers": [
            (b"content-type", b"text/event-stream; charset=utf-8"),
            (b"cache-control", b"no-cache, no-transform"),
            (b"x-accel-buffering", b"no"),
            (b"x-content-type-options", b"nosniff"),
            *cors_headers(headers),
        ],
    }


async def _until_gone(serving: Any, receive: Any) -> None:
    """Serve until done or until the client hangs up, whichever comes first."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = {asyncio.ensure_future(serving), asyncio.ensure_future(gone())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class _Stream:
    """One open stream: where it stands and how it goes on."""

    send: Any
    run: Run
    base_url: str
    last: int
    recheck: Any
    checked_at: float = field(default_factory=time.monotonic)

    async def serve(self) -> None:
        """Everything after the cursor, then what happens, until the run's stream closes."""
        # A cursor beyond the end, such as another run's, would hide everything to come.
        self.last = min(self.last, self.run.last_seq)
        watch = tailer()
        subscription = watch.subscribe(self.run.id, self.run.last_seq)
        try:
            at_end = self.last == self.run.last_seq
            if at_end and self.run.status in states.RUN_TERMINAL:
                return await self._close(self.run.status)
            # Something at once, so that clients and proxies see the stream open.
            if at_end:
                await self._put(KEEP_ALIVE)
            closing = await self._replay()
            while closing is None:
                if subscription.behind:
                    subscription.behind = False
                    while not subscription.queue.empty():
                        subscription.queue.get_nowait()
                    closing = await self._replay()
                    continue
                closing = await self._next(subscription.queue)
            await self._close(closing)
        except errors.AppError:
            # The credential was revoked or the run is no longer theirs: the stream just ends.
            await self.send({"type": "http.response.body", "body": b""})
        finally:
            watch.unsubscribe(self.run.id, subscription)
        return None

    async def _replay(self) -> str | None:
        """Send what the log holds after the cursor. Returns the closing status, if it ends so."""
        while True:
            # One more than is sent now: a closing entry is the last word only if nothing follows.
            found = await in_database(
                selectors.events_after, self.run.id, self.last, READ_AT_ONCE + 1
            )
            rows, more = found[:READ_AT_ONCE], len(found) > READ_AT_ONCE
            if not rows:
                return None
            newest = rows[-1].seq
            frames = [self._frame(row, superseded=more or row.seq < newest) for row in rows]
            await self._put(b"".join(frames))
            self.last = newest
            if not more:
                status = rows[-1].run_status
                return status if status in states.STREAM_CLOSING else None

    async def _next(self, queue: asyncio.Queue[Tailed]) -> str | None:
        """Send the next live event or a sign of life. Returns the closing status, if it was one."""
        try:
            async with asyncio.timeout(settings.STREAM_HEARTBEAT_S):
                tailed = await queue.get()
        except TimeoutError:
            await self._put(KEEP_ALIVE)
            tailer().keep_reading()
            await self._check_credential()
            return None
        await self._check_credential()
        event = tailed.event
        if event.seq <= self.last:
            return None
        if event.seq > self.last + 1:
            return await self._replay()
        await self._put(tailed.frame(self.base_url, self._frame))
        self.last = event.seq
        return event.run_status if event.run_status in states.STREAM_CLOSING else None

    async def _check_credential(self) -> None:
        """Now and then: a revoked key ends its streams. Raises what `_admit` raises."""
        if time.monotonic() - self.checked_at >= settings.STREAM_RECHECK_S:
            self.checked_at = time.monotonic()
            await in_database(self.recheck)

    def _frame(self, event: Event, superseded: bool = False) -> bytes:
        superseded = superseded and event.run_status in states.STREAM_CLOSING
        url_of = records.signer(self.base_url)
        body = records.render_event(event, self.run, url_of, superseded=superseded)
        return frame(event.seq, "workflow_event", body)

    async def _close(self, status: str) -> None:
        """The last frame says how it ended; its id keeps a reconnecting client's place."""
        body = {"workflowId": self.run.public_id, "status": status}
        last = frame(self.last, "workflow_status", body)
        await self.send({"type": "http.response.body", "body": last})

    async def _put(self, data: bytes) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": True})


def frame(seq: int, name: str, body: Mapping[str, Any]) -> bytes:
    """One SSE frame: id, event name and a JSON object in one data line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), jsonsafe.dumps(body))
