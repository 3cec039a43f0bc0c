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
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.support.storm import Caller, Webs, Writer

pytestmark = pytest.mark.slow

EDITORS = 20
WRITERS = 3
# So long until a dead process's people are gone.
GONE_S = 10.0


class Editor:
    """One window. problem: what should not have happened."""

    def __init__(self, webs: Webs, number: int) -> None:
        self._webs = webs
        self._session = webs.sessions[number % len(webs.sessions)]
        self._port = number % 2
        self.client_id = str(uuid.uuid4())
        self.ids: list[str] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.connections = 0
        self.problem = ""
        self._socket: ClientConnection | None = None

    @property
    def process(self) -> str:
        """The name of the web process that it is, or was, connected to."""
        return self._webs.NAMES[self._port]

    async def run(self, *, reconnects: bool = True) -> None:
        while True:
            with contextlib.suppress(OSError, WebSocketException):
                await self._stay()
            if not reconnects:
                return
            self._port = 1 - self._port
            await asyncio.sleep(0.1)

    async def _stay(self) -> None:
        port = self._webs.ports[self._port]
        async with connect(
            f"ws://127.0.0.1:{port}/ws/documents/{self._webs.document}"
            f"?after={len(self.ids)}&client={self.client_id}",
            additional_headers={"Cookie": f"sessionid={self._session}"},
            origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
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


async def until(look: Callable[[], Any], what: str, within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not look():
        assert time.monotonic() < deadline, f"{what} did not come within {within_s} s"
        await asyncio.sleep(0.02)


@contextlib.asynccontextmanager
async def opened(webs: Webs, *, reconnects: bool = True) -> AsyncIterator[list[Editor]]:
    """All editors, half of them at each process, who see each other."""
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


def play(webs: Webs, scene: Callable[[Webs], Awaitable[None]]) -> None:
    async def whole() -> None:
        await scene(webs)

    asyncio.run(whole())


def test_a_process_is_killed_and_no_editor_misses_or_doubles_a_change(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async def scene(webs: Webs) -> None:
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
                await asyncio.to_thread(webs.kill, "web-2")
                there = made()
                await until(lambda: made() > there + 20, "changes after the kill")
            finally:
                for writer in writers:
                    writer.stop.set()
            for writer in writers:
                await asyncio.to_thread(writer.join, 60)
                assert not writer.problem
            log, _ = await asyncio.to_thread(
                caller.until_answered, "GET", f"/app/documents/{webs.document}/changes?after=0"
            )
            ids = [change["id"] for change in log["changes"]]
            assert len(ids) == made()
            await until(lambda: all(one.ids == ids for one in editors), "every change, once")
            await until(lambda: everyone_sees(editors, editors), "all people again")
            assert sum(one.connections > 1 for one in editors) == EDITORS // 2

    with Webs(tmp_path_factory.mktemp("webs"), stages=2) as webs:
        play(webs, scene)


def test_the_people_of_a_dead_process_disappear_and_of_a_stopped_one_at_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async def scene(webs: Webs) -> None:
        for number, within_s in ((signal.SIGKILL, GONE_S), (signal.SIGTERM, 3.0)):
            pid = await asyncio.to_thread(webs.serving, "web-2")
            async with opened(webs, reconnects=False) as editors:
                left = [one for one in editors if one.process == "web-1"]
                os.kill(pid, number)
                began = time.monotonic()
                await until(lambda left=left: everyone_sees(left, left), number.name, 2 * GONE_S)
                took_s = time.monotonic() - began
                print(f"{number.name}: gone after {took_s:.2f} s")
                assert took_s < within_s
            webs._pids["web-2"] = pid

    with Webs(tmp_path_factory.mktemp("webs"), stages=1) as webs:
        play(webs, scene)
