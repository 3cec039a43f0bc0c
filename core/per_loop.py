"""Objects of which each event loop has one of its own. A web process has one loop, tests many."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


def per_loop(make: Callable[[], T]) -> Callable[[], T]:
    """A function that returns the running event loop's object, made when it is first asked for."""
    by_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()

    def of_this_loop() -> T:
        loop = asyncio.get_running_loop()
        if loop not in by_loop:
            by_loop[loop] = make()
        return by_loop[loop]

    return of_this_loop
