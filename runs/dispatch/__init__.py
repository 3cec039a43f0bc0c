"""Telling workers that steps are ready. The tables are the truth; hints may get lost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from django.conf import settings


class Subscription(Protocol):
    """A worker's subscription to hints."""

    def wait(self, timeout_s: float) -> bool:
        """Sleep until hinted or timeout_s passed. True when hinted.

        To call it says that there is nothing left to take.
        """

    def pass_on(self) -> None:
        """This worker is about to work on a step: what else is due is for other workers."""

    def close(self) -> None: ...


class Dispatch(Protocol):
    """Way of hints to the workers."""

    def hint(self, step_ids: Sequence[int]) -> None:
        """Steps became ready, or a limit was lifted. Called inside the transaction that did it."""

    def listen(self, worker: str, labels: Sequence[str]) -> Subscription:
        """Subscribe this worker to hints about steps with these labels."""

    def close(self) -> None:
        """End what sends hints from this process, within a moment. The next hint begins it."""


@cache
def dispatch() -> Dispatch:
    """The dispatch of the configured database."""
    # Imported here: only installations on Postgres have Procrastinate.
    if settings.ON_POSTGRES:
        from runs.dispatch.by_jobs import ProcrastinateDispatch

        return ProcrastinateDispatch()
    from runs.dispatch.embedded import EmbeddedDispatch

    return EmbeddedDispatch()
