"""The check that an answer is still wanted, and its person may go on."""

from __future__ import annotations

import time
from collections.abc import Callable

from runs.engine.attempt_context import AttemptContext
from runs.engine.blocked_owners import held_people

# How often it is asked whether the person may go on.
HELD_EVERY_S = 1.0


class OwnerHeld(Exception):
    """The person is suspended or their account is closed: nothing begins."""


def checking(context: AttemptContext) -> Callable[[], None]:
    """Return a check that also asks, now and then, whether the person may go on."""
    asked_at = float("-inf")

    def check() -> None:
        nonlocal asked_at
        context.check()
        if time.monotonic() - asked_at >= HELD_EVERY_S:
            asked_at = time.monotonic()
            if context.claim.owner_id in held_people():
                raise OwnerHeld

    return check
