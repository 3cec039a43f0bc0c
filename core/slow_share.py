"""A limit on the threads for slow requests that one person may hold, so that others find one.

A person is known by their network address, and by name once they have proved who they are. A
request that takes longer than COUNTED_S counts for them until it ends. The next one of someone who
holds MOST is refused.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from core import errors

Result = TypeVar("Result")

# Of the 64 of a web process.
MOST: Final = 16
COUNTED_S: Final = 1.0
RETRY_AFTER_S: Final = 5


class Asker:
    """The person who sent one request. name: the address that it came from."""

    def __init__(self, shares: Shares, name: str) -> None:
        self._shares = shares
        self._name = name
        self._counts = self._is_over = False

    def rename(self, name: str) -> None:
        """They have proved who they are. Raises QuotaExceeded."""
        with self._shares.lock:
            if self._counts:
                self._shares.held.subtract([self._name])
                self._shares.held[name] += 1
            self._name = name
        self.check()

    def check(self) -> None:
        """Raise QuotaExceeded for one whose share is used up by other requests."""
        with self._shares.lock:
            others = self._shares.held[self._name] - self._counts
        if others >= MOST:
            raise errors.QuotaExceeded(
                f"{MOST} of your requests are taking long already, the most for one person. Wait"
                " for one to finish.",
                details={"limit": MOST, "per": "person", "what": "slow requests at once"},
                retry_after_s=RETRY_AFTER_S,
            )

    @contextmanager
    def counting(self, work: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
        """The work of this request, which counts once it takes long, until its thread has ended it:
        perhaps long after its client has left."""
        has_begun = False

        def working() -> Result:
            nonlocal has_begun
            has_begun = True
            try:
                return work()
            finally:
                self._end()

        timer = asyncio.get_running_loop().call_later(COUNTED_S, self._begin)
        try:
            yield working
        finally:
            if not has_begun:
                self._end()
            if self._is_over:
                timer.cancel()

    def _begin(self) -> None:
        with self._shares.lock:
            if not self._is_over:
                self._counts = True
                self._shares.held[self._name] += 1

    def _end(self) -> None:
        with self._shares.lock:
            self._is_over = True
            if self._counts:
                self._counts = False
                self._shares.held[self._name] -= 1
                if not self._shares.held[self._name]:
                    del self._shares.held[self._name]


class Shares:
    """Threads that everyone holds in this process, by the name of each."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.held: Counter[str] = Counter()


_asker: ContextVar[Asker | None] = ContextVar("asker", default=None)


def begin(asker: Asker) -> None:
    """Have the threads of this request know who sent it."""
    _asker.set(asker)


def is_of(person: int) -> None:
    """The current request is sent by this person. Raises QuotaExceeded; never outside one."""
    asker = _asker.get()
    if asker is not None:
        asker.rename(f"person {person}")


def is_of_no_one() -> None:
    """No one has proved who sent the current request. Raises as `is_of`."""
    asker = _asker.get()
    if asker is not None:
        asker.check()
