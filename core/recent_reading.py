"""Rows that every turn of a loop asks for, read again twice a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

# How old it may be, in seconds: what another process writes holds here after that.
LIFE_S: Final = 0.5


class RecentReading(Generic[T]):
    """Result of `query`, at most LIFE_S old. One that raised is tried again at once."""

    def __init__(self, query: Callable[[], T]) -> None:
        self._query = query
        self._values: list[T] = []
        self._read_at = float("-inf")

    def forget(self) -> None:
        """Read again at the next `get`: this process has written what is read."""
        self._read_at = float("-inf")

    def get(self) -> T:
        """Return it, at most LIFE_S old."""
        if time.monotonic() - self._read_at > LIFE_S:
            # Before the query: what is written while it runs is read again in time.
            began = time.monotonic()
            self._values = [self._query()]
            self._read_at = began
        return self._values[0]
