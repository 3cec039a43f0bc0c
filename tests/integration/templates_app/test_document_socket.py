"""/ws/documents/<id>: changes in order as they happen, and who else is there."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connections

from accounts import connection_limits
from accounts.models import User
from core import errors
from templates_app.documents import feed, hints, invitations, presence, selectors
from templates_app.documents.presence_message import read_presence
from templates_app.lifecycle import services as templates
from templates_app.models import Change, Collaborator, Document, Template
from tests.support.builders.editing import edit, log_of, make_document, template_of
from tests.support.clients.api import Api
from tests.support.clients.sockets import ORIGIN, Socket, page_headers
from tests.support.clients.streams import close_pool_connections, in_thread
from tests.support.clients.visitors import signed_in
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()
    assert not connection_limits.open_here()


@pytest.fixture
def document(alice: User) -> Document:
    return make_document(alice)


def page_of(user: User) -> dict[str, str]:
    """The headers of a page of ours that this person has open."""
    return page_headers(signed_in(user))


def opened(document: Document, headers: dict[str, str], query: str = "") -> Socket:
    path = f"/ws/documents/{template_of(document).public_id}"
    return Socket("", headers, query=query, path=path)


def let_in(document: Document, person: User, role: str = "editor") -> None:
    Collaborator.objects.create(template_id=document.template_id, user=person, role=role)


def refused(document: Document, headers: dict[str, str]) -> Socket:
    """A socket that the server closes."""
    line = opened(document, headers)

    async def scene() -> None:
        async with line:
            await line.to_the_end()

    asyncio.run(scene())
    return line


def said(socket: Socket, event: str) -> list[dict[str, Any]]:
    return [message for message in socket.said if message["event"] == event]


def revs(socket: Socket) -> list[int]:
    return [message["change"]["rev"] for message in said(socket, "change")]


def names(socket: Socket) -> list[str]:
    """Who is there, by the last that was said."""
    lists = said(socket, "people")
    return sorted(person["name"] for person in lists[-1]["people"]) if lists else []


async def there(socket: Socket, *wanted: str) -> None:
    await socket.until(lambda one: names(one) == sorted(wanted), f"{wanted} alone")


def test_a_change_arrives_as_http_tells_it(alice: User, document: Document) -> None:
    client = signed_in(alice)
    line = opened(document, page_headers(client))

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            await in_thread(edit, alice, document, "a dark sky")
            await line.until(lambda one: revs(one) == [1], "the change")

    asyncio.run(scene())
    path = f"/app/documents/{template_of(document).public_id}/changes?after=0"
    assert [one["change"] for one in said(line, "change")] == client.get(path).json()["changes"]


def test_an_api_key_opens_it_too(alice: User, alice_key: str, document: Document) -> None:
    line = opened(document, {"api-key": alice_key})

    async def scene() -> None:
        async with line:
            await there(line, "alice")

    asyncio.run(scene())


def test_a_template_that_no_one_has_opened_is_followed_too(
    alice: User, bob: User, alice_key: str, api: Callable[..., Api]
) -> None:
    """As `docs/examples/edit_template.py` does: the template was made over the API."""
    rest, path = api(alice_key), "/v1/creative-agent/workflows/templates"
    made = rest.post(path, {"name": "Sky", "stages": []}).json()["data"]["template"]["id"]
    Collaborator.objects.create(template=Template.objects.get(), user=bob, role="viewer")
    line = Socket("", {"api-key": alice_key}, path=f"/ws/documents/{made}")
    beside = Socket("", page_of(bob), path=f"/ws/documents/{made}")

    async def scene() -> None:
        async with beside, line:
            await there(line, "alice", "bob")
            await in_thread(rest.patch, f"{path}/{made}", {"name": "Night sky"})
            await line.until(lambda one: revs(one) == [1], "the new name")

    asyncio.run(scene())
    [change] = said(line, "change")
    assert change["change"]["label"] == "API update"
    assert Document.objects.count() == 1


def test_a_ticket_is_made_for_a_template_that_no_one_has_opened(
    alice_key: str, api: Callable[..., Api], bob_key: str
) -> None:
    rest, path = api(alice_key), "/v1/creative-agent/workflows/templates"
    made = rest.post(path, {"name": "Sky", "stages": []}).json()["data"]["template"]["id"]
    assert api(bob_key).post("/v1/realtime/tickets", {"template": made}).status_code == 404
    assert not Document.objects.exists()
    assert rest.post("/v1/realtime/tickets", {"template": made}).status_code == 201


def test_everyone_hears_concurrent_writers_in_one_order_without_gaps(
    alice: User, bob: User, document: Document
) -> None:
    let_in(document, bob)
    mine, theirs = page_of(alice), page_of(bob)
    first, second = opened(document, mine), opened(document, theirs)
    each, writers = 8, 4

    def write(person: User, name: str) -> None:
        try:
            for turn in range(each):
                edit(person, document, f"{name} {turn}")
        finally:
            connections.close_all()

    async def scene() -> None:
        async with first, second:
            await there(first, "alice", "bob")
            threads = [
                threading.Thread(target=write, args=((alice, bob)[place % 2], f"writer {place}"))
                for place in range(writers)
            ]
            for thread in threads:
                thread.start()
            for line in (first, second):
                await line.until(lambda one: len(revs(one)) >= each * writers, "all changes")
            for thread in threads:
                await asyncio.to_thread(thread.join)

    asyncio.run(scene())
    wanted = list(range(1, each * writers + 1))
    assert revs(first) == revs(second) == wanted
    ids = [message["change"]["id"] for message in said(first, "change")]
    assert ids == [str(row.change_id) for row in log_of(document)]


def test_it_catches_up_from_a_revision(alice: User, document: Document) -> None:
    edit(alice, document, "one", "two", "three")
    line = opened(document, page_of(alice), "after=1")
    afresh = opened(document, page_of(alice))

    async def scene() -> None:
        async with line, afresh:
            await there(afresh, "alice", "alice")
            await line.until(lambda one: len(revs(one)) == 2, "what was missed")
            await in_thread(edit, alice, document, "four")
            await line.until(lambda one: len(revs(one)) == 3, "what comes")
            await afresh.until(lambda one: revs(one), "what comes")

    asyncio.run(scene())
    assert revs(line) == [2, 3, 4]
    assert revs(afresh) == [4]


@pytest.mark.parametrize("lost", ["pruned", "too many"])
def test_who_was_away_too_long_is_told_to_ask(
    alice: User, document: Document, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(alice, document, "one", "two", "three")
    if lost == "pruned":
        Change.objects.filter(rev=1).delete()
    else:
        monkeypatch.setattr("templates_app.documents.selectors.REPLAY", 2)
    line = opened(document, page_of(alice), "after=0")

    async def scene() -> None:
        async with line:
            await line.until(lambda one: said(one, "behind"), "the word")
            await in_thread(edit, alice, document, "four")
            await line.until(lambda one: revs(one), "what comes")

    asyncio.run(scene())
    assert said(line, "behind") == [{"event": "behind", "rev": 3, "version": "0.0.1"}]
    assert revs(line) == [4]


def test_a_slow_reader_is_told_that_it_is_behind_and_goes_on(
    alice: User, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "BACKLOG", 4)
    slow, quick = opened(document, page_of(alice)), opened(document, page_of(alice))

    async def scene() -> None:
        async with slow, quick:
            await there(slow, "alice", "alice")
            slow.hold()
            for turn in range(20):
                await in_thread(edit, alice, document, str(turn))
                await quick.until(lambda one, rev=turn + 1: rev in revs(one), "a change")
            slow.release()
            await slow.until(lambda one: said(one, "behind"), "the word")
            await in_thread(edit, alice, document, "and on")
            for line in (slow, quick):
                await line.until(lambda one: 21 in revs(one), "what comes")

    asyncio.run(scene())
    assert revs(quick) == list(range(1, 22))
    heard = revs(slow)
    assert len(heard) < 10
    assert heard == sorted(set(heard))
    assert said(slow, "behind")[0]["rev"] == 20


def test_a_new_version_is_told(alice: User, document: Document) -> None:
    line = opened(document, page_of(alice))
    public_id = template_of(document).public_id

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            await in_thread(edit, alice, document, "a dark sky")
            await in_thread(
                lambda: templates.save_version(
                    actor=alice, public_id=public_id, label="Darker", version=None
                )
            )
            await line.until(lambda one: said(one, "saved"), "the word")

    asyncio.run(scene())
    assert said(line, "saved") == [{"event": "saved", "version": "0.0.2"}]
    assert revs(line) == [1]


def test_who_may_only_look_hears_of_its_runs_too(
    alice: User, bob: User, document: Document
) -> None:
    let_in(document, bob, "viewer")
    mine, theirs = opened(document, page_of(alice)), opened(document, page_of(bob))
    template = template_of(document)

    async def scene() -> None:
        async with mine, theirs:
            await there(mine, "alice", "bob")
            await in_thread(lambda: hints.run_started(template, "wf_x"))
            for line in (mine, theirs):
                await line.until(lambda one: said(one, "run"), "the run")

    asyncio.run(scene())
    assert said(mine, "run") == said(theirs, "run") == [{"event": "run", "id": "wf_x"}]


def test_people_see_each_other_come_point_and_go(
    alice: User, bob: User, document: Document
) -> None:
    let_in(document, bob)
    window = str(uuid.uuid4())
    first = opened(document, page_of(alice), f"client={window}")
    second = opened(document, page_of(bob))

    async def scene() -> None:
        async with first:
            await there(first, "alice")
            async with second:
                await there(first, "alice", "bob")
                first.tell(presence_text(["s0"], {"x": 10, "y": -2.5}))
                await second.until(lambda one: pointing(one, window), "the pointer")
            await there(first, "alice")

    asyncio.run(scene())
    assert pointing(second, window) == {
        "clientId": window,
        "id": alice.public_id,
        "name": "alice",
        "hue": said(first, "people")[0]["people"][0]["hue"],
        "selection": ["s0"],
        "cursor": {"x": 10, "y": -2.5},
    }
    assert not Change.objects.exists()


def presence_text(selection: Any, cursor: Any) -> str:
    return json.dumps({"presence": {"selection": selection, "cursor": cursor}})


def pointing(socket: Socket, window: str) -> dict[str, Any] | None:
    """A person of the last list who points somewhere."""
    people = said(socket, "people")[-1]["people"] if said(socket, "people") else []
    return next(
        (one for one in people if one["clientId"] == window and one["cursor"] is not None), None
    )


def test_a_hail_of_pointers_is_told_at_a_bearable_rate(alice: User, document: Document) -> None:
    window = str(uuid.uuid4())
    line, other = (
        opened(document, page_of(alice), f"client={window}"),
        opened(document, page_of(alice)),
    )

    async def scene() -> float:
        loop = asyncio.get_running_loop()
        async with line, other:
            await there(other, "alice", "alice")
            began = loop.time()
            for turn in range(60):  # all at once, as after a pause of the network
                line.tell(presence_text([], {"x": turn, "y": 0}))
            last = {"x": 59, "y": 0}
            await other.until(
                lambda one: (pointing(one, window) or {}).get("cursor") == last, "the last"
            )
            return loop.time() - began

    took_s = asyncio.run(scene())
    assert len(said(other, "people")) <= took_s / presence.PAUSE_S + 5


HOSTILE = [
    "",
    "[" * 4_000,
    "[]",
    "null",
    '{"presence": null}',
    '{"presence": {"selection": [], "cursor": {"x": 1e999, "y": 0}}}',
    '{"presence": {"selection": [], "cursor": {"x": true, "y": 0}}}',
    '{"presence": {"selection": [], "cursor": {"x": 1}}}',
    '{"presence": {"selection": [], "cursor": {"x": 1, "y": 1, "z": 1}}}',
    '{"presence": {"selection": "s0", "cursor": null}}',
    '{"presence": {"selection": [7], "cursor": null}}',
    '{"presence": {"selection": [""], "cursor": null}}',
    '{"presence": {"selection": ["\\ud800"], "cursor": null}}',
    '{"presence": {"selection": [], "cursor": null, "name": "mo"}}',
    presence_text(["a"] * 201, None),
    presence_text(["a" * 201], None),
    presence_text(["é" * 190] * 15, None),
    presence_text(["a" * 100] * 60, None),
    '{"event": "people", "people": []}',
    "\ud800",
]


def test_what_is_no_presence_is_let_pass(alice: User, document: Document) -> None:
    assert [text for text in HOSTILE if read_presence(text) is not None] == []
    line = opened(document, page_of(alice))

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            for text in HOSTILE:
                line.tell(text)
            line.tell("ping")
            await line.until(lambda one: said(one, "pong"), "the answer")
            seen = len(said(line, "people"))
            await line.until(lambda one: len(said(one, "people")) > seen, "the next list")

    asyncio.run(scene())
    assert said(line, "people")[-1]["people"][0]["selection"] == []
    assert line.closed is None


def test_bytes_and_pings_do_no_harm(alice: User, document: Document) -> None:
    edit(alice, document, "one")
    line = opened(document, page_of(alice))

    async def scene() -> None:
        async with line:
            line.input_queue.put_nowait({"type": "websocket.receive", "bytes": b"\xff" * 9_000})
            line.tell("ping")
            await line.until(lambda one: said(one, "pong"), "the answer")

    asyncio.run(scene())
    assert said(line, "pong") == [{"event": "pong", "rev": 1}]


def test_a_silent_line_shows_signs_of_life(alice: User, document: Document, settings: Any) -> None:
    settings.STREAM_HEARTBEAT_S = 0.05
    line = opened(document, page_of(alice))

    async def scene() -> None:
        async with line:
            await line.until(lambda one: len(said(one, "ping")) >= 3, "signs of life")

    asyncio.run(scene())


def test_outsiders_and_unknown_documents_close_alike(
    alice: User, bob: User, document: Document
) -> None:
    theirs = refused(document, page_of(bob))
    nowhere = Socket("", page_of(bob), path="/ws/documents/wf_nothing_00000000")

    async def scene() -> None:
        async with nowhere:
            await nowhere.to_the_end()

    asyncio.run(scene())
    assert (theirs.closed, theirs.said) == (nowhere.closed, nowhere.said) == (4404, [])


def test_who_may_only_look_is_refused(alice: User, bob: User, document: Document) -> None:
    templates.patch_template(
        actor=alice,
        public_id=template_of(document).public_id,
        changes={"visibility": "public"},
        own_hosts=[],
    )
    line = refused(document, page_of(bob))
    assert (line.closed, line.said) == (4403, [])


def test_another_website_cannot_listen_with_my_cookie(alice: User, document: Document) -> None:
    for origin in ("http://evil.example", "null", "http://testserver:81"):
        line = refused(document, {**page_of(alice), "origin": origin})
        assert (line.accepted, line.closed, line.said) == (False, 4403, [])
    without = {"cookie": page_of(alice)["cookie"]}
    assert refused(document, without).closed == 4403
    assert refused(document, {"origin": ORIGIN}).closed == 4401


def test_a_changed_role_is_told_at_once_and_holds(
    alice: User, bob: User, document: Document
) -> None:
    let_in(document, bob)
    mine, theirs = opened(document, page_of(alice)), opened(document, page_of(bob))
    public_id = template_of(document).public_id

    def change_role(role: str) -> None:
        invitations.invite(actor=alice, public_id=public_id, username="bob", role=role)

    async def scene() -> None:
        async with mine, theirs:
            await there(theirs, "alice", "bob")
            with promised(5):
                await in_thread(change_role, "viewer")
                await theirs.until(lambda one: said(one, "role"), "the word of it")
            # Readers go on hearing what others do.
            await in_thread(edit, alice, document, "a dark sky")
            await theirs.until(lambda one: revs(one) == [1], "the change")
            assert theirs.closed is None

    asyncio.run(scene())
    with pytest.raises(errors.Forbidden):
        selectors.document_of(bob, public_id)


def test_a_deleted_template_closes_its_sockets(alice: User, document: Document) -> None:
    line = opened(document, page_of(alice))
    public_id = template_of(document).public_id

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            await in_thread(lambda: templates.delete_template(actor=alice, public_id=public_id))
            assert await line.to_the_end() == 4404

    asyncio.run(scene())


def test_who_signs_out_is_turned_away(alice: User, document: Document, settings: Any) -> None:
    settings.STREAM_RECHECK_S = 0.05
    client = signed_in(alice)
    line = opened(document, page_headers(client))

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            await in_thread(client.logout)
            assert await line.to_the_end() == 4401

    asyncio.run(scene())


def test_sockets_are_counted_by_person_and_by_document(
    alice: User, document: Document, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (opened(document, page_of(alice)) for _ in range(3))

    async def scene() -> None:
        async with first:
            await there(first, "alice")
            settings.STREAMS_PER_USER = 1
            async with second:
                assert await second.to_the_end() == 4429
            settings.STREAMS_PER_USER = 9
            monkeypatch.setattr(presence, "MAX_CONNECTIONS", 1)
            async with third:
                assert await third.to_the_end() == 4429
            assert first.closed is None

    asyncio.run(scene())


def test_who_hangs_up_leaves_nothing_behind(alice: User, document: Document) -> None:
    line = opened(document, page_of(alice))

    async def scene() -> None:
        async with line:
            await there(line, "alice")
            assert feed.follower()._topics
            assert presence.tracker().channels
        assert not feed.follower()._topics
        assert not presence.tracker().channels
        assert presence.tracker()._ticking is None

    asyncio.run(scene())
