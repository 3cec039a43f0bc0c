"""Rows about the engine: a start, its first step, a long chain, and a thousand runs at once.

`python -m tests.bench.engine COUNT` starts runs by the service, in a process of its own, and waits
until every run is over. It prints one JSON object: `started_s` and `all_s` since the first start,
`ended_at` of the last run. With COUNT 0 it only waits.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import django

from tests.bench.figures import Figure, middle, percentile, spread
from tests.bench.ground import ONE_NOOP, chain, cpu_s, output_of, person, serving
from tests.bench.wire import Line, at, ms_since

STARTS, FIRST_STEPS = 200, 50
# The first ones wait for what is loaded once.
WARM_UP = 10
STEPS, CHAINS = 100, 5
RUNS, CONNECTIONS = 1000, 8


def start_request(database: str) -> Iterator[Figure]:
    """200 starts of a one-step run, one after the other over one keep-alive connection.

    From sending the request to having read the answer, through the real web server, while two
    workers execute what is started. Ten starts before are not counted.
    """
    samples = []
    with serving(database) as site:
        line = person(site)
        for _ in range(WARM_UP + STARTS):
            started = time.perf_counter()
            line.start(ONE_NOOP)
            samples.append(ms_since(started))
    yield spread(f"start request, {database}", samples[WARM_UP:], 50)


def first_step(database: str) -> Iterator[Figure]:
    """50 starts with two idle workers: the run's `createdAt` to its `step_started` event.

    Beside it the same from the moment the client sent the request. Ten before are not counted.
    """
    accepted, sent = [], []
    with serving(database) as site:
        line = person(site)
        for _ in range(WARM_UP + FIRST_STEPS):
            sent_at = time.time()
            run = line.finished(line.start(ONE_NOOP))
            begun = next(event for event in run["events"] if event["event"] == "step_started")
            accepted.append(1000 * (at(begun["createdAt"]) - at(run["createdAt"])))
            sent.append(1000 * (at(begun["createdAt"]) - sent_at))
    del accepted[:WARM_UP], sent[:WARM_UP]
    beside = (
        f"from the request: p50 {statistics.median(sent):.0f}, p95 {percentile(sent, 0.95):.0f} ms"
    )
    yield spread(f"accepted → first step running, {database}", accepted, 20, beside=beside)


def long_chain(database: str) -> Iterator[Figure]:
    """A template of 100 steps that do nothing, each waiting for the one before; five runs.

    From the first step's start to the run's end, divided by 100. One run before is not counted.
    Beside it the workers' CPU time for a step, which other work on the machine disturbs less.
    """
    samples = []
    with serving(database) as site:
        line = person(site)
        template = line.template("Chain", chain("noop", STEPS))
        used_s = 0.0
        for number in range(1 + CHAINS):
            before_s = cpu_s(site.workers())
            run = line.finished(line.start({"workflow_id": template, "inputs": {}}))
            took_s = at(run["completedAt"]) - at(run["steps"][0]["startedAt"])
            if number:
                samples.append(1000 * took_s / STEPS)
                used_s += cpu_s(site.workers()) - before_s
    beside = f"workers' CPU {1000 * used_s / STEPS / len(samples):.2f} ms a step"
    yield middle(f"engine, a no-op step in a chain of 100, {database}", samples, 3, beside=beside)


def thousand_runs(database: str) -> Iterator[Figure]:
    """1,000 one-step runs, two workers: from before the first start to the end of the last run.

    Started once by the service in a process of its own, and once over HTTP by 8 connections. The
    starting is part of the time.
    """
    for how in ("in process", "over HTTP"):
        with serving(database) as site:
            line = person(site)
            line.finished(line.start(ONE_NOOP))
            if how == "in process":
                said = json.loads(output_of(site.env, "engine", RUNS))
                started_s, all_s = said["started_s"], said["all_s"]
            else:
                began = time.time()
                with ThreadPoolExecutor(CONNECTIONS) as pool:
                    list(pool.map(_start_many, [line] * CONNECTIONS))
                started_s = time.time() - began
                all_s = json.loads(output_of(site.env, "engine", 0))["ended_at"] - began
        yield Figure(
            f"1,000 one-step runs, started {how}, {database}",
            {"seconds": all_s},
            unit="s",
            judged="seconds",
            target=6,
            beside=f"started within {started_s:.1f} s",
        )


def _start_many(like: Line) -> None:
    line = Line(like.url, like.key)
    for _ in range(RUNS // CONNECTIONS):
        line.start(ONE_NOOP)


def main(count: int) -> None:
    django.setup()
    from accounts.auth import Principal
    from accounts.models import User
    from runs.admission.start import start_run
    from runs.models import Run
    from tests.support.waiting import wait_for

    alice = Principal(user=User.objects.get(username="alice"), api_key=None, via="session")
    began = time.time()
    for _ in range(count):
        start_run(actor=alice, body=ONE_NOOP)
    started_s = time.time() - began
    wait_for(lambda: not Run.objects.filter(finished_at=None).exists(), "the end of all runs", 240)
    unfinished = Run.objects.exclude(status="completed").count()
    assert not unfinished, f"{unfinished} runs did not complete"
    ended_at = Run.objects.latest("finished_at").finished_at
    assert ended_at is not None
    all_s = ended_at.timestamp() - began
    print(json.dumps({"started_s": started_s, "all_s": all_s, "ended_at": ended_at.timestamp()}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
