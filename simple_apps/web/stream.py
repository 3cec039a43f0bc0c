"""`GET /v1/apps/<slug>/runs/<token>/events`: a guest's run as server-sent events.

Each `run` event holds all that the guest reads of it, when that has changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from core.openapi import Operation
from runs import states
from runs.live.body_stream import BodyStream, Reading
from simple_apps import access, guest_view


class GuestRunStream(BodyStream):
    """The run of a token."""

    operations: ClassVar[dict[str, Operation]] = {
        "get": Operation(
            "streamGuestRun",
            "Stream a guest's run",
            "Apps",
            answers={200: {"type": "string", "description": "Server-sent events."}},
            answer_type="text/event-stream",
            flat=True,
            public=True,
            description="`event: run` with a `GuestRunOut` as `data` each time it changes, then"
            " `event: end` when it is over.",
        )
    }
    event = "run"

    def look(self, names: Mapping[str, str], headers: Mapping[str, str], query: str) -> Reading:
        guest = access.open_run(names["slug"], names["token"])
        body = guest_view.guest_run(guest, names["token"])
        return Reading(body, body["status"] in states.RUN_TERMINAL, guest.run_id)
