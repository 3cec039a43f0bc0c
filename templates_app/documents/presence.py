"""Who has a document open, what they have selected and where they point. Never stored.

Each web process tells the others of its machine by datagrams; a lost one is made good within
seconds. Web processes on several machines do not see each other's people.
"""

from __future__ import annotations

import asyncio
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from accounts.models import User
from core import errors, jsonsafe, wakeup
from templates_app.documents.ops import MAX_KEY
from templates_app.documents.rendering import face
from templates_app.documents.services import PEOPLE

# At most so often people hear of each other.
PAUSE_S: Final = 0.05
# Other processes say again who is there, and are forgotten when they do not.
REPEAT_S: Final = 5.0
FORGET_S: Final = 15.0
ROOM_SEATS: Final = 100
MAX_BYTES: Final = 4 * 1024
MAX_SELECTED: Final = 200
# Notes for one person that wait for a slow reader.
MAX_NOTES: Final = 20


def read_presence(text: str) -> dict[str, Any] | None:
    """`{"presence": {"selection": […], "cursor": {"x", "y"} | null}}` as sent by an editor.

    None for anything else: whatever it says reaches other people's screens.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        return None
    try:
        said = orjson.loads(text)
    except (ValueError, UnicodeError):
        return None
    body = said.get("presence") if isinstance(said, dict) else None
    if not isinstance(body, dict) or not body.keys() <= {"selection", "cursor"}:
        return None
    selection, cursor = body.get("selection", []), body.get("cursor")
    if not isinstance(selection, list) or len(selection) > MAX_SELECTED:
        return None
    if not all(isinstance(key, str) and 0 < len(key) <= MAX_KEY for key in selection):
        return None
    if cursor is not None:
        if not isinstance(cursor, dict) or cursor.keys() != {"x", "y"}:
            return None
        if not all(_is_number(value) for value in cursor.values()):
            return None
    return {"selection": selection, "cursor": cursor}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(eq=False, slots=True)
class Seat:
    """One open editor in a room, and what waits to be said to it.

    due: something does. doubt: its right to be here is to be looked at again, now.
    """

    number: int
    client_id: str
    person: User
    shown: dict[str, Any]
    said: str | None = None
    people: bytes | None = None
    notes: list[bytes] = field(default_factory=list)
    due: asyncio.Event = field(default_factory=asyncio.Event)
    doubt: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> list[bytes]:
        """What waits, which then does not wait any more."""
        self.due.clear()
        waiting = [*self.notes, *([self.people] if self.people is not None else [])]
        self.notes, self.people = [], None
        return waiting


@dataclass(eq=False, slots=True)
class Room:
    """One document's people. others: those of other processes, and when they were last seen."""

    seats: dict[int, Seat] = field(default_factory=dict)
    others: dict[tuple[str, int], tuple[dict[str, Any], float]] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    timer: asyncio.TimerHandle | None = None
    told_at: float = -math.inf


class Hub:
    """The rooms of one event loop. Listens to other processes while there is a room."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._name = f"{os.getpid()}-{id(self):x}"
        self._numbers = 0
        self._listener: wakeup.Subscriber | None = None
        self._repeat: asyncio.TimerHandle | None = None

    def sit_down(self, document_id: int, client_id: str, person: User) -> Seat:
        """Join a document's people. Raises QuotaExceeded when it is open too often."""
        room = self._rooms.get(document_id)
        if room is not None and len(room.seats) >= ROOM_SEATS:
            raise errors.QuotaExceeded(
                "This template is open in too many windows. Close some first.", retry_after_s=5
            )
        self._listen()
        if room is None:
            room = self._rooms[document_id] = Room()
            self._ring({"document": document_id, "who": True})
        self._numbers += 1
        shown = {"clientId": client_id, **face(person), "selection": [], "cursor": None}
        seat = Seat(self._numbers, client_id, person, shown)
        room.seats[seat.number] = seat
        room.changed.add(seat.number)
        self._tell_soon(document_id, room)
        return seat

    def stand_up(self, document_id: int, seat: Seat) -> None:
        room = self._rooms[document_id]
        del room.seats[seat.number]
        room.changed.discard(seat.number)
        self._ring({"document": document_id, "seat": seat.number, "shown": None})
        if room.seats:
            self._tell_soon(document_id, room)
            return
        if room.timer is not None:
            room.timer.cancel()
        del self._rooms[document_id]
        if not self._rooms:
            self._close()

    def hear(self, document_id: int, seat: Seat, text: str) -> None:
        """What an editor says of itself. Only the latest is looked at, and only when it is told."""
        room = self._rooms[document_id]
        seat.said = text
        room.changed.add(seat.number)
        self._tell_soon(document_id, room)

    def _tell_soon(self, document_id: int, room: Room) -> None:
        if room.timer is None:
            loop = asyncio.get_running_loop()
            at = max(loop.time(), room.told_at + PAUSE_S)
            room.timer = loop.call_at(at, self._tell, document_id, room)

    def _tell(self, document_id: int, room: Room) -> None:
        """Say to everyone here who is here; to other processes, who of ours changed."""
        room.timer, room.told_at = None, asyncio.get_running_loop().time()
        for number in room.changed:
            seat = room.seats[number]
            said = read_presence(seat.said) if seat.said is not None else None
            seat.said = None
            if said is not None:
                seat.shown = {**seat.shown, **said}
            self._ring({"document": document_id, "seat": number, "shown": seat.shown})
        room.changed.clear()
        # By window: one that comes back may overlap with its own broken line.
        people = {shown["clientId"]: shown for shown, _ in room.others.values()}
        people |= {seat.client_id: seat.shown for seat in room.seats.values()}
        message = jsonsafe.dumps({"event": "people", "people": list(people.values())})
        for seat in room.seats.values():
            seat.people = message
            seat.due.set()

    def _listen(self) -> None:
        if self._listener is not None:
            return
        loop = asyncio.get_running_loop()
        self._listener = wakeup.Subscriber(PEOPLE, self._name)
        loop.add_reader(self._listener.socket.fileno(), self._hear_others, self._listener)
        self._repeat = loop.call_later(REPEAT_S, self._say_again)

    def _close(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener.socket.fileno())
            self._listener.close()
        self._listener = self._repeat = None

    def _ring(self, message: Mapping[str, Any]) -> None:
        wakeup.notify(PEOPLE, orjson.dumps({"from": self._name, **message}), retries=0)

    def _hear_others(self, listener: wakeup.Subscriber) -> None:
        for datagram in listener.drain():
            try:
                message = orjson.loads(datagram)
            except ValueError:
                continue
            room = self._rooms.get(message["document"])
            if room is not None and message.get("from") != self._name:
                self._take_in(message["document"], room, message)

    def _take_in(self, document_id: int, room: Room, message: Mapping[str, Any]) -> None:
        if "doubt" in message:
            for seat in room.seats.values():
                seat.doubt.set()
        elif "note" in message:
            note = orjson.dumps(message["note"])
            for seat in room.seats.values():
                if seat.person.pk == message["to"] and len(seat.notes) < MAX_NOTES:
                    seat.notes.append(note)
                    seat.due.set()
        elif "who" in message:
            for seat in room.seats.values():
                self._ring({"document": document_id, "seat": seat.number, "shown": seat.shown})
        else:
            key = (message["from"], message["seat"])
            before = room.others.pop(key, None)
            if message["shown"] is not None:
                room.others[key] = (message["shown"], asyncio.get_running_loop().time())
            if message["shown"] != (before[0] if before else None):
                self._tell_soon(document_id, room)

    def _say_again(self) -> None:
        loop = asyncio.get_running_loop()
        self._repeat = loop.call_later(REPEAT_S, self._say_again)
        for document_id, room in self._rooms.items():
            for seat in room.seats.values():
                self._ring({"document": document_id, "seat": seat.number, "shown": seat.shown})
            gone = [key for key, (_, at) in room.others.items() if at < loop.time() - FORGET_S]
            for key in gone:
                del room.others[key]
            if gone:
                self._tell_soon(document_id, room)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """This event loop's rooms; a process has one loop, so one."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]
