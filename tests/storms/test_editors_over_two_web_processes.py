"""20 editors of one document over two web processes, with real sockets; one process dies or stops.

The editors reconnect as ours does: with the revision that they have.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.support.clients.connections import holders
from tests.support.faults.edit_storm import Caller, Writer
from tests.support.program import ROOT, pid_of
from tests.support.server import Site
from tests.support.waiting import WAIT_S, Late, family, promised

pytestmark = pytest.mark.slow

EDITORS = 20
WRITERS = 3
# So long until a dead process's people are gone.
GONE_S = 10.0


class Webs:
    """The product with two web processes on one port, and a document that two people may edit."""

    def __init__(self, site: Site) -> None:
        furnish = "from tests.support.builders.editing import furnish; furnish(2)"
        facts = json.loads(site.manage("shell", "-c", furnish).strip().splitlines()[-1])
        self.site = site
        self.document, self.sessions = facts["id"], facts["sessions"]
        self.ports = (site.port,)


class Editor:
    """One window. problem: what should not have happened."""

    def __init__(self, webs: Webs, number: int) -> None:
        self._webs = webs
        self._session = webs.sessions[number % len(webs.sessions)]
        self.client_id = str(uuid.uuid4())
        self.ids: list[str] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.connections = 0
        self.problem = ""
        self._socket: ClientConnection | None = None

    @property
    def port(self) -> int:
        assert self._socket is not None
        return int(self._socket.local_address[1])

    async def run(self, *, reconnects: bool = True) -> None:
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                await self._stay()
            if not reconnects:
                return
            await asyncio.sleep(0.1)

    async def _stay(self) -> None:
        async with connect(
            f"ws://127.0.0.1:{self._webs.site.port}/ws/documents/{self._webs.document}"
            f"?after={len(self.ids)}&client={self.client_id}",
            additional_headers={"Cookie": f"sessionid={self._session}"},
            origin=self._webs.site.url,  # type: ignore[arg-type]
            open_timeout=WAIT_S,
        ) as self._socket:
            self.connections += 1
            async for text in self._socket:
                self._take(json.loads(text))

    def _take(self, said: dict[str, Any]) -> None:
        if said["event"] == "people":
            self.people = {one["clientId"]: one for one in said["people"]}
            if len(self.people) != len(said["people"]):
                self.problem = f"the same window twice: {said}"
        elif said["event"] == "change":
            if said["change"]["rev"] != len(self.ids) + 1:
                self.problem = f"after {len(self.ids)} came {said['change']['rev']}"
            self.ids.append(said["change"]["id"])
        elif said["event"] == "behind":
            self.problem = f"behind: {said}"

    async def point(self, x: float) -> None:
        assert self._socket is not None
        presence = {"selection": ["s0"], "cursor": {"x": x, "y": 0}}
        await self._socket.send(json.dumps({"presence": presence}))


async def until(look: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not look():
        if time.monotonic() > deadline:
            raise Late(f"{what} did not come")
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def opened(webs: Webs, *, reconnects: bool = True) -> AsyncIterator[list[Editor]]:
    """All editors, at both processes, who see each other."""
    editors = [Editor(webs, number) for number in range(EDITORS)]
    tasks = [asyncio.ensure_future(one.run(reconnects=reconnects)) for one in editors]
    try:
        await until(lambda: everyone_sees(editors, editors), "all people")
        yield editors
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert [one.problem for one in editors if one.problem] == []


def everyone_sees(editors: list[Editor], people: list[Editor]) -> bool:
    wanted = {one.client_id for one in people}
    return all(one.people.keys() == wanted for one in editors)


def those_of(webs: Webs, pid: int, editors: list[Editor]) -> list[Editor]:
    """The editors whose connection this process holds: some, and not all of them."""
    held = holders(webs.site, editors)
    found = [one for one, holder in zip(editors, held, strict=True) if holder == pid]
    assert 0 < len(found) < len(editors)
    return found


@pytest.fixture
def webs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webs]:
    # Of its own for each test: a process that starts again is not given connections at once.
    env = {"PYTHONPATH": str(ROOT)}
    with Site(tmp_path_factory.mktemp("webs"), workers=0, web=2, env=env) as site:
        yield Webs(site)


def test_a_process_is_killed_and_no_editor_misses_or_doubles_a_change(webs: Webs) -> None:
    async def scene() -> None:
        caller = Caller(webs.ports, webs.sessions[0])
        first, _ = await asyncio.to_thread(
            caller.until_answered, "GET", f"/app/documents/{webs.document}"
        )
        writers = [Writer(webs, number, first) for number in range(WRITERS)]

        def made() -> int:
            return sum(len(writer.acknowledged) for writer in writers)

        async with opened(webs) as editors:
            await editors[0].point(7)
            await until(
                lambda: all(
                    (one.people[editors[0].client_id]["cursor"] or {}).get("x") == 7
                    for one in editors
                ),
                "the pointer in both processes",
            )
            for writer in writers:
                writer.start()
            try:
                await until(lambda: made() > 20, "changes")
                pid = pid_of(webs.site.home, "web-2")
                killed = those_of(webs, pid, editors)
                os.kill(pid, signal.SIGKILL)
                there = made()
                await until(lambda: made() > there + 20, "changes after the kill")
            finally:
                for writer in writers:
                    writer.stop.set()
            for writer in writers:
                await asyncio.to_thread(writer.join)
                assert not writer.problem
            log, _ = await asyncio.to_thread(
                caller.until_answered, "GET", f"/app/documents/{webs.document}/changes?after=0"
            )
            ids = [change["id"] for change in log["changes"]]
            assert len(ids) == made()
            await until(lambda: all(one.ids == ids for one in editors), "every change, once")
            await until(lambda: everyone_sees(editors, editors), "all people again")
            assert [one for one in editors if one.connections > 1] == killed

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("sent", "within_s"), [(signal.SIGKILL, GONE_S), (signal.SIGTERM, 3.0)], ids=["dies", "stops"]
)
def test_the_people_of_a_process_that_ends_disappear(
    webs: Webs, sent: signal.Signals, within_s: float
) -> None:
    async def scene() -> None:
        pid = await asyncio.to_thread(pid_of, webs.site.home, "web-2")
        async with opened(webs, reconnects=False) as editors:
            gone = those_of(webs, pid, editors)
            left = [one for one in editors if one not in gone]
            assert webs.site.program is not None
            with promised(within_s, of=family(webs.site.program.process.pid)):
                os.kill(pid, sent)
                began = time.monotonic()
                await until(lambda: everyone_sees(left, left), "fewer people")
            took_s = time.monotonic() - began
            print(f"{sent.name}: {len(gone)} people gone after {took_s:.2f} s")

    asyncio.run(scene())
