"""Rows about live events: how soon they arrive, and what a reader costs the web processes."""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from tests.bench.figures import Figure, middle, number, skipped
from tests.bench.ground import (
    Ground,
    beside_each_other,
    chain,
    cpu_s,
    lone_worker,
    person,
    web_pids,
)
from tests.bench.wire import Line
from tests.support.program import Program
from tests.support.server import Site

# Files a process has open beside its streams.
OTHER_FILES = 200
KINDS = {"sse": "event stream", "ws": "socket"}
TURNS = 3
STEPS = chain("sleep", 20, seconds=0.1)


@dataclass(frozen=True)
class Seen:
    """One run watched by many.

    latencies_ms: p50, p95 and max. events: received live, by all readers together. web_cpu_s: of
    all web processes from when the readers were open to the end. kilobytes, threads: what a reader
    adds to the web processes. spread: readers of each web process.
    """

    latencies_ms: dict[str, float]
    events: int
    opened_s: float
    reader_cpu_s: float
    web_cpu_s: list[float]
    kilobytes: float
    threads: float
    spread: list[int]

    @property
    def cpu_us(self) -> float:
        """Microseconds of CPU time of all web processes for each event that a reader received."""
        return 1e6 * sum(self.web_cpu_s) / self.events


def event_latency(ground: Ground, database: str) -> Iterator[Figure]:
    """An event's `createdAt` (read just before its commit) to its arrival, with 1, 100 and 1,000
    readers of one run, by event streams (SSE) and by WebSockets.

    The run's 20 steps of 0.1 s, done by one worker, make two events each. All readers watch the
    same run: each event goes to all of them at once, the worst case. They are one process on the
    same machine that stores what comes and parses nothing meanwhile. Each figure is the median of
    three runs. With 1,000 readers also: the web process's CPU time, the ends of the connections
    included, for each event that a reader received; and what the first 1,000 added to its memory.
    """
    for kind, name in KINDS.items():
        with ground.site(database, workers=0) as site:
            line = person(site)
            template = line.template("Watched", STEPS)
            _watched(site, line, template, 1, kind)  # warms the process up
            # The most first: later ones find memory that the earlier ones left.
            for count in (1000, 100, 1):
                seen = [_watched(site, line, template, count, kind) for _ in range(TURNS)]
                plural = "s" if count > 1 else ""
                about = f"{count:,} {name}{plural}, {database}"
                yield _latency(f"event committed → received, {about}", seen)
                if count > 1:
                    yield middle(
                        f"CPU a received event, {about}",
                        [one.cpu_us for one in seen],
                        40,
                        unit="µs",
                    )
                if count == 1000:
                    yield Figure(
                        f"memory of an open {name}, {database}",
                        {"KB": seen[0].kilobytes, "threads": seen[0].threads},
                        unit="each",
                        judged="KB",
                        target=36,
                    )


def two_webs(ground: Ground) -> Iterator[Figure]:
    """1,000 readers of one run over two web processes, and over one, three times by turns: the
    latency of events with each, and the ratio of both 95th percentiles, turn by turn.

    The product runs twice beside each other, so that both meet the same load of the machine.
    """
    for kind, name in KINDS.items():
        seen: dict[int, list[Seen]] = {1: [], 2: []}
        with beside_each_other(ground) as sites:
            lines = {count: person(site) for count, site in sites.items()}
            runs = {count: line.template("Watched", STEPS) for count, line in lines.items()}
            for turn in range(TURNS + 1):
                for count, site in sites.items():
                    # The first, small turn warms the processes up.
                    readers = 1000 if turn else 10
                    one = _watched(site, lines[count], runs[count], readers, kind, count)
                    seen[count] += [one] if turn else []
        for count in sites:
            plural = "es" if count > 1 else ""
            yield _latency(f"1,000 {name}s over {count} web process{plural}", seen[count])
        ratios = [
            two.latencies_ms["p95"] / one.latencies_ms["p95"]
            for one, two in zip(seen[1], seen[2], strict=False)
        ]
        if ratios:
            row = f"p95 of 1,000 {name}s, two web processes : one"
            yield middle(row, ratios, 0.6, unit=": 1")


def many_streams(ground: Ground) -> Iterator[Figure]:
    """5,000 event streams of one run in one web process: what each adds to its memory and threads.

    Beside it how soon the events of the run's 10 steps of 0.5 s arrive.
    """
    count = 5000
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard != resource.RLIM_INFINITY and hard < count + OTHER_FILES:
        yield skipped("5,000 streams", f"a process may open only {hard} files here")
        return
    with ground.site(workers=0) as site:
        line = person(site)
        template = line.template("Watched", chain("sleep", 10, seconds=0.5))
        _watched(site, line, template, 1, "sse")
        seen = _watched(site, line, template, count, "sse")
    latencies = " · ".join(f"{name} {number(ms)}" for name, ms in seen.latencies_ms.items())
    yield Figure(
        "5,000 open streams in one process",
        {"KB": seen.kilobytes, "threads": seen.threads},
        unit="a stream",
        judged="KB",
        target=25,
        beside=f"events arrive after {latencies} ms; {_costs([seen])}",
    )


def _latency(row: str, seen: Sequence[Seen]) -> Figure:
    """The medians over some runs."""
    values = {
        name: statistics.median(one.latencies_ms[name] for one in seen)
        for name in seen[0].latencies_ms
    }
    turns = ", ".join(number(one.latencies_ms["p95"]) for one in seen)
    beside = f"p95 of the runs {turns}; {_costs(seen)}"
    return Figure(row, values, judged="p95", target=30, beside=beside)


def _costs(seen: Sequence[Seen]) -> str:
    """What the last of some runs took of the machine."""
    last = seen[-1]
    webs = " + ".join(f"{used:.1f}" for used in last.web_cpu_s)
    spread = f" for {' + '.join(map(str, last.spread))} readers" if len(last.spread) > 1 else ""
    return (
        f"{last.events} received, opened within {last.opened_s:.1f} s, CPU: web {webs} s{spread},"
        f" reader {last.reader_cpu_s:.1f} s"
    )


def _watched(site: Site, line: Line, template: str, count: int, kind: str, webs: int = 1) -> Seen:
    run_id = line.start({"workflow_id": template, "inputs": {}})
    pids = web_pids(site, webs)
    processes = [psutil.Process(pid) for pid in pids]
    before = [(web.memory_info().rss, web.num_threads(), web.num_fds()) for web in processes]
    command = [sys.executable, "-m", "tests.bench.listeners"]
    _raise_open_files()
    with Program([*command, site.url, line.key, run_id, str(count), kind]) as listeners:
        listeners.line_with("open", 120)
        after = [(web.memory_info().rss, web.num_threads(), web.num_fds()) for web in processes]
        memory, threads, files = (
            [now[place] - then[place] for now, then in zip(after, before, strict=True)]
            for place in range(3)
        )
        cpu_before = [cpu_s([pid]) for pid in pids]
        with lone_worker(site, f"bench-{run_id[-8:]}-{count}"):
            listeners.line_with("over", 200)
            used_s = [cpu_s([pid]) - then for pid, then in zip(pids, cpu_before, strict=True)]
            listeners.wait(60)
    line.finished(run_id)
    found = json.loads(listeners.lines[-1])
    if found["readers"] != count:
        raise RuntimeError(f"only {found['readers']} of {count} readers saw the run's end")
    return Seen(
        latencies_ms=found["latencies_ms"],
        events=found["events"],
        opened_s=found["opened_s"],
        reader_cpu_s=found["cpu_s"],
        web_cpu_s=used_s,
        kilobytes=sum(memory) / 1024 / count,
        threads=max(0.0, sum(threads) / count),
        spread=files,
    )


def _raise_open_files() -> None:
    """Let the reader, which inherits the limit, open as many as it may."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
