"""Telling workers that steps are ready. The tables are the truth; hints may get lost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from django.db import transaction

from core import wakeup


class Subscription(Protocol):
    """A worker's subscription to hints."""

    def wait(self, timeout_s: float) -> bool:
        """Sleep until hinted or timeout_s passed. True when hinted."""

    def close(self) -> None: ...


class Dispatch(Protocol):
    """How hints reach workers."""

    def hint(self, step_ids: Sequence[int]) -> None:
        """Steps became ready. Called inside the transaction that made them so."""

    def listen(self, worker: str) -> Subscription:
        """Subscribe this worker to hints."""


class EmbeddedDispatch:
    """The step table itself: workers look when a datagram wakes them, and every POLL_S anyway.

    A queue package would take SQLite's write lock on every empty poll.
    """

    def hint(self, step_ids: Sequence[int]) -> None:
        transaction.on_commit(lambda: wakeup.notify("worker"))

    def listen(self, worker: str) -> Subscription:
        return wakeup.Subscriber("worker", worker)


@cache
def dispatch() -> Dispatch:
    """The configured dispatch."""
    return EmbeddedDispatch()
