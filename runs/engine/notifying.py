"""Telling a run's owner that it is done, failed or waits, in the transaction that moves it.

No notices for runs started with an API key: there may be thousands, and the program knows. Of those
that others start by an allowance, only what waits for their owner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from notices import create_notice
from runs import states
from runs.models import Run

# State → the kind of notice, and how the sentence ends.
TOLD: Final = {
    states.COMPLETED: ("run_done", "is done."),
    states.PARTIAL_FAILURE: ("run_failed", "is done in part: some stages failed."),
    states.FAILED: ("run_failed", "failed."),
    states.WAITING_FOR_USER: ("your_turn", "is waiting for you."),
}

_others: list[Callable[[Run], bool]] = []


def register_others(are_asked: Callable[[Run], bool]) -> None:
    """Let an app say, in `AppConfig.ready`, whether all that a waiting run of an allowance asks is
    for others than its owner."""
    _others.append(are_asked)


def tell_owner(run: Run, to: str) -> None:
    """Notify the owner of a move of their run, under its lock."""
    if to not in TOLD or run.api_key_id is not None or run.is_background:
        return
    if run.allowance_id is not None and (
        to != states.WAITING_FOR_USER or any(are_asked(run) for are_asked in _others)
    ):
        return
    kind, ending = TOLD[to]
    create_notice.tell(
        run.owner_id,
        kind,
        # A run that waits, or ends again after a retry, is told again.
        about=f"run:{run.pk}:{to}:{run.last_seq}",
        text=f"“{run.title or 'A run'}” {ending}",
        url=f"/runs/{run.public_id}",
    )
