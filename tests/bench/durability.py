"""Rows about waiting for the disk: how often, and what it adds to the time."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import pytest

from tests.bench.figures import Figure, percentile
from tests.bench.ground import HOME_PREFIX, Ground, NotHere, chain, person
from tests.bench.starting import ONE_NOOP
from tests.bench.wire import Line, ms_since
from tests.support.faults.powercuts import compiled
from tests.support.faults.workers import rows
from tests.support.server import Site
from tests.support.waiting import wait_for

SETTINGS = {"flushed": "tests.bench.settings", "before": "tests.bench.unflushed"}
ROUNDS = 5
STARTS = 40
STEPS = 100


class _Measured:
    """One server and what it was seen to do. times: by name, in milliseconds."""

    def __init__(self, site: Site, log: Path) -> None:
        self.site = site
        self.times: dict[str, list[float]] = {"start": [], "step": []}
        self._flushes: dict[str, list[float]] = {"run": [], "step": []}
        self._log = log
        self._line: Line = person(site)
        self._chain = self._line.template("Chain", chain("noop", STEPS))
        self.starts(10)
        self.chain()
        for samples in (*self.times.values(), *self._flushes.values()):
            samples.clear()

    def flushes(self, name: str) -> float:
        """Of a `run` of one step, or of a `step` in a chain, on average."""
        return statistics.mean(self._flushes[name])

    def starts(self, count: int = STARTS) -> None:
        """Starts one after the other; then all of them to their end, which no client asks for."""
        before = self._flushed()
        for _ in range(count):
            began = time.perf_counter()
            self._line.start(ONE_NOOP)
            self.times["start"].append(ms_since(began))
        self._until_idle()
        self._add("run", before, count)

    def chain(self) -> None:
        before = self._flushed()
        run = self._line.start({"workflow_id": self._chain, "inputs": {}})
        self._until_idle()
        self._add("step", before, STEPS)
        (seen,) = rows(
            self.site,
            "SELECT MIN(s.started_at) AS began, r.finished_at AS ended FROM runs_run r"
            " JOIN runs_step s ON s.run_id = r.id WHERE r.public_id = ? GROUP BY r.id",
            run,
        )
        took = datetime.fromisoformat(seen["ended"]) - datetime.fromisoformat(seen["began"])
        self.times["step"].append(1000 * took.total_seconds() / STEPS)

    def _until_idle(self) -> None:
        sql = "SELECT COUNT(*) AS left FROM runs_run WHERE finished_at IS NULL"
        wait_for(lambda: rows(self.site, sql)[0]["left"] == 0, "the end of all runs", 120)

    def _flushed(self) -> int:
        return len(self._log.read_text().splitlines()) if self._log.exists() else 0

    def _add(self, name: str, before: int, count: int) -> None:
        self._flushes[name].append((self._flushed() - before) / count)


def waiting_for_the_disk(ground: Ground) -> Iterator[Figure]:
    """Two servers on SQLite side by side; one answers without waiting for the disk ("before").

    In turn, five times: 40 starts of a one-step run over one connection, and a chain of 100 steps
    that do nothing. All flushes below the data folder are counted, SQLite's own at checkpoints too,
    by a preloaded library. The runs are not watched. Beside it what one flush takes here.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rg-flushes-")))
        try:
            library = compiled(folder)
        except pytest.skip.Exception as problem:
            raise NotHere(str(problem)) from problem
        measured = {}
        for name, settings in SETTINGS.items():
            log = folder / name
            env = {
                "LD_PRELOAD": str(library),
                # The beginning of the data folder's path.
                "POWERCUT_ROOT": str(Path(tempfile.gettempdir()) / HOME_PREFIX),
                "POWERCUT_LOG": str(log),
            }
            site = stack.enter_context(ground.site(settings=settings, env=env))
            measured[name] = _Measured(site, log)
        for _ in range(ROUNDS):
            for one in measured.values():
                one.starts()
                one.chain()
        flush_ms = _flush_ms(folder)
    yield from _figures(measured["flushed"], measured["before"], flush_ms)


def _figures(now: _Measured, before: _Measured, flush_ms: float) -> Iterator[Figure]:
    yield Figure(
        "flushes of a one-step run, its start included, SQLite",
        {"flushed": now.flushes("run"), "before": before.flushes("run")},
        unit="flushes",
        judged="flushed",
        target=2,
    )
    yield Figure(
        "flushes of a step in a chain of 100, SQLite",
        {"flushed": now.flushes("step"), "before": before.flushes("step")},
        unit="flushes",
        judged="flushed",
        target=1,
    )
    beside = f"a flush of 4 KiB takes {flush_ms:.2f} ms here"
    yield _side_by_side("start request, SQLite", now, before, "start", beside)
    yield _side_by_side("a step in a chain of 100, SQLite", now, before, "step", beside)
    step = statistics.median(now.times["step"])
    yield Figure(
        "a step in a chain of 100 without its flushes, SQLite",
        {"median": step - now.flushes("step") * flush_ms},
        judged="median",
        target=1.5,
    )


def _side_by_side(row: str, now: _Measured, before: _Measured, name: str, beside: str) -> Figure:
    values = {}
    for label, one in (("flushed", now), ("before", before)):
        values[f"{label} p50"] = statistics.median(one.times[name])
        values[f"{label} p95"] = percentile(one.times[name], 0.95)
    return Figure(row, values, beside=beside)


def _flush_ms(folder: Path) -> float:
    """The median of 200 flushes, each after 4 KiB more of a file."""
    samples = []
    with (folder / "disk").open("wb", buffering=0) as file:
        for _ in range(200):
            file.write(bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            samples.append(ms_since(began))
    return statistics.median(samples)
