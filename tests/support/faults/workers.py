"""Killing and freezing workers of a running server, and reading what its database remembers."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import psycopg.rows

from builder.ops.server.processes import ProcessBook
from tests.support.server import Site
from tests.support.waiting import WAIT_S, wait_for


@dataclass(frozen=True)
class Held:
    """A step in a worker's hand. life: the worker's unique name."""

    step_id: int
    run: str
    step: str
    attempt: int
    life: str


@dataclass(frozen=True)
class Fault:
    """What was done to a worker in the middle of a step. at: Unix seconds.

    froze_database: it was stopped inside a transaction, and on SQLite everyone waited for it.
    """

    held: Held
    how: str
    at: float
    froze_database: bool = False


def rows(site: Site, sql: str, *values: Any) -> list[dict[str, Any]]:
    """What the server's own database answers; `?` stands for a value."""
    if on_postgres(site):
        with psycopg.connect(_url(site), row_factory=psycopg.rows.dict_row) as server:
            return server.execute(sql.replace("?", "%s"), values).fetchall()
    path = f"file:{site.home}/reelgraph.sqlite3?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True, timeout=WAIT_S)) as file:
        file.row_factory = sqlite3.Row
        return [dict(row) for row in file.execute(sql, values)]


def on_postgres(site: Site) -> bool:
    return _url(site).startswith("postgres")


def _url(site: Site) -> str:
    return site.env.get("DATABASE_URL", os.environ.get("DATABASE_URL", ""))


def worker_lives(site: Site) -> dict[str, tuple[int, str]]:
    """(process id, unique name) of each worker by its place: `worker-1` …"""
    return {
        entry.name: (entry.pid, entry.incarnation)
        for entry in ProcessBook(site.home / "run").left_behind()
        if entry.name.startswith("worker-")
    }


def all_ready(site: Site, count: int) -> bool:
    """Whether so many workers live and have started to listen."""
    alive = worker_lives(site)
    return len(alive) == count and all(
        f"{life} is ready" in (site.home / "logs" / f"{place}.log").read_text()
        for place, (_, life) in alive.items()
    )


def held_by(site: Site, life: str) -> Held | None:
    """The step a worker holds now."""
    found = rows(
        site,
        "SELECT s.id, r.public_id, s.key, s.attempt FROM runs_step s"
        " JOIN runs_run r ON r.id = s.run_id WHERE s.status = 'running' AND s.lease_owner = ?",
        life,
    )
    return Held(*found[0].values(), life) if found else None


def holder(site: Site, run: str) -> tuple[str, int, Held]:
    """(place, process id, step) of a worker that works on this run, once there is one."""

    def look() -> tuple[str, int, Held] | None:
        for place, (pid, life) in worker_lives(site).items():
            held = held_by(site, life)
            if held is not None and held.run == run:
                return place, pid, held
        return None

    found = wait_for(look, f"a worker on {run}")
    assert found is not None
    return found


def kill(held: Held, pid: int) -> Fault:
    """As the kernel does when memory is short: no goodbye."""
    at = time.time()
    os.kill(pid, signal.SIGKILL)
    return Fault(held, "kill", at)


class Freezer:
    """Stops workers for a while, as a paused machine does. Leaving it wakes all that still are.

    `with Freezer(server) as freezer: freezer.freeze(held, pid, 7.0)`
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._timers: dict[int, threading.Timer] = {}

    def __enter__(self) -> Freezer:
        return self

    def __exit__(self, *problem: object) -> None:
        for pid, timer in self._timers.items():
            timer.cancel()
            wake(pid)

    def freeze(self, held: Held, pid: int, seconds: float, *, anywhere: bool = True) -> Fault:
        """anywhere: else not inside a transaction, where on SQLite all others stand still too."""
        at = time.time()
        os.kill(pid, signal.SIGSTOP)
        while not anywhere and self._is_locked():
            wake(pid)
            at = time.time()
            os.kill(pid, signal.SIGSTOP)
        timer = threading.Timer(seconds, wake, (pid,))
        self._timers[pid] = timer
        timer.start()
        return Fault(held, "freeze", at, froze_database=self._is_locked())

    def is_frozen(self, pid: int) -> bool:
        return pid in self._timers and self._timers[pid].is_alive()

    def _is_locked(self) -> bool:
        """Whether SQLite's one write lock is held for longer than any of our transactions."""
        if on_postgres(self.site):
            return False
        path = self.site.home / "reelgraph.sqlite3"
        with contextlib.closing(sqlite3.connect(path, timeout=1.5, isolation_level=None)) as opened:
            try:
                opened.execute("BEGIN IMMEDIATE")
                opened.execute("ROLLBACK")
            except sqlite3.OperationalError:
                return True
        return False


def wake(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def when(event: dict[str, Any]) -> float:
    return datetime.fromisoformat(event["createdAt"]).timestamp()


def after_fault(log: list[dict[str, Any]], held: Held) -> tuple[float, float]:
    """When a lost step was handed back and when it ran again, in Unix seconds."""
    own = [event for event in log if event.get("stepId") == held.step]
    starts = [event for event in own if event["event"] == "step_started"]
    again = next(event for event in starts if event["data"]["attempt"] == held.attempt + 1)
    back = [
        event
        for event in own
        if event["data"].get("retrying") and event["sequence"] < again["sequence"]
    ]
    return when(back[-1]), when(again)


def print_times(what: str, taken: list[tuple[float, float]]) -> None:
    shown = ", ".join(f"{back:.2f}/{again:.2f}" for back, again in sorted(taken))
    print(f"{what}: handed back/running again after {shown} s")
