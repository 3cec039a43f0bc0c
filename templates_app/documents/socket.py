"""`/ws/documents/<id>?after=N`: a document while others change it, and who they are.

HTTP is the truth; this only makes it fresh. Changes come in order and without gaps; an editor that
falls behind is told so, and asks over HTTP. A plain ASGI app, see `accounts.sockets`.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from accounts.auth import Principal
from accounts.recheck import while_allowed
from accounts.socket_auth import close_code
from accounts.sockets import Caller, let_in
from core import errors, jsonsafe
from core.asgi import cursor, until_gone
from core.database import in_database
from core.pace import Pace
from core.tail import Subscription, Tailed
from templates_app.documents import selectors
from templates_app.documents.presence import Seat, hub
from templates_app.documents.rendering import change_out
from templates_app.documents.tail import Item, Saved, tailer
from templates_app.models import Change, Document

# Ours keep to this; see frontend/src/document/socket.ts.
PRESENCE_PER_S = 20


class DocumentSocketApp:
    """One editor's line. It stays open for as long as its person may edit."""

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        public_id = scope["url_route"]["kwargs"]["public_id"]

        def admit(principal: Principal) -> Document:
            return selectors.joined(principal.user, public_id)

        async with let_in(scope, receive, send, admit) as caller:
            if caller is None:
                return
            asked = parse_qs(caller.query)
            line = _Line(
                send,
                caller,
                after=asked["after"][0] if "after" in asked else None,
                client_id=_client_id((asked.get("client") or [""])[0]),
            )
            await until_gone(line.serve(), receive, line.heard)


def _client_id(text: str) -> str:
    """The editor's own name for itself, so that it finds itself among the people."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


class _Line:
    """One open socket. last: the revision that its editor has."""

    def __init__(
        self, send: Any, caller: Caller[Document], *, after: str | None, client_id: str
    ) -> None:
        self._send = send
        self._caller = caller
        self._client_id = client_id
        self._seat: Seat | None = None
        self._is_asked = False
        self._pace = Pace(PRESENCE_PER_S, 3 * PRESENCE_PER_S)
        self._too_fast = asyncio.Event()
        self.document = caller.thing
        self.last = self.document.rev if after is None else min(cursor(after), self.document.rev)

    async def heard(self, message: Mapping[str, Any]) -> None:
        """`ping`, or what the editor says of itself; whatever else is let pass."""
        text, seat = message.get("text"), self._seat
        if seat is None or not isinstance(text, str):
            return
        if text == "ping":
            # Answered by `_tell`: one that asks and does not read must not hold up what it says.
            self._is_asked = True
            seat.due.set()
        elif self._pace.keeps():
            hub().hear(self.document.pk, seat, text)
        else:
            self._too_fast.set()

    async def serve(self) -> None:
        document = self.document
        watch, room = tailer(), hub()
        try:
            seat = self._seat = room.sit_down(
                document.pk, self._client_id, self._caller.principal.user
            )
        except errors.AppError as error:
            return await self._close(error)
        subscription = watch.subscribe(document.pk, (document.rev, document.base_id))
        parts = [
            asyncio.ensure_future(part)
            for part in (
                self._follow(subscription),
                self._tell(seat),
                self._watch(seat),
                self._mind_the_pace(),
            )
        ]
        turned_away: errors.AppError | None = None
        try:
            # None of them ends but by a problem.
            await while_allowed(
                self._first_of(parts),
                principal=self._caller.principal,
                thing=document.pk,
                access=selectors.editable_by,
                recheck=self._recheck,
            )
        except errors.AppError as error:
            turned_away = error
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            watch.unsubscribe(document.pk, subscription)
            self._seat = None
            room.stand_up(document.pk, seat)
        if turned_away is not None:
            await self._close(turned_away)
        return None

    @staticmethod
    async def _first_of(parts: list[asyncio.Task[None]]) -> None:
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()

    async def _follow(self, subscription: Subscription[Item]) -> None:
        """What came after the revision that the editor has, then what happens."""
        await self._replay()
        while True:
            if subscription.behind:
                subscription.catch_up()
                await self._fall_behind()
                continue
            try:
                async with asyncio.timeout(settings.STREAM_HEARTBEAT_S):
                    tailed = await subscription.queue.get()
            except TimeoutError:
                await self._say({"event": "ping", "rev": self.last})
                tailer().keep_reading()
                continue
            await self._pass_on(tailed)

    async def _pass_on(self, tailed: Tailed[Item]) -> None:
        item = tailed.item
        if isinstance(item, Change):
            if item.rev <= self.last:
                return None
            if item.rev > self.last + 1:
                return await self._replay()
            self.last = item.rev
        await self._put(tailed.frame("", _frame))
        return None

    async def _replay(self) -> None:
        """Send the changes after `last`, unless there are so many that HTTP is the better way."""
        rows = await in_database(selectors.recent_changes, self.document.pk, self.last)
        if rows is None:
            return await self._fall_behind()
        for row in rows:
            await self._put(_frame(row))
            self.last = row.rev
        return None

    async def _fall_behind(self) -> None:
        rev, version = await in_database(selectors.standing, self.document.pk)
        self.last = max(self.last, rev)
        await self._say({"event": "behind", "rev": rev, "version": version})

    async def _tell(self, seat: Seat) -> None:
        """Who is there, as often as this editor takes it, and that the line still holds."""
        while True:
            await seat.due.wait()
            waiting = seat.take()
            if self._is_asked:
                self._is_asked = False
                await self._say({"event": "pong", "rev": self.last})
            for message in waiting:
                await self._put(message)

    async def _mind_the_pace(self) -> None:
        await self._too_fast.wait()
        raise errors.QuotaExceeded(
            f"An editor says where it is at most {PRESENCE_PER_S} times a second."
        )

    async def _watch(self, seat: Seat) -> None:
        """Check at once, when a person was removed, whether this one may still listen."""
        while True:
            await seat.doubt.wait()
            seat.doubt.clear()
            await in_database(self._recheck)

    def _recheck(self) -> tuple[Principal, Document]:
        principal, document = self._caller.recheck()
        if document.pk != self.document.pk:
            # The address means another template of theirs now.
            raise errors.NotFound("You no longer have access to this template.")
        return principal, document

    async def _close(self, error: errors.AppError) -> None:
        await self._send({"type": "websocket.close", "code": close_code(error)})

    async def _say(self, message: Mapping[str, Any]) -> None:
        await self._put(jsonsafe.dumps(message))

    async def _put(self, frame: bytes) -> None:
        await self._send({"type": "websocket.send", "text": frame.decode()})


def _frame(item: Item) -> bytes:
    if isinstance(item, Saved):
        return jsonsafe.dumps({"event": "saved", "version": item.version})
    return jsonsafe.dumps({"event": "change", "change": change_out(item)})
