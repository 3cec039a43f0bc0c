"""Django's ASGI handler with each request in one of a few threads that keep their connections.

Django's own passes a request between the event loop and a thread at each border of sync and async
middleware, and gives each request a thread of its own, whose connection ends with it: on Postgres
that starts a process of the database for each request. All our middleware and views are sync. An
answer that waits is held in the event loop: `core.held_answer`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import IO, Any, TypeVar

from asgiref.sync import sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import FileResponse, HttpResponseBase
from django.urls import set_script_prefix

from core import held_answer, slow_share
from core.addresses import counted_as
from core.database import close_connections, drop_broken_connections, reset_connections
from core.held_answer import Wait
from core.per_loop import per_loop
from core.slow_share import Asker, Shares

Result = TypeVar("Result")

# A request that takes longer no longer counts: one more may begin beside it.
SLOW_S = 0.25
# How many requests may take longer than that at once.
SLOW_REQUESTS = 64


class PooledHandler(ASGIHandler):
    """As Django's, with sync middleware. threads: how many requests are worked on at once."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._threads = RequestThreads(threads)
        self._shares = Shares()

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Without Django's ThreadSensitiveContext, which is what makes a thread for each request.
        await self.handle(scope, receive, send)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        set_script_prefix(get_script_prefix(scope))
        request, refusal = self.create_request(scope, body)
        if request is None:
            body.close()
            assert refusal is not None  # noqa: S101  one of the two is there
            await self.send_response(refusal, send)
            return
        held_answer.can_hold(request)
        asker = Asker(self._shares, counted_as(request.META.get("REMOTE_ADDR", "")))
        slow_share.begin(asker)
        # Read on, so that `core.client_disconnect` notes when the client leaves.
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            response = await self._threads.run(partial(self._answer, request, body), asker)
            wait = held_answer.wait_of(response)
            if wait is not None:
                await self._wait(request, response, wait, leaving)
            if not leaving.done():
                await self.send_response(response, send)
        finally:
            leaving.cancel()
            with contextlib.suppress(RequestAborted, asyncio.CancelledError):
                await leaving

    async def _wait(
        self,
        request: ASGIRequest,
        response: HttpResponseBase,
        wait: Wait,
        leaving: asyncio.Future[Any],
    ) -> None:
        """Until what the answer waits for is over and its body is made, or the client has left."""
        over = asyncio.ensure_future(wait.until())
        try:
            await asyncio.wait({over, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not leaving.done():
                render = partial(held_answer.render, request, response, wait, over)
                await self._threads.run(render)
        finally:
            over.cancel()
            await asyncio.gather(over, return_exceptions=True)
            wait.close()

    def _answer(self, request: ASGIRequest, body: IO[bytes]) -> HttpResponseBase:
        """In a thread. Nothing stays open after it, even if the event loop's task was cancelled."""
        try:
            signals.request_started.send(sender=self.__class__, scope=request.scope)
            response = self.get_response(request)
            response._handler_class = self.__class__  # type: ignore[attr-defined]
            if isinstance(response, FileResponse):
                response.block_size = self.chunk_size
            if response.streaming and not response.is_async:  # type: ignore[attr-defined]
                # A file, such as a script: read here, as Django's would in yet another thread.
                parts = list(response.streaming_content)  # type: ignore[attr-defined]
                response.streaming_content = _each(parts)  # type: ignore[attr-defined]
            # Sends `request_finished`, here where the connections are.
            response.close()
            return response
        finally:
            body.close()


class RequestThreads:
    """A few threads that keep their database connections, and further ones for slow requests.

    Many threads would only wait for the interpreter's lock, and on SQLite for the one write lock.
    But a request may wait for a language model or a run: after SLOW_S it gives up its place, and
    the next one gets a thread without a connection to keep.
    """

    def __init__(self, threads: int) -> None:
        self._kept = _KeptThreads(threads)
        self._further = ThreadPoolExecutor(SLOW_REQUESTS, thread_name_prefix="slow-requests")
        self._turns = per_loop(lambda: asyncio.Semaphore(threads))

    async def run(self, work: Callable[[], Result], asker: Asker | None = None) -> Result:
        """Return the result of the work, from a thread that may also ask this event loop.

        asker: for whom it counts once it takes long.
        """
        turn = self._turns()
        await turn.acquire()
        # Exactly once, by whichever comes first.
        give_back = _once(turn.release)
        slow = asyncio.get_running_loop().call_later(SLOW_S, give_back)
        try:
            with asker.counting(work) if asker else contextlib.nullcontext(work) as answer:
                if self._kept.take():
                    return await _in(self._kept, answer, reset_connections)
                return await _in(self._further, answer, close_connections)
        finally:
            slow.cancel()
            give_back()


class _KeptThreads(ThreadPoolExecutor):
    """Threads that are asked only when one is idle: submit nothing without `take`."""

    def __init__(self, count: int) -> None:
        super().__init__(count, thread_name_prefix="requests")
        self._idle = threading.Semaphore(count)

    def take(self) -> bool:
        """Take an idle thread for the caller. Return whether there was one."""
        return self._idle.acquire(blocking=False)

    def submit(self, *args: Any, **options: Any) -> Future[Any]:
        job = super().submit(*args, **options)
        # Also of one that was canceled before it began.
        job.add_done_callback(lambda _: self._idle.release())
        return job


async def _in(
    executor: ThreadPoolExecutor, work: Callable[[], Result], then: Callable[[], None]
) -> Result:
    def call() -> Result:
        drop_broken_connections()
        try:
            return work()
        finally:
            then()

    return await sync_to_async(call, thread_sensitive=False, executor=executor)()


def _once(call: Callable[[], None]) -> Callable[[], None]:
    calls = [call]

    def first() -> None:
        if calls:
            calls.pop()()

    return first


async def _each(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
