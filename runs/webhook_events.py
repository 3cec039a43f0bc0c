"""The events that a webhook tells of. Pure."""

from __future__ import annotations

from typing import Final

from runs import states

TEST: Final = "test"
# Event → as people read it.
EVENTS: Final = {
    "run.completed": "Done",
    "run.failed": "Failed, whole or in part",
    "run.waiting": "Waiting for a person",
    "run.cancelled": "Cancelled",
}
# State that a run moves to → event.
EVENT_OF: Final = {
    states.COMPLETED: "run.completed",
    states.PARTIAL_FAILURE: "run.failed",
    states.FAILED: "run.failed",
    states.WAITING_FOR_USER: "run.waiting",
    states.CANCELLED: "run.cancelled",
}
