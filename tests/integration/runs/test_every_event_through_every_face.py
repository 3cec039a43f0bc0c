"""Every kind of event there is, kept in one log: REST, stream and socket show the same of it.

The logs are written row by row, so that no kind can be forgotten: a new one is in here by itself.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import User
from runs import states
from runs.log.events import EVENTS
from runs.models import Event, Run
from tests.support.builders.running import chain, start
from tests.support.clients.api import Api
from tests.support.clients.sockets import Socket
from tests.support.clients.streams import Stream
from tests.unit.runs.test_events import sample

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]
PATH = "/v1/creative-agent/workflows"
FINAL = states.RUN_TERMINAL
CLOSING = [name for name, kind in EVENTS.items() if kind.run_status in states.STREAM_CLOSING]
OTHERS = [name for name in EVENTS if name not in CLOSING]


def logged(alice: User, last: str) -> Run:
    """A run whose log holds every kind of event, ends that were undone among them, then `last`."""
    run = start(alice, chain("noop", 1))
    run.events.all().delete()
    names = [*OTHERS, *(name for name in CLOSING if name != last), last]
    step = run.steps.get()
    for seq, name in enumerate(names, start=1):
        event: Event = sample(EVENTS[name])
        event.run, event.seq = run, seq
        event.step = step if "step" in event.payload else None
        event.created_at = datetime(2026, 3, 12, 22, 16, seq % 60, tzinfo=UTC)
        event.save()
    status = EVENTS[last].run_status
    Run.objects.filter(id=run.id).update(
        status=status, last_seq=len(names), finished_at=datetime(2026, 3, 12, tzinfo=UTC)
    )
    run.steps.update(status="cancelled")
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("last", CLOSING)
def test_they_are_shown_alike_and_only_the_last_end_is_one(
    alice: User, alice_key: str, mine: Api, last: str
) -> None:
    run = logged(alice, last)
    rest = mine.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]

    async def scene() -> tuple[list[Any], list[Any]]:
        async with Stream(run.public_id, alice_key) as stream:
            frames = await stream.to_the_end()
        async with Socket(run.public_id, {"api-key": alice_key}) as socket:
            await socket.to_the_end()
        return frames, socket.said

    frames, said = asyncio.run(scene())
    *log, end = frames
    assert said == [{"id": f.id, "event": f.event, "data": f.data} for f in frames]
    assert {event["type"] for event in rest} == set(EVENTS)
    assert (end.event, end.id) == ("workflow_status", len(rest))
    assert end.data == {"workflowId": run.public_id, "status": run.status}
    # REST may keep `status` everywhere; in a stream an end that was undone says `previousStatus`.
    for shown, kept in zip(log, rest, strict=True):
        alike = dict(shown.data)
        alike["status"] = alike.pop("previousStatus", None) or alike["status"]
        assert alike == kept
    closing = [
        event.data for event in log if event.data.get("status") in FINAL | {"waiting_for_user"}
    ]
    assert [event["type"] for event in closing] == [last]
    for event in log:
        inner = event.data["data"]
        assert "status" not in inner
        assert "status" not in (inner.get("workflow") or {})
        if event.data["type"].startswith(("step_", "artifact_")):
            assert event.data["stepStatus"]
