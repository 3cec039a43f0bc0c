"""GET …/events/stream: replay, tail, one closing frame, and everything that may go wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest

from accounts import connection_limits
from accounts import services as account_services
from accounts.models import ApiKey, User
from core import change_feed
from runs.engine import cancelling, claims
from runs.live import feed, reading
from runs.log.changes import changing
from runs.log.events import StepProgress
from runs.models import Event, Run
from tests.support.builders.running import chain, finish, start, take, work_off
from tests.support.clients.api import Api
from tests.support.clients.streams import Frame, Stream, close_pool_connections, in_thread

pytestmark = pytest.mark.django_db(transaction=True)
ApiFactory = Callable[..., Api]
PATH = "/v1/creative-agent/workflows"
UNKNOWN = "wf_hosted_tool_sequence_01jd000000000000000000000"
NOTE = [{"id": "a", "toolName": "note", "arguments": {"text": "x", "copies": 2}}]


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def play(scene: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(scene)


def read(run: Run, key: str, query: str = "", **headers: str) -> list[Frame]:
    """The frames of a stream that the server closes."""

    async def scene() -> list[Frame]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with Stream(run.public_id, key, query=query, headers=named) as opened:
            return await opened.to_the_end()

    return play(scene())


def answer(run_id: str, key: str, **options: Any) -> Stream:
    """A request whose answer ends at once."""

    async def scene() -> Stream:
        async with Stream(run_id, key, **options) as opened:
            await opened.until(lambda one: one.ended, "the answer")
            return opened

    return play(scene())


def sequences(frames: list[Frame]) -> list[int]:
    return [frame.id for frame in frames if frame.event == "workflow_event"]


def ended(user: User, status: str) -> Run:
    """A run that is over, in this way."""
    if status == "failed":
        run = start(user, [{"id": "a", "toolName": "fail", "arguments": {"retryable": False}}])
    else:
        run = start(user, NOTE)
    if status == "cancelled":
        cancelling.cancel_run(run=run)
    work_off()
    run.refresh_from_db()
    assert run.status == status
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


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_finished_run_replays_and_closes(alice: User, alice_key: str, status: str) -> None:
    run = ended(alice, status)
    *log, last = read(run, alice_key)
    assert [frame.id for frame in log] == list(range(1, run.last_seq + 1))
    assert {frame.event for frame in log} == {"workflow_event"}
    assert [frame.data["status"] for frame in log if frame.data["status"] == status] == [status]
    assert log[-1].data["status"] == status
    assert (last.event, last.id) == ("workflow_status", run.last_seq)
    assert last.data == {"workflowId": run.public_id, "status": status}


@pytest.mark.parametrize(
    ("query", "last_event_id", "first"),
    [
        ("after=2", "", 3),
        ("", "3", 4),
        ("after=2", "4", 3),
        ("after=nonsense", "4", 1),
        ("after=-1", "", 1),
        ("after=1.5", "", 1),
        ("after=99999999999999999999999999", "", 1),
        ("after=%F0%9F%8E%AC", "", 1),
        ("", "nonsense", 1),
        ("", "٣", 1),
        ("other=2", "", 1),
    ],
)
def test_stream_goes_on_after_its_cursor(
    alice: User, alice_key: str, query: str, last_event_id: str, first: int
) -> None:
    run = ended(alice, "completed")
    headers = {"last_event_id": last_event_id} if last_event_id else {}
    frames = read(run, alice_key, query, **headers)
    assert sequences(frames) == list(range(first, run.last_seq + 1))
    assert frames[-1].event == "workflow_status"


def test_cursor_at_or_beyond_the_end_gets_only_the_closing_frame(
    alice: User, alice_key: str
) -> None:
    run = ended(alice, "completed")
    for after in (run.last_seq, run.last_seq + 1, 10**6):
        (only,) = read(run, alice_key, f"after={after}")
        assert (only.event, only.id) == ("workflow_status", run.last_seq)
        assert only.data["status"] == "completed"


def test_bytes_of_a_stream(alice: User, alice_key: str) -> None:
    run = ended(alice, "completed")
    opened = answer(run.public_id, alice_key)
    assert opened.status == 200
    assert opened.headers["content-type"].startswith("text/event-stream")
    assert "no-cache" in opened.headers["cache-control"]
    assert "content-length" not in opened.headers
    assert opened.body.endswith(b"\n\n")
    assert opened.body.startswith(b"id: 1\nevent: workflow_event\ndata: {")
    assert opened.body.count(b"\n\n") == run.last_seq + 1
    assert b"[DONE]" not in opened.body


def test_log_and_stream_show_the_same_events(api: ApiFactory, alice: User, alice_key: str) -> None:
    run = ended(alice, "completed")
    streamed = [frame.data for frame in read(run, alice_key)[:-1]]
    log = api(alice_key).get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    assert streamed == log
    shown = api(alice_key).get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]
    assert streamed == shown["events"]
    made = [event["data"]["artifact"] for event in log if event["event"] == "artifact_created"]
    assert [artifact["url"] for artifact in made] == [
        artifact["url"] for artifact in shown["artifacts"]
    ]


def test_stream_opened_before_the_first_step_sees_every_event_once(
    alice: User, alice_key: str
) -> None:
    run = start(alice, chain("noop", 5))

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(2)
            await in_thread(work_off)
            return await opened.to_the_end()

    frames = play(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(1, run.last_seq + 1))
    assert frames[-1].data["status"] == "completed"


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_live_stream_ends_with_its_run(alice: User, alice_key: str, status: str) -> None:
    tool = "sleep" if status == "cancelled" else "fail"
    run = start(alice, [{"id": "s0", "toolName": tool, "arguments": {"retryable": False}}])

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key, query="after=1") as opened:
            await opened.frames_so_far(1)
            if status == "cancelled":
                await in_thread(lambda: cancelling.cancel_run(run=run, reason="enough"))
            else:
                await in_thread(work_off)
            return await opened.to_the_end()

    frames = play(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(2, run.last_seq + 1))
    assert [frame.data["status"] for frame in frames[-2:]] == [status, status]
    assert frames[-1].id == run.last_seq


def test_many_streams_of_one_run_all_see_it_live(alice: User, alice_key: str) -> None:
    run, claim = running(alice)

    async def scene() -> list[list[Frame]]:
        streams = [Stream(run.public_id, alice_key) for _ in range(40)]
        for one in streams:
            await one.__aenter__()
        try:
            for one in streams:
                await one.frames_so_far(run.last_seq)
            for _ in range(3):
                await in_thread(report, run)
            await in_thread(lambda: finish(claim))
            return [await one.to_the_end() for one in streams]
        finally:
            for one in streams:
                await one.hang_up()

    heard = play(scene())
    run.refresh_from_db()
    assert all(sequences(frames) == list(range(1, run.last_seq + 1)) for frames in heard)
    assert all(frames == heard[0] for frames in heard)


def test_streams_of_many_runs_hear_only_their_own(alice: User, alice_key: str) -> None:
    runs = [start(alice, chain("noop", 2)) for _ in range(6)]

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

    for run, frames in zip(runs, play(scene()), strict=True):
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

    frames = play(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(1, run.last_seq + 1))


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_log_that_just_fills_a_read_still_closes(
    alice: User, alice_key: str, monkeypatch: pytest.MonkeyPatch, beyond: int
) -> None:
    run = ended(alice, "completed")
    monkeypatch.setattr(reading, "READ_AT_ONCE", run.last_seq + beyond)
    frames = read(run, alice_key)
    assert sequences(frames) == list(range(1, run.last_seq + 1))
    assert frames[-2].data["status"] == frames[-1].data["status"] == "completed"


def test_closing_entry_that_was_undone_keeps_readers_going(alice: User, alice_key: str) -> None:
    """A failed run that was resumed: its old last word must not end a reader's loop."""
    run = ended(alice, "failed")
    Run.objects.filter(id=run.id).update(status="running", finished_at=None)
    report(run)
    Run.objects.filter(id=run.id).update(status="running")
    cancelling.cancel_run(run=run)
    frames = read(run, alice_key)
    undone = [frame for frame in frames if frame.data.get("previousStatus")]
    assert [frame.data["event"] for frame in undone] == ["workflow_failed"]
    assert "status" not in undone[0].data
    assert [frame.data["status"] for frame in frames[-2:]] == ["cancelled", "cancelled"]


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

    body = play(scene())
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

    play(scene())


def test_cursor_beyond_a_running_run_hides_nothing_to_come(alice: User, alice_key: str) -> None:
    run, claim = running(alice)

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key, query="after=5000") as opened:
            await opened.until(lambda one: one.body, "a sign of life")
            await in_thread(lambda: finish(claim))
            return await opened.to_the_end()

    frames = play(scene())
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


def test_unknown_and_foreign_runs_answer_alike(alice: User, bob_key: str) -> None:
    run = ended(alice, "completed")
    bodies = []
    for run_id in (run.public_id, UNKNOWN, "templates", "wf%20x"):
        for method in ("GET", "HEAD"):
            found = answer(run_id, bob_key, method=method)
            assert (found.status, found.headers["content-type"]) == (404, "application/json")
        bodies.append(answer(run_id, bob_key).json())
    for body in bodies:
        assert (body["status"], body["errorCode"]) == (bodies[0]["status"], bodies[0]["errorCode"])
        assert body["message"] == bodies[0]["message"]
    assert not connection_limits.open_here()


@pytest.mark.parametrize(
    ("headers", "number"),
    [
        ({}, 101),
        ({"api-key": "rg_no_one"}, 102),
        ({"authorization": "Bearer nonsense"}, 102),
        ({"cookie": "sessionid=forged"}, 102),
    ],
)
def test_no_one_is_401(alice: User, headers: dict[str, str], number: int) -> None:
    run = ended(alice, "completed")
    refused = answer(run.public_id, "", headers=headers)
    assert (refused.status, refused.json()["errorCode"]) == (401, number)


def test_key_in_the_address_is_refused(alice: User, alice_key: str) -> None:
    run = ended(alice, "completed")
    assert answer(run.public_id, "", query=f"api_key={alice_key}").status == 400


def test_browser_session_may_read(alice: User, client: Any) -> None:
    run = ended(alice, "completed")
    client.force_login(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    assert sequences(read(run, "", cookie=cookie)) == list(range(1, run.last_seq + 1))


def test_revoked_key_ends_the_stream(alice: User, alice_key: str, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_S = settings.STREAM_RECHECK_S = 0.05
    run, _ = running(alice)

    async def scene() -> list[Frame]:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            await in_thread(
                lambda: account_services.revoke_api_key(key=ApiKey.objects.get(user=alice))
            )
            return await opened.to_the_end()

    frames = play(scene())
    assert sequences(frames) == list(range(1, run.last_seq + 1))
    assert frames[-1].event == "workflow_event"
    assert not connection_limits.open_here()


def test_one_person_may_open_so_many_streams(
    alice: User, alice_key: str, bob: User, bob_key: str, settings: Any
) -> None:
    run, _ = running(alice)
    theirs, _ = running(bob)

    async def scene() -> None:
        streams = [Stream(run.public_id, alice_key) for _ in range(settings.STREAMS_PER_USER)]
        for one in streams:
            await one.__aenter__()
        try:
            for one in streams:
                await one.until(lambda opened: opened.status == 200, "headers")
            async with Stream(run.public_id, alice_key) as refused:
                await refused.until(lambda one: one.ended, "the answer")
                assert refused.status == 429
                assert refused.headers["content-type"] == "application/json"
                assert int(refused.headers["retry-after"]) > 0
                assert refused.json()["retryAfter"] > 0
            async with Stream(theirs.public_id, bob_key) as other:
                await other.until(lambda one: one.status == 200, "headers")
            # One that hangs up makes room.
            await streams[0].hang_up()
            async with Stream(run.public_id, alice_key) as next_one:
                await next_one.until(lambda one: one.status == 200, "headers")
        finally:
            for one in streams[1:]:
                await one.hang_up()

    assert settings.STREAMS_PER_USER == 50
    play(scene())
    assert not connection_limits.open_here()


def test_client_that_hangs_up_leaves_nothing_behind(alice: User, alice_key: str) -> None:
    run, _ = running(alice)

    async def scene() -> None:
        async with Stream(run.public_id, alice_key) as opened:
            await opened.frames_so_far(run.last_seq)
            assert feed.follower()._topics
        assert not feed.follower()._topics

    play(scene())
    assert not connection_limits.open_here()


def test_client_that_hangs_up_while_it_is_written_to(alice: User, alice_key: str) -> None:
    run, _ = running(alice)

    async def scene() -> None:
        async with Stream(run.public_id, alice_key, held=True) as opened:
            await in_thread(report, run)
            await opened.hang_up()
        assert not feed.follower()._topics

    play(scene())
    assert not connection_limits.open_here()


def test_foreign_host_name_is_refused(alice: User, alice_key: str, settings: Any) -> None:
    run = ended(alice, "completed")
    for public_url in ("", "http://testserver"):
        settings.PUBLIC_URL = public_url
        refused = answer(run.public_id, alice_key, headers={"host": "evil.example"})
        assert (refused.status, refused.headers["content-type"]) == (400, "application/json")


def test_pages_of_other_origins_may_read_with_a_key(
    alice: User, alice_key: str, settings: Any
) -> None:
    run = ended(alice, "completed")
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

    frames = play(scene())
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

    frames = play(scene())
    run.refresh_from_db()
    assert sequences(frames) == list(range(1, run.last_seq + 1))
