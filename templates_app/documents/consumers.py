"""`/ws/documents/<id>?after=N`: a document while others change it, and who they are.

HTTP is the truth; this only makes it fresh. Changes come in order and without gaps; an editor that
falls behind is told so, and asks over HTTP.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Hashable, Mapping
from typing import Any
from urllib.parse import parse_qs

from accounts.access_revalidation import Access
from accounts.auth import Principal
from accounts.consumers import SocketConsumer
from core import errors, jsonsafe
from core.asgi import cursor
from core.database import in_database
from core.send_rate import Pace
from templates_app.documents import hints, selectors, services
from templates_app.documents.feed import Item, Standing, VersionSaved, follower
from templates_app.documents.presence import Connection, tracker
from templates_app.documents.rendering import change_out
from templates_app.models import Change, Document

# Ours keep to this; see frontend/src/document/socket.ts.
PRESENCE_PER_S = 20
# Runs to tell of that wait for a slow reader.
MAX_RUNS = 20


class DocumentConsumer(SocketConsumer[Document]):
    """One open editor. Its socket stays open for as long as its person may read it.

    Nothing is sent by what handles a message: an editor that does not read is still heard.
    position: what its editor has.
    """

    position: Standing
    _role: str
    _connection: Connection | None = None
    _has_replayed = False

    # What waits to be sent beside changes: of most only the latest.
    _people: str | None = None
    _runs: tuple[str, ...] = ()
    _is_pong_due = False
    _is_ping_due = False
    _is_comment_due = False
    _has_role_changed = False
    _is_telling = False

    def admit(self, principal: Principal) -> Document:
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        document = services.for_follower(viewer=principal.user, public_id=public_id)
        if self._open_connection is not None and document.pk != self.thing.pk:
            # The address means another template of theirs now.
            raise errors.NotFound("You no longer have access to this template.")
        self._role = selectors.role_of(principal.user, document.template) or ""
        return document

    def access(self) -> Access:
        return selectors.roles_held

    def watched(self, thing: Document) -> Hashable:
        return thing.pk, self._role

    def let_in_again(self) -> None:
        now = self.watched(self.thing)
        if self._open_connection is not None and self._open_connection.thing != now:
            self._open_connection.thing = now
            self._has_role_changed = True
            self._tell_soon()

    def groups_of(self, thing: Document) -> tuple[str, ...]:
        return (hints.group_of(thing.pk),)

    async def join(
        self, principal: Principal, thing: Document, proof: Callable[[], Principal]
    ) -> None:
        await super().join(principal, thing, proof)
        query = parse_qs(self.scope.get("query_string", b"").decode("latin-1"))
        after = cursor(query["after"][0]) if "after" in query else thing.rev
        self.position = (min(after, thing.rev), thing.base_id)
        self._pace = Pace(PRESENCE_PER_S, 3 * PRESENCE_PER_S)
        self._connection = tracker().join(
            thing.pk,
            _client_id((query.get("client") or [""])[0]),
            principal.user,
            show=self._show,
            end=self.end,
        )

    async def on_open(self) -> None:
        follower().watch(self.thing.pk, (self.thing.rev, self.thing.base_id), self)
        self.wake()

    async def leave(self) -> None:
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                follower().unwatch(self.thing.pk, self)
                await tracker().leave(connection)
        finally:
            await super().leave()

    # What the editor says

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """`ping`, or what the editor says of itself; whatever else is let pass."""
        if text_data is None or self._connection is None:
            return
        if text_data == "ping":
            self._is_pong_due = True
            self._tell_soon()
        elif self._pace.keeps():
            tracker().hear(self._connection, text_data)
        else:
            self.end(
                errors.QuotaExceeded(
                    f"An editor says where it is at most {PRESENCE_PER_S} times a second."
                )
            )

    # Hints

    async def document_moved(self, message: Mapping[str, Any]) -> None:
        """Its changes, or the version it rests on, moved."""
        self.soon(self.advance((message["rev"], message["base"])))

    async def document_access_changed(self, message: Mapping[str, Any]) -> None:
        """Someone may not read it any more, or has another role."""
        self.soon(self.ask_again())

    async def document_run_started(self, message: Mapping[str, Any]) -> None:
        """A run of this draft began: everyone who works on it may watch."""
        if len(self._runs) < MAX_RUNS:
            self._runs += (_text({"event": "run", "id": message["run"]}),)
            self._tell_soon()

    async def document_comments_changed(self, message: Mapping[str, Any]) -> None:
        """Someone commented, or changed what was said."""
        self._is_comment_due = True
        self._tell_soon()

    # Changes

    async def send_new(self, until: Standing | None) -> None:
        """Send what came after the revision that the editor has."""
        while not self._is_over:
            entries = await follower().after(self.thing.pk, self.position, until)
            if entries is None:
                await (self._fall_behind() if self._has_replayed else self._replay())
                continue
            self._has_replayed = True
            if not entries:
                return
            for entry in entries:
                if isinstance(entry.item, Change) and entry.item.rev != self.position[0] + 1:
                    await self._fall_behind()
                    break
                self.position = entry.cursor
                await self.put_text(entry.frame(self._view, self._encode))

    async def _replay(self) -> None:
        """Send the changes after `position`, unless HTTP is the better way for so many."""
        self._has_replayed = True
        recent = await in_database(selectors.recent_changes, self.thing.pk, self.position[0])
        if recent is None:
            return await self._fall_behind()
        document, changes = recent
        for change in changes:
            self.position = (change.rev, self.position[1])
            await self.put_text(self._encode(change))
        if document.base_id > self.position[1]:
            self.position = (document.rev, document.base_id)
            await self.put_text(self._encode(VersionSaved(document.base.semver)))
        return None

    @property
    def _view(self) -> str:
        """The kind of frames that this person reads: those who may not edit see no plan."""
        return "whole" if self._role in selectors.EDITING else "without plan"

    def _encode(self, item: Item) -> str:
        return _frame(item, can_edit=self._role in selectors.EDITING)

    async def _fall_behind(self) -> None:
        document = await in_database(selectors.standing, self.thing.pk)
        self.position = max(self.position, (document.rev, document.base_id))
        message = {"event": "behind", "rev": self.position[0], "version": document.base.semver}
        await self.put_text(_text(message))

    # People, and signs of life

    def _show(self, people: str) -> None:
        """Everyone who is here. A slow reader gets the latest only."""
        self._people = people
        self._tell_soon()

    async def keepalive(self) -> None:
        self._is_ping_due = True
        self._tell_soon()

    def _tell_soon(self) -> None:
        if not self._is_telling:
            self._is_telling = True
            self.soon(self._tell())

    async def _tell(self) -> None:
        try:
            while waiting := self._take_waiting():
                for message in waiting:
                    await self.put_text(message)
        finally:
            self._is_telling = False

    def _take_waiting(self) -> list[str]:
        rev = self.position[0]
        waiting = [_text({"event": "pong", "rev": rev})] if self._is_pong_due else []
        if self._is_ping_due:
            waiting.append(_text({"event": "ping", "rev": rev}))
        if self._is_comment_due:
            waiting.append(_text({"event": "comments"}))
        if self._has_role_changed:
            waiting.append(_text({"event": "role"}))
        waiting += self._runs
        if self._people is not None:
            waiting.append(self._people)
        self._is_pong_due = self._is_ping_due = False
        self._is_comment_due = self._has_role_changed = False
        self._runs, self._people = (), None
        return waiting


def _client_id(text: str) -> str:
    """The editor's own name for itself, so that it finds itself among the people."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return str(uuid.uuid4())


def _frame(item: Item, *, can_edit: bool) -> str:
    if isinstance(item, VersionSaved):
        return _text({"event": "saved", "version": item.version})
    return _text({"event": "change", "change": change_out(item, can_edit=can_edit)})


def _text(message: Mapping[str, Any]) -> str:
    return jsonsafe.dumps(message).decode()
