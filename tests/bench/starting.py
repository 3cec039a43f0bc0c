"""Rows about starting: how long the request takes, and how soon its first step runs."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.figures import Figure, middle, number, percentile, spread
from tests.bench.ground import Ground, beside_each_other, cpu_s, person, steps, web_pids
from tests.bench.wire import at, ms_since
from tests.support.program import Program
from tests.support.server import Site

ONE_NOOP = steps(("noop", {}))
CONNECTIONS = 16
TURNS = 3
TURN_S = 5


def start_request(ground: Ground, database: str) -> Iterator[Figure]:
    """200 starts of a one-step run, one after the other over one keep-alive connection.

    From sending the request to having read the answer, through the real web server, while two
    workers execute what is started. Ten starts before are not counted.
    """
    with ground.site(database) as site:
        line = person(site)
        samples = []
        for number in range(210):
            started = time.perf_counter()
            line.start(ONE_NOOP)
            if number >= 10:
                samples.append(ms_since(started))
    yield spread(f"start request, {database}", samples, 50)


def first_step(ground: Ground, database: str) -> Iterator[Figure]:
    """50 starts with two idle workers: the run's `createdAt` to its `step_started` event.

    Beside it the same from the moment the client sent the request.
    """
    accepted, sent = [], []
    with ground.site(database) as site:
        line = person(site)
        for number in range(55):
            asked_at = time.time()
            run_id = line.start(ONE_NOOP)
            run = line.finished(run_id)
            begun = next(event for event in run["events"] if event["event"] == "step_started")
            if number >= 5:
                accepted.append(1000 * (at(begun["createdAt"]) - at(run["createdAt"])))
                sent.append(1000 * (at(begun["createdAt"]) - asked_at))
    beside = (
        f"from the request: p50 {statistics.median(sent):.0f}, p95 {percentile(sent, 0.95):.0f} ms"
    )
    yield spread(f"accepted → first step running, {database}", accepted, 20, beside=beside)


def two_webs(ground: Ground, database: str) -> Iterator[Figure]:
    """Starts of a one-step run over 16 keep-alive connections, for 5 s with one web process and for
    5 s with two, three times by turns: starts a second of each, and their ratio turn by turn.

    No workers run. The product runs twice beside each other, so that both meet the same load of the
    machine. Beside it the CPU time of all web processes a start, and of the client.
    """
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    with beside_each_other(ground, database) as sites:
        keys = {count: site.key("alice") for count, site in sites.items()}
        for turn in range(TURNS + 1):
            for count, site in sites.items():
                some = _starts(site, keys[count], count, TURN_S if turn else 1)
                # The first, short turn warms the processes up.
                if turn:
                    found[count].append(some)
    for count, turns in found.items():
        plural = "es" if count > 1 else ""
        yield _rate(f"starts over {count} web process{plural}, {database}", turns)
    ratios = [
        one["a_second"] / two["a_second"] for one, two in zip(found[1], found[2], strict=False)
    ]
    if ratios:
        row = f"starts a second, one web process : two, {database}"
        yield middle(row, ratios, 0.67, unit=": 1")


def _starts(site: Site, key: str, webs: int, seconds: float) -> dict[str, Any]:
    """What the clients say of one turn, with the CPU seconds of each web process."""
    pids = web_pids(site, webs)
    before = [cpu_s([pid]) for pid in pids]
    command = [sys.executable, "-m", "tests.bench.start_clients", site.url, key]
    with Program([*command, str(CONNECTIONS), str(seconds)]) as clients:
        if clients.wait(seconds + 60):
            raise RuntimeError(clients.lines[-1])
    said: dict[str, Any] = json.loads(clients.lines[-1])
    used = [cpu_s([pid]) - then for pid, then in zip(pids, before, strict=True)]
    return {**said, "a_second": said["starts"] / said["took_s"], "web_cpu_s": used}


def _rate(row: str, turns: list[Mapping[str, Any]]) -> Figure:
    last = turns[-1]
    cpu_ms = statistics.median(1000 * sum(one["web_cpu_s"]) / one["starts"] for one in turns)
    webs = " + ".join(f"{used:.1f}" for used in last["web_cpu_s"])
    return middle(
        row,
        [one["a_second"] for one in turns],
        None,
        unit="a second",
        beside=f"{number(cpu_ms)} ms of web CPU a start; last turn: answered within"
        f" {last['latencies_ms']['p50']:.0f} / {last['latencies_ms']['p95']:.0f} ms (p50 / p95),"
        f" CPU: web {webs} s, clients {last['cpu_s']:.1f} s, {last['opened']} connections opened",
    )
