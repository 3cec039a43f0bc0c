"""The common parts of a person's sockets and event streams, as Channels consumers.

A consumer here belongs to one object (a run, a document): it is admitted to it, joins the object's
groups, follows its log, and ends within 5 s of when its person may not listen any more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, ClassVar, Generic, TypeVar

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.db.models import Model

from accounts import connection_limits, scopes
from accounts.access_revalidation import Access, OpenConnection, recheck
from accounts.auth import Principal
from accounts.suspension import check_may_act
from core import errors
from core.close_codes import close_code
from core.database import in_database
from core.logs import working_on
from core.openapi import Scope

Thing = TypeVar("Thing", bound=Model)


class LiveConsumer(AsyncConsumer, Generic[Thing]):
    """Sends what is new in one object's log. Subclasses say how.

    needed_scope: what a key must be allowed. while_suspended: whether their own pages may listen
    while their person is suspended.
    """

    needed_scope: ClassVar[Scope] = scopes.ALL
    while_suspended: ClassVar[bool] = False

    principal: Principal
    thing: Thing
    _main: Any

    # What each reader holds, and nothing more: thousands of them stay in memory.
    channel_name = ""
    _open_connection: OpenConnection | None = None
    _timer: asyncio.TimerHandle | None = None
    _problem: BaseException | None = None
    _is_over = False
    _is_advancing = False
    _until: Any = None
    _is_asked = False

    def admit(self, principal: Principal) -> Thing:
        """Return what they may listen to. Blocks on the database. Raises AppError."""
        raise NotImplementedError

    def access(self) -> Access:
        """Return who may listen to what, of many at once."""
        raise NotImplementedError

    def watched(self, thing: Thing) -> Hashable:
        """Key of the access check; when it changes, access is checked again."""
        return thing.pk

    def let_in_again(self) -> None:
        """They may still listen, after it was in doubt."""

    def groups_of(self, thing: Thing) -> tuple[str, ...]:
        """The channel layer's groups where hints about it come."""
        raise NotImplementedError

    async def send_new(self, until: Any) -> None:
        """Send what came after the cursor. until: the log's newest position, by a hint."""
        raise NotImplementedError

    async def keepalive(self) -> None:
        """Sent when there was nothing else for STREAM_HEARTBEAT_S."""
        raise NotImplementedError

    async def reject(self, error: errors.AppError) -> None:
        """Close the connection: the credential or the access has ended."""
        raise NotImplementedError

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As Channels', but for what it does for each message: there, two tasks are waited for and
        a new one is created, which costs more than reading an event and sending it to one reader.
        Here messages of the client come in this task, the channel layer's in one of their own."""
        self.scope, self.base_send = scope, send
        self.channel_layer = get_channel_layer(self.channel_layer_alias)
        self._main = asyncio.current_task()
        self._tasks: set[asyncio.Task[None]] = set()
        try:
            # Log lines about a run name it.
            with working_on(run=scope["url_route"]["kwargs"].get("run_id", "")):
                while True:
                    await self.dispatch(await receive())
        except StopConsumer:
            pass
        except asyncio.CancelledError:
            if not self._is_over:
                raise
            self._main.uncancel()
            if isinstance(self._problem, errors.AppError):
                await self.reject(self._problem)
            elif self._problem is not None:
                raise self._problem from None
        finally:
            self._is_over = True
            await self.leave()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As Channels', without its look for old database connections before each message, which
        costs a change of threads; `core.database.in_database` does that where there is a query."""
        handler = getattr(self, get_handler_name(message), None)
        if handler is None:
            raise ValueError(f"No handler for message type {message['type']}")
        await handler(message)

    def admitted(self, proof: Callable[[], Principal]) -> tuple[Principal, Thing]:
        """Return who connects, and which groups they may join. Blocks on the database. Raises
        AppError."""
        principal = proof()
        if principal.api_key is not None:
            scopes.check(principal.api_key, self.needed_scope)
        if not self.while_suspended:
            check_may_act(principal.user)
        return principal, self.admit(principal)

    async def join(
        self, principal: Principal, thing: Thing, proof: Callable[[], Principal]
    ) -> None:
        """Count it, join the groups and watch over the credential. Raises QuotaExceeded.

        Hints wait until `listen`.

        proof: who they are, looked up again. Blocks on the database. Raises AppError.
        """
        await connection_limits.acquire(principal)
        self.principal, self.thing = principal, thing
        self._open_connection = OpenConnection(
            principal,
            self.watched(thing),
            self.access(),
            lambda: self.admitted(proof),
            self.end,
            self.let_in_again,
        )
        recheck().join(self._open_connection)
        self.spoke()
        self.channel_name = await self.channel_layer.new_channel()
        for group in self.groups_of(thing):
            await self.channel_layer.group_add(group, self.channel_name)
        self._wait_for_silence(settings.STREAM_HEARTBEAT_S)

    async def leave(self) -> None:
        """Give back all that `join` took. Idempotent."""
        for task in self._tasks:
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        if self._open_connection is None:
            return
        connection, self._open_connection = self._open_connection, None
        recheck().leave(connection)
        connection_limits.release(connection.principal)
        if self.channel_name:
            for group in self.groups_of(self.thing):
                await self.channel_layer.group_discard(group, self.channel_name)

    def end(self, problem: BaseException | None = None) -> None:
        """Stop serving. problem: why; an AppError is told to the client, others are raised."""
        if not self._is_over:
            self._is_over, self._problem = True, problem
            self._main.cancel()

    async def ask_again(self) -> None:
        """Check at once whether they may still listen."""
        if self._open_connection is not None:
            await recheck().ask(self._open_connection)

    def listen(self) -> None:
        """Handle the hints that came since `join`, and those to come."""
        self.soon(self._hear())

    async def _hear(self) -> None:
        receive, name = self.channel_layer.receive, self.channel_name
        while True:
            await self.dispatch(await receive(name))

    # What is new

    async def advance(self, until: Any = None) -> None:
        """Send what is new. A call during a send causes one more read after it."""
        self._is_asked = True
        if until is not None and (self._until is None or until > self._until):
            self._until = until
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self._is_asked and not self._is_over:
                self._is_asked = False
                await self.send_new(self._until)
        finally:
            self._is_advancing = False

    def wake(self) -> None:
        """As `core.change_feed.Reader`: no hint came."""
        if self._is_advancing:
            self._is_asked = True
        else:
            self.soon(self.advance())

    def soon(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something beside the messages that come. What it raises ends the connection."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_end)

    def _on_task_end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self.end(None if isinstance(problem, StopConsumer) else problem)

    # Signs of life

    def spoke(self) -> None:
        """Something was sent: no sign of life is due for a while."""
        self._spoke_at = asyncio.get_running_loop().time()

    def _wait_for_silence(self, delay_s: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_silence)

    def _on_silence(self) -> None:
        now = asyncio.get_running_loop().time()
        left_s = self._spoke_at + settings.STREAM_HEARTBEAT_S - now
        if left_s <= 0:
            # One who does not read what was sent needs no further sign.
            if not self._is_advancing:
                self.soon(self.keepalive())
            left_s = settings.STREAM_HEARTBEAT_S
        self._wait_for_silence(left_s)


class SocketConsumer(LiveConsumer[Thing], AsyncWebsocketConsumer):
    """A WebSocket behind `accounts.socket_auth`. It is accepted first and then closed with a code:
    browsers tell scripts nothing of a refused handshake."""

    _is_closed = False

    async def on_open(self) -> None:
        """Begin, now that access is granted."""
        raise NotImplementedError

    async def connect(self) -> None:
        await self.accept(self.scope["accepted_subprotocol"])
        try:
            principal, thing = await in_database(self.admitted, lambda: self.scope["principal"])
            await self.join(principal, thing, self.scope["recheck"])
        except errors.AppError as error:
            return self.end(error)
        await self.on_open()
        self.listen()
        return None

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        """As Channels', which looks for old database connections here, too; see `dispatch`."""
        raise StopConsumer

    async def put_text(self, text: str) -> None:
        """Send a message, unless the socket was closed."""
        if not self._is_closed:
            self.spoke()
            await self.base_send({"type": "websocket.send", "text": text})

    async def close(self, code: int | None = None, reason: str | None = None) -> None:
        if not self._is_closed:
            self._is_closed = True
            await super().close(code, reason)

    async def reject(self, error: errors.AppError) -> None:
        await self.close(close_code(error))
