"""Hints on SQLite: datagrams between the processes of one machine."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from core import wakeup


class EmbeddedDispatch:
    """The step table itself: workers look when a datagram wakes them, and every POLL_S anyway.

    A queue package would take SQLite's write lock on every empty poll.
    """

    def hint(self, step_ids: Sequence[int]) -> None:
        transaction.on_commit(lambda: wakeup.notify("worker"))

    def listen(self, worker: str, labels: Sequence[str]) -> EmbeddedSubscription:
        return EmbeddedSubscription("worker", worker)

    def close(self) -> None:
        """Datagrams leave nothing open."""


class EmbeddedSubscription(wakeup.Subscriber):
    """Every worker of the machine hears every hint, so none needs to pass it on."""

    def pass_on(self) -> None:
        """Nothing to do."""
