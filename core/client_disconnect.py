"""A check that the client of the current request is still waiting, for work that takes long.

A view of Django runs in a thread and isn't told when its client leaves. `core.asgi.RequestGuard`
notes the server's message of it here, in a context variable that threads of the request inherit.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from core.errors import ClientLeft

_left: ContextVar[threading.Event | None] = ContextVar("client_left", default=None)
Receive = Callable[[], Awaitable[dict[str, Any]]]


def check() -> None:
    """Raise ClientLeft once the client of this request is gone. Never outside a request."""
    event = _left.get()
    if event is not None and event.is_set():
        raise ClientLeft


def end() -> None:
    """The request's work is not wanted any more, such as when the server stops."""
    event = _left.get()
    if event is not None:
        event.set()


def noting(receive: Receive) -> Receive:
    """`receive` of a request; who is called from here on can `check`."""
    event = threading.Event()
    _left.set(event)

    async def receive_and_note() -> dict[str, Any]:
        message = await receive()
        if message["type"] == "http.disconnect":
            event.set()
        return message

    return receive_and_note
