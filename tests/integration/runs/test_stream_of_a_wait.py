"""A stream ends when its run begins to wait; anyone who comes back for the answer is kept on."""

from __future__ import annotations

import asyncio

import pytest

from accounts.models import User
from runs.interaction import waits
from runs.log.changes import changing
from runs.models import Run, Wait
from tests.support.builders.plans import question, run_plan, step
from tests.support.builders.running import work_off
from tests.support.clients.streams import Frame, Stream, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]


def answer(run: Run) -> None:
    wait = Wait.objects.select_related("step").get(run=run, answered_at=None)
    assert wait.step is not None
    with changing(run.id) as change:
        assert waits.close_wait(change, wait, answer={"type": "answer"}, by=None)
        waits.complete_step(change, wait.step, {"answer": "blue"})
    work_off()


def test_a_stream_closes_on_a_wait_and_the_next_sees_the_end(alice: User, alice_key: str) -> None:
    run = run_plan(alice, step("a"), question("ask", "a"), step("go", "noop", "ask"))

    async def follow(after: int, act: object) -> list[Frame]:
        async with Stream(run.public_id, alice_key, query=f"after={after}") as opened:
            await opened.until(lambda one: one.body, "a first byte")
            await in_thread(act)
            return await opened.to_the_end()

    frames = asyncio.run(follow(0, work_off))
    assert (frames[-1].event, frames[-1].data["status"]) == ("workflow_status", "waiting_for_user")
    assert frames[-2].data["event"] == "workflow_waiting_for_user"
    assert [one.data["status"] for one in frames[:-2] if one.data["status"] != "running"] == [
        "queued",
        "queued",
    ]
    run.refresh_from_db()
    # At the end of what there is: held open, else a client that reconnects would spin.
    rest = asyncio.run(follow(run.last_seq, lambda: answer(run)))
    assert rest[0].data["event"] == "workflow_resumed"
    assert rest[-1].data["status"] == "completed"
    whole = asyncio.run(follow(0, lambda: None))
    closing = [one.data for one in whole if one.data.get("event") == "workflow_waiting_for_user"]
    # Undone since: it may not end a reader's loop.
    assert [("status" in one, one["previousStatus"]) for one in closing] == [
        (False, "waiting_for_user")
    ]
