"""/ws/runs/<id>: the same log as REST and the stream, for whom it belongs to, from our pages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts import connection_limits
from accounts.models import User
from runs.live import feed
from runs.log.changes import changing
from runs.log.events import StepProgress
from runs.models import Run
from tests.support.builders.running import chain, start, take, work_off
from tests.support.clients.api import Api
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import Stream
from tests.support.clients.visitors import signed_in
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)
ApiFactory = Callable[..., Api]
PATH = "/v1/creative-agent/workflows"
NOTE = {"toolName": "note", "arguments": {"text": "x", "copies": 2}}


@pytest.fixture(autouse=True)
def _no_connection_stays_open(closed_pool: None) -> Iterator[None]:
    yield
    assert not connection_limits.open_here()


@pytest.fixture(autouse=True)
def _retries_at_once(settings: Any) -> None:
    settings.RETRY_BASE_S = 0.0


def page_of(user: User) -> dict[str, str]:
    """The headers of a page of ours that this person has open."""
    client = signed_in(user)
    return {"origin": ORIGIN, "cookie": f"sessionid={client.cookies['sessionid'].value}"}


def read(run_id: str, headers: dict[str, str], **options: Any) -> Socket:
    """A socket that the server closes."""

    async def scene() -> Socket:
        async with Socket(run_id, headers, **options) as opened:
            await opened.to_the_end()
            return opened

    return asyncio.run(scene())


def sequences(socket: Socket) -> list[int]:
    return [event["sequence"] for event in socket.events()]


def running(user: User) -> tuple[Run, Any]:
    run = start(user, chain("sleep", 1, seconds=0))
    claim = take(run)
    run.refresh_from_db()
    return run, claim


def report(run: Run) -> None:
    with changing(run.id) as change:
        change.append(StepProgress(step="s0", tool="sleep", progress=0.5))


def test_rest_stream_and_socket_tell_the_same(alice: User, alice_key: str, mine: Api) -> None:
    trial = {"id": "b", "toolName": "fail", "arguments": {"times": 1}, "dependsOn": ["a"]}
    run = start(alice, [{"id": "a", **NOTE}, trial])
    while work_off():
        pass
    rest = mine.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    snapshot = mine.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]

    async def scene() -> tuple[list[Any], list[Any]]:
        async with Stream(run.public_id, alice_key) as stream:
            frames = await stream.to_the_end()
        async with Socket(run.public_id, {"api-key": alice_key}) as socket:
            assert await socket.to_the_end() == 1000
        return frames, socket.said

    frames, said = asyncio.run(scene())
    assert [frame.data for frame in frames[:-1]] == rest == snapshot["events"]
    assert said == [{"id": f.id, "event": f.event, "data": f.data} for f in frames]
    # Readers stop at the first final `status`: only the last event may have one.
    final = {"completed", "failed", "cancelled", "partial_failure"}
    assert [event["sequence"] for event in rest if event.get("status") in final] == [len(rest)]


def test_it_resumes_after_a_sequence_number(alice: User) -> None:
    run = start(alice, [NOTE])
    work_off()
    run.refresh_from_db()
    headers = page_of(alice)
    assert sequences(read(run.public_id, headers, query="after=2")) == list(
        range(3, run.last_seq + 1)
    )
    beyond = read(run.public_id, headers, query="after=999999")
    assert (beyond.events(), beyond.closed) == ([], 1000)


def test_a_ping_is_answered_at_once(alice: User) -> None:
    run, _claim = running(alice)
    headers = page_of(alice)

    async def scene() -> None:
        async with Socket(run.public_id, headers, query=f"after={run.last_seq}") as socket:
            await socket.until(lambda one: one.said, "a sign of life")
            pong = {"event": "pong", "id": run.last_seq}
            with promised(1):
                socket.tell("nonsense")
                socket.tell("ping")
                await socket.until(lambda one: pong in one.said, "the pong")

    asyncio.run(scene())


def test_a_silent_socket_shows_signs_of_life(alice: User, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_S = 0.05
    run, _claim = running(alice)
    headers = page_of(alice)

    async def scene() -> None:
        async with Socket(run.public_id, headers) as socket:
            ping = {"event": "ping", "id": run.last_seq}
            await socket.until(lambda one: one.said.count(ping) >= 3, "signs of life")

    asyncio.run(scene())


def test_unknown_and_anothers_run_close_alike(alice: User, bob: User) -> None:
    run = start(alice, [NOTE])
    unknown = f"{run.public_id[:-1]}{'0' if run.public_id[-1] != '0' else '1'}"
    theirs, nowhere = read(run.public_id, page_of(bob)), read(unknown, page_of(bob))
    assert (theirs.closed, theirs.said) == (nowhere.closed, nowhere.said) == (4404, [])


def test_without_a_credential_that_holds_it_closes(alice: User) -> None:
    run = start(alice, [NOTE])
    for cookie in ({}, {"cookie": "sessionid=nonsense"}, {"cookie": "authorization=rg_x"}):
        socket = read(run.public_id, {"origin": ORIGIN, **cookie})
        assert (socket.closed, socket.said) == (4401, []), cookie


def test_another_website_cannot_listen_with_my_cookie(alice: User) -> None:
    run, page = start(alice, [NOTE]), page_of(alice)
    for origin in (
        "http://evil.example",
        "http://testserver.evil.example",
        "http://testserver:81",
        "https://evil.example/http://testserver",
        "null",
        "",
    ):
        socket = read(run.public_id, {**page, "origin": origin})
        assert (socket.accepted, socket.closed, socket.said) == (False, 4403, []), origin


def test_a_listed_origin_may_listen(alice: User, settings: Any) -> None:
    settings.CORS_ORIGINS = ["https://studio.example"]
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    socket = read(run.public_id, {**page_of(alice), "origin": "https://studio.example"})
    assert (socket.accepted, socket.closed) == (True, 1000)


def test_a_cookie_without_an_origin_is_not_enough_but_a_key_is(alice: User, alice_key: str) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()
    cookie = {"cookie": page_of(alice)["cookie"]}
    assert (read(run.public_id, cookie).closed, read(run.public_id, cookie).said) == (4403, [])
    assert read(run.public_id, {"api-key": alice_key}).closed == 1000


def test_a_strange_host_is_refused(alice: User) -> None:
    run = start(alice, [NOTE])
    strange = {**page_of(alice), "host": "evil.example", "origin": "http://evil.example"}
    socket = read(run.public_id, strange)
    assert (socket.accepted, socket.closed) == (False, 4403)


def test_other_sockets_are_refused_before_the_handshake(alice: User) -> None:
    page = page_of(alice)
    for path in ("/ws/runs/", "/ws/runs/a/b", "/ws", "/ws/documents/x/y", "/"):
        socket = read("", page, path=path)
        assert (socket.accepted, socket.said) == (False, []), path


def test_sockets_and_streams_of_a_person_count_together(
    alice: User, alice_key: str, bob: User, settings: Any
) -> None:
    assert settings.STREAMS_PER_USER == 50
    settings.STREAMS_PER_USER = 2
    run, _claim = running(alice)
    theirs, _ = running(bob)
    headers, others = page_of(alice), page_of(bob)

    async def scene() -> None:
        async with Socket(run.public_id, headers) as first:
            await first.until(lambda one: one.said, "the first socket")
            async with Stream(run.public_id, alice_key) as second:
                await second.frames_so_far(1)
                async with Socket(run.public_id, headers) as third:
                    assert await third.to_the_end() == 4429
                async with Stream(run.public_id, alice_key) as fourth:
                    await fourth.until(lambda one: one.ended, "the refusal")
                    assert fourth.status == 429
                    assert int(fourth.headers["retry-after"]) > 0
                    assert fourth.json()["retryAfter"] > 0
                async with Socket(theirs.public_id, others) as other:
                    await other.until(lambda one: one.said, "someone else's")
            async with Socket(run.public_id, headers) as fifth:
                await fifth.until(lambda one: one.said, "the fifth, in the place of the second")

    asyncio.run(scene())


def test_who_hangs_up_leaves_nothing_behind(alice: User) -> None:
    run, _claim = running(alice)
    headers = page_of(alice)

    async def scene() -> None:
        async with Socket(run.public_id, headers) as socket:
            await socket.until(lambda one: one.said, "something")
            assert feed.follower()._topics
        assert not feed.follower()._topics

    asyncio.run(scene())
