"""Reading one run's log: replay after a cursor, then what happens, until it ends or waits.

What an event stream and a socket have in common; each adds how it frames and sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from accounts import scopes
from accounts.access_revalidation import Access
from accounts.auth import Principal
from accounts.consumers import LiveConsumer
from core import durable
from core.change_feed import LogFollower
from core.database import in_database
from core.openapi import Scope
from runs import access, selectors, states
from runs.live.feed import READ_AT_ONCE, EventEntry, follower
from runs.log.hints import group_of
from runs.models import Event, Run
from runs.web import serializers
from runs.web.artifacts import signer


class RunReader(LiveConsumer[Run]):
    """One reader of a run. last: the sequence number they have."""

    needed_scope: ClassVar[Scope] = scopes.READ
    # Readers of one kind share an event's frame.
    kind: ClassVar[str]

    last: int
    base_url: str
    _follower: LogFollower[int, Event]
    _topic: int
    _has_replayed = False

    def encode(self, seq: int, name: str, body: Mapping[str, Any]) -> Any:
        """A frame: an event (`workflow_event`), or the closing one (`workflow_status`)."""
        raise NotImplementedError

    async def put(self, frames: list[Any]) -> None:
        """Send them in order."""
        raise NotImplementedError

    async def finish(self, frame: Any) -> None:
        """The run ended or waits: send the last frame and close."""
        raise NotImplementedError

    def admit(self, principal: Principal) -> Run:
        run_id = self.scope["url_route"]["kwargs"]["run_id"]
        return access.followed_run(principal.user, run_id)

    def access(self) -> Access:
        return access.followable

    def groups_of(self, thing: Run) -> tuple[str, ...]:
        return (group_of(thing.pk),)

    async def run_moved(self, message: Mapping[str, Any]) -> None:
        """A hint: the run's log stands at `seq`."""
        await self.advance(message["seq"])

    @property
    def position(self) -> int:
        """As `core.change_feed.Reader`."""
        return self.last

    async def follow(self, last: int) -> None:
        """Send everything after a cursor, then each event as it happens."""
        run = self.thing
        # A cursor beyond the end, such as another run's, would hide everything to come.
        self.last = min(last, run.last_seq)
        if self.last == run.last_seq:
            if run.status in states.RUN_TERMINAL:
                return await self._close(run.status)
            # Something at once, so that clients and proxies see the stream open.
            await self.keepalive()
        self._follower, self._topic = follower(), run.pk
        self._follower.watch(run.pk, run.last_seq, self)
        await self.advance()
        return None

    async def leave(self) -> None:
        if hasattr(self, "_follower"):
            self._follower.unwatch(self._topic, self)
        await super().leave()

    async def send_new(self, until: int | None) -> None:
        """Send what came after the cursor, and close where the run ended or waits."""
        if not self._has_replayed:
            self._has_replayed = True
            closing = await self._replay()
            if closing is not None:
                return await self._close(closing)
        while not self._is_over:
            before = self.last
            entries = await self._follower.after(self._topic, self.last, until)
            if entries is not None and not entries:
                return None
            if entries and entries[0].cursor == self.last + 1:
                closing = await self._send(entries)
            else:
                closing = await self._replay()
            if closing is not None:
                return await self._close(closing)
            if self.last == before or (entries and self.last >= (until or 0)):
                break
        return None

    async def _send(self, entries: list[EventEntry]) -> str | None:
        """Send them up to a gap. Returns the closing status, if they end so."""
        # Events that were committed together leave together: a send costs more than it holds.
        frames: list[Any] = []
        closing = None
        for entry in entries:
            if entry.cursor != self.last + 1:
                break
            frames.append(entry.frame(f"{self.kind} {self.base_url}", self._event))
            self.last = entry.cursor
            if entry.item.run_status in states.STREAM_CLOSING:
                closing = entry.item.run_status
                break
        await self.put(frames)
        return closing

    async def _replay(self) -> str | None:
        """Send what the log holds after the cursor. Returns the closing status, if it ends so."""
        while True:
            # One more than is sent now: a closing entry is the last word only if nothing follows.
            batch = await in_database(self._read_log, READ_AT_ONCE + 1)
            rows, more = batch[:READ_AT_ONCE], len(batch) > READ_AT_ONCE
            if not rows:
                return None
            newest = rows[-1].seq
            await self.put(
                [self._event(row, is_superseded=more or row.seq < newest) for row in rows]
            )
            self.last = newest
            if not more:
                status = rows[-1].run_status
                return status if status in states.STREAM_CLOSING else None

    def _read_log(self, limit: int) -> list[Event]:
        return durable.flushed(selectors.events_after(self.thing.pk, self.last, limit))

    def _event(self, event: Event, is_superseded: bool = False) -> Any:
        is_superseded = is_superseded and event.run_status in states.STREAM_CLOSING
        url_of = signer(self.base_url)
        body = serializers.render_event(event, self.thing, url_of, is_superseded=is_superseded)
        return self.encode(event.seq, "workflow_event", body)

    async def _close(self, status: str) -> None:
        """The last frame says how it ended; its id keeps a reconnecting client's place."""
        # To close costs more than to send, and many do at once. What was sent leaves the process
        # in the event loop's next turn: let that come first.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        body = {"workflowId": self.thing.public_id, "status": status}
        await self.finish(self.encode(self.last, "workflow_status", body))
        self.end()
