"""The public contract's spelling of step states."""

from __future__ import annotations

from typing import Final

from runs import states

# Where it differs from ours. A batch and a step at its provider hold no worker, but are at work.
_SPELLED: Final = {
    states.READY: states.PENDING,
    states.WAITING: states.WAITING_FOR_USER,
    states.EXPANDED: states.RUNNING,
    states.PARKED: states.RUNNING,
}
STEP_STATUSES: Final = tuple(
    dict.fromkeys(_SPELLED.get(state, state) for state in states.STEP_STATES)
)


def step_status(state: str) -> str:
    """A step's state as clients read it."""
    return _SPELLED.get(state, state)
