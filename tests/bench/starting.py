"""Rows about starting: how long the request takes, and how soon its first step runs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, percentile, spread
from tests.bench.ground import Ground, person, steps
from tests.bench.wire import at, ms_since

ONE_NOOP = steps(("noop", {}))


def start_request(ground: Ground, database: str) -> Iterator[Figure]:
    """200 starts of a one-step run, one after the other over one keep-alive connection.

    From sending the request to having read the answer, through the real web server, while two
    workers execute what is started. Ten starts before are not counted.
    """
    with ground.house(database) as house:
        line = person(house)
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
    with ground.house(database) as house:
        line = person(house)
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
