"""Rows about what a chained step and a start cost, in CPU and counts."""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.bench.engine import STEPS
from tests.bench.figures import Figure, number
from tests.bench.ground import Ground, chain, person
from tests.bench.meters import Meter, Used, metered
from tests.bench.starting import ONE_NOOP
from tests.bench.wire import Line, ms_since
from tests.support.waiting import wait_for

CHAINS = 5
STARTS = 300
# Of a batch over a template, and how often it is run.
ELEMENTS, EACH, REPEATS = 200, 5, 3
ASLEEP = (
    "SELECT COUNT(*) FROM runs_step WHERE tool = 'sleep' AND kind = 'tool' AND status = 'running'"
)
READY = 1000
# Milliseconds from the start of its first step to the end of its last one.
LAST_RUN_TOOK = (
    "SELECT {ms} FROM (SELECT MIN(started_at) AS began, MAX(finished_at) AS ended FROM runs_step"
    " WHERE run_id = (SELECT MAX(id) FROM runs_run)) AS run"
)
MS = {
    "SQLite": "(julianday(ended) - julianday(began)) * 86400000",
    "Postgres": "EXTRACT(EPOCH FROM ended - began) * 1000",
}

# Seconds since 1970.
LAST_END = {
    "SQLite": "SELECT (julianday(MAX(finished_at)) - 2440587.5) * 86400 FROM runs_run",
    "Postgres": "SELECT EXTRACT(EPOCH FROM MAX(finished_at)) FROM runs_run",
}


def chained_step(ground: Ground, database: str) -> Iterator[Figure]:
    """A step that does nothing in a chain of 100, with one worker: CPU time (user and system) of
    the worker and of Postgres; then, on a server that counts them, statements and flushes. Five
    chains each; one before is not counted.

    The worker is stopped while the chain is being started, so the start is no part of it.
    """
    with metered(ground, database, workers=1) as meter:
        (used, wall), *_ = _chains(meter, database, chain("noop", STEPS))
    with metered(ground, database, workers=1, counts=True) as meter:
        (counted, _), *_ = _chains(meter, database, chain("noop", STEPS))
    steps = CHAINS * STEPS
    yield _figure("a chained step", database, used, counted, steps, f"wall {number(wall)} ms")


def nested_step(ground: Ground, database: str) -> Iterator[Figure]:
    """As `step-cost`, with the 100 steps in five groups inside each other; the ratio of
    their CPU time to that of the same chain without groups, by turns on the same server."""
    flat = chain("noop", STEPS)
    nested = _in_groups(flat, 5)
    with metered(ground, database, workers=1) as meter:
        (beside, _), (used, wall) = _chains(meter, database, flat, nested)
    with metered(ground, database, workers=1, counts=True) as meter:
        (counted, _), *_ = _chains(meter, database, nested)
    what, more = "a step five groups deep", f"wall {number(wall)} ms"
    yield _figure(what, database, used, counted, CHAINS * STEPS, more)
    yield _beside(f"{what}, {database}", used, beside, CHAINS * STEPS, 1.1)


def repeated_template(ground: Ground, database: str) -> Iterator[Figure]:
    """A batch over a template of five steps that do nothing, for each of 200 texts, beside a batch
    of 1,000 items that do nothing, by turns on the same server with one worker: CPU time of the
    worker and of Postgres. First the expansions alone, whose first step then sleeps; then the runs
    to their ends, eight elements or items at once. Three runs each; one before is not counted.
    """
    with metered(ground, database, workers=1) as meter:
        line = person(meter.site)
        for what, first in (("an expansion", "sleep"), ("a run", "noop")):
            used = {"flat": Used(), "nested": Used()}
            bodies = {name: _over_texts(line, first, name == "nested") for name in used}
            for turn in range(REPEATS + 1):
                for name, body in bodies.items():
                    with standing_still(meter.site.workers()):
                        run_id = line.start(body)
                        before = meter.read()
                    if first == "sleep":
                        wait_for(lambda: meter.value(ASLEEP), "the first item", 120)
                    else:
                        _until_idle(meter)
                    if turn:
                        used[name] += meter.read() - before
                    if first == "sleep":
                        line.cancel(run_id)
                        wait_for(lambda: not meter.value(ASLEEP), "the end of the sleep", 120)
            what = f"{what} of {ELEMENTS} elements of {EACH} steps, {database}"
            yield _beside(what, used["nested"], used["flat"], REPEATS, 1.2)


def _over_texts(line: Line, first: str, is_nested: bool) -> dict[str, Any]:
    """The start of a batch over texts. first: the tool of an item or of a template's first step."""
    args = {"seconds": 600} if first == "sleep" else {}
    item: dict[str, Any] = {"type": "fixed", "tool": first, "args": args}
    if is_nested:
        stages = chain("noop", EACH)
        stages[0] |= {"tool": first, "args": args}
        item = {"type": "fixed", "tool": f"template:{line.template('Each', stages)}@0.0.1"}
    batch = {
        "id": "each",
        "produces": ["each"],
        "itemName": "word",
        "type": "batch",
        "overBinding": "$inputs.words",
        "concurrency": 1 if first == "sleep" else 8,
        "itemStage": item,
    }
    words = [f"word {place}" for place in range(ELEMENTS if is_nested else ELEMENTS * EACH)]
    inputs = [{"name": "words", "type": "text", "multiple": {"min": 1}, "required": True}]
    return {"workflow_id": line.template("Batch", [batch], inputs), "inputs": {"words": words}}


def _in_groups(stages: list[dict[str, Any]], depth: int) -> list[dict[str, Any]]:
    """The stages in groups inside each other, as many more in each."""
    share = len(stages) // depth
    inside: list[dict[str, Any]] = []
    for level in reversed(range(depth)):
        own = stages[level * share : (level + 1) * share]
        inside = [{"id": f"g{level}", "type": "fixed", "subStages": [*own, *inside]}]
    return inside


def one_start(ground: Ground, database: str) -> Iterator[Figure]:
    """A start of a one-step run over HTTP, one keep-alive connection, no workers: CPU time (user
    and system) of the web process and of Postgres; then, on a server that counts them, statements
    and flushes. 300 starts each; 20 before are not counted.
    """
    with metered(ground, database, workers=0) as meter:
        used, wall = _starts(meter)
    with metered(ground, database, workers=0, counts=True) as meter:
        counted, _ = _starts(meter)
    yield _figure("a start over HTTP", database, used, counted, STARTS, f"p50 {number(wall)} ms")


def one_step_run(ground: Ground, database: str) -> Iterator[Figure]:
    """As `start-cost`, with one worker that executes what is started: a run of one step from its
    start over HTTP to its end. 300 runs, which are not watched."""
    with metered(ground, database, workers=1) as meter:
        used, wall = _starts(meter)
    with metered(ground, database, workers=1, counts=True) as meter:
        counted, _ = _starts(meter)
    beside = f"start p50 {number(wall)} ms"
    yield _figure("a one-step run over HTTP", database, used, counted, STARTS, beside)


def ready_at_once(ground: Ground, database: str) -> Iterator[Figure]:
    """1,000 one-step runs that are all ready when two workers begin: from then to the end of the
    last run, and the CPU time of all processes and of Postgres; then, on a server that counts
    them, statements and flushes. The workers stand still while the runs are being started.
    """
    with metered(ground, database, workers=2) as meter:
        used, took_s = _ready(meter, database)
    with metered(ground, database, workers=2, counts=True) as meter:
        counted, _ = _ready(meter, database)
    beside = f"all within {number(took_s)} s, {number(1000 * took_s / READY)} ms a run"
    yield _figure("a run of 1,000 ready at once", database, used, counted, READY, beside)


def _ready(meter: Meter, database: str) -> tuple[Used, float]:
    """What the runs used, and the seconds until the last one's end."""
    line = person(meter.site)
    for _ in range(20):
        line.start(ONE_NOOP)
    _until_idle(meter)
    with standing_still(meter.site.workers()):
        for _ in range(READY):
            line.start(ONE_NOOP)
        before, began_at = meter.read(), time.time()
    _until_idle(meter)
    return meter.read() - before, meter.value(LAST_END[database]) - began_at


def _chains(meter: Meter, database: str, *shapes: list[dict[str, Any]]) -> list[tuple[Used, float]]:
    """Measure chains of each of these stages by turns: what they used, and milliseconds a step."""
    line = person(meter.site)
    templates = [line.template("Chain", stages) for stages in shapes]
    used = [Used() for _ in shapes]
    walls: list[list[float]] = [[] for _ in shapes]
    for turn in range(CHAINS + 1):
        for place, template in enumerate(templates):
            with standing_still(meter.site.workers()):
                line.start({"workflow_id": template, "inputs": {}})
                before = meter.read()
            _until_idle(meter)
            if turn:
                used[place] += meter.read() - before
                walls[place].append(meter.value(LAST_RUN_TOOK.format(ms=MS[database])) / STEPS)
    return list(zip(used, map(statistics.median, walls), strict=True))


@contextmanager
def standing_still(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _starts(meter: Meter) -> tuple[Used, float]:
    """What the starts used, and the median of their milliseconds."""
    line = person(meter.site)
    has_workers = bool(meter.site.workers())
    samples = []
    before = Used()
    for turn in range(20 + STARTS):
        if turn == 20:
            if has_workers:
                _until_idle(meter)
            before = meter.read()
        began = time.perf_counter()
        line.start(ONE_NOOP)
        if turn >= 20:
            samples.append(ms_since(began))
    if has_workers:
        _until_idle(meter)
    return meter.read() - before, statistics.median(samples)


def _until_idle(meter: Meter) -> None:
    wait_for(meter.is_idle, "the end of all runs", 120)


def _figure(what: str, database: str, used: Used, counted: Used, count: int, beside: str) -> Figure:
    values = {"ours": 1000 * (used.web + used.workers) / count}
    if database == "Postgres":
        values["Postgres"] = 1000 * used.server / count
    values["together"] = sum(values.values())
    return Figure(
        f"{what}, {database}",
        values,
        unit="ms of CPU",
        beside=f"{number(counted.statements / count)} statements,"
        f" {number(counted.flushes / count)} flushes; {beside}",
    )


def _beside(what: str, used: Used, flat: Used, count: int, target: float) -> Figure:
    """The CPU time of what is nested over that of the same without."""
    return Figure(
        what,
        {"ratio": used.cpu_s / flat.cpu_s},
        unit="times the flat",
        judged="ratio",
        target=target,
        beside=f"CPU {number(1000 * used.cpu_s / count)} ms,"
        f" flat {number(1000 * flat.cpu_s / count)} ms",
    )
