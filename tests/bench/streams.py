"""Rows about live events: how soon they arrive, and what an open stream costs the web process."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from tests.bench.figures import Figure, number, skipped
from tests.bench.ground import Ground, chain, cpu_s, lone_worker, person
from tests.bench.wire import Line
from tests.support.house import House
from tests.support.program import Program

# Files a process has open beside its streams.
OTHER_FILES = 200


@dataclass(frozen=True)
class Seen:
    """One run watched by many. values: latencies in milliseconds. cost: what a stream adds to the
    web process."""

    values: dict[str, float]
    cost: dict[str, float]
    beside: str


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
        for turn, count in enumerate((1, 1, 100, 1000)):
            seen = _watched(house, line, template, count)
            # The first round warms the process up.
            if not turn:
                continue
            cost = ", ".join(f"{number(each)} {name}" for name, each in seen.cost.items())
            yield Figure(
                f"event committed → received, {count} {'stream' if count == 1 else 'streams'}"
                f", {database}",
                seen.values,
                judged="p95",
                target=30,
                beside=f"{seen.beside}; {cost} a stream" if count > 1 else seen.beside,
            )


def many_streams(ground: Ground) -> Iterator[Figure]:
    """5,000 streams of one run in one web process: what each adds to its memory and threads.

    Beside it how soon the events of the run's 10 steps of 0.5 s arrive.
    """
    count = 5000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < count + OTHER_FILES:
        yield skipped("5,000 streams", f"a process may open only {hard} files here")
        return
    with ground.house(workers=0) as house:
        line = person(house)
        template = line.template("Watched", chain("sleep", 10, seconds=0.5))
        _watched(house, line, template, 1)
        seen = _watched(house, line, template, count)
    latencies = " · ".join(f"{name} {number(ms)}" for name, ms in seen.values.items())
    yield Figure(
        "5,000 open streams in one process",
        seen.cost,
        unit="a stream",
        judged="KB",
        target=25,
        beside=f"events arrive after {latencies} ms; {seen.beside}",
    )


def _watched(house: House, line: Line, template: str, count: int) -> Seen:
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
    return Seen(
        found["latencies_ms"],
        {"KB": kilobytes, "threads": max(0.0, more_threads / count)},
        f"{found['events']} received, opened within {found['opened_s']:.1f} s"
        f", web process {used_s:.1f} s CPU",
    )


def _raise_open_files() -> None:
    """Let the reader, which inherits the limit, open as many as it may."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
