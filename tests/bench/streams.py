"""Rows about live events: how soon they arrive, and what an open stream costs the web process."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator

import psutil

from tests.bench.figures import Figure, skipped
from tests.bench.ground import Ground, chain, cpu_s, lone_worker, person
from tests.bench.wire import Line
from tests.support.house import House
from tests.support.program import Program

# Files a process has open beside its streams.
OTHER_FILES = 200


def event_latency(ground: Ground, database: str) -> Iterator[Figure]:
    """An event's `createdAt` (read just before its commit) to its arrival, with 1, 100 and 1,000
    streams of one run open.

    The run's 20 steps of 0.1 s, done by one worker, make two events each. All streams watch the
    same run: each event goes to all of them at once, the worst case. The reader is one process on
    the same machine. Beside it: what one stream adds to the web process in memory and threads.
    """
    with ground.house(database, workers=0) as house:
        line = person(house)
        template = line.template("Watched", chain("sleep", 20, seconds=0.1))
        for number, count in enumerate((1, 1, 100, 1000)):
            figure = _watched(house, line, template, count, database)
            # The first round warms the process up.
            if number:
                yield figure


def many_streams(ground: Ground) -> Iterator[Figure]:
    """5,000 streams of one run in one web process: memory and threads each, and how soon events of
    10 steps of 0.5 s arrive."""
    count = 5000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < count + OTHER_FILES:
        yield skipped("5,000 streams", f"a process may open only {hard} files here")
        return
    with ground.house(workers=0) as house:
        line = person(house)
        template = line.template("Watched", chain("sleep", 10, seconds=0.5))
        _watched(house, line, template, 1, "SQLite")
        figure = _watched(house, line, template, count, "SQLite")
        yield figure


def _watched(house: House, line: Line, template: str, count: int, database: str) -> Figure:
    run_id = line.start({"workflow_id": template, "inputs": {}})
    pid = house.pid("web")
    assert pid is not None
    web = psutil.Process(pid)
    memory, threads = web.memory_info().rss, web.num_threads()
    command = [sys.executable, "-m", "tests.bench.listeners"]
    _raise_open_files()
    with Program([*command, house.url, line.key, run_id, str(count)]) as listeners:
        listeners.line_with("open", 120)
        kilobytes = (web.memory_info().rss - memory) / 1024 / count
        more_threads = web.num_threads() - threads
        cpu_before = cpu_s([pid])
        with lone_worker(house, f"bench-{run_id[-8:]}-{count}"):
            listeners.wait(200)
            used_s = cpu_s([pid]) - cpu_before
    line.finished(run_id)
    found = json.loads(listeners.lines[-1])
    if found["streams"] != count:
        raise RuntimeError(f"only {found['streams']} of {count} streams saw the run's end")
    beside = (
        f"{found['events']} received, opened within {found['opened_s']:.1f} s"
        f", web process {used_s:.1f} s CPU"
    )
    if count > 1:
        beside += f", {kilobytes:.0f} KB and {more_threads / count:.3f} threads a stream"
    return Figure(
        f"event committed → received, {count} {'stream' if count == 1 else 'streams'}, {database}",
        found["latencies_ms"],
        judged="p95",
        target=30,
        beside=beside,
    )


def _raise_open_files() -> None:
    """Let the reader, which inherits the limit, open as many as it may."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
