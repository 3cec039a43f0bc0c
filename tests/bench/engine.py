"""Rows about the engine's own cost: a long chain, and a thousand runs at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.bench.figures import Figure, middle
from tests.bench.ground import Ground, chain, cpu_s, person
from tests.bench.starting import ONE_NOOP
from tests.bench.wire import Line, at
from tests.support.program import ROOT
from tests.support.server import Site

STEPS = 100
RUNS = 1000
CONNECTIONS = 8


def long_chain(ground: Ground, database: str) -> Iterator[Figure]:
    """A template of 100 steps that do nothing, each waiting for the one before; five runs.

    From the first step's start to the run's end, divided by 100. One run before is not counted.
    Beside it the workers' CPU time for a step, which other work on the machine disturbs less.
    """
    samples = []
    with ground.site(database) as site:
        line = person(site)
        template = line.template("Chain", chain("noop", STEPS))
        used_s = 0.0
        for number in range(6):
            before_s = cpu_s(site.workers())
            run = line.finished(line.start({"workflow_id": template, "inputs": {}}))
            took_s = at(run["completedAt"]) - at(run["steps"][0]["startedAt"])
            if number:
                samples.append(1000 * took_s / STEPS)
                used_s += cpu_s(site.workers()) - before_s
    beside = f"workers' CPU {1000 * used_s / STEPS / len(samples):.2f} ms a step"
    yield middle(f"engine, a no-op step in a chain of 100, {database}", samples, 3, beside=beside)


def thousand_runs(ground: Ground, database: str) -> Iterator[Figure]:
    """1,000 one-step runs, two workers: from before the first start to the end of the last run.

    Started once by the service in a process of its own, as the engines it is compared with do, and
    once over HTTP by 8 connections. The starting is part of the time.
    """
    with ground.site(database) as site:
        line = person(site)
        line.finished(line.start(ONE_NOOP))
        found = _started_in_process(site)
        yield Figure(
            f"1,000 one-step runs, started in process, {database}",
            {"seconds": found["all_s"]},
            unit="s",
            judged="seconds",
            target=6,
            beside=f"started within {found['started_s']:.1f} s",
        )
    with ground.site(database) as site:
        line = person(site)
        line.finished(line.start(ONE_NOOP))
        started_at = time.time()
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            share = RUNS // CONNECTIONS
            parts = list(
                pool.map(lambda _: _start_many(site.url, line.key, share), range(CONNECTIONS))
            )
        started_s = time.time() - started_at
        ends = _ends(site)
        assert len(parts) == CONNECTIONS
        yield Figure(
            f"1,000 one-step runs, started over HTTP, {database}",
            {"seconds": ends - started_at},
            unit="s",
            judged="seconds",
            target=6,
            beside=f"{CONNECTIONS} connections, started within {started_s:.1f} s",
        )


def _start_many(url: str, key: str, count: int) -> None:
    line = Line(url, key)
    for _ in range(count):
        line.start(ONE_NOOP)
    line.close()


def _started_in_process(site: Site) -> dict[str, float]:
    found: dict[str, float] = json.loads(starter(site, str(RUNS)))
    return found


def _ends(site: Site) -> float:
    """When the last of the server's runs ended, once all have."""
    return float(json.loads(starter(site, "0"))["ended_at"])


def starter(site: Site, *arguments: str, module: str = "starter") -> str:
    """The last line that a module of this package prints in the server's settings."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, **site.env},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]
