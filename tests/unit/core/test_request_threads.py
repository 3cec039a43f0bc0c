"""Requests share a few threads; one that takes long holds none of the others up."""

from __future__ import annotations

import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync

from core.pooled_handler import RequestThreads
from tests.support.waiting import WAIT_S


def test_slow_requests_do_not_hold_up_the_next() -> None:
    released = threading.Event()

    async def ask() -> list[str]:
        threads = RequestThreads(2)
        slow = [asyncio.create_task(threads.run(released.wait)) for _ in range(5)]
        await asyncio.sleep(0)
        names = [await threads.run(lambda: threading.current_thread().name) for _ in range(3)]
        released.set()
        await asyncio.gather(*slow)
        return names

    # All that keep their connections are taken: these come from the further ones.
    assert all(name.startswith("slow-requests") for name in asyncio.run(ask()))


def test_a_canceled_request_gives_its_thread_back() -> None:
    async def ask() -> None:
        threads = RequestThreads(1)
        for _ in range(3):
            released = threading.Event()
            task = asyncio.create_task(threads.run(released.wait))
            await asyncio.sleep(0)
            task.cancel()
            released.set()
            with pytest.raises(asyncio.CancelledError):
                await task
            # It is back once the thread has ended its work, which no one waits for any more.
            while await threads.run(lambda: threading.current_thread().name) != "requests_0":
                pass

    asyncio.run(asyncio.wait_for(ask(), WAIT_S))


def test_a_request_may_ask_the_event_loop_it_came_from() -> None:
    async def ask() -> bool:
        here = asyncio.get_running_loop()

        async def loop_of() -> asyncio.AbstractEventLoop:
            return asyncio.get_running_loop()

        return await RequestThreads(1).run(lambda: async_to_sync(loop_of)() is here)

    assert asyncio.run(ask())


def test_a_failure_reaches_the_caller_and_the_thread_goes_on() -> None:
    def fail() -> None:
        raise ValueError("broken")

    async def ask() -> str:
        threads = RequestThreads(1)
        with pytest.raises(ValueError, match="broken"):
            await threads.run(fail)
        return await threads.run(lambda: threading.current_thread().name)

    assert asyncio.run(ask()).startswith("requests")
