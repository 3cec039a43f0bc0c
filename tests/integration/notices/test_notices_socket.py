"""/ws/notices: a person's bell, live, for themselves alone and as long as they are signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from django.test import Client

from accounts import connection_limits, socket_tickets
from accounts import services as account_services
from accounts.auth import Principal
from accounts.models import ApiKey, User
from notices import create_notice, feed
from notices.models import Notice
from tests.support.builders.factories import make_key
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import close_pool_connections, in_thread
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/ws/notices"


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()
    assert not connection_limits.open_here()


@pytest.fixture
def no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only hints bring news."""
    monkeypatch.setattr(feed, "POLL_S", 3600.0)


def bell(headers: Mapping[str, str] | None = None, **options: Any) -> Socket:
    return Socket("", headers, path=PATH, **options)


def cookie_of(client: Client) -> dict[str, str]:
    return {"origin": ORIGIN, "cookie": f"sessionid={client.cookies['sessionid'].value}"}


def page_of(person: User) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    return cookie_of(client)


def tell(person: User, text: str, kind: str = "run_done") -> None:
    create_notice.tell(person.pk, kind, about=text, text=text, url="/me")


async def shows(socket: Socket, unread: int, newest: str = "") -> dict[str, Any]:
    """The first message that says so."""

    def look(one: Socket) -> dict[str, Any] | None:
        for said in one.said:
            if said["event"] != "notices" or said["unread"] != unread:
                continue
            if not newest or (said["notices"] and said["notices"][0]["text"] == newest):
                return said
        return None

    return await socket.until(look, f"{unread} unread, {newest}")


def test_it_shows_what_there_is_then_what_comes_and_what_is_read(
    alice: User, bob: User, no_poll: None
) -> None:
    tell(alice, "Before.")
    tell(bob, "Bob's.")
    headers, phone = page_of(alice), page_of(alice)

    async def scene() -> None:
        async with bell(headers) as here, bell(phone) as there:
            first = await shows(here, 1, "Before.")
            [one] = first["notices"]
            assert (one["kind"], one["url"], one["isRead"]) == ("run_done", "/me", False)
            await shows(there, 1)
            await in_thread(lambda: tell(alice, "After."))
            await shows(here, 2, "After.")
            await shows(there, 2, "After.")
            await in_thread(lambda: create_notice.mark_read(alice, ids=[one["id"]]))
            last = await shows(here, 1, "After.")
            assert [shown["isRead"] for shown in last["notices"]] == [False, True]
            await shows(there, 1, "After.")
            assert "Bob" not in str(here.said)

    asyncio.run(scene())


def test_a_lost_hint_costs_a_poll(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "POLL_S", 0.1)
    headers = page_of(alice)

    async def scene() -> None:
        async with bell(headers) as socket:
            await shows(socket, 0)
            row = Notice(person=alice, kind="like", about="x", text="Unhinted.", url="/me")
            await in_thread(row.save)
            await shows(socket, 1, "Unhinted.")

    asyncio.run(scene())


def test_a_notice_with_a_smaller_id_that_is_committed_later_is_shown(
    alice: User, no_poll: None
) -> None:
    headers = page_of(alice)

    async def scene() -> None:
        async with bell(headers) as socket:
            await shows(socket, 0)
            row = Notice(pk=900, person=alice, kind="like", about="b", text="Second.", url="/me")
            await in_thread(row.save)
            await in_thread(lambda: create_notice.hints.moved(alice.pk))
            await shows(socket, 1, "Second.")
            row = Notice(pk=899, person=alice, kind="like", about="a", text="First.", url="/me")
            await in_thread(row.save)
            await in_thread(lambda: create_notice.hints.moved(alice.pk))
            last = await shows(socket, 2)
            assert [one["text"] for one in last["notices"]] == ["Second.", "First."]

    asyncio.run(scene())


def test_what_was_switched_off_does_not_come(alice: User, no_poll: None) -> None:
    create_notice.choose(alice, "like", create_notice.Ways(False, False, False))
    headers = page_of(alice)

    async def scene() -> None:
        async with bell(headers) as socket:
            await shows(socket, 0)
            await in_thread(lambda: tell(alice, "A like.", "like"))
            await in_thread(lambda: tell(alice, "A run."))
            await shows(socket, 1, "A run.")
            assert "A like." not in str(socket.said)

    asyncio.run(scene())


def test_one_read_serves_all_bells_of_a_person(
    alice: User, no_poll: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = page_of(alice)
    reads = []

    def reading(cursors: Mapping[int, Any]) -> list[Any]:
        found = read_after(cursors)
        reads.extend(found)
        return found

    read_after = feed.read_after

    async def scene() -> None:
        async with AsyncExitStack() as opened:
            bells = [await opened.enter_async_context(bell(headers)) for _ in range(10)]
            for one in bells:
                await shows(one, 0)
            monkeypatch.setattr(feed.follower(), "_read_after", reading)
            await in_thread(lambda: tell(alice, "A run."))
            for one in bells:
                await shows(one, 1, "A run.")

    asyncio.run(scene())
    assert len(reads) == 1


def test_it_answers_a_ping_and_ignores_the_rest(alice: User) -> None:
    headers = page_of(alice)

    async def scene() -> None:
        async with bell(headers) as socket:
            await shows(socket, 0)
            for text in ("nonsense", '{"event":"notices"}', "", "ping"):
                socket.tell(text)
            await socket.until(lambda one: {"event": "pong"} in one.said, "the pong")

    asyncio.run(scene())


# Who may


def closes(code: int, headers: Mapping[str, str] | None = None, **options: Any) -> None:
    async def scene() -> None:
        async with bell(headers, **options) as socket:
            assert await socket.to_the_end() == code
            assert socket.said == []

    asyncio.run(scene())


def test_visitors_and_small_keys_are_refused(alice: User) -> None:
    closes(4401)
    closes(4401, {"api-key": "rg_nothing"})
    closes(4403, {"api-key": make_key(alice, scope="read")})
    closes(4403, {"api-key": make_key(alice, scope="run")})


def test_a_whole_key_and_a_ticket_of_its_path_open_it(alice: User) -> None:
    tell(alice, "Hello.")
    key = make_key(alice)
    principal = Principal(alice, ApiKey.objects.get(user=alice), "key")
    ticket = socket_tickets.issue(principal, PATH).text
    other = socket_tickets.issue(principal, "/ws/runs/x").text

    async def scene() -> None:
        async with bell({"api-key": key}) as socket:
            await shows(socket, 1, "Hello.")
        async with bell({}, query=f"ticket={ticket}") as socket:
            await shows(socket, 1, "Hello.")

    asyncio.run(scene())
    closes(4403, {}, query=f"ticket={other}")


def out_of(alice: User, client: Client) -> None:
    client.logout()


def everywhere(alice: User, client: Client) -> None:
    account_services.end_sessions(user=alice)


def inactive(alice: User, client: Client) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)


@pytest.mark.parametrize("end", [out_of, everywhere, inactive], ids=lambda end: end.__name__)
def test_it_ends_within_five_seconds_of_the_session(
    alice: User, end: Callable[[User, Client], None]
) -> None:
    client = Client()
    client.force_login(alice)
    headers = cookie_of(client)

    async def scene() -> None:
        async with bell(headers) as socket:
            await shows(socket, 0)
            await in_thread(lambda: end(alice, client))
            with promised(5):
                assert await socket.to_the_end() in (4401, 4403)

    asyncio.run(scene())


def test_it_counts_among_a_persons_connections(alice: User, settings: Any) -> None:
    settings.STREAMS_PER_USER = 2
    headers = page_of(alice)

    async def scene() -> None:
        async with bell(headers) as one, bell(headers) as two:
            await shows(one, 0)
            await shows(two, 0)
            async with bell(headers) as three:
                assert await three.to_the_end() == 4429

    asyncio.run(scene())
