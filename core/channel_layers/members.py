"""The channels of one event loop, and the groups that they are in."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import weakref
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from core.channel_layers.mailbox import ChannelName, Mailbox

# An unbroken delivery to a large group would wake every member before the first one sends. And one
# member goes before all others: what it reads from the database, it reads for them, and a thread
# that reads makes slow progress while the event loop is busy.
CHUNK, PAUSE_S = 100, 0.001


class Members:
    """Channels and groups of one event loop. Used on that loop only.

    on_empty: called when the last channel has ended. name: of this loop among all processes, a part
    of its channels' names.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_empty: Callable[[Members], None]):
        self.loop = loop
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        # Messages that found a full mailbox.
        self.dropped = 0
        self.mailboxes: dict[str, Mailbox] = {}
        self.groups: dict[str, set[Mailbox]] = {}
        self._names: dict[str, weakref.ref[ChannelName]] = {}
        self._on_empty = on_empty

    def new(self, prefix: str, capacity: Callable[[str], int]) -> ChannelName:
        """A new channel, which lasts as long as its name is held."""
        name = ChannelName(f"{prefix}.{self.name}!{secrets.token_hex(8)}")
        key = str(name)
        self._names[key] = weakref.ref(name, lambda _: self._end_soon(key))
        self.mailboxes[key] = Mailbox(capacity(key))
        return name

    def shared_mailbox(self, channel: str, capacity: int) -> Mailbox:
        """The mailbox of a channel that any reader of this loop may share."""
        return self.mailboxes.setdefault(str(channel), Mailbox(capacity))

    def join(self, group: str, mailbox: Mailbox) -> None:
        mailbox.groups.add(group)
        self.groups.setdefault(group, set()).add(mailbox)

    def leave(self, group: str, mailbox: Mailbox) -> None:
        mailbox.groups.discard(group)
        members = self.groups.get(group, set())
        members.discard(mailbox)
        if not members:
            self.groups.pop(group, None)

    def deliver(self, group: str, message: dict[str, Any], expires: float) -> None:
        """Put a message into each member's mailbox; some of a large group a little later."""
        members = iter(tuple(self.groups.get(group, ())))
        self._deliver_some(members, message, expires, 1)

    def put(self, mailbox: Mailbox, message: dict[str, Any], expires: float) -> bool:
        is_delivered = mailbox.put(expires, message)
        self.dropped += not is_delivered
        return is_delivered

    def clear(self) -> None:
        """Drop all messages and memberships. Channels stay, so that their readers go on."""
        for mailbox in self.mailboxes.values():
            mailbox.clear()
            mailbox.groups.clear()
        self.groups.clear()

    def _deliver_some(
        self,
        members: Iterator[Mailbox],
        message: dict[str, Any],
        expires: float,
        count: int = CHUNK,
    ) -> None:
        sent = 0
        for mailbox in islice(members, count):
            self.put(mailbox, message, expires)
            sent += 1
        if sent == count:
            self.loop.call_later(PAUSE_S, self._deliver_some, members, message, expires)

    def _end_soon(self, channel: str) -> None:
        # The garbage collector calls this in any thread, in the middle of anything.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._end, channel)

    def _end(self, channel: str) -> None:
        self._names.pop(channel, None)
        if mailbox := self.mailboxes.pop(channel, None):
            for group in tuple(mailbox.groups):
                self.leave(group, mailbox)
        if not self.mailboxes:
            self._on_empty(self)
