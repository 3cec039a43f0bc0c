"""One person's slow requests leave threads to others."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from core import slow_share
from core.errors import QuotaExceeded
from core.pooled_handler import RequestThreads
from core.slow_share import MOST, Asker, Shares

ADDRESS = "192.0.2.7"


class Server:
    """Requests to one web process."""

    def __init__(self) -> None:
        self.shares = Shares()
        self._threads = RequestThreads(2)
        self._released = threading.Event()

    async def answer(self, person: int | None, work: Callable[[], object] = lambda: None) -> None:
        """One request, of a person or of no one. Raises what it is refused with."""
        asker = Asker(self.shares, ADDRESS)
        slow_share.begin(asker)

        def view() -> None:
            if person is None:
                slow_share.is_of_no_one()
            else:
                slow_share.is_of(person)
            work()

        await self._threads.run(view, asker)

    async def hold(self, person: int | None, count: int) -> list[asyncio.Task[None]]:
        """So many requests that take long, once they count."""

        async def held() -> None:
            await self.answer(person, self._released.wait)

        tasks = [asyncio.create_task(held()) for _ in range(count)]
        while self.shares.held.total() < count:
            await asyncio.sleep(0.05)
        return tasks

    def release(self) -> None:
        self._released.set()


def test_a_person_has_a_share_of_the_slow_threads() -> None:
    async def ask() -> None:
        server = Server()
        held = await server.hold(1, MOST)
        with pytest.raises(QuotaExceeded, match=f"{MOST} of your requests") as refusal:
            await server.answer(1)
        assert refusal.value.retry_after_s
        # Others, and visitors of the same address, are answered.
        await server.answer(2)
        await server.answer(None)
        server.release()
        await asyncio.gather(*held)
        await server.answer(1)
        assert not server.shares.held

    asyncio.run(asyncio.wait_for(ask(), 60))


def test_visitors_of_one_address_share() -> None:
    async def ask() -> None:
        server = Server()
        held = await server.hold(None, MOST)
        with pytest.raises(QuotaExceeded):
            await server.answer(None)
        await server.answer(1)
        server.release()
        await asyncio.gather(*held)
        await server.answer(None)

    asyncio.run(asyncio.wait_for(ask(), 60))


def test_a_thread_counts_until_it_ends_though_its_client_left() -> None:
    async def ask() -> None:
        server = Server()
        held = await server.hold(1, MOST)
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        with pytest.raises(QuotaExceeded):
            await server.answer(1)
        server.release()
        while server.shares.held:
            await asyncio.sleep(0.01)
        await server.answer(1)

    asyncio.run(asyncio.wait_for(ask(), 60))
