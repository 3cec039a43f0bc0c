"""HTTP requests to a provider's service: limited, stoppable, and clear about why one failed.

A request runs in an event loop of its own, so it can be given up at any point: while it connects,
while the service works, in the middle of an answer. What a status or a body means is for the
provider to say. Failures of the connection are told apart here.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from core import clock
from core.errors import ProviderError, ProviderTimeout, ProviderUnsure
from tools.providers.base import JobContext

CONNECT_S = 10.0
# Without a byte in or out for so long, while a request is sent or a body arrives.
STALLED_S = 60.0
# How long a stop may go unnoticed.
TICK_S = 0.2
# Ten large images as base64. Twice as much is in memory while it is parsed.
JSON_LIMIT = 128 << 20
FILE_LIMIT = 500 << 20
# Of an answer that says what went wrong.
ERROR_LIMIT = 64 << 10
CHUNK = 64 << 10
# A shorter value of a header is a word, not a secret.
SECRET_MIN = 6
# A service that asks for a longer pause than this is asked again after it all the same.
RETRY_AFTER_MAX_S = 900.0
# A proxy in front of a service answers so when the service itself does not, or not in time: it may
# be at work.
GATEWAY = frozenset({499, 502, 504, *range(520, 528)})
# Repeating these costs nothing, so a lost answer leaves nothing unclear.
FREE_METHODS = frozenset({"GET", "HEAD", "DELETE"})

T = TypeVar("T")


class Unreachable(ProviderError):
    """No request arrived whole, so nothing was done or charged.

    retryable: false where only the operator can help, such as an untrusted certificate. refused:
    the machine answers, and nothing listens at the port.
    """

    error_type = "GPU_WORKER_FAILED"
    message = "The provider can't be reached."

    def __init__(self, message: str = "", *, refused: bool = False, **fields: Any) -> None:
        super().__init__(message, **fields)
        self.refused = refused


class TooLarge(ProviderError):
    """An answer or a file is over its limit."""

    error_type = "GPU_WORKER_FAILED"
    retryable = False


@dataclass(frozen=True, slots=True)
class Service:
    """A service and how it is asked.

    who: its name in messages. base_url: without a slash at its end. headers: sent with every
    request; they may hold secrets and are never shown. ca_file: certificates to trust, "" for the
    system's. timeout_s: for one request from beginning to end; None: as long as bytes come.
    stalled_s: for the time without a byte.
    """

    who: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    ca_file: str = ""
    timeout_s: float | None = 300.0
    connect_s: float = CONNECT_S
    stalled_s: float = STALLED_S

    def without_secrets(self, said: bytes) -> bytes:
        """What a service says, without the values of our headers: some repeat a wrong key."""
        for value in self.headers.values():
            for secret in {value, value.rpartition(" ")[2]}:
                if len(secret) >= SECRET_MIN:
                    said = said.replace(secret.encode(), b"***")
        return said


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that came whole. body: of one with a status of 300 or more, its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def mime(self) -> str:
        """The type that the service states, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(slots=True)
class _Progress:
    """How far a request got: once it is written whole, the service may be at work on it."""

    is_sent: bool = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            self.is_sent = True


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

        path: after the base URL, or a whole URL. request: `json`, `content`, `data`, `files`,
        `params` and `headers` as httpx takes them. target: a file to write the body to; the answer
        then has an empty one. limit: bytes of the body, usually JSON_LIMIT or FILE_LIMIT.

        Raises Unreachable or ProviderTimeout when the service did not get the request;
        ProviderUnsure when it got it, the answer did not come whole, and repeating it may be
        charged; ProviderError otherwise; TooLarge; what `check` raises. A status is not a failure.
        """
        most = limit or (JSON_LIMIT if target is None else FILE_LIMIT)

        async def ask(http: httpx.AsyncClient, progress: _Progress) -> Answer:
            url = path if "://" in path else f"{self.service.base_url}{path}"
            extensions = {"trace": progress.trace}
            async with http.stream(method, url, extensions=extensions, **request) as answer:
                if answer.status_code >= 300:
                    body = self.service.without_secrets(await _beginning(answer))
                    return Answer(answer.status_code, answer.headers, body)
                if target is None:
                    body = await self._body(answer, most)
                else:
                    await self._to_file(answer, target, most)
                    body = b""
                return Answer(answer.status_code, answer.headers, body)

        return self._call(ask, is_free=method in FREE_METHODS)

    async def _body(self, answer: httpx.Response, limit: int) -> bytes:
        held = bytearray()
        async for chunk in answer.aiter_raw(CHUNK):
            held += chunk
            if len(held) > limit:
                raise self._too_large(limit)
        return bytes(held)

    async def _to_file(self, answer: httpx.Response, target: Path, limit: int) -> None:
        size = 0
        with target.open("wb") as file:
            async for chunk in answer.aiter_raw(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise self._too_large(limit)
                file.write(chunk)

    def _too_large(self, limit: int) -> TooLarge:
        return TooLarge(f"{self.service.who} sent more than {limit >> 20} MB, the most taken here.")

    # -- one call ---------------------------------------------------------------------------------

    def _call(
        self, ask: Callable[[httpx.AsyncClient, _Progress], Awaitable[Answer]], *, is_free: bool
    ) -> Answer:
        progress = _Progress()

        async def whole() -> Answer:
            async with self._http() as http:
                return await ask(http, progress)

        # The last moment before anything is sent.
        self.check()
        try:
            return self._watched(whole)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise self._broken(error, progress, is_free) from error
        except TimeoutError as error:
            raise self._late(progress, is_free) from error

    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            headers={
                "User-Agent": "Reelgraph",
                "Accept-Encoding": "identity",
                **self.service.headers,
            },
            # The deadline covers the time until an answer begins.
            timeout=httpx.Timeout(
                None if self.service.timeout_s else self.service.stalled_s,
                connect=self.service.connect_s,
                write=self.service.stalled_s,
            ),
            follow_redirects=False,
            verify=trust(self.service.ca_file),
            # Else a proxy or a .netrc of the account that runs us would see the key.
            trust_env=False,
        )

    def _watched(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run to the end, the deadline, or until it is not wanted. Raises TimeoutError, or what
        `check` raises."""
        limit = self.service.timeout_s
        deadline = None if limit is None else time.monotonic() + limit
        loop = asyncio.new_event_loop()
        task = loop.create_task(_coroutine(work))
        try:
            while True:
                self.check()
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError
                done, _ = loop.run_until_complete(asyncio.wait({task}, timeout=TICK_S))
                if done:
                    return task.result()
        finally:
            if not task.done():
                task.cancel()
                loop.run_until_complete(asyncio.wait({task}, timeout=1.0))
                if task.done() and not task.cancelled():
                    task.exception()
            loop.run_until_complete(loop.shutdown_asyncgens())
            # Not `asyncio.run`: that would wait for a name server that does not answer.
            loop.close()

    def _broken(self, error: Exception, progress: _Progress, is_free: bool) -> ProviderError:
        who = self.service.who
        if isinstance(error, httpx.RemoteProtocolError) and "illegal status line" in str(error):
            # Often a TLS server's alert. No service that does work answers so.
            return _operator(f"{who} doesn't answer in HTTP. Does its URL need https://?")
        if not progress.is_sent:
            return unreachable(self.service, error)
        if isinstance(error, httpx.ReadTimeout):
            message = f"{who} sent nothing for {self.service.stalled_s:g} seconds."
        else:
            message = f"The connection to {who} broke off before its answer was whole."
        if not is_free:
            return ProviderUnsure(message)
        return ProviderError(message, error_type="GPU_WORKER_FAILED")

    def _late(self, progress: _Progress, is_free: bool) -> ProviderError:
        limit = f"{self.service.timeout_s:g} seconds"
        if not progress.is_sent:
            return ProviderTimeout(f"{self.service.who} didn't take the request in {limit}.")
        message = f"{self.service.who} didn't answer in {limit}."
        return ProviderTimeout(message) if is_free else ProviderUnsure(message)


# -- why a service was not reached ----------------------------------------------------------------


def unreachable(service: Service, error: BaseException) -> ProviderError:
    """The failure that an error while connecting is, with the remedy."""
    who, parts = service.who, urlsplit(service.base_url)
    host = parts.hostname or ""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _operator(
                f"{who} has a certificate that isn't trusted ({cause.verify_message}). Renew it,"
                " or set ca_file to the certificate of its authority."
            )
        if isinstance(cause, ssl.SSLError):
            return _operator(
                f"{who} doesn't speak TLS at port {parts.port or 443}. Correct its URL: http://"
                " instead of https://, or another port."
            )
        if isinstance(cause, socket.gaierror):
            return Unreachable(
                f"{who} can't be reached: the name {host} can't be resolved. Correct its URL, or"
                " the name servers of this machine."
            )
        if isinstance(cause, ConnectionRefusedError):
            return Unreachable(
                f"{who} refused the connection: nothing listens at port"
                f" {parts.port or (443 if parts.scheme == 'https' else 80)}. Start it, or correct"
                " its URL.",
                refused=True,
            )
        if isinstance(cause, OSError) and cause.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return Unreachable(
                f"{who} can't be reached: there is no route to {host}. Check the network, or"
                " correct its URL."
            )
    if isinstance(error, httpx.ConnectTimeout | TimeoutError):
        return ProviderTimeout(
            f"{who} didn't accept a connection in {service.connect_s:g} seconds. Check the firewall"
            " between, or correct its URL."
        )
    if isinstance(error, httpx.TimeoutException):
        return ProviderTimeout(f"{who} took nothing for {service.stalled_s:g} seconds.")
    if isinstance(error, httpx.InvalidURL):
        return _operator(f"{who} has a URL that can't be used. Correct it.")
    return Unreachable(
        f"{who} closed the connection before it had the request. Check that it runs, and that its"
        " URL has the right port."
    )


def _operator(message: str) -> Unreachable:
    """A failure that trying again does not help against."""
    return Unreachable(message, error_type="MODEL_UNAVAILABLE", retryable=False)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what caused it, and so on; of several attempts at once, each."""
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]


# -- what a status means --------------------------------------------------------------------------


def of_status(who: str, answer: Answer, said: str | None = None) -> ProviderError:
    """The failure that an answer with a status of 300 or more is, where the service has no
    vocabulary of its own. 429 and 5xx may be tried again, after `Retry-After`.

    said: the service's own sentence, safe to show; None: its answer is not one of its own, so a
    gateway may have given it.
    """
    status = answer.status
    if said is None and status in GATEWAY:
        return ProviderUnsure(f"{who} returned {status} from a proxy in front of it.")
    failure = _of_status(who, status, f": {said}" if said else ".")
    failure.retry_after_s = retry_after_s(answer.headers) if failure.retryable else None
    return failure


def _of_status(who: str, status: int, because: str) -> ProviderError:
    if status < 400:
        return final(f"{who} redirects. Set base_url to where it leads.", "MODEL_UNAVAILABLE")
    if status == 401:
        # Without its words, which may repeat part of the key.
        return final(
            f"{who} rejected this server's API key. Ask the owner of this server to update it.",
            "PERMISSION_REQUIRED",
        )
    if status == 402:
        return final(
            f"The {who} account is out of credit. Ask the owner of this server to top it up.",
            "COST_LIMIT_EXCEEDED",
        )
    if status == 403:
        return final(f"{who} doesn't allow this server to do that{because}", "PERMISSION_REQUIRED")
    if status in (404, 405, 501):
        return final(
            f"{who} returned {status}{because} Check base_url, and the models in its settings.",
            "MODEL_UNAVAILABLE",
        )
    if status == 408:
        return ProviderTimeout(f"{who} didn't get the request in time.")
    if status == 409:
        return busy(f"{who} is working on something that conflicts{because}")
    if status == 413:
        return final(f"{who} says that the request is too large{because}", "PARAMETER_INVALID")
    if status in (425, 429):
        return busy(f"{who} has too much to do{because}")
    if status >= 500:
        return busy(f"{who} failed ({status}){because}")
    return final(f"{who} doesn't accept this{because}", "PARAMETER_INVALID")


def busy(message: str) -> ProviderError:
    """A failure after which the same request may work."""
    return ProviderError(message, error_type="GPU_WORKER_FAILED", retryable=True)


def final(message: str, error_type: str) -> ProviderError:
    """A failure that trying again does not help against."""
    return ProviderError(message, error_type=error_type, retryable=False)


# -- waiting ---------------------------------------------------------------------------------------


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """How long a service asks to be left alone, in seconds, at most RETRY_AFTER_MAX_S; None: it
    does not say. headers: with names in small letters, or httpx.Headers."""
    try:
        if milli := headers.get("retry-after-ms"):
            seconds = float(milli) / 1000
        elif (after := headers.get("retry-after", "")).strip().isdigit():
            seconds = float(after)
        elif after:
            when: datetime = parsedate_to_datetime(after)
            when = when if when.tzinfo else when.replace(tzinfo=UTC)
            seconds = (when - clock.now()).total_seconds()
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX_S) if seconds == seconds else None


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
            found = look()
        except ProviderError as error:
            if not error.retryable:
                raise
            found = None
        if found is not None:
            return found
        if time.monotonic() > end:
            raise ProviderUnsure(f"{who} has worked on it for {limit_s:g} seconds.")
        context.wait(every_s)


@lru_cache(maxsize=8)
def trust(ca_file: str) -> ssl.SSLContext:
    """What connections are checked by. ca_file: as of Service.

    Made once: reading the system's certificates takes longer than a small request.
    """
    return ssl.create_default_context(cafile=ca_file or None)


async def _beginning(answer: httpx.Response) -> bytes:
    """The start of a body that says why; as much of it as came."""
    held = bytearray()
    with suppress(httpx.HTTPError):
        async for chunk in answer.aiter_raw(CHUNK):
            held += chunk
            if len(held) > ERROR_LIMIT:
                break
    return bytes(held)


async def _coroutine(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
