"""Counters of recent events, in all web processes together."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any

from core.shared_cache import shared_cache


class Counter:
    """At most `rate` events per caller in any window.

    name: tells it from other counters of the shared cache. Looking and counting are one operation,
    so that of many events at once, in any processes, no more than the rate are let through.
    """

    def __init__(
        self, name: str, window_s: float, clock: Callable[[], float] | None = None
    ) -> None:
        self._name = name
        self._window_s = window_s
        self._clock = clock

    def wait_s(self, caller: str, rate: int, *, count: bool = True) -> float:
        """Count one event and return 0, or return the seconds until one fits.

        count: False only asks.
        """
        now = self._clock() if self._clock is not None else shared_cache().time()
        waits = 0.0

        def look(data: Any) -> Any:
            nonlocal waits
            times = self._recent(data, now)
            waits = 0.0
            if len(times) >= rate:
                waits = 60.0
                if rate > 0:
                    waits = max(0.001, times[-rate] + self._window_s - now)
            else:
                times.append(now)
            return times.tobytes() or None

        if count:
            _used.add(self._name)
            shared_cache().change(self._key(caller), look, self._window_s)
        else:
            look(shared_cache().get(self._key(caller)))
        return waits

    def take_back(self, caller: str) -> None:
        """Forget the latest event of a caller."""
        shared_cache().change(
            self._key(caller), lambda data: (data and data[:-_SIZE]) or None, self._window_s
        )

    def clear(self, caller: str) -> None:
        """Forget one caller."""
        shared_cache().delete(self._key(caller))

    def _recent(self, data: Any, now: float) -> array[float]:
        times = array("d", data or b"")
        # A clock that was set back must not make a caller wait longer than a window.
        return array("d", [min(at, now) for at in times if at > now - self._window_s])

    def _key(self, caller: str) -> str:
        return f"count:{self._name}:{caller}"


def clear_all() -> None:
    """Forget all callers of all counters that this process may have counted."""
    while _used:
        shared_cache().forget(f"count:{_used.pop()}:")


# Names of the counters that counted something in this process.
_used: set[str] = set()
_SIZE = array("d").itemsize
