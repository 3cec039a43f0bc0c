"""GET …/events/stream: replay, tail, one closing frame, and everything that may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from accounts import connection_limits
from accounts.models import User
from core import change_feed
from runs.engine import claims
from runs.live import feed, reading
from runs.log.changes import changing
from runs.log.events import StepProgress
from runs.models import Event, Run
from tests.support.builders.running import chain, finish, start, status_after_work, take, work_off
from tests.support.clients.api import Api
from tests.support.clients.streams import Frame, Stream, in_thread

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("closed_pool")]
ApiFactory = Callable[..., Api]
PATH = "/v1/creative-agent/workflows"
UNKNOWN = "wf_hosted_tool_sequence_01jd000000000000000000000"
NOTE = [{"id": "a", "toolName": "note", "arguments": {"text": "x", "copies": 2}}]


def read(run: Run, key: str, query: str = "", **headers: str) -> list[Frame]:
    """The frames of a stream that the server closes."""

    async def scene() -> list[Frame]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with Stream(run.public_id, key, query=query, headers=named) as opened:
            return await opened.to_the_end()

    return asyncio.run(scene())


def answer(run_id: str, key: str, **options: Any) -> Stream:
    """A request whose answer ends at once."""

    async def scene() -> Stream:
        async with Stream(run_id, key, **options) as opened:
            await opened.until(lambda one: one.ended, "the answer")
            return opened

    return asyncio.run(scene())


def sequences(frames: list[Frame]) -> list[int]:
    return [frame.id for frame in frames if frame.event == "workflow_event"]


def ended(user: User) -> Run:
    run = start(user, NOTE)
    assert status_after_work(run) == "completed"
    return run


def report(run: Run, count: int = 1) -> None:
    """Progress of the run's running step: events as a worker writes them."""
    with changing(run.id) as change:
        for _ in range(count):
            change.append(StepProgress(step="s0", tool="sleep", progress=0.5))


def running(user: User, tool: str = "sleep") -> tuple[Run, claims.Claim]:
    run = start(user, chain(tool, 1, **({"seconds": 0} if tool == "sleep" else {})))
    claim = take(run)
    run.refresh_from_db()
    return run, claim


def test_stream_goes_on_after_its_cursor(alice: User, alice_key: str) -> None:
    run = ended(alice)
    for query, headers, first in (
        ("after=2", {"last_event_id": "4"}, 3),
        ("after=nonsense", {"last_event_id": "4"}, 1),
        ("after=%F0%9F%8E%AC", {}, 1),
        ("", {"last_event_id": "٣"}, 1),
    ):
        frames = read(run, alice_key, query, **headers)
        assert sequences(frames) == list(range(first, run.last_seq + 1)), query
        assert frames[-1].event == "workflow_status"


def test_bytes_of_a_stream(alice: User, alice_key: str) -> None:
    run = ended(alice)
    opened = answer(run.public_id, alice_key)
    assert opened.status == 200
    assert opened.headers["content-type"].startswith("text/event-stream")
    assert "no-cache" in opened.headers["cache-control"]
    assert "content-length" not in opened.headers
    assert opened.body.endswith(b"\n\n")
    assert opened.body.startswith(b"id: 1\nevent: workflow_event\ndata: {")
    assert opened.body.count(b"\n\n") == run.last_seq + 1
    assert b"[DONE]" not in opened.body


def test_streams_of_many_runs_hear_only_their_own(alice: User, alice_key: str) -> None:
    runs = [start(alice, chain("noop", 2)) for _ in range(3)]

    async def scene() -> list[list[Frame]]:
        streams = [Stream(run.public_id, alice_key) for run in runs]
        for one in streams:
            await one.__aenter__()
        try:
            await in_thread(work_off)
            return [await one.to_the_end() for one in streams]
        finally:
            for one in streams:
                await one.hang_up()

    for run, frames in zip(runs, asyncio.run(scene()), strict=True):
        assert {frame.data["workflowId"] for frame in frames} == {run.public_id}
        assert sequences(frames) == list(range(1, 9))


def test_slow_reader_misses_nothing(alice: User, alice_key: str) -> None:
    """What is no longer kept is read again from the log; memory does not grow with it."""
    run, claim = running(alice)

    async def scene() -> list[Frame]:
        async with (
            Stream(run.public_id, alice_key) as quick,
            Stream(run.public_id, alice_key, held=True) as slow,
        ):
            await quick.frames_so_far(run.last_seq)
            slow.release()
            await slow.frames_so_far(run.last_seq)
            slow._reads.clear()
            # One send may take a whole queue along before it waits: more than two are needed.
            for _ in range(8):
                await in_thread(report, run, change_feed.KEPT // 2)
            await quick.frames_so_far(run.last_seq + 4 * change_feed.KEPT)
            assert len(feed.follower()._topics[run.pk].entries) == change_feed.KEPT
            slow.release()
            await in_thread(lambda: finish(claim))
            assert await quick.to_the_end() == await slow.to_the_end()
            return slow.frames()

    frames = asyncio.run(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(1, run.last_seq + 1))


def test_log_that_just_fills_a_read_still_closes(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = ended(alice)
    for beyond in (-1, 0, 1):
        monkeypatch.setattr(reading, "READ_AT_ONCE", run.last_seq + beyond)
        frames = read(run, alice_key)
        assert sequences(frames) == list(range(1, run.last_seq + 1))
        assert frames[-2].data["status"] == frames[-1].data["status"] == "completed"


def test_silent_stream_shows_signs_of_life(alice: User, alice_key: str, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_S = 0.05
    run, claim = running(alice)

    async def scene() -> bytes:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            await opened.until(lambda one: one.body.count(b": keep-alive\n") >= 3, "signs of life")
            settings.STREAM_HEARTBEAT_S = 15
            await in_thread(lambda: finish(claim))
            await opened.to_the_end()
            return opened.body

    body = asyncio.run(scene())
    # Glued to the next frame, never a frame of its own: readers would show it as a message.
    assert b": keep-alive\n\n" not in body
    assert b": keep-alive\nid: " in body


def test_stream_at_the_end_of_a_running_run_sends_something_at_once(
    alice: User, alice_key: str
) -> None:
    run, _ = running(alice)

    async def scene() -> None:
        async with Stream(run.public_id, alice_key, query=f"after={run.last_seq}") as opened:
            await opened.until(lambda one: one.body == b": keep-alive\n", "a sign of life")

    asyncio.run(scene())


def test_cursor_beyond_a_running_run_hides_nothing_to_come(alice: User, alice_key: str) -> None:
    run, claim = running(alice)

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key, query="after=5000") as opened:
            await opened.until(lambda one: one.body, "a sign of life")
            await in_thread(lambda: finish(claim))
            return await opened.to_the_end()

    frames = asyncio.run(scene())
    assert sequences(frames)[0] == run.last_seq + 1


def test_head_and_options(alice: User, alice_key: str) -> None:
    run, _ = running(alice)
    head = answer(run.public_id, alice_key, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    options = answer(
        run.public_id, "", method="OPTIONS", headers={"origin": "https://page.example"}
    )
    assert (options.status, options.body) == (204, b"")
    assert options.headers["access-control-allow-origin"] == "https://page.example"
    assert "GET" in options.headers["access-control-allow-methods"]
    assert "last-event-id" in options.headers["access-control-allow-headers"].lower()
    assert not connection_limits.open_here()


def test_no_one_is_401(db: None) -> None:
    for headers, number in (
        ({}, 101),
        ({"api-key": "rg_no_one"}, 102),
        ({"authorization": "Bearer nonsense"}, 102),
        ({"cookie": "sessionid=forged"}, 102),
    ):
        refused = answer(UNKNOWN, "", headers=headers)
        assert (refused.status, refused.json()["errorCode"]) == (401, number), headers


def test_a_strange_host_is_refused(alice_key: str, settings: Any) -> None:
    for public_url in ("", "http://testserver"):
        settings.PUBLIC_URL = public_url
        assert answer(UNKNOWN, alice_key, headers={"host": "evil.example"}).status == 400


def test_key_in_the_address_is_refused(alice_key: str) -> None:
    assert answer(UNKNOWN, "", query=f"api_key={alice_key}").status == 400


def test_client_that_hangs_up_leaves_nothing_behind(alice: User, alice_key: str) -> None:
    run, _ = running(alice)

    async def scene() -> None:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            assert feed.follower()._topics
        assert not feed.follower()._topics

    asyncio.run(scene())
    assert not connection_limits.open_here()


def test_client_that_hangs_up_while_it_is_written_to(alice: User, alice_key: str) -> None:
    run, _ = running(alice)

    async def scene() -> None:
        async with Stream(run.public_id, alice_key, held=True) as opened:
            await in_thread(report, run)
            await opened.hang_up()
        assert not feed.follower()._topics

    asyncio.run(scene())
    assert not connection_limits.open_here()


def test_pages_of_other_origins_may_read_with_a_key(
    alice: User, alice_key: str, settings: Any
) -> None:
    run = ended(alice)
    settings.CORS_ORIGINS = ["https://friend.example"]
    outsider = answer(run.public_id, alice_key, headers={"origin": "https://page.example"})
    assert outsider.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-credentials" not in outsider.headers
    friend = answer(run.public_id, alice_key, headers={"origin": "https://friend.example"})
    assert friend.headers["access-control-allow-credentials"] == "true"
    refused = answer(UNKNOWN, alice_key, headers={"origin": "https://page.example"})
    assert refused.headers["access-control-allow-origin"] == "https://page.example"
    assert "access-control-allow-origin" not in answer(run.public_id, alice_key).headers


def test_database_that_is_away_for_a_moment_ends_no_stream(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, claim = running(alice)
    failures = []
    read_after = feed.read_after

    def failing_once(cursors: dict[int, int]) -> list[tuple[int, int, Event]]:
        if not failures:
            failures.append(cursors)
            raise RuntimeError("the database is away")
        return read_after(cursors)

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            monkeypatch.setattr(feed.follower(), "_read_after", failing_once)
            await in_thread(lambda: finish(claim))
            return await opened.to_the_end()

    frames = asyncio.run(scene())
    assert failures
    assert frames[-1].data["status"] == "completed"


def test_reading_task_that_died_is_started_again(
    alice: User, alice_key: str, settings: Any
) -> None:
    settings.STREAM_HEARTBEAT_S = 0.05
    run, claim = running(alice)

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            task = feed.follower()._poll_task
            assert task is not None
            task.cancel()
            await asyncio.wait([task])
            await in_thread(lambda: finish(claim))
            return await opened.to_the_end()

    frames = asyncio.run(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(1, run.last_seq + 1))
