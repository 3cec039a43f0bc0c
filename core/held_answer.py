"""An answer that waits, such as for a run, without the thread that its view ran in.

A view returns its response `held`. Middleware sees it at once; `core.pooled_handler` then waits in
the event loop, where a wait holds neither a thread nor a connection of the database, and has the
body made in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from core import durable
from core.http import error_response

_CAN_HOLD, _WAIT = "_can_hold", "_wait"


@dataclass(frozen=True, slots=True)
class Wait:
    """until: returns when it is over; what it raises is the answer. render: the body of then; None
    leaves it as it is. at_end: called in any case, perhaps twice."""

    until: Callable[[], Awaitable[None]]
    render: Callable[[], bytes] | None = None
    at_end: Callable[[], None] | None = None

    def close(self) -> None:
        if self.at_end is not None:
            self.at_end()


def can_hold(request: HttpRequest) -> None:
    """Note that the handler of this request waits for answers that are held."""
    setattr(request, _CAN_HOLD, True)


def held(request: Any, response: HttpResponse, wait: Wait) -> HttpResponse:
    """The response, which is sent once the wait is over. request: Django's, or a REST view's.

    Where no one waits for it, as in Django's test client, the wait is over when this returns.
    """
    if getattr(request, _CAN_HOLD, False):
        setattr(response, _WAIT, wait)
        return response
    try:
        async_to_sync(_until)(wait)
        _render(response, wait)
    finally:
        wait.close()
    return response


def wait_of(response: HttpResponseBase) -> Wait | None:
    """Return the wait of an answer, if it has one."""
    wait: Wait | None = getattr(response, _WAIT, None)
    return wait


def render(request: HttpRequest, response: Any, wait: Wait, over: asyncio.Future[None]) -> None:
    """Make the body in a thread, once the wait is over; of a wait that failed, the error's."""
    try:
        over.result()
        _render(response, wait)
        # It may contain what others wrote during the wait.
        durable.flush()
    except Exception as problem:
        refusal = error_response(request, problem)
        response.status_code = refusal.status_code
        response.content = refusal.content
        for name, value in refusal.items():
            response[name] = value
    response["Content-Length"] = str(len(response.content))


def _render(response: HttpResponse, wait: Wait) -> None:
    if wait.render is not None:
        response.content = wait.render()


async def _until(wait: Wait) -> None:
    await wait.until()
