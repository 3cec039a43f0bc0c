"""Rows about live events: how soon they arrive, and what a reader costs the web process."""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from tests.bench.figures import Figure, middle, number, skipped
from tests.bench.ground import chain, cpu_s, person, serving
from tests.bench.wire import Line
from tests.support.program import Program
from tests.support.server import Site

# Files a process has open beside its streams.
OTHER_FILES = 200
KINDS = {"sse": "event stream", "ws": "socket"}
MANY, TURNS = 1000, 3
STREAMS = 5000


@dataclass(frozen=True)
class Seen:
    """One run watched by many.

    latencies_ms: p50, p95 and max. cpu_us: of the web process for each event that a reader
    received, from when the readers were open to the end. kilobytes, threads: what a reader adds to
    the web process. costs: what it took of the machine, in words.
    """

    latencies_ms: dict[str, float]
    cpu_us: float
    kilobytes: float
    threads: float
    costs: str


def event_latency(database: str) -> Iterator[Figure]:
    """An event's `createdAt` (read just before its commit) to its arrival, with 1, 100 and 1,000
    readers of one run, by event streams (SSE) and by WebSockets.

    The run's 20 steps of 0.1 s, done by one worker, make two events each. All readers watch the
    same run: each event goes to all of them at once, the worst case. They are one process on the
    same machine that stores what comes and parses nothing meanwhile. Each figure is the median of
    three runs. With many readers also: the web process's CPU time, the ends of the connections
    included, for each event that a reader received; and what the first 1,000 added to its memory.
    """
    for kind, name in KINDS.items():
        with serving(database, workers=0) as site:
            line = person(site)
            template = line.template("Watched", chain("sleep", 20, seconds=0.1))
            _watched(site, line.key, template, 1, kind)  # warms the process up
            # The most first: later ones find memory that the earlier ones left.
            for count in (MANY, 100, 1):
                seen = [_watched(site, line.key, template, count, kind) for _ in range(TURNS)]
                about = f"{count:,} {name}{'s' if count > 1 else ''}, {database}"
                values = {
                    part: statistics.median(one.latencies_ms[part] for one in seen)
                    for part in seen[0].latencies_ms
                }
                row = f"event committed → received, {about}"
                yield Figure(row, values, judged="p95", target=30, beside=seen[-1].costs)
                if count > 1:
                    used = [one.cpu_us for one in seen]
                    yield middle(f"CPU a received event, {about}", used, 40, unit="µs")
                if count == MANY:
                    yield _weight(f"memory of an open {name}, {database}", seen[0], 36)


def many_streams() -> Iterator[Figure]:
    """5,000 event streams of one run in one web process: what each adds to its memory and threads.

    Beside it how soon the events of the run's 10 steps of 0.5 s arrive.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < STREAMS + OTHER_FILES:
        yield skipped(f"{STREAMS:,} streams", f"a process may open only {hard} files here")
        return
    with serving(workers=0) as site:
        line = person(site)
        template = line.template("Watched", chain("sleep", 10, seconds=0.5))
        _watched(site, line.key, template, 1, "sse")
        seen = _watched(site, line.key, template, STREAMS, "sse")
    latencies = " · ".join(f"{name} {number(ms)}" for name, ms in seen.latencies_ms.items())
    beside = f"events arrive after {latencies} ms; {seen.costs}"
    yield _weight(f"{STREAMS:,} open streams in one process", seen, 25, beside)


def _weight(row: str, seen: Seen, target: float, beside: str = "") -> Figure:
    values = {"KB": seen.kilobytes, "threads": seen.threads}
    return Figure(row, values, unit="each", judged="KB", target=target, beside=beside)


def _watched(site: Site, key: str, template: str, count: int, kind: str) -> Seen:
    run_id = Line(site.url, key).start({"workflow_id": template, "inputs": {}})
    web = psutil.Process(site.webs()[0])
    before = (web.memory_info().rss, web.num_threads())
    command = [sys.executable, "-m", "tests.bench.listeners", site.url, key, run_id]
    # The reader inherits the limit, and may open as many as there can be.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Program([*command, str(count), kind]) as listeners:
        listeners.line_with("open", 120)
        memory, threads = web.memory_info().rss - before[0], web.num_threads() - before[1]
        cpu_before = cpu_s([web.pid])
        # Outside the supervisor's care: its start is not measured, and it ends with the run.
        worker = [sys.executable, "-u", "manage.py", "worker", "--name", f"bench-{run_id[-8:]}"]
        with Program(worker, site.env) as program:
            listeners.line_with("over", 200)
            used_s = cpu_s([web.pid]) - cpu_before
            said = json.loads(listeners.line_with("latencies_ms", 60))
            program.process.terminate()
            program.wait(15)
    # A connection of before may have been idle for longer than the server keeps it.
    Line(site.url, key).finished(run_id)
    if said["readers"] != count:
        raise RuntimeError(f"only {said['readers']} of {count} readers saw the run's end")
    return Seen(
        latencies_ms=said["latencies_ms"],
        cpu_us=1e6 * used_s / said["events"],
        kilobytes=memory / 1024 / count,
        threads=max(0.0, threads / count),
        costs=f"{said['events']} received, opened within {said['opened_s']:.1f} s,"
        f" CPU: web {used_s:.1f} s, reader {said['cpu_s']:.1f} s",
    )
