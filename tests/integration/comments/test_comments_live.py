"""Open editors hear that comments of their draft changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from accounts.models import User
from tests.support.builders.commenting import Commenter, join, on_draft, open_draft
from tests.support.clients.sockets import ORIGIN, Socket
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
    session = signed_in(bob).cookies["sessionid"].value
    headers = {"origin": ORIGIN, "cookie": f"sessionid={session}"}
    line = Socket("", headers, path=f"/ws/documents/{template.public_id}")

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
