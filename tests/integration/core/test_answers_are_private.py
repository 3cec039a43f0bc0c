"""What the API answers is for one person: no cache on the way keeps it."""

import asyncio
from collections.abc import Callable

import pytest

from accounts.models import User
from tests.support.builders.running import start, work_off
from tests.support.clients.api import Api
from tests.support.clients.streams import Stream, close_pool_connections

NOT_STORED = "private, no-store"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/v1/account/me", "/v1/nothing"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_answers_of_the_api_are_not_stored(
    api: Callable[..., Api], alice_key: str, path: str, signed_in: bool
) -> None:
    assert api(alice_key if signed_in else "").get(path)["Cache-Control"] == NOT_STORED


def test_a_stream_keeps_its_own_and_a_refused_one_is_not_stored(
    alice: User, alice_key: str
) -> None:
    run = start(alice, [{"toolName": "noop"}])
    work_off()

    async def scene() -> tuple[str, str]:
        async with Stream(run.public_id, alice_key) as opened, Stream(run.public_id) as refused:
            await opened.to_the_end()
            await refused.until(lambda one: one.ended, "the refusal")
            return opened.headers["cache-control"], refused.headers["cache-control"]

    assert asyncio.run(scene()) == ("no-cache, no-transform", NOT_STORED)
    close_pool_connections()
