"""The rate at which one connection may send: so many events a second, with some to spare."""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """At most `per_s` events a second in the long run, and `at_once` together after a rest.

    Not safe for threads: it belongs to one connection of one event loop.
    """

    __slots__ = ("_at", "_clock", "_left", "_most", "_per_s")

    def __init__(
        self, per_s: float, at_once: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_s, self._most, self._clock = per_s, at_once, clock
        self._left, self._at = at_once, clock()

    def keeps(self) -> bool:
        """Count one event. False when it came too soon."""
        now = self._clock()
        self._left = min(self._most, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
