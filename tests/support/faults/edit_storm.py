"""Editors of one document whose server keeps being killed, and what became of their changes.

Two web processes under the supervisor share one database. Writers send a change again, under its
id, until it is acknowledged, as the editor does.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import secrets
import signal
import socket
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from scripts.ports import free_port
from templates_app.document_ops.diff import same
from templates_app.document_ops.ops import apply_all
from templates_app.document_ops.schemas import PLAN
from tests.support.builders.documents import random_ops
from tests.support.faults.workers import rows
from tests.support.program import ROOT, Program, pid_of
from tests.support.server import Site
from tests.support.template_database import bring_tables
from tests.support.waiting import WAIT_S, Late, wait_for

# A writer's own rows; random ops, on other keys, come with each of them.
TABLE = "notes"
# A person's pace, so that the document does not outgrow the test.
PACE_S = 0.05
SERVER = """
import runpy, sys
sys.argv = ["core.server", "--no-server-name", "-e", "tcp:port={port}:interface=127.0.0.1",
            "builder.asgi:application"]
runpy.run_module("core.server", run_name="__main__")
"""


class Webs:
    """Two web processes of the product under its supervisor, over a database of their own."""

    NAMES = ("web-1", "web-2")

    def __init__(
        self, home: Path, *, stages: int, settings: str = "tests.support.settings"
    ) -> None:
        self.site = Site(home, settings=settings, env={"PYTHONPATH": str(ROOT)})
        self.ports = (free_port(), free_port())
        self.stages = stages
        self._pids = dict.fromkeys(self.NAMES, 0)
        self._program: Program | None = None

    def __enter__(self) -> Webs:
        bring_tables(self.site.home, self.site.env)
        self.site.manage("migrate", "--verbosity", "0")
        furnish = f"from tests.support.builders.editing import furnish; furnish({self.stages})"
        facts = json.loads(self.site.manage("shell", "-c", furnish).strip().splitlines()[-1])
        self.document, self.sessions = facts["id"], facts["sessions"]
        self.start()
        for name in self.NAMES:
            self.serving(name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.site.commands.__exit__()
        self.kill_all()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.support.fakes.supervised", str(self.site.home)]
        webs = [
            f"{name}={SERVER.format(port=port)}"
            for name, port in zip(self.NAMES, self.ports, strict=True)
        ]
        self._program = Program([*command, str(self.ports[0]), *webs], self.site.env)

    def serving(self, name: str) -> int:
        """The process of that name, once a new one answers."""
        pid = pid_of(self.site.home, name, other_than=self._pids[name])
        port = self.ports[self.NAMES.index(name)]
        wait_for(lambda: _listens(port), f"{name} to listen")
        return pid

    def kill(self, name: str) -> None:
        """As the kernel does when memory is short: no goodbye. The supervisor starts it again."""
        self._pids[name] = self.serving(name)
        os.kill(self._pids[name], signal.SIGKILL)

    def kill_all(self) -> None:
        """The supervisor and both its children, as when a machine loses its power."""
        assert self._program is not None
        self._program.__exit__(None, None, None)
        for name in self.NAMES:
            path = self.site.home / "run" / f"{name}.pid"
            with contextlib.suppress(OSError, ValueError):
                self._pids[name] = int(path.read_text())
                os.kill(self._pids[name], signal.SIGKILL)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


class Caller:
    """HTTP as a page of ours speaks it, to whichever web process answers."""

    def __init__(self, ports: tuple[int, ...], session: str) -> None:
        token = secrets.token_hex(16)
        self._headers = {
            "Cookie": f"sessionid={session}; csrftoken={token}",
            "X-CSRFToken": token,
            "Content-Type": "application/json",
        }
        self._ports = ports
        self._place = random.randrange(len(ports))
        self._line: http.client.HTTPConnection | None = None
        # When the last question was put, in Unix seconds.
        self.asked_at = 0.0

    def once(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer. Raises OSError, HTTPException when none comes."""
        if self._line is None:
            port = self._ports[self._place % len(self._ports)]
            self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            data = None if body is None else json.dumps(body)
            self._line.request(method, path, data, self._headers)
            answer = self._line.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            self._line.close()
            self._line, self._place = None, self._place + 1
            raise

    def until_answered(self, method: str, path: str, body: Any = None) -> tuple[Any, int]:
        """The JSON of a 200, and how often it was asked for."""
        deadline = time.monotonic() + WAIT_S
        for tries in range(1, sys.maxsize):
            self.asked_at = time.time()
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                status, said = self.once(method, path, body)
                if status == 200:
                    return said, tries
                if status < 500:
                    raise AssertionError(f"{method} {path}: {status} {said}")
            if time.monotonic() > deadline:
                raise Late(f"{method} {path}: no answer within {WAIT_S:.0f} s")
            time.sleep(0.01)
        raise AssertionError("unreachable")


class Writer(threading.Thread):
    """An editor: sends changes, keeps a view of its own of what the server ordered."""

    def __init__(self, webs: Webs, number: int, opened: Mapping[str, Any]) -> None:
        super().__init__(name=f"writer {number}", daemon=True)
        self._caller = Caller(webs.ports, webs.sessions[number % len(webs.sessions)])
        self._path = f"/app/documents/{webs.document}/changes"
        self._client_id = str(uuid.uuid4())
        self._dice = random.Random(number)
        self.stop = threading.Event()
        self.state, self.rev = opened["state"], opened["rev"]
        self.acknowledged: dict[str, int] = {}
        self.resent = self.unheard = 0
        self.problem = ""
        self.ack_ms: list[float] = []

    def run(self) -> None:
        try:
            while not self.stop.wait(PACE_S * self._dice.random() * 2):
                self.write()
        except Exception as problem:
            self.problem = f"{type(problem).__name__}: {problem}"

    def write(self) -> None:
        change_id = str(uuid.uuid4())
        own = {"op": "put", "table": TABLE, "key": change_id, "value": {"id": change_id}}
        # What no 64 bits hold is refused before it is read, and so is what is no plan.
        wild = [
            op
            for op in random_ops(self._dice, 3)
            if op["table"] != PLAN and "1e+21" not in json.dumps(op)
        ]
        made = {"id": change_id, "label": "Edit", "ops": [own, *wild]}
        body = {"clientId": self._client_id, "base": self.rev, "changes": [made]}
        began = time.perf_counter()
        said, tries = self._caller.until_answered("POST", self._path, body)
        if tries == 1:
            self.ack_ms.append((time.perf_counter() - began) * 1000)
        self.resent += tries > 1
        self.unheard += tries > 1 and self._was_there(change_id, said)
        if said["rejected"] or [one["id"] for one in said["accepted"]] != [change_id]:
            raise AssertionError(f"{change_id} was answered with {said}")
        self.acknowledged[change_id] = said["accepted"][0]["rev"]
        self.take(said)

    def _was_there(self, change_id: str, said: Mapping[str, Any]) -> bool:
        """Whether a change had been kept before it was sent for the last time."""
        at = next(one["at"] for one in said["missed"] if one["id"] == change_id)
        return datetime.fromisoformat(at).timestamp() < self._caller.asked_at - 0.001

    def take(self, said: Mapping[str, Any]) -> None:
        for change in said["missed"] if "missed" in said else said["changes"]:
            if change["rev"] != self.rev + 1:
                raise AssertionError(f"after {self.rev} came {change['rev']}")
            self.state, _ = apply_all(self.state, change["ops"])
            self.rev = change["rev"]

    def catch_up(self) -> None:
        said, _ = self._caller.until_answered("GET", f"{self._path}?after={self.rev}")
        self.take(said)


@dataclass(frozen=True)
class Weathered:
    """What a storm left. lost, doubled, gaps, apart: of what must not be, how much was.

    unheard: changes that were kept, but whose first answer the kill cut off. apart: writers whose
    view of the document is not the server's.
    """

    kills: int
    acknowledged: int
    resent: int
    unheard: int
    revisions: int
    lost: int
    doubled: int
    gaps: int
    apart: int
    is_replay: bool
    ack_ms: tuple[float, ...]
    took_s: float

    def __str__(self) -> str:
        return (
            f"{self.kills} kills in {self.took_s:.0f} s: {self.acknowledged} changes acknowledged,"
            f" {self.resent} of them after being sent again ({self.unheard} had been kept unheard);"
            f" {self.lost} lost, {self.doubled} doubled, {self.gaps} gaps in {self.revisions}"
            f" revisions, {self.apart} views apart;"
            f" ack p50 {statistics.median(self.ack_ms):.0f} ms"
        )


def storm(webs: Webs, *, writers: int, kills: int, seed: int = 20_26) -> Weathered:
    """Have writers edit while web processes are killed, every fifth time all of them at once."""
    chance = random.Random(seed)
    opened, _ = Caller(webs.ports, webs.sessions[0]).until_answered(
        "GET", f"/app/documents/{webs.document}"
    )
    crew = [Writer(webs, number, opened) for number in range(writers)]
    began = time.monotonic()
    for writer in crew:
        writer.start()
    try:
        for fault in range(kills):
            # By surprise: after some more changes, wherever the others are by then.
            target = _count(crew) + chance.randint(3, 12)
            wait_for(lambda target=target: _count(crew) >= target or _problem(crew), "changes")
            if _problem(crew):
                break
            if fault % 5 == 4:
                webs.kill_all()
                webs.start()
            else:
                webs.kill(chance.choice(webs.NAMES))
        target = _count(crew) + writers
        wait_for(lambda: _count(crew) >= target or _problem(crew), "changes after the storm")
    finally:
        for writer in crew:
            writer.stop.set()
        for writer in crew:
            writer.join()
    if _problem(crew):
        raise AssertionError(_problem(crew))
    for writer in crew:
        writer.catch_up()
    return _weigh(webs, opened["state"], crew, kills, time.monotonic() - began)


def _count(crew: list[Writer]) -> int:
    return sum(len(writer.acknowledged) for writer in crew)


def _problem(crew: list[Writer]) -> str:
    return "; ".join(f"{one.name}: {one.problem}" for one in crew if one.problem)


def _weigh(
    webs: Webs, first: Mapping[str, Any], crew: list[Writer], kills: int, took_s: float
) -> Weathered:
    def read(value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    (kept,) = rows(
        webs.site,
        "SELECT d.id, d.rev, d.state FROM templates_app_document d"
        " JOIN templates_app_template t ON t.id = d.template_id WHERE t.public_id = ?",
        webs.document,
    )
    log = rows(
        webs.site,
        "SELECT rev, change_id, ops FROM templates_app_change WHERE document_id = ? ORDER BY rev",
        kept["id"],
    )
    replayed: Any = first
    for row in log:
        replayed, _ = apply_all(replayed, read(row["ops"]))
    state = read(kept["state"])
    revs = {str(uuid.UUID(str(row["change_id"]))): row["rev"] for row in log}
    stored = Counter(str(uuid.UUID(str(row["change_id"]))) for row in log)
    acknowledged = {key: rev for writer in crew for key, rev in writer.acknowledged.items()}
    notes = state[TABLE]["rows"]
    return Weathered(
        kills=kills,
        acknowledged=len(acknowledged),
        resent=sum(writer.resent for writer in crew),
        unheard=sum(writer.unheard for writer in crew),
        revisions=len(log),
        lost=sum(revs.get(key) != rev or key not in notes for key, rev in acknowledged.items()),
        doubled=sum(count - 1 for count in stored.values()),
        gaps=sum(row["rev"] != place for place, row in enumerate(log, 1))
        + (kept["rev"] != len(log)),
        apart=sum(not same(writer.state, state) or writer.rev != kept["rev"] for writer in crew),
        is_replay=same(replayed, state),
        ack_ms=tuple(taken for writer in crew for taken in writer.ack_ms),
        took_s=took_s,
    )
