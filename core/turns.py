"""Turns at what many share, such as a few threads: one of them takes only so many at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from core.per_loop import per_loop


class Turns:
    """`async with turns.of(who):` waits in the event loop while `most` of theirs are inside."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of = per_loop(WeakValueDictionary[int, asyncio.Semaphore])

    @asynccontextmanager
    async def of(self, who: int) -> AsyncIterator[None]:
        turns = self._of()
        # Goes when the last one who uses it has left.
        own = turns.setdefault(who, asyncio.Semaphore(self._most))
        async with own:
            yield
