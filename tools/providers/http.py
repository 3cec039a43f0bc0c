"""HTTP requests to a provider's service: limited, stoppable, and clear about why one failed.

A request runs in an event loop of its own, so it can be given up at any point: while it connects,
while the service works, in the middle of an answer. What a status or a body means is for the
provider to say. Failures of the connection are told apart here.

Providers of other packages import what they need of HTTP from this module: Requests, Service,
Answer, of_status, poll, reading_paid_answer.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import httpcore
import httpx

from core import installation
from core.errors import ProviderError, ProviderTimeout, ProviderUnsure
from tools.providers.base import JobContext
from tools.providers.destinations import CheckedBackend
from tools.providers.http_failures import for_the_operator, no_answer_message, unreachable
from tools.providers.http_failures import of_status as of_status
from tools.providers.http_failures import reading_paid_answer as reading_paid_answer
from tools.providers.request_urls import is_own, url_of
from tools.providers.service import Answer as Answer
from tools.providers.service import Service as Service

# How long a stop may go unnoticed.
TICK_S = 0.2
# Ten large images as base64. Twice as much is in memory while it is parsed.
JSON_LIMIT = 128 << 20
FILE_LIMIT = 500 << 20
# Of an answer that says what went wrong.
ERROR_LIMIT = 64 << 10
CHUNK = 64 << 10
# Repeating these costs nothing, so a lost answer leaves nothing unclear.
FREE_METHODS = frozenset({"GET", "HEAD", "DELETE"})
# How httpx quotes the first bytes of a TLS server's alert: nothing was read as HTTP there.
TLS_ALERT = r"\x15\x03"

T = TypeVar("T")


class TooLarge(ProviderError):
    """An answer or a file is over its limit."""

    error_type = "GPU_WORKER_FAILED"
    retryable = False


@dataclass(slots=True)
class _Progress:
    """Progress of a request: once it is written whole, the service may be at work on it.

    url: where it goes. is_secret: why it fails is kept back, see `destinations.check`.
    """

    url: httpx.URL
    is_sent: bool = False
    is_secret: bool = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            self.is_sent = True

    def keep(self, is_secret: bool) -> None:
        self.is_secret = is_secret


class _Transport(httpx.AsyncHTTPTransport):
    """httpx's own, with connections that were checked."""

    def __init__(self, ssl_context: ssl.SSLContext, progress: _Progress) -> None:
        super().__init__(verify=ssl_context, trust_env=False)
        # It takes no backend, and another pool would need its table of failures.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl_context, network_backend=CheckedBackend(progress.keep)
        )


class _Watch:
    """An event loop whose work is given up at a deadline, or when it is not wanted any more.

    limit_s: from now, for all of its work; None: no deadline. check: raises when it is not wanted.
    """

    def __init__(self, limit_s: float | None, check: Callable[[], None]) -> None:
        self.check = check
        self.deadline = None if limit_s is None else time.monotonic() + limit_s
        self.loop = asyncio.new_event_loop()

    def result(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run it to its end. Raises what it raises, TimeoutError, or what `check` raises."""
        task = self.loop.create_task(_coroutine(work))
        try:
            while True:
                self.check()
                if self.deadline is not None and time.monotonic() > self.deadline:
                    raise TimeoutError
                over, _ = self.loop.run_until_complete(asyncio.wait({task}, timeout=TICK_S))
                if over:
                    return task.result()
        finally:
            if not task.done():
                task.cancel()
                self._settle(task)

    def end(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run what gives a connection back, for a second at most; its failures don't matter."""
        self._settle(self.loop.create_task(_coroutine(work)))

    def close(self) -> None:
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        # Not `asyncio.run`: that would wait for a name server that does not answer.
        self.loop.close()

    def _settle(self, task: asyncio.Task[Any]) -> None:
        self.loop.run_until_complete(asyncio.wait({task}, timeout=1.0))
        if task.done() and not task.cancelled():
            task.exception()


@dataclass(frozen=True, slots=True)
class Requests:
    """Asks one service for one job. check: raises when the work is not wanted any more."""

    service: Service
    check: Callable[[], None]

    def request(
        self,
        method: str,
        path: str,
        *,
        target: Path | None = None,
        limit: int | None = None,
        **request: Any,
    ) -> Answer:
        """Ask once; nothing is repeated.

        path: after the base URL, or a whole URL of the service or one of its hosts, see
        `request_urls`. request: `json`, `content`, `data`, `files`, `params` and `headers` as httpx
        takes them; these headers go to any host that the URL has. target: a file to write the body
        to; the answer then has an empty one. limit: bytes of the body, usually JSON_LIMIT or
        FILE_LIMIT.

        Raises Unreachable or ProviderTimeout when the service did not get the request;
        ProviderUnsure when it got it, the answer did not come whole, and repeating it may be
        charged, or is too large; TooLarge where repeating is free; ProviderError otherwise; what
        `check` raises. A status is not a failure.
        """
        most = limit or (JSON_LIMIT if target is None else FILE_LIMIT)
        is_free = method in FREE_METHODS

        async def ask(http: httpx.AsyncClient, progress: _Progress) -> Answer:
            extensions = {"trace": progress.trace}
            async with http.stream(
                method, progress.url, extensions=extensions, **request
            ) as answer:
                if answer.status_code >= 300:
                    body = self.service.without_secrets(await _beginning(answer))
                    return Answer(answer.status_code, answer.headers, body, is_free)
                if target is None:
                    body = await self._body(answer, most, is_free)
                else:
                    await self._to_file(answer, target, most, is_free)
                    body = b""
                return Answer(answer.status_code, answer.headers, body)

        return self._call(ask, _Progress(url_of(self.service, path)), is_free=is_free)

    def stream(
        self, method: str, path: str, *, limit: int | None = None, **request: Any
    ) -> Iterator[Answer | bytes]:
        """Ask once; the body comes in pieces as the service sends them.

        The first item is the Answer: of a status below 300 without its body, whose pieces follow;
        else with the body's beginning, and nothing follows. Closing the iterator ends the
        connection. timeout_s covers all of it. Arguments and failures as of `request`.
        """
        progress = _Progress(url_of(self.service, path))
        installation.check_calls()
        self.check()
        watch = _Watch(self.service.timeout_s, self.check)
        try:
            yield from self._pieces(watch, progress, method, limit or JSON_LIMIT, request)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise self._broken(error, progress, method in FREE_METHODS) from error
        except TimeoutError as error:
            raise self._late(progress, method in FREE_METHODS) from error
        finally:
            watch.close()

    def _pieces(
        self,
        watch: _Watch,
        progress: _Progress,
        method: str,
        limit: int,
        request: dict[str, Any],
    ) -> Iterator[Answer | bytes]:
        stack = AsyncExitStack()

        async def ask() -> httpx.Response:
            http = await stack.enter_async_context(self._http(progress))
            extensions = {"trace": progress.trace}
            stream = http.stream(method, progress.url, extensions=extensions, **request)
            return await stack.enter_async_context(stream)

        try:
            answer = watch.result(ask)
            if answer.status_code >= 300:
                beginning = watch.result(lambda: _beginning(answer))
                body = self.service.without_secrets(beginning)
                yield Answer(answer.status_code, answer.headers, body, method in FREE_METHODS)
                return
            yield Answer(answer.status_code, answer.headers, b"")
            size, pieces = 0, answer.aiter_raw()
            while piece := watch.result(lambda: _next(pieces)):
                size += len(piece)
                if size > limit:
                    raise self._too_large(limit, method in FREE_METHODS)
                yield piece
        finally:
            watch.end(stack.aclose)

    async def _body(self, answer: httpx.Response, limit: int, is_free: bool) -> bytes:
        buffer = bytearray()
        async for chunk in answer.aiter_raw(CHUNK):
            buffer += chunk
            if len(buffer) > limit:
                raise self._too_large(limit, is_free)
        return bytes(buffer)

    async def _to_file(
        self, answer: httpx.Response, target: Path, limit: int, is_free: bool
    ) -> None:
        size = 0
        with target.open("wb") as file:
            async for chunk in answer.aiter_raw(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise self._too_large(limit, is_free)
                file.write(chunk)

    def _too_large(self, limit: int, is_free: bool) -> ProviderError:
        message = f"{self.service.who} sent more than {limit >> 20} MB, the most taken here."
        return TooLarge(message) if is_free else ProviderUnsure(message, retryable=False)

    # -- one call ---------------------------------------------------------------------------------

    def _call(
        self,
        ask: Callable[[httpx.AsyncClient, _Progress], Awaitable[Answer]],
        progress: _Progress,
        *,
        is_free: bool,
    ) -> Answer:
        async def whole() -> Answer:
            async with self._http(progress) as http:
                return await ask(http, progress)

        # The last moment before anything is sent.
        installation.check_calls()
        self.check()
        watch = _Watch(self.service.timeout_s, self.check)
        try:
            return watch.result(whole)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise self._broken(error, progress, is_free) from error
        except TimeoutError as error:
            raise self._late(progress, is_free) from error
        finally:
            watch.close()

    def _http(self, progress: _Progress) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={
                "User-Agent": "Reelgraph",
                "Accept-Encoding": "identity",
                **(self.service.headers if is_own(self.service, progress.url) else {}),
            },
            # The deadline covers the time until an answer begins.
            timeout=httpx.Timeout(
                None if self.service.timeout_s else self.service.stalled_s,
                connect=self.service.connect_s,
                write=self.service.stalled_s,
            ),
            follow_redirects=False,
            transport=_Transport(trust(self.service.ca_file), progress),
            # Else a proxy or a .netrc of the account that runs us would see the key.
            trust_env=False,
        )

    def _broken(self, error: Exception, progress: _Progress, is_free: bool) -> ProviderError:
        return self._redact(self._why_broken(error, progress, is_free), progress)

    def _late(self, progress: _Progress, is_free: bool) -> ProviderError:
        return self._redact(self._why_late(progress, is_free), progress)

    def _redact(self, failure: ProviderError, progress: _Progress) -> ProviderError:
        """The failure, in words that say no more than they may."""
        if progress.is_secret:
            failure.message = failure.person = no_answer_message(self.service.who)
        return failure

    def _why_broken(self, error: Exception, progress: _Progress, is_free: bool) -> ProviderError:
        who = self.service.who
        if isinstance(error, httpx.RemoteProtocolError) and "illegal status line" in str(error):
            message = f"{who} doesn't answer in HTTP. Does its URL need https://?"
            if is_free or not progress.is_sent or TLS_ALERT in str(error):
                return for_the_operator(message)
            return ProviderUnsure(message)
        if not progress.is_sent:
            elsewhere = "" if is_own(self.service, progress.url) else str(progress.url)
            return unreachable(self.service, error, elsewhere)
        if isinstance(error, httpx.ReadTimeout):
            message = f"{who} sent nothing for {self.service.stalled_s:g} seconds."
        else:
            message = f"The connection to {who} broke off before its answer was whole."
        if not is_free:
            return ProviderUnsure(message)
        return ProviderError(message, error_type="GPU_WORKER_FAILED")

    def _why_late(self, progress: _Progress, is_free: bool) -> ProviderError:
        limit = f"{self.service.timeout_s:g} seconds"
        if not progress.is_sent:
            return ProviderTimeout(f"{self.service.who} didn't take the request in {limit}.")
        message = f"{self.service.who} didn't answer in {limit}."
        return ProviderTimeout(message) if is_free else ProviderUnsure(message)


def poll(
    look: Callable[[], T | None],
    context: JobContext,
    *,
    who: str,
    every_s: float,
    limit_s: float,
) -> T:
    """Look at a job until it is over, and give what `look` gives then; until then it gives None.

    A look costs nothing, so a failure that may pass is passed over. Raises what `look` raises that
    is final; ProviderUnsure after limit_s; Stopped.
    """
    end = time.monotonic() + limit_s
    while True:
        context.check()
        try:
            outcome = look()
        except ProviderError as error:
            if error.ends_job or not error.retryable:
                raise
            outcome = None
        if outcome is not None:
            return outcome
        if time.monotonic() > end:
            raise ProviderUnsure(f"{who} has worked on it for {limit_s:g} seconds.")
        context.wait(every_s)


@lru_cache(maxsize=8)
def trust(ca_file: str) -> ssl.SSLContext:
    """Build the certificates' context for connections. ca_file: as of Service.

    Made once: reading the system's certificates takes longer than a small request.
    """
    return ssl.create_default_context(cafile=ca_file or None)


async def _beginning(answer: httpx.Response) -> bytes:
    """The start of a body that says why; as much of it as came."""
    buffer = bytearray()
    with suppress(httpx.HTTPError):
        async for chunk in answer.aiter_raw(CHUNK):
            buffer += chunk
            if len(buffer) > ERROR_LIMIT:
                break
    return bytes(buffer)


async def _next(pieces: AsyncIterator[bytes]) -> bytes:
    """The next piece; empty at the end."""
    async for piece in pieces:
        if piece:
            return piece
    return b""


async def _coroutine(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
