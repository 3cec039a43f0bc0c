"""Images that a service is paid for, from their start to their end."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from runs.models import Run
from tests.support.builders.running import start, work_off_with_looks

# How a run is that asks whether a request may be sent once more.
ASKED = ("waiting_for_user", "permission_required")


def begin(person: User, **arguments: Any) -> Run:
    step = {"id": "a", "toolName": "generate_image", "arguments": {"prompt": "a fox", **arguments}}
    return start(person, [step])


def over(run: Run) -> Run:
    """Work a run off, and look at its jobs at once, until only a person can go on."""
    work_off_with_looks(run)
    run.refresh_from_db()
    return run
