"""`/ws/notices`: a person's bell, for pages.

Each message shows the whole bell: how many are unread, and the latest. So a message that is missed
costs nothing, and a reader who is slow gets the latest only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from accounts.access_revalidation import Access
from accounts.auth import Principal
from accounts.consumers import SocketConsumer
from accounts.models import User
from core import durable, jsonsafe
from core.database import in_database
from notices import feed, hints, selectors


class NoticesConsumer(SocketConsumer[User]):
    """One bell. It stays open for as long as its person is signed in, suspended or not: notices
    tell them of it, and of what was decided about an appeal."""

    while_suspended = True

    position: feed.Position

    def admit(self, principal: Principal) -> User:
        return principal.user

    def access(self) -> Access:
        return everyone

    def groups_of(self, thing: User) -> tuple[str, ...]:
        return (hints.group_of(thing.pk),)

    async def on_open(self) -> None:
        await self._send_whole()
        feed.follower().watch(self.thing.pk, self.position, self)

    async def leave(self) -> None:
        if hasattr(self, "thing"):
            feed.follower().unwatch(self.thing.pk, self)
        await super().leave()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer `ping`; ignore anything else."""
        if text_data == "ping":
            await self.put_text('{"event":"pong"}')

    async def keepalive(self) -> None:
        await self.put_text('{"event":"ping"}')

    async def notices_moved(self, message: Mapping[str, Any]) -> None:
        """A hint: the person has another notice, or has read some."""
        self.soon(self.advance(feed.now()))

    async def send_new(self, until: feed.Position | None) -> None:
        entries = await feed.follower().after(self.thing.pk, self.position, until)
        if entries is None:
            await self._send_whole()
        elif entries:
            self.position = entries[-1].cursor
            await self.put_text(entries[-1].frame("", _frame))

    async def _send_whole(self) -> None:
        self.position, content = await in_database(_look, self.thing.pk)
        await self.put_text(_frame(content))


def everyone(pairs: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Their own notices are theirs as long as they are signed in."""
    return set(pairs)


def _look(person_id: int) -> tuple[feed.Position, dict[str, Any]]:
    # First the moment: what is told while this reads is found by the next look.
    before = feed.now()
    standing = selectors.standing(person_id)
    content = feed.shown_to(person_id, standing)
    return feed.Position(before.at, standing), durable.flushed(content)


def _frame(content: Mapping[str, Any]) -> str:
    return jsonsafe.dumps({"event": "notices", **content}).decode()
