"""How long the machine kept a server waiting: for a CPU at other work, and for its disk.

What a server promises by the clock it promises of a machine that has time for it. Where a promise
is measured by the times of events, this is what is taken off; `promised` of
tests/support/waiting.py does so where a block of the test is measured.
"""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

from tests.support.server import Site
from tests.support.waiting import family, queued_s, queued_since

# Of some task of the machine, in microseconds since it was started.
PRESSURE = Path("/proc/pressure/io")
EVERY_S = 0.2


class Reading(NamedTuple):
    """at: Unix seconds. queued: seconds without a CPU of each thread. disk_s: see `disk_s`."""

    at: float
    queued: dict[str, float]
    disk_s: float

    def until(self, later: Reading) -> float:
        """Return the seconds between two readings that are the machine's."""
        return queued_since(self.queued, later.queued) + later.disk_s - self.disk_s


def family_of(site: Site) -> set[int]:
    """Return all processes of a server: who holds a lock of the database keeps others waiting."""
    assert site.program is not None
    return family(site.program.process.pid)


def read(site: Site) -> Reading:
    return Reading(time.time(), queued_s(family_of(site)), disk_s())


def disk_s() -> float:
    """Return for how long anything on this machine has waited for a disk, in seconds; 0.0 where
    the kernel doesn't tell."""
    try:
        found = re.search(r"some .*total=(\d+)", PRESSURE.read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1e6 if found else 0.0


class Record(threading.Thread):
    """`with Record(site) as record:` reads until the end of the block, and then tells."""

    def __init__(self, site: Site) -> None:
        super().__init__(name="record of waits", daemon=True)
        self._site = site
        self._end = threading.Event()
        self._readings: list[Reading] = []

    def __enter__(self) -> Record:
        self._readings.append(read(self._site))
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end.set()
        self.join()
        self._readings.append(read(self._site))

    def run(self) -> None:
        while not self._end.wait(EVERY_S):
            self._readings.append(read(self._site))

    def between(self, start: float, end: float) -> float:
        """Return the machine's seconds from the last reading before to the first one after it."""
        first, *_, last = self._readings
        before = [first, *(reading for reading in self._readings if reading.at <= start)]
        after = [*(reading for reading in self._readings if reading.at >= end), last]
        return before[-1].until(after[0])
