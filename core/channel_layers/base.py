"""A channel layer for hints: lossy, bounded, O(members) in each process.

A group's members are mailboxes in this process. How other processes are reached is the subclass's.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import orjson
from channels.exceptions import ChannelFull
from channels.layers import BaseChannelLayer

from core.channel_layers.mailbox import Mailbox
from core.channel_layers.members import Members

Message = dict[str, Any]


class HintLayer(BaseChannelLayer):
    """Channels and groups as Channels' specification has them, for many event loops.

    A channel belongs to the event loop that made it, and ends when its name is no longer held:
    consumers need not leave their groups. What other processes send is received only while there
    are channels. Messages are JSON.

    capacity: messages that a channel holds unread; newer ones are dropped. expiry: seconds after
    which a message is not received any more.
    """

    extensions = ["groups", "flush"]
    # The largest message between processes, in bytes.
    largest = 16 * 1024

    def __init__(
        self,
        expiry: float = 60,
        capacity: int = 8,
        channel_capacity: dict[Any, int] | None = None,
    ) -> None:
        super().__init__(expiry=expiry, capacity=capacity)
        self.channel_capacity = self.compile_capacities(channel_capacity or {})
        self._members: dict[asyncio.AbstractEventLoop, Members] = {}

    # For subclasses

    def _subscribe(self, members: Members) -> None:
        """Begin to receive what other processes send, on the running loop. Never raises."""
        raise NotImplementedError

    async def _await_subscription(self, members: Members) -> None:
        """Wait until it is received, for a while."""

    def _unsubscribe(self, members: Members) -> None:
        """End it. Also called when the loop is closed already."""
        raise NotImplementedError

    async def _send_out(self, data: bytes, only: str = "") -> None:
        """Send to all other subscribers, or to the one of this name. Never raises."""
        raise NotImplementedError

    def _send_out_from_thread(self, data: bytes) -> None:
        """Send to all subscribers, from code without an event loop."""
        raise NotImplementedError

    def _deliver(self, members: Members, data: bytes | str) -> None:
        """Deliver what another process sent. On the loop of these members."""
        try:
            envelope = orjson.loads(data)
        except orjson.JSONDecodeError:
            return
        expires = self._expires()
        match envelope:
            case {"from": members.name}:
                return
            case {"group": str(group), "message": dict(message)}:
                members.deliver(group, message, expires)
            case {"channel": str(channel), "message": dict(message)}:
                if mailbox := members.mailboxes.get(channel):
                    members.put(mailbox, message, expires)

    # Channels

    async def new_channel(self, prefix: str = "specific") -> str:
        members = await self._here()
        return members.new(prefix, self.get_capacity)

    async def send(self, channel: str, message: Message) -> None:
        """Raises ChannelFull where that can be known: for a channel of this event loop."""
        self.require_valid_channel_name(channel)
        self._require_message(message)
        owner = _owner(channel)
        here = self._members.get(asyncio.get_running_loop())
        if owner and (here is None or owner != here.name):
            await self._send_out(self._encode(channel=channel, message=message), only=owner)
            return
        # What is sent to a channel that has ended is lost, as the specification has it.
        if place := await self._find(channel):
            members, mailbox = place
            if not members.put(mailbox, message, self._expires()):
                raise ChannelFull(channel)

    async def receive(self, channel: str) -> Message:
        """Raises ValueError for a channel of another event loop, or none."""
        _, mailbox = await self._place_of(channel)
        return await mailbox.get()

    # Groups

    async def group_add(self, group: str, channel: str) -> None:
        """Raises ValueError for a channel of another process: it joins its groups itself."""
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        members, mailbox = await self._place_of(channel)
        members.join(group, mailbox)

    async def group_discard(self, group: str, channel: str) -> None:
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        members = self._members.get(asyncio.get_running_loop())
        if members and (mailbox := members.mailboxes.get(channel)):
            members.leave(group, mailbox)

    async def group_send(self, group: str, message: Message) -> None:
        """Raises ValueError when the message is too large to be sent to other processes."""
        self.require_valid_group_name(group)
        self._require_message(message)
        members = self._members.get(asyncio.get_running_loop())
        sender = {"from": members.name} if members else {}
        data = self._encode(group=group, message=message, **sender)
        if members:
            members.deliver(group, message, self._expires())
        await self._send_out(data)

    def publish(self, group: str, message: Message) -> None:
        """`group_send` for code without an event loop: use `core.channel_layers.publish`."""
        self.require_valid_group_name(group)
        self._require_message(message)
        self._send_out_from_thread(self._encode(group=group, message=message))

    async def flush(self) -> None:
        for members in list(self._members.values()):
            members.clear()

    async def close(self) -> None:
        """End the subscription of the running loop, and all its channels."""
        if members := self._members.pop(asyncio.get_running_loop(), None):
            members.clear()
            self._unsubscribe(members)

    # Inside

    async def _here(self) -> Members:
        """The members of the running loop, subscribed to other processes."""
        loop = asyncio.get_running_loop()
        if (members := self._members.get(loop)) is None:
            self._forget_closed_loops()
            members = self._members[loop] = Members(loop, self._on_empty)
            self._subscribe(members)
        await self._await_subscription(members)
        return members

    def _on_empty(self, members: Members) -> None:
        if self._members.get(members.loop) is members:
            del self._members[members.loop]
            self._unsubscribe(members)

    def _forget_closed_loops(self) -> None:
        # Tests run many loops, some in threads at the same time.
        for loop in list(self._members):
            if loop.is_closed() and (members := self._members.pop(loop, None)):
                self._unsubscribe(members)

    async def _find(self, channel: str) -> tuple[Members, Mailbox] | None:
        """A channel of this loop. None when it is another loop's, or has ended."""
        if not _owner(channel):
            members = await self._here()
            return members, members.shared_mailbox(channel, self.get_capacity(channel))
        here = self._members.get(asyncio.get_running_loop())
        mailbox = here.mailboxes.get(channel) if here else None
        return (here, mailbox) if here and mailbox else None

    async def _place_of(self, channel: str) -> tuple[Members, Mailbox]:
        place = await self._find(channel)
        if place is None:
            raise ValueError(f"{channel} is not a channel of this event loop.")
        return place

    def _expires(self) -> float:
        return time.monotonic() + self.expiry

    def _require_message(self, message: Message) -> None:
        if not isinstance(message, dict) or "__asgi_channel__" in message:
            raise TypeError("A message is a dict without __asgi_channel__.")

    def _encode(self, **envelope: Any) -> bytes:
        """Raises TypeError when it is not JSON, ValueError when it is too large."""
        data = orjson.dumps(envelope)
        if len(data) > self.largest:
            raise ValueError(
                f"A message of {len(data)} bytes: {self.largest} are possible. Write the content"
                " to a table, and send its id."
            )
        return data


def _owner(channel: str) -> str:
    """Return the `Members.name` that owns a channel; "" for one that is no single reader's."""
    return channel.partition("!")[0].rpartition(".")[2] if "!" in channel else ""
