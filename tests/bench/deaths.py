"""Rows about workers that die, freeze or are told to stop in mid-step."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from tests.bench.figures import Figure, middle
from tests.bench.ground import ONE_NOOP, person, serving, steps
from tests.bench.wire import Line, at
from tests.support.server import Site
from tests.support.waiting import wait_for

LONG = steps(("sleep", {"seconds": 60}))
FILM = steps(("generate_video", {"prompt": "A lighthouse in a storm", "duration": 20}))


def killed_worker() -> Iterator[Figure]:
    """kill -9 of the worker that holds a 60 s step, to the step's start in another one; 5 times,
    two workers under the supervisor, which hands the step back when its child dies.

    In two servers, as five deaths of one worker within a minute end the supervisor on purpose.
    """
    samples = []
    for kills in (3, 2):
        with serving() as site:
            line = person(site)
            for _ in range(kills):
                run_id = line.start(LONG)
                holder = _taken_up(site, run_id)
                killed_at = time.time()
                os.kill(holder["pid"], signal.SIGKILL)
                again = _taken_up(site, run_id, 2)
                samples.append(again["at"] - killed_at)
                _clear(line, run_id)
    yield middle("kill -9 → step running again, supervised", samples, 2, unit="s")


def frozen_worker() -> Iterator[Figure]:
    """SIGSTOP of the worker that holds a 60 s step, to the step's start in another one; 5 times.

    No one sees it end, as when a machine is lost: the lease must run out and the sweeper, which may
    be the frozen worker itself, find it.
    """
    samples = []
    with serving() as site:
        line = person(site)
        for _ in range(5):
            run_id = line.start(LONG)
            holder = _taken_up(site, run_id)
            stopped_at = time.time()
            os.kill(holder["pid"], signal.SIGSTOP)
            try:
                again = _taken_up(site, run_id, 2)
            finally:
                os.kill(holder["pid"], signal.SIGCONT)
            samples.append(again["at"] - stopped_at)
            _clear(line, run_id)
    yield middle("frozen worker → step running again, lease expired", samples, 8, unit="s")


def cancelled_step() -> Iterator[Figure]:
    """Cancel over REST to the moment the only worker begins another run's step: it has then let go
    of the cancelled one. Five times in a step that sleeps, three times in one that draws a film.
    """
    with serving(workers=1) as site:
        line = person(site)
        sleeping, drawing = [], []
        for _ in range(5):
            run_id = line.start(LONG)
            _taken_up(site, run_id)
            sleeping.append(_until_free(line, run_id))
        yield middle("cancel → running step stopped", sleeping, 2, unit="s")
        for _ in range(3):
            run_id = line.start(FILM)
            _drawing(line, run_id)
            drawing.append(_until_free(line, run_id))
        yield middle("cancel → running film stopped", drawing, 2, unit="s")


def _taken_up(site: Site, run_id: str, times: int = 1) -> dict[str, Any]:
    """What the `times`-th worker that began the run's `sleep` step noted: its pid, and when."""

    def look() -> list[dict[str, Any]]:
        path = site.home / "asked.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        entries = [entry for entry in map(json.loads, lines) if entry.get("key", "")]
        return [one for one in entries if one["key"].startswith(f"{run_id}:")][times - 1 : times]

    return wait_for(look, f"start {times} of {run_id}")[0]


def _drawing(line: Line, run_id: str) -> None:
    """Wait until the film's step tells its progress."""

    def look() -> bool:
        shown = line.snapshot(run_id)
        if shown["status"] not in ("queued", "running"):
            raise RuntimeError(f"{run_id} ended as {shown['status']}: {shown.get('error')}")
        return any(event["event"] == "step_progress" for event in shown["events"])

    wait_for(look, f"progress of {run_id}", 60)


def _until_free(line: Line, run_id: str) -> float:
    """Seconds from the cancel request to the start of the step that waited behind."""
    waiting = line.start(ONE_NOOP)
    cancelled_at = time.time()
    line.cancel(run_id)
    return at(line.finished(waiting)["steps"][0]["startedAt"]) - cancelled_at


def _clear(line: Line, run_id: str) -> None:
    """Cancel a run and wait until both workers do their work again."""
    line.cancel(run_id)
    for run in [line.start(ONE_NOOP) for _ in range(4)]:
        line.finished(run)
    wait_for(lambda: line.snapshot(run_id)["status"] == "cancelled", f"{run_id} cancelled")
