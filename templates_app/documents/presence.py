"""People who have a document open, their selections and cursors. Never stored.

Each process that has it open is one member of the channel layer's group `presence.<pk>`. What is
lost on the way is made good within seconds.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import orjson
from channels.layers import get_channel_layer

from accounts.models import User
from core import errors, jsonsafe
from core.channel_layers import log_failure
from core.per_loop import per_loop
from templates_app.documents.presence_message import read_presence
from templates_app.documents.rendering import face

# At most so often people hear of each other.
PAUSE_S: Final = 0.05
# A process is forgotten within 10 s of its last message, and not when one repetition is lost.
REPEAT_S: Final = 4.0
FORGET_S: Final = 9.0
TICK_S: Final = 0.5
# Windows of one document, in all processes.
MAX_CONNECTIONS: Final = 100
# Of a message between processes. One person with the largest selection has less than 6 KB, so every
# layer carries everyone whole: the smallest limit is that of Postgres' NOTIFY, 8000 bytes. Someone
# without a selection has about 220 bytes.
MAX_MESSAGE_BYTES: Final = 4 * 1024


class EndConnection(Protocol):
    def __call__(self, problem: BaseException | None = None) -> None:
        """Close the socket. Must not block."""


@dataclass(eq=False, slots=True)
class Connection:
    """One open editor of this process.

    view: how it is shown to everyone. message: its latest one, not read yet. joined_at: seconds
    since 1970, by which the newest are turned away when there are too many. show: takes the text of
    all people; the newer replaces the older. Must not block.
    """

    number: int
    document_id: int
    client_id: str
    view: dict[str, Any]
    joined_at: float
    show: Callable[[str], None]
    end: EndConnection
    message: str | None = None


@dataclass(slots=True)
class _Elsewhere:
    """The connections of another process, by their numbers: when each joined, and how it is shown.

    heard_at: on the loop's clock.
    """

    heard_at: float
    connections: dict[int, tuple[float, dict[str, Any]]] = field(default_factory=dict)


class Channel:
    """One document's people, in one event loop: a member of the channel layer's group.

    Each process says which connections it has and how those are shown that changed, in one message
    each PAUSE_S at most. The numbers of all its connections are in every message, so a lost one
    leaves no one behind; how they are shown is repeated.
    """

    def __init__(self, document_id: int) -> None:
        self.document_id = document_id
        self.connections: dict[int, Connection] = {}
        self._name = secrets.token_hex(8)
        self._group = f"presence.{document_id}"
        self._elsewhere: dict[str, _Elsewhere] = {}
        # Those that said something since they were last shown here.
        self._changed: set[int] = set()
        # Those that other processes are to be told of, the longest waiting first.
        self._untold: dict[int, None] = {}
        self._is_untold = False
        self._asks = True
        self._shown_at = -math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._sending: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._repeat_at = self._loop.time() + REPEAT_S
        self._receiving = self._loop.create_task(self._receive())

    def check_limit(self, client_id: str) -> None:
        """Raises QuotaExceeded when one more window would be too many."""
        windows = {client for client, _ in self._windows()}
        # One that comes back may overlap with its own broken connection.
        if len(windows - {client_id}) >= MAX_CONNECTIONS:
            raise _too_many()

    def add(self, connection: Connection) -> None:
        self.connections[connection.number] = connection
        self.note_change(connection)

    def remove(self, connection: Connection) -> None:
        del self.connections[connection.number]
        self._changed.discard(connection.number)
        self._untold.pop(connection.number, None)
        self._is_untold = True
        self._show_soon()

    def note_change(self, connection: Connection) -> None:
        """It came, or said something, which is read once it is shown."""
        self._changed.add(connection.number)
        self._show_soon()

    async def close(self) -> None:
        """The last connection left: tell other processes at once, and stop listening."""
        if self._timer is not None:
            self._timer.cancel()
        self._receiving.cancel()
        self._tell()
        # What is being sent is not cut off: it might arrive after the last message.
        await asyncio.wait([task for task in (self._receiving, self._sending) if task])

    def tick(self) -> None:
        """Each TICK_S: repeat what is here, and forget processes that do not."""
        now = self._loop.time()
        if now >= self._repeat_at:
            self._repeat_at = now + REPEAT_S
            self._tell_all()
        silent = [
            name for name, process in self._elsewhere.items() if process.heard_at < now - FORGET_S
        ]
        for name in silent:
            del self._elsewhere[name]
        if silent:
            self._show_soon()

    # To the editors of this process

    def _show_soon(self) -> None:
        if self._timer is None and self.connections:
            at = max(self._loop.time(), self._shown_at + PAUSE_S)
            self._timer = self._loop.call_at(at, self._show)

    def _show(self) -> None:
        self._timer, self._shown_at = None, self._loop.time()
        for number in self._changed:
            connection = self.connections[number]
            presence = read_presence(connection.message) if connection.message is not None else None
            connection.message = None
            if presence is not None:
                connection.view = {**connection.view, **presence}
            self._untold[number] = None
        self._changed.clear()
        self._tell()
        people = {
            view["clientId"]: view
            for process in self._elsewhere.values()
            for _, view in process.connections.values()
        }
        people |= {one.client_id: one.view for one in self.connections.values()}
        text = jsonsafe.dumps({"event": "people", "people": list(people.values())}).decode()
        for connection in list(self.connections.values()):
            connection.show(text)

    def _windows(self) -> dict[tuple[str, float], Connection | None]:
        """Every window and when it joined, here and elsewhere."""
        windows: dict[tuple[str, float], Connection | None] = {
            (view["clientId"], joined_at): None
            for process in self._elsewhere.values()
            for joined_at, view in process.connections.values()
        }
        return windows | {(one.client_id, one.joined_at): one for one in self.connections.values()}

    def _turn_away_newest(self) -> None:
        """Processes that let someone in at the same moment find too many afterwards; all of them
        come to the same result."""
        windows = self._windows()
        client_ids: set[str] = set()
        for client_id, joined_at in sorted(windows, key=lambda window: (window[1], window[0])):
            if len(client_ids | {client_id}) <= MAX_CONNECTIONS:
                client_ids.add(client_id)
            elif (connection := windows[client_id, joined_at]) is not None:
                connection.end(_too_many())

    # To other processes

    def _tell_all(self) -> None:
        self._untold |= dict.fromkeys(self.connections)
        self._is_untold = True
        self._tell()

    def _tell(self) -> None:
        """Send what is untold, unless that is under way."""
        if (self._untold or self._is_untold) and (self._sending is None or self._sending.done()):
            self._sending = self._loop.create_task(self._send_untold())

    async def _send_untold(self) -> None:
        while self._untold or self._is_untold:
            await self._send(self._message())
            if self.connections:
                await asyncio.sleep(PAUSE_S)

    def _message(self) -> dict[str, Any]:
        """All connections' numbers, and how those are shown that are untold: as many as fit."""
        message: dict[str, Any] = {
            "type": "presence.people",
            "from": self._name,
            "here": list(self.connections),
            "asks": self._asks,
        }
        people: list[list[Any]] = []
        size = len(orjson.dumps(message))
        for number in list(self._untold):
            connection = self.connections[number]
            one = [number, connection.joined_at, connection.view]
            size += len(orjson.dumps(one)) + 1
            if people and size > MAX_MESSAGE_BYTES:
                break
            people.append(one)
            del self._untold[number]
        self._is_untold = self._asks = False
        return {**message, "people": people}

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await _layer().group_send(self._group, message)
        except Exception as problem:
            # It is repeated. The people of this process see each other meanwhile.
            log_failure(problem)

    async def _receive(self) -> None:
        """Join the group, and take in what the other processes say."""
        while True:
            try:
                channel = await _layer().new_channel("presence")
                await _layer().group_add(self._group, channel)
                self._asks = True
                self._tell_all()
                while True:
                    self._take_in(await _layer().receive(channel))
            except Exception as problem:
                log_failure(problem)
                await asyncio.sleep(REPEAT_S)

    def _take_in(self, message: Mapping[str, Any]) -> None:
        name, here = message["from"], set(message["here"])
        if name == self._name:
            return
        before = self._elsewhere.pop(name, _Elsewhere(0))
        connections = {
            number: entry for number, entry in before.connections.items() if number in here
        }
        connections |= {number: (at, view) for number, at, view in message["people"]}
        if here:
            self._elsewhere[name] = _Elsewhere(self._loop.time(), connections)
        if message["asks"]:
            self._tell_all()
        if connections != before.connections:
            self._turn_away_newest()
            self._show_soon()


class PresenceTracker:
    """The channels of one event loop."""

    def __init__(self) -> None:
        self.channels: dict[int, Channel] = {}
        self._numbers = itertools.count(1)
        self._ticking: asyncio.TimerHandle | None = None

    def join(
        self,
        document_id: int,
        client_id: str,
        person: User,
        *,
        show: Callable[[str], None],
        end: EndConnection,
    ) -> Connection:
        """Join a document's people. Raises QuotaExceeded when it is open in too many windows.

        end: is told the same later, when it turns out so.
        """
        channel = self.channels.get(document_id)
        if channel is None:
            channel = self.channels[document_id] = Channel(document_id)
            if self._ticking is None:
                self._tick()
        else:
            channel.check_limit(client_id)
        view = {"clientId": client_id, **face(person), "selection": [], "cursor": None}
        number = next(self._numbers)
        connection = Connection(number, document_id, client_id, view, time.time(), show, end)
        channel.add(connection)
        return connection

    async def leave(self, connection: Connection) -> None:
        """The others are told at once."""
        channel = self.channels[connection.document_id]
        channel.remove(connection)
        if channel.connections:
            return
        del self.channels[connection.document_id]
        if not self.channels and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None
        await channel.close()

    def hear(self, connection: Connection, text: str) -> None:
        """Note what an editor says of itself. Only the latest is read, and only when shown."""
        connection.message = text
        self.channels[connection.document_id].note_change(connection)

    def _tick(self) -> None:
        self._ticking = asyncio.get_running_loop().call_later(TICK_S, self._tick)
        for channel in self.channels.values():
            channel.tick()


# Of this process: it has one event loop.
tracker = per_loop(PresenceTracker)


def _too_many() -> errors.QuotaExceeded:
    return errors.QuotaExceeded(
        "This template is open in too many windows. Close some first.", retry_after_s=5
    )


def _layer() -> Any:
    return get_channel_layer()
