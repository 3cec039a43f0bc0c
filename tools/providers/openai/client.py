"""Requests to one service: bounded, stoppable, and never paid for twice without somebody's word.

A call runs in an event loop of its own, so that it can be given up at any point: connecting, while
the service thinks, in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import orjson

from core.errors import ProviderError, ProviderTimeout, ProviderUnsure
from tools.providers.openai import failures
from tools.providers.openai.endpoint import Endpoint

CONNECT_S = 10.0
# Without a byte in or out for so long, while a request is being written or a file is arriving.
STALLED_S = 60.0
# How long cancelling may go unnoticed.
TICK_S = 0.2
# Ten large pictures as base64. Twice as much is in memory while it is read.
JSON_LIMIT = 128 << 20
FILE_LIMIT = 500 << 20
ERROR_LIMIT = 64 << 10
CHUNK = 64 << 10

T = TypeVar("T")
# (name, (file name, bytes, type)) of a form, several of one name allowed.
FilePart = tuple[str, tuple[str, bytes, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """An answer that came whole. status 200 to 299."""

    headers: httpx.Headers
    body: bytes


@dataclass(slots=True)
class _Progress:
    """How far a request got: once it is written whole, the service may be at work on it."""

    is_sent: bool = False

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_body.complete"):
            self.is_sent = True


@dataclass(slots=True)
class Client:
    """Speaks to one service for one job. check: raises when the work is not wanted any more."""

    name: str
    endpoint: Endpoint
    check: Callable[[], None]

    def post(self, path: str, body: Mapping[str, Any], *, key: str = "") -> dict[str, Any]:
        """Send JSON, get JSON. key: what makes a repeated request recognisable.

        Raises ProviderError; ProviderUnsure where the service may have done the work.
        """
        request = {"content": orjson.dumps(body), "headers": {"Content-Type": "application/json"}}
        return self._json("POST", path, request, key=key)

    def post_form(
        self, path: str, fields: Mapping[str, str], files: Sequence[FilePart], *, key: str = ""
    ) -> dict[str, Any]:
        """Send a multipart form, get JSON. Raises as `post`."""
        # Fields as file parts without a name: else httpx sends a form without files another way.
        parts = [(name, (None, value.encode())) for name, value in fields.items()]
        return self._json("POST", path, {"files": [*parts, *files]}, key=key)

    def post_for_bytes(self, path: str, body: Mapping[str, Any], target: Path, *, key: str) -> str:
        """Send JSON, get a file: written to target; its type as the service calls it."""
        request = {"content": orjson.dumps(body), "headers": {"Content-Type": "application/json"}}
        received = self._call(
            lambda http, progress: self._to_file(http, progress, "POST", path, target, request, key)
        )
        return received.headers.get("content-type", "").partition(";")[0].strip().lower()

    def get(self, path: str) -> dict[str, Any]:
        """Ask for JSON. Costs nothing, so it is never ProviderUnsure."""
        return self._json("GET", path, {})

    def delete(self, path: str) -> None:
        self._json("DELETE", path, {})

    def download(self, url: str, target: Path) -> None:
        """Fetch a file of the service itself, by path or by an address `is_own` knows."""
        self._call(lambda http, progress: self._to_file(http, progress, "GET", url, target, {}, ""))

    def is_own(self, url: str) -> bool:
        """Whether an address lies at the operator's base URL: then it may be private, and gets the
        key."""
        own, other = urlsplit(self.endpoint.base_url), urlsplit(url)
        return (own.scheme, own.netloc) == (other.scheme, other.netloc)

    # -- one call ---------------------------------------------------------------------------------

    def _json(
        self, method: str, path: str, request: Mapping[str, Any], *, key: str = ""
    ) -> dict[str, Any]:
        async def ask(http: httpx.AsyncClient, progress: _Progress) -> Received:
            async with self._sent(http, progress, method, path, request, key) as response:
                return Received(response.headers, await self._body(response, JSON_LIMIT))

        return failures.read_json(self.name, self.endpoint, self._call(ask), method == "POST")

    async def _to_file(
        self,
        http: httpx.AsyncClient,
        progress: _Progress,
        method: str,
        path: str,
        target: Path,
        request: Mapping[str, Any],
        key: str,
    ) -> Received:
        size = 0
        async with self._sent(http, progress, method, path, request, key) as response:
            if response.status_code >= 300:
                return Received(response.headers, await self._body(response, 0))
            with target.open("wb") as file:
                async for chunk in response.aiter_raw(CHUNK):
                    size += len(chunk)
                    if size > FILE_LIMIT:
                        raise self._too_large()
                    file.write(chunk)
            return Received(response.headers, b"")

    def _sent(
        self,
        http: httpx.AsyncClient,
        progress: _Progress,
        method: str,
        path: str,
        request: Mapping[str, Any],
        key: str,
    ) -> Any:
        headers = dict(request.get("headers", {}))
        if key and self.endpoint.idempotency_key:
            headers["Idempotency-Key"] = key
        url = path if "://" in path else f"{self.endpoint.base_url}{path}"
        return http.stream(
            method,
            url,
            headers=headers,
            content=request.get("content"),
            files=request.get("files"),
            extensions={"trace": progress.trace},
        )

    async def _body(self, response: httpx.Response, limit: int) -> bytes:
        """The body, and the failure where the status is one."""
        if response.status_code >= 300:
            raise failures.of_status(self.name, self.endpoint, response, await _beginning(response))
        held = bytearray()
        async for chunk in response.aiter_raw(CHUNK):
            held += chunk
            if len(held) > limit:
                raise self._too_large()
        return bytes(held)

    def _call(self, ask: Callable[[httpx.AsyncClient, _Progress], Awaitable[Received]]) -> Received:
        progress = _Progress()

        async def whole() -> Received:
            async with self._http() as http:
                return await ask(http, progress)

        # The last moment before anything is sent.
        self.check()
        try:
            return self._watched(whole)
        except httpx.HTTPError as error:
            raise self._broken(error, progress) from error
        except httpx.StreamError as error:
            raise self._broken(error, progress) from error
        except TimeoutError as error:
            raise self._late(progress) from error

    def _http(self) -> httpx.AsyncClient:
        headers = {"User-Agent": "Reelgraph", "Accept-Encoding": "identity"}
        if self.endpoint.key is not None:
            headers["Authorization"] = f"Bearer {self.endpoint.key.get_secret_value()}"
        return httpx.AsyncClient(
            headers=headers,
            # The deadline watches over the time until an answer begins.
            timeout=httpx.Timeout(None, connect=CONNECT_S, write=STALLED_S),
            follow_redirects=False,
            verify=_trust(self.endpoint.ca_file),
            # Else a proxy or a .netrc of whoever started us would see the key.
            trust_env=False,
        )

    def _watched(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run to the end, the deadline, or until nobody wants it. Raises TimeoutError, or what
        `check` raises."""
        deadline = time.monotonic() + self.endpoint.timeout_s
        loop = asyncio.new_event_loop()
        task = loop.create_task(_coroutine(work))
        try:
            while True:
                self.check()
                if time.monotonic() > deadline:
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

    def _broken(self, error: Exception, progress: _Progress) -> ProviderError:
        who = f"{self.name} ({self.endpoint.host})"
        if progress.is_sent:
            return ProviderUnsure(f"The connection to {who} broke off before its answer was whole.")
        if isinstance(error, httpx.TimeoutException):
            return ProviderTimeout(f"{who} cannot be reached in time.")
        return ProviderError(
            f"{who} cannot be reached, or its certificate is not valid.",
            error_type="PROVIDER_TIMEOUT",
        )

    def _late(self, progress: _Progress) -> ProviderError:
        who = f"{self.name} ({self.endpoint.host})"
        if progress.is_sent:
            return ProviderUnsure(f"{who} did not answer in {self.endpoint.timeout_s:g} seconds.")
        return ProviderTimeout(f"{who} did not take the request in time.")

    def _too_large(self) -> ProviderError:
        return ProviderError(
            f"{self.name} ({self.endpoint.host}) answered with more than is taken.",
            error_type="UNKNOWN_ERROR",
            retryable=False,
        )


@lru_cache(maxsize=8)
def _trust(ca_file: str) -> ssl.SSLContext:
    """Made once: reading the system's certificates takes longer than a small request."""
    return ssl.create_default_context(cafile=ca_file or None)


async def _beginning(response: httpx.Response) -> bytes:
    """The start of a body that says why; as much of it as came."""
    held = bytearray()
    with suppress(httpx.HTTPError):
        async for chunk in response.aiter_raw(CHUNK):
            held += chunk
            if len(held) > ERROR_LIMIT:
                break
    return bytes(held)


async def _coroutine(work: Callable[[], Awaitable[T]]) -> T:
    return await work()
