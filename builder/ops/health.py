"""`/healthz` and `/readyz`: whether the process lives, and whether the server can work.

Plain ASGI apps for what watches the server: without sign-in, limits, host names or redirects, so
that a probe by network address works. Outsiders read them: they name each check, and say nothing
of what is wrong or what to do, which the doctor and the operator's page do.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, connection

import builder.ops.checks  # noqa: F401  all of them register themselves
from core import errors, ids
from core.asgi import Scope, Send, send_json
from core.checks import Face, Result, Survey
from core.http import envelope

# What answers later than this counts as failed.
PATIENCE_S = 3.0
NO_STORE = ((b"cache-control", b"no-store"),)


class SharedSurvey:
    """A survey in a thread of its own, shared by all who ask: a check that hangs blocks no more."""

    def __init__(self, face: Face) -> None:
        self._survey = Survey(face)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"health-{face}")
        self._lock = threading.Lock()
        self._future: Future[Sequence[Result]] | None = None

    def results(self) -> Future[Sequence[Result]]:
        """Begin a survey, or join the one that is under way."""
        with self._lock:
            if self._future is None or self._future.done():
                self._future = self._pool.submit(self._look)
            return self._future

    @property
    def current(self) -> str:
        """The name of the check that is being looked at; "everything" before the first."""
        return self._survey.current or "everything"

    def _look(self) -> Sequence[Result]:
        # Over a connection of its own each time: an old one may outlive the database behind it.
        try:
            return list(self._survey.results())
        finally:
            with contextlib.suppress(DatabaseError):
                connection.close()


class HealthApp:
    """`/healthz`: 200 while this process answers at all. Looks at nothing."""

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if not await _is_refused(scope, send):
            await _answer(scope, send, 200, {"status": "ok"})


class ReadyApp:
    """`/readyz`: 200 when no check of this face has a fault, else 503; each by its name."""

    def __init__(self) -> None:
        self._survey = SharedSurvey("ready")

    async def __call__(self, scope: Scope, receive: Any, send: Send) -> None:
        if await _is_refused(scope, send):
            return
        future = asyncio.wrap_future(self._survey.results())
        try:
            results = await asyncio.wait_for(asyncio.shield(future), PATIENCE_S)
        except TimeoutError:
            is_ok = {self._survey.current: False}
        else:
            is_ok = {one.entry.name: not one.has_fault for one in results if not one.is_skipped}
        is_ready = all(is_ok.values())
        checks = {name.replace(" ", "_"): {"ok": ok} for name, ok in is_ok.items()}
        body = {"status": "ready" if is_ready else "not ready", "checks": checks}
        await _answer(scope, send, 200 if is_ready else 503, body)


async def _is_refused(scope: Scope, send: Send) -> bool:
    if scope["method"] in ("GET", "HEAD"):
        return False
    status, extra, body = envelope(errors.NotAllowed(), request_id=ids.request_id())
    await send_json(send, status, body, [*extra.items(), ("allow", "GET, HEAD")])
    return True


async def _answer(scope: Scope, send: Send, status: int, body: dict[str, Any]) -> None:
    if scope["method"] != "HEAD":
        await send_json(send, status, body, NO_STORE)
        return

    async def without_body(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    await send_json(without_body, status, body, NO_STORE)
