"""`POST /v1/chat/completions`: a plain ASGI app, because a language model takes its time and a
Django view would hold a thread for as long.

An answer is an iterator of events. Each step of it runs in a thread, and no thread is held between
two steps: what a slow reader has not taken yet is not made either.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar, TypeAlias

from django.conf import settings
from django.db import connections

from accounts import scopes
from accounts.access_revalidation import OpenConnection, recheck
from accounts.auth import Principal, principal_from_headers
from accounts.authentication import require_own_origin
from accounts.connection_limits import CHATS, ConnectionCounts
from accounts.rate_limits import check_request_rate
from accounts.suspension import check_may_act
from compose.chat import events, wire
from compose.chat.answer import answer
from compose.chat.chat import Chat, read_chat
from compose.chat.request import ChatIn
from compose.web.chat_schemas import ChatCompletion
from core import asgi, client_disconnect, clock, durable, errors, ids, jsonsafe
from core.database import in_database
from core.http import envelope
from core.openapi import Operation, Parameter
from core.process_name import process_name
from runs.live.event_stream import opening
from runs.live.feed import until_closed

Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]

AT_ONCE_PER_USER = 8
# Answers that one web process makes at once, each by a thread while a model is waited for.
AT_ONCE = 32
# A sign of life of a stream that has nothing to send. Readers skip comments.
KEEP_ALIVE = b": keep-alive\n\n"
DONE_EVENT = b"data: [DONE]\n\n"


class ChatApp:
    """POST and OPTIONS on `/v1/chat/completions`."""

    operations: ClassVar[dict[str, Operation]] = {
        "post": Operation(
            "createChatCompletion",
            "Chat, with the tools of this server",
            "Chat",
            parameters=(
                Parameter(
                    "Idempotency-Key",
                    "header",
                    "A request that is sent again with the same key runs and costs nothing again.",
                    {"type": "string", "maxLength": 255},
                ),
                Parameter("X-Token-Type", "header", "As `token_type`, which wins."),
                Parameter("X-App-Source", "header", "As `app_source`, which wins."),
            ),
            body=ChatIn,
            body_example={
                "messages": [{"role": "user", "content": "Make a picture of a lighthouse at dawn"}]
            },
            answers={200: ChatCompletion},
            errors=(402, 404, 409, 422),
            flat=True,
            scope="run",
            description="OpenAI's chat completions: any client of theirs works with this server's"
            " `/v1` as base URL and an API key. Tools of this server are run: media as a run"
            " (`creative_workflows`), others at once (`sogni_tool_results`). With `stream` the"
            " answer comes as server-sent events: `chat.completion.chunk` objects, then `[DONE]`."
            " Without a language model it starts tools that a message plainly begins with;"
            " see docs/howto/compose.md.",
        )
    }

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="chat")
        self._open = 0
        self._chats = ConnectionCounts(
            process_name(), CHATS, limit=lambda: AT_ONCE_PER_USER, refusal=_too_many
        )

    async def __call__(self, scope: asgi.Scope, receive: Receive, send: asgi.Send) -> None:
        headers = asgi.headers_of(scope)
        receive = client_disconnect.noting(receive)
        if scope["method"] == "OPTIONS":
            return await asgi.send_preflight(send, headers)
        try:
            await self._answer(scope, headers, receive, send)
        except errors.ClientLeft:
            return None
        except Exception as error:
            return await asgi.send_error(send, error, headers, allow="POST, OPTIONS")

    async def _answer(
        self, scope: asgi.Scope, headers: Mapping[str, str], receive: Receive, send: asgi.Send
    ) -> None:
        asgi.check_host(headers)
        if scope["method"] != "POST":
            raise errors.NotAllowed("Send a chat with POST.")
        query = scope.get("query_string", b"").decode("latin-1")
        proof = partial(principal_from_headers, headers, query_string=query, scope=scopes.RUN)
        principal = await in_database(_admit, proof, headers)
        body = jsonsafe.loads_object(await _body(receive))
        origin = asgi.origin_of(scope)
        if self._open >= AT_ONCE:
            # They would wait for the others' models, without a word.
            raise errors.Unavailable("Too many chats at once. Retry.", retry_after_s=5)
        await self._chats.acquire(principal.user.pk)
        self._open += 1
        try:
            hosts = [headers["host"]]
            chat = await self._in_thread(
                lambda: read_chat(body, principal, origin=origin, own_hosts=hosts, headers=headers)
            )
            answering = _Answering(self._in_thread, answer(chat), receive)
            connection = OpenConnection(
                principal,
                None,
                # They follow nothing of anyone's: all depends on who they are.
                set,
                lambda: (_prove(proof), None),
                answering.refuse,
            )
            recheck().join(connection)
            try:
                await _send_answer(chat, answering, headers, send)
            finally:
                recheck().leave(connection)
                await answering.close()
        finally:
            self._open -= 1
            self._chats.release(principal.user.pk)

    async def _in_thread(self, function: Callable[[], Any]) -> Any:
        def call() -> Any:
            try:
                return function()
            finally:
                # The next step may run in any thread; on Postgres each would keep a connection.
                connections.close_all()

        # With the context of the request: what takes long asks `departure` in it.
        run = contextvars.copy_context().run
        return await asyncio.get_running_loop().run_in_executor(self._threads, run, call)


class _Answering:
    """The events of an answer, each made when it is asked for, until the client leaves."""

    def __init__(
        self,
        in_thread: Callable[[Callable[[], Any]], Awaitable[Any]],
        events_of_answer: Generator[events.ChatEvent, None, None],
        receive: Receive,
    ) -> None:
        self._in_thread = in_thread
        self._events = events_of_answer
        self._left = asyncio.ensure_future(asgi.disconnected(receive))
        self._refusal: asyncio.Future[errors.AppError] = asyncio.Future()
        self._step: asyncio.Future[Any] | None = None
        self._wait: asyncio.Future[None] | None = None

    async def next(self, within_s: float | None = None) -> events.ChatEvent | None:
        """Return the next event; None when none came within so many seconds.

        Raises ClientLeft, why they may not go on (see `refuse`), and what the answer raises.
        """
        if self._refusal.done():
            raise self._refusal.result()
        if self._step is None:
            self._step = asyncio.ensure_future(self._next())
        await asyncio.wait(
            {self._step, self._left, self._refusal},
            timeout=within_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._left.done():
            raise errors.ClientLeft
        if self._refusal.done():
            raise self._refusal.result()
        if not self._step.done():
            return None
        step, self._step = self._step, None
        event: events.ChatEvent = step.result()
        return event

    async def _next(self) -> events.ChatEvent:
        while True:
            event: events.ChatEvent = await self._in_thread(self._next_event)
            if not isinstance(event, events.RunAwaited):
                return event
            # No thread waits for a run.
            run_end = until_closed(event.run, settings.TOOL_CALL_WAIT_S)
            self._wait = asyncio.ensure_future(run_end)
            await self._wait

    def _next_event(self) -> events.ChatEvent:
        """Return the next event, once all that it tells of is on the disk."""
        event = next(self._events)
        if not isinstance(event, events.Text):
            durable.flush()
        return event

    def refuse(self, error: errors.AppError) -> None:
        """Make nothing further: their credential has ended, or they were suspended."""
        if not self._refusal.done():
            self._refusal.set_result(error)

    async def close(self) -> None:
        """End the answer. A step that is under way ends when it next asks `departure`."""
        client_disconnect.end()
        self._left.cancel()
        if self._wait is not None:
            self._wait.cancel()
        if self._step is not None:
            # However it ended, no one is left to be told.
            await asyncio.gather(self._step, return_exceptions=True)
        await self._in_thread(self._events.close)


async def _send_answer(
    chat: Chat, answering: _Answering, headers: Mapping[str, str], send: asgi.Send
) -> None:
    prompt_tokens = wire.prompt_tokens(chat.request)
    reply = wire.Answer(ids.chat_id(), int(clock.now().timestamp()), prompt_tokens)
    if chat.request.stream:
        return await _stream(chat, reply, answering, headers, send)
    while reply.ended is None:
        event = await answering.next()
        if event is not None:
            reply.add(event)
    pairs = [(b"cache-control", b"private, no-store"), *asgi.cors_headers(headers)]
    return await asgi.send_json(send, 200, reply.completion(), pairs)


async def _stream(
    chat: Chat,
    reply: wire.Answer,
    answering: _Answering,
    headers: Mapping[str, str],
    send: asgi.Send,
) -> None:
    # An error before the stream is an answer with its own status. But for so long nothing would be
    # sent only if the model is slow, and proxies cut silent connections.
    event = await answering.next(settings.STREAM_HEARTBEAT_S)
    await send(opening(headers))
    counts = chat.request.stream_options.include_usage
    frames = b""
    try:
        while reply.ended is None:
            if event is not None:
                delta = reply.add(event)
                frames = b"" if delta is None else _frame(reply.chunk(delta, counts=counts))
            if frames:
                await send({"type": "http.response.body", "body": frames, "more_body": True})
            if reply.ended is None:
                event = await answering.next(settings.STREAM_HEARTBEAT_S)
                frames = KEEP_ALIVE if event is None else b""
        frames = b"".join(map(_frame, reply.last_chunks(counts=counts))) + DONE_EVENT
    except errors.ClientLeft:
        raise
    except Exception as error:
        _, _, body = envelope(error, request_id=ids.request_id())
        frames = _frame(body)
    await send({"type": "http.response.body", "body": frames})


def _frame(value: Mapping[str, Any]) -> bytes:
    return b"data: %s\n\n" % jsonsafe.dumps(value)


def _admit(proof: Callable[[], Principal], headers: Mapping[str, str]) -> Principal:
    principal = proof()
    if principal.from_cookie:
        require_own_origin(headers)
    check_request_rate(principal)
    return principal


def _prove(proof: Callable[[], Principal]) -> Principal:
    """Return who asked, looked up again while they are answered. Raises AppError."""
    principal = proof()
    check_may_act(principal.user)
    return principal


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise errors.ClientLeft
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > settings.BODY_LIMIT_BYTES:
            raise errors.TooLarge()
    return body


def _too_many() -> errors.AppError:
    return errors.QuotaExceeded(
        f"{AT_ONCE_PER_USER} of your chats are being answered already. Wait for one to finish.",
        retry_after_s=5,
    )
