"""A person's open streams and sockets are limited in the sum of all web processes."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from accounts.connection_limits import (
    CONNECTIONS,
    ConnectionCounts,
    forget_process,
    registry_key,
    too_many_streams,
)
from core import database, errors
from tests.support.clients.streams import close_pool_connections
from tests.support.program import ROOT
from tests.support.waiting import WAIT_S, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
ALICE, BOB = 9_000_001, 9_000_002

# Opens connections of alice and says how many it got; then does what each line asks. Apps that
# counting does not need cost most of a start.
PROGRAM = f"""
import asyncio, sys
import django
from django.conf import settings
settings.INSTALLED_APPS = settings.INSTALLED_APPS[: settings.INSTALLED_APPS.index("notices")]
django.setup()
from django.db import connection
connection.settings_dict["NAME"], name = sys.argv[1:3]
from accounts.connection_limits import ConnectionCounts, too_many_streams
from core import errors

async def main():
    counts = ConnectionCounts(name, limit=lambda: 10, refusal=too_many_streams, beat_s=0.2)
    held = 0
    while line := await asyncio.to_thread(sys.stdin.readline):
        word, number = line.split()
        if word == "open":
            asked = (counts.acquire({ALICE}) for _ in range(int(number)))
            got = sum(one is None for one in await asyncio.gather(*asked, return_exceptions=True))
            held += got
        else:
            for _ in range(int(number)):
                counts.release({ALICE})
            held -= int(number)
        print(held, flush=True)

asyncio.run(main())
"""


class Web:
    """A process that holds connections of alice open."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(connection.settings_dict["NAME"]), name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def answer(self) -> int:
        """How many it holds open."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()
    close_pool_connections()


@contextlib.contextmanager
def webs() -> Iterator[tuple[Web, Web]]:
    both = Web("web-1-a"), Web("web-2-b")
    try:
        yield both
    finally:
        for web in both:
            web.kill()


def test_two_processes_hold_the_limit_in_sum_and_a_killed_one_frees_its_share() -> None:
    with webs() as (one, other):
        # At the same time.
        one.ask("open 25")
        other.ask("open 25")
        held = one.answer(), other.answer()
        assert sum(held) == 10
        one.ask(f"close {held[0]}")
        assert one.answer() == 0
        wait_for(
            lambda: one.name not in (cache.get(f"connections:{ALICE}") or {}),
            "the release is written",
        )
        other.ask("open 25")
        assert other.answer() == 10
        other.kill()
        one.ask("open 1")
        assert one.answer() == 0, "a process that may be alive counts"
        forget_process(other.name)
        one.ask("open 25")
        assert one.answer() == 10
        assert cache.get(f"connections:{ALICE}") == {one.name: 10}


def play(scene: Coroutine[Any, Any, None]) -> None:
    asyncio.run(scene)


def test_a_silent_process_no_longer_counts() -> None:
    async def scene() -> None:
        silent = counts_of("web-1-a", beat_s=1000)
        living = counts_of("web-2-b", beat_s=0.05, silent_s=WAIT_S)
        for _ in range(9):
            await silent.acquire(ALICE)
        await living.acquire(ALICE)
        with pytest.raises(errors.QuotaExceeded):
            await living.acquire(ALICE)
        living._silent_s = 0.5
        await asyncio.sleep(0.7)
        await living.acquire(ALICE)
        living._silent_s = WAIT_S
        # One that was only slow says so again, and counts again.
        await database.in_database(silent.heartbeat)
        await database.in_database(silent.catch_up)
        assert await in_thread_get(f"connections:{ALICE}") == {"web-1-a": 9, "web-2-b": 2}

    play(scene())


def counts_of(name: str, **options: float) -> ConnectionCounts:
    return ConnectionCounts(name, limit=lambda: 10, refusal=too_many_streams, **options)


async def in_thread_get(key: str) -> Any:
    return await database.in_database(cache.get, key)


def test_many_releases_are_written_together() -> None:
    async def scene() -> None:
        counts = counts_of("web-a")
        for _ in range(10):
            await counts.acquire(ALICE)
        await counts.acquire(BOB)
        for _ in range(10):
            counts.release(ALICE)
        assert counts.open_here() == {BOB: 1}
        await until_none(ALICE)
        assert await in_thread_get(f"connections:{BOB}") == {"web-a": 1}

    play(scene())


async def until_none(person: int) -> None:
    async with asyncio.timeout(WAIT_S):
        while await in_thread_get(f"connections:{person}") is not None:
            await asyncio.sleep(0.02)


def test_a_cache_that_is_away_refuses_no_one_and_loses_no_count(
    settings: Any, tmp_path: Any
) -> None:
    working = settings.CACHES
    away = {
        "default": {
            "BACKEND": "core.shared_cache.FileCache",
            "LOCATION": str(tmp_path / "missing" / "cache.sqlite3"),
        }
    }

    async def scene() -> None:
        counts = counts_of("web-a", beat_s=0.05)
        settings.CACHES = away
        for _ in range(10):
            await counts.acquire(ALICE)
        # What this process holds by itself is known.
        with pytest.raises(errors.QuotaExceeded):
            await counts.acquire(ALICE)
        for _ in range(4):
            counts.release(ALICE)
        assert counts.open_here() == {ALICE: 6}
        settings.CACHES = working
        async with asyncio.timeout(WAIT_S):
            while await in_thread_get(f"connections:{ALICE}") != {"web-a": 6}:
                await asyncio.sleep(0.02)
        # A cache that lost all is filled again.
        await database.in_database(cache.clear)
        async with asyncio.timeout(WAIT_S):
            while await in_thread_get(f"connections:{ALICE}") != {"web-a": 6}:
                await asyncio.sleep(0.02)

    play(scene())


def test_a_cancelled_acquire_leaves_no_count() -> None:
    async def scene() -> None:
        counts = counts_of("web-a")
        tasks = [asyncio.create_task(counts.acquire(ALICE)) for _ in range(10)]
        # They wait for a database thread now, or have one.
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        async with asyncio.timeout(WAIT_S):
            while counts.open_here():
                await asyncio.sleep(0.02)
        await until_none(ALICE)

    play(scene())


def test_a_connection_costs_one_operation_of_the_cache() -> None:
    async def scene() -> None:
        counts = counts_of("web-a")
        await counts.acquire(BOB)
        before = await in_thread_get(registry_key(CONNECTIONS))
        for _ in range(10):
            await counts.acquire(ALICE)
        assert await in_thread_get(registry_key(CONNECTIONS)) == before

    play(scene())
