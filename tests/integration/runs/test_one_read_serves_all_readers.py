"""An event is read once and encoded once for each kind of reader, however many there are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest

from accounts.models import User
from runs.live import feed
from runs.live.consumers import RunConsumer
from runs.live.event_stream import RunEventStream
from runs.log.changes import changing
from runs.log.events import StepProgress
from tests.support.builders.running import chain, start, take
from tests.support.clients.sockets import Socket
from tests.support.clients.streams import Stream, in_thread
from tests.support.waiting import promised

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]
EACH = 6


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, int]]:
    """How often each event was encoded, by kind of reader and sequence number."""
    found: Counter[tuple[str, int]] = Counter()
    for consumer in (RunConsumer, RunEventStream):

        def counting(
            self: Any, seq: int, name: str, body: Mapping[str, Any], *, real: Any = consumer.encode
        ) -> Any:
            found[self.kind, seq] += 1
            return real(self, seq, name, body)

        monkeypatch.setattr(consumer, "encode", counting)
    return found


def test_a_dozen_readers_of_a_run_cost_one_read_and_two_encodings_of_an_event(
    alice: User,
    alice_key: str,
    encoded: Counter[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = start(alice, chain("sleep", 1, seconds=0))
    take(run)
    run.refresh_from_db()
    reads: list[Mapping[int, int]] = []

    def report() -> None:
        with changing(run.id) as change:
            change.append(StepProgress(step="s0", tool="sleep", progress=0.5))

    def reading(cursors: Mapping[int, int]) -> list[tuple[int, int, Any]]:
        found = feed.read_after(cursors)
        if found:
            reads.append(dict(cursors))
        return found

    async def scene() -> None:
        async with AsyncExitStack() as opened:
            sockets = [
                await opened.enter_async_context(Socket(run.public_id, {"api-key": alice_key}))
                for _ in range(EACH)
            ]
            streams = [
                await opened.enter_async_context(Stream(run.public_id, alice_key))
                for _ in range(EACH)
            ]
            for socket in sockets:
                await socket.until(lambda one: len(one.events()) == run.last_seq, "the replay")
            for stream in streams:
                await stream.frames_so_far(run.last_seq)
            encoded.clear()
            monkeypatch.setattr(feed.follower(), "_read_after", reading)
            await in_thread(report)
            for socket in sockets:
                await socket.until(lambda one: len(one.events()) == run.last_seq + 1, "the event")
            for stream in streams:
                await stream.frames_so_far(run.last_seq + 1)

    asyncio.run(scene())
    seq = run.last_seq + 1
    assert encoded == {("ws", seq): 1, ("sse", seq): 1}
    assert reads == [{run.pk: run.last_seq}]


def test_a_lost_hint_costs_a_poll(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(alice, chain("sleep", 1, seconds=0))
    take(run)
    run.refresh_from_db()

    def report() -> None:
        with changing(run.id) as change:
            change.append(StepProgress(step="s0", tool="sleep", progress=0.5))

    async def scene() -> None:
        async with (
            Socket(run.public_id, {"api-key": alice_key}) as socket,
            Stream(run.public_id, alice_key) as stream,
        ):
            await socket.until(lambda one: len(one.events()) == run.last_seq, "the replay")
            await stream.frames_so_far(run.last_seq)
            monkeypatch.setattr("runs.log.hints.publish", lambda group, message: None)
            await in_thread(report)
            with promised(5):
                await socket.until(lambda one: len(one.events()) == run.last_seq + 1, "the event")
            await stream.frames_so_far(run.last_seq + 1)

    asyncio.run(scene())
