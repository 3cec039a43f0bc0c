"""Open editors hear that comments of their draft changed, and what happens at once harms none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from accounts.models import User
from comments.models import Comment
from tests.support.at_once import at_once
from tests.support.builders.commenting import (
    Commenter,
    join,
    make_share,
    on_draft,
    on_share,
    open_draft,
)
from tests.support.clients.sockets import Socket, page_headers
from tests.support.clients.streams import close_pool_connections, in_thread
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def test_a_commenters_editor_hears_of_each_change(alice: User, bob: User) -> None:
    template = open_draft(alice)
    join(template, bob, "commenter")
    line = Socket("", page_headers(signed_in(bob)), path=f"/ws/documents/{template.public_id}")

    writer = Commenter(alice)

    def heard() -> int:
        return sum(1 for one in line.said if one["event"] == "comments")

    async def scene() -> None:
        async with line:
            await line.until(lambda one: one.said, "the first word")
            made = await in_thread(
                lambda: writer.wrote(on_draft(template), text="Wider", stage="keyframe")
            )
            await line.until(lambda _: heard() == 1, "that one was written")
            await in_thread(lambda: writer.change(made, "remove"))
            await line.until(lambda _: heard() == 2, "that it was deleted")

    asyncio.run(scene())


def test_two_at_once(alice: User, bob: User) -> None:
    share = make_share(alice)
    writer, owner = Commenter(bob), Commenter(alice)
    for _ in range(4):
        made = writer.wrote(on_share(share), text="Hi")
        acts = [
            lambda made=made: writer.change(made, "edit", text="Ho"),
            lambda made=made: owner.change(made, "answer", text="Ha"),
            lambda made=made: owner.change(made, "resolve"),
            lambda made=made: writer.change(made, "remove"),
        ]
        statuses = [answer.status_code for answer in at_once(acts)]
        assert set(statuses) <= {200, 404}, statuses
        assert statuses[-1] == 200
        assert not Comment.objects.exists()
