"""Following one run's log: replay after a cursor, then what happens, until it ends or waits.

What an event stream and a socket have in common; each adds how it frames and sends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.conf import settings

from accounts import scopes
from accounts.auth import Principal, principal_from_headers
from accounts.recheck import while_allowed
from core import durable, errors
from core.database import in_database
from runs import records, selectors, states
from runs.models import Event, Run
from runs.tail import READ_AT_ONCE, TailedEvent, tailer


def admit(headers: Mapping[str, str], query: str, run_id: str) -> tuple[Principal, Run]:
    """Who asks, and the run if it is theirs to see. Raises Unauthenticated, NotFound."""
    principal = principal_from_headers(headers, query_string=query, scope=scopes.READ)
    return principal, selectors.followed_run(principal.user, run_id)


class Follower:
    """Where one viewer of a run is and how they go on.

    last: the sequence number they have; recheck: lets them in again, or raises.
    """

    # Followers of one kind share an event's bytes.
    kind: ClassVar[str]

    __slots__ = ("base_url", "last", "principal", "recheck", "run")

    def __init__(
        self,
        *,
        run: Run,
        base_url: str,
        last: int,
        principal: Principal,
        recheck: Callable[[], tuple[Principal, Run]],
    ) -> None:
        self.run = run
        self.principal = principal
        self.base_url = base_url
        # A cursor beyond the end, such as another run's, would hide everything to come.
        self.last = min(last, run.last_seq)
        self.recheck = recheck

    def frame(self, seq: int, name: str, body: Mapping[str, Any]) -> bytes:
        """An event of the log (`workflow_event`) or the closing one (`workflow_status`)."""
        raise NotImplementedError

    async def put(self, frames: list[bytes]) -> None:
        raise NotImplementedError

    async def sign_of_life(self) -> None:
        """Sent when there was nothing else for a while."""
        raise NotImplementedError

    async def close(self, last: bytes) -> None:
        """The run ended or waits: send the last frame and hang up."""
        raise NotImplementedError

    async def turn_away(self, error: errors.AppError) -> None:
        """The credential was revoked or the run is no longer theirs: hang up."""
        raise NotImplementedError

    async def serve(self) -> None:
        """Everything after the cursor, then what happens, until the run ends or waits, or until
        they may no longer look."""
        try:
            await while_allowed(
                self._follow(),
                principal=self.principal,
                thing=self.run.pk,
                access=selectors.followable,
                recheck=self.recheck,
            )
        except errors.AppError as error:
            await self.turn_away(error)

    async def _follow(self) -> None:
        watch = tailer()
        subscription = watch.subscribe(self.run.id, self.run.last_seq)
        try:
            at_end = self.last == self.run.last_seq
            if at_end and self.run.status in states.RUN_TERMINAL:
                return await self._close(self.run.status)
            # Something at once, so that clients and proxies see the stream open.
            if at_end:
                await self.sign_of_life()
            closing = await self._replay()
            while closing is None:
                if subscription.behind:
                    subscription.catch_up()
                    closing = await self._replay()
                    continue
                closing = await self._next(subscription.queue)
            await self._close(closing)
        finally:
            watch.unsubscribe(self.run.id, subscription)
        return None

    async def _replay(self) -> str | None:
        """Send what the log holds after the cursor. Returns the closing status, if it ends so."""
        while True:
            # One more than is sent now: a closing entry is the last word only if nothing follows.
            found = await in_database(self._logged, READ_AT_ONCE + 1)
            rows, more = found[:READ_AT_ONCE], len(found) > READ_AT_ONCE
            if not rows:
                return None
            newest = rows[-1].seq
            await self.put([self._event(row, superseded=more or row.seq < newest) for row in rows])
            self.last = newest
            if not more:
                status = rows[-1].run_status
                return status if status in states.STREAM_CLOSING else None

    def _logged(self, limit: int) -> list[Event]:
        return durable.flushed(selectors.events_after(self.run.id, self.last, limit))

    async def _next(self, queue: asyncio.Queue[TailedEvent]) -> str | None:
        """Send what happens next, or a sign of life. Returns the closing status, if it ends so."""
        try:
            async with asyncio.timeout(settings.STREAM_HEARTBEAT_S):
                tailed = await queue.get()
        except TimeoutError:
            await self.sign_of_life()
            tailer().keep_reading()
            return None
        # Events that were committed together leave together: a send costs more than it holds.
        frames: list[bytes] = []
        closing: str | None = None
        while closing is None and tailed.item.seq <= self.last + 1:
            event = tailed.item
            if event.seq == self.last + 1:
                frames.append(tailed.frame(f"{self.kind} {self.base_url}", self._event))
                self.last = event.seq
                closing = event.run_status if event.run_status in states.STREAM_CLOSING else None
            if queue.empty():
                break
            tailed = queue.get_nowait()
        if frames:
            await self.put(frames)
        if closing is None and tailed.item.seq > self.last:
            return await self._replay()
        return closing

    def _event(self, event: Event, superseded: bool = False) -> bytes:
        superseded = superseded and event.run_status in states.STREAM_CLOSING
        url_of = records.signer(self.base_url)
        body = records.render_event(event, self.run, url_of, superseded=superseded)
        return self.frame(event.seq, "workflow_event", body)

    async def _close(self, status: str) -> None:
        """The last frame says how it ended; its id keeps a reconnecting client's place."""
        body = {"workflowId": self.run.public_id, "status": status}
        await self.close(self.frame(self.last, "workflow_status", body))
