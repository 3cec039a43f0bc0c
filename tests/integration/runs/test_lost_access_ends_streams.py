"""A lost credential, or a lost run or template, ends what it opened within seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import access_revalidation, connection_limits, tokens
from accounts import services as account_services
from accounts.auth import Principal
from accounts.models import ApiKey, User
from comments import services as comments
from core import clock
from runs import access
from runs.models import Run
from templates_app.documents import selectors as documents
from templates_app.documents import services
from templates_app.models import Collaborator
from tests.support.builders.collaborating import let_in
from tests.support.builders.drafts import Desk, note
from tests.support.builders.editing import make_document, template_of
from tests.support.builders.exports import export_of
from tests.support.builders.factories import make_key
from tests.support.builders.running import chain, finish, start, status_of, take, work_off
from tests.support.builders.suspending import lift, suspend
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.sockets import ORIGIN, Socket
from tests.support.clients.streams import Stream, in_thread
from tests.support.clients.visitors import signed_in
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_connection_stays_open(closed_pool: None) -> Iterator[None]:
    yield
    assert not connection_limits.open_here()


class Way:
    """How alice came in, and how that ends. credential: headers; end: blocks on the database."""

    def __init__(self, credential: dict[str, str], end: Callable[[], object], number: int) -> None:
        self.credential, self.end, self.close_code = credential, end, number


def by_key(alice: User, end: Callable[[ApiKey], object], close_code: int = 4401) -> Way:
    secret = make_key(alice)
    return Way({"api-key": secret}, lambda: end(ApiKey.objects.get(user=alice)), close_code)


def signed_out(alice: User, run: Run) -> Way:
    client = signed_in(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    return Way({"origin": ORIGIN, "cookie": cookie}, client.logout, 4401)


def everywhere_signed_out(alice: User, run: Run) -> Way:
    way = signed_out(alice, run)
    return Way(way.credential, lambda: account_services.end_sessions(user=alice), 4401)


def revoked(alice: User, run: Run) -> Way:
    return by_key(alice, lambda key: account_services.revoke_api_key(key=key))


def closed(alice: User, run: Run) -> Way:
    return by_key(alice, lambda key: User.objects.filter(pk=alice.pk).update(is_active=False))


def token_ended(alice: User, run: Run) -> Way:
    pair = tokens.start_family(user=alice)
    headers = {"authorization": f"Bearer {pair.access}"}
    return Way(headers, lambda: tokens.end_family(pair.access), 4401)


def not_theirs(alice: User, run: Run) -> Way:
    other = User.objects.create(username="other")
    return by_key(alice, lambda key: Run.objects.filter(pk=run.pk).update(owner=other), 4404)


def suspended(alice: User, run: Run) -> Way:
    return by_key(alice, lambda key: suspend(alice), 4423)


def suspended_in_a_browser(alice: User, run: Run) -> Way:
    return Way(signed_out(alice, run).credential, lambda: suspend(alice), 4423)


def suspended_with_a_token(alice: User, run: Run) -> Way:
    return Way(token_ended(alice, run).credential, lambda: suspend(alice), 4423)


WAYS = [signed_out, everywhere_signed_out, revoked, closed, token_ended, not_theirs]
WAYS += [suspended, suspended_in_a_browser, suspended_with_a_token]


@pytest.mark.parametrize("way_of", WAYS, ids=lambda way: way.__name__)
def test_a_stream_and_a_socket_end_when_access_is_lost(
    alice: User, settings: Any, way_of: Callable[[User, Run], Way]
) -> None:
    settings.STREAM_RECHECK_S = 0.1
    run = start(alice, chain("sleep", 1, seconds=0))
    take(run)
    way = way_of(alice, run)

    async def scene() -> None:
        headers = {name: value for name, value in way.credential.items() if name != "origin"}
        async with (
            Stream(run.public_id, headers=headers) as stream,
            Socket(run.public_id, way.credential) as socket,
        ):
            await stream.frames_so_far(1)
            await socket.until(lambda one: one.events(), "the log")
            await in_thread(way.end)
            with promised(5):
                await stream.to_the_end()
                assert await socket.to_the_end() == way.close_code

    asyncio.run(scene())


def test_a_suspension_ends_an_editor_and_leaves_the_bell(alice: User, settings: Any) -> None:
    settings.STREAM_RECHECK_S = 0.1
    document = make_document(alice)
    path = f"/ws/documents/{template_of(document).public_id}"
    run = start(alice, chain("sleep", 1, seconds=0))
    client = signed_in(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    headers = {"origin": ORIGIN, "cookie": cookie}

    async def scene() -> None:
        async with (
            Socket("", headers, path=path) as editor,
            Socket("", headers, path="/ws/notices") as bell,
        ):
            await editor.until(lambda one: len(one.said) > 0, "the editor")
            await bell.until(lambda one: len(one.said) > 0, "the bell")
            await in_thread(lambda: suspend(alice))
            with promised(5):
                assert await editor.to_the_end() == 4423
            # New ones are refused, for as long as it lasts.
            for again in (path, f"/ws/runs/{run.public_id}"):
                async with Socket("", headers, path=again) as refused:
                    with promised(5):
                        assert await refused.to_the_end() == 4423
            assert bell.closed is None
            await in_thread(lambda: lift(alice))
            async with Socket("", headers, path=path) as editor:
                await editor.until(lambda one: len(one.said) > 0, "the editor again")

    asyncio.run(scene())


def test_what_happens_after_a_removal_is_not_heard_though_no_hint_came(
    alice: User, bob: User, settings: Any
) -> None:
    settings.STREAM_RECHECK_S = 0.1
    desk = Desk(bob, [note("a")])
    assert desk.template is not None
    public_id = desk.template.public_id
    run = desk.start()
    step = take(run)
    services.open_document(viewer=bob, public_id=public_id)
    let_in(bob, public_id, alice, "viewer")
    headers = {"api-key": make_key(alice)}
    remark = comments.comment_on_template(
        actor=bob, template=desk.template, text="Wider", place=comments.Place()
    )

    async def scene() -> None:
        async with (
            Stream(run.public_id, headers=headers) as stream,
            Socket(run.public_id, headers) as socket,
            Socket("", headers, path=f"/ws/documents/{public_id}") as editor,
        ):
            await stream.frames_so_far(1)
            await socket.until(lambda one: one.events(), "the log")
            await editor.until(lambda one: one.said, "who is there")
            # As if another process did it, and the word of it was lost.
            await in_thread(lambda: Collaborator.objects.filter(user=alice).delete())
            with promised(5):
                await stream.to_the_end()
                assert await socket.to_the_end() == await editor.to_the_end() == 4404
            body, said = stream.body, [len(socket.said), len(editor.said)]

            def go_on() -> None:
                comments.edit(actor=bob, comment=remark, text="Wider, and slower")
                finish(step)
                desk.start()
                work_off()

            await in_thread(go_on)
            assert (stream.body, [len(socket.said), len(editor.said)]) == (body, said)

    asyncio.run(scene())
    # Nor is it told to who asks, and no address of a file is given out any more.
    assert status_of(run) == "completed"
    result = run.artifacts.get().public_id
    api, page = Client(headers=headers), Client()
    page.force_login(alice)
    path = f"/v1/creative-agent/workflows/{run.public_id}"
    asked = [(api, path), (api, f"{path}/events"), (page, f"/runs/{run.public_id}")]
    asked += [
        (page, f"/app/runs/{run.public_id}/{one}") for one in ("state", "waiting", "comments")
    ]
    asked += [(page, f"/app/documents/{public_id}{one}") for one in ("", "/comments", "/runs")]
    for client, address in asked:
        answer = client.get(address)
        assert answer.status_code == 404, address
        assert result not in answer.content.decode(), address
    for address in ("/me/media", "/app/media", "/me/runs", "/me/templates"):
        assert result not in page.get(address).content.decode(), address
    assert not [name for name, text in export_of(alice).items() if result.encode() in text]
    assert request_app("GET", f"/runs/{run.public_id}/download", headers).status == 404


def test_another_role_is_told_to_the_editor_though_no_hint_came(
    alice: User, bob: User, settings: Any
) -> None:
    settings.STREAM_RECHECK_S = 0.1
    public_id = template_of(make_document(bob)).public_id
    let_in(bob, public_id, alice, "editor")
    headers = {"api-key": make_key(alice)}

    def roles_told(socket: Socket) -> int:
        return sum(1 for one in socket.said if one["event"] == "role")

    async def scene() -> None:
        async with Socket("", headers, path=f"/ws/documents/{public_id}") as editor:
            await editor.until(lambda one: one.said, "who is there")
            for count, role in enumerate(("viewer", "commenter"), 1):
                given = Collaborator.objects.filter(user=alice)
                await in_thread(lambda given=given, role=role: given.update(role=role))
                with promised(5):
                    await editor.until(lambda one, count=count: roles_told(one) == count, role)
            assert editor.closed is None

    asyncio.run(scene())


@pytest.mark.slow
def test_with_the_products_own_settings_it_takes_less_than_five_seconds(alice: User) -> None:
    run = start(alice, chain("sleep", 1, seconds=0))
    take(run)
    way = revoked(alice, run)
    document = make_document(alice)
    path = f"/ws/documents/{template_of(document).public_id}"

    async def scene() -> None:
        async with (
            Stream(run.public_id, headers=way.credential) as stream,
            Socket(run.public_id, way.credential) as socket,
            Socket("", way.credential, path=path) as editor,
        ):
            await stream.frames_so_far(1)
            await socket.until(lambda one: one.events(), "the log")
            await editor.until(lambda one: one.said, "who is there")
            await in_thread(way.end)
            with promised(5):
                await stream.to_the_end()
                assert await socket.to_the_end() == await editor.to_the_end() == 4401

    asyncio.run(scene())


def test_an_expired_key_is_in_doubt(alice: User) -> None:
    run = start(alice, chain("sleep", 1, seconds=0))
    make_key(alice)
    key = ApiKey.objects.get(user=alice)
    opened = of(Principal(alice, key, "key"), run)
    assert access_revalidation.in_doubt([opened], 0) == []
    ApiKey.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert access_revalidation.in_doubt([opened], 0) == [opened]


def of(principal: Principal, run: Run) -> access_revalidation.OpenConnection:
    return access_revalidation.OpenConnection(
        principal,
        run.pk,
        access.followable,
        lambda: (principal, run),
        lambda error: None,
        checked_at=0,
    )


def test_a_hundred_open_streams_cost_a_handful_of_queries_together(alice: User) -> None:
    runs = [start(alice, chain("sleep", 1, seconds=0)) for _ in range(20)]
    document = make_document(alice)
    make_key(alice)
    alices = Principal(alice, ApiKey.objects.get(user=alice), "key")
    opened = [of(alices, run) for run in runs * 4]
    opened += [
        access_revalidation.OpenConnection(
            alices,
            (document.pk, documents.OWNER),
            documents.roles_held,
            lambda: (alices, document),
            lambda error: None,
            checked_at=0,
        )
        for _ in range(20)
    ]
    with CaptureQueriesContext(connection) as asked:
        assert access_revalidation.in_doubt(opened, 0) == []
    assert len(asked) <= 6
