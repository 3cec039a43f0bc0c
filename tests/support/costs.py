"""What each test costs in CPU: `make costs` writes it into tests/costs.json by this plugin.

With REELGRAPH_TEST_COSTS=FOLDER each process of pytest writes lines of JSON there: `test` (its id),
`is_slow`, `own` and `children` (CPU seconds of this process, and of children that ended meanwhile),
and `pace`, the CPU seconds of a fixed piece of work just before: the same test costs up to twice as
much where another process shares the core. On Postgres nothing is written: the figures are those of
SQLite.
"""

from __future__ import annotations

import json
import os
import resource
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
FOLDER = "" if ON_POSTGRES else os.environ.get("REELGRAPH_TEST_COSTS", "")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    if not FOLDER:
        return (yield)
    pace = _pace_s()
    own, children = _cpu_s()
    result = yield
    own_after, children_after = _cpu_s()
    row = {
        "test": item.nodeid,
        "is_slow": item.get_closest_marker("slow") is not None,
        "own": round(own_after - own, 3),
        "children": round(children_after - children, 3),
        "pace": round(pace, 6),
    }
    folder = Path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{os.getpid()}.jsonl").open("a") as file:
        file.write(json.dumps(row) + "\n")
    return result


def _cpu_s() -> tuple[float, float]:
    """CPU seconds of this process and of its ended children."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time(), children.ru_utime + children.ru_stime


def _pace_s() -> float:
    """CPU seconds of a fixed piece of work, about 1 ms on a quiet machine."""
    start = time.process_time()
    for _ in range(2):
        json.loads(json.dumps({str(number): [number, str(number)] for number in range(500)}))
    return time.process_time() - start
