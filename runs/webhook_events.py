"""The events that a webhook tells of. Pure."""

from __future__ import annotations

from typing import Final

from runs import states

COMPLETED: Final = "run.completed"
FAILED: Final = "run.failed"
WAITING: Final = "run.waiting"
CANCELLED: Final = "run.cancelled"
TEST: Final = "test"
# Event → as people read it.
EVENTS: Final = {
    COMPLETED: "A run is done",
    FAILED: "A run failed, whole or in part",
    WAITING: "A run waits for a person",
    CANCELLED: "A run was cancelled",
}
# State that a run moves to → event.
EVENT_OF: Final = {
    states.COMPLETED: COMPLETED,
    states.PARTIAL_FAILURE: FAILED,
    states.FAILED: FAILED,
    states.WAITING_FOR_USER: WAITING,
    states.CANCELLED: CANCELLED,
}
