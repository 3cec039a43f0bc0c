"""Several machines' workers at one provider with a limit, and what the provider saw of them."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.support.fakes.maker import MadeJob, Maker
from tests.support.faults.worker_nest import WorkerNest
from tests.support.server import Site


class BusyMaker(Maker):
    """Notes when jobs began, by the monotonic clock."""

    def __init__(self) -> None:
        super().__init__()
        self.began: dict[str, float] = {}

    def submit(self, key: str, seconds: float) -> MadeJob:
        job = super().submit(key, seconds)
        self.began[job.id] = time.monotonic()
        return job

    def most_at_once(self) -> int:
        """How many of its jobs were under way at the same moment."""
        moments = [(began, 1) for began in self.began.values()]
        moments += [(job.ends_at, -1) for job in self.jobs.values() if job.ends_at is not None]
        most = now = 0
        # An end before a beginning of the same moment.
        for _, change in sorted(moments):
            now += change
            most = max(most, now)
        return most

    def busiest(self, seconds: float) -> int:
        """The most jobs that began within so many seconds."""
        began = sorted(self.began.values())
        return max(
            (sum(first <= one < first + seconds for one in began) for first in began), default=0
        )

    def began_between(self, since: float, until: float) -> int:
        return sum(since <= one <= until for one in self.began.values())


class Machines:
    """Workers of several machines: each has a data folder of its own and the site's media.

    The first machine is the site's own.
    """

    def __init__(self, site: Site, homes: Sequence[Path], *, workers: int) -> None:
        self.site = site
        self.homes = list(homes)
        self._workers = workers
        self._nests: list[WorkerNest] = []
        self._open = ExitStack()
        self._pids: dict[tuple[int, int], int] = {}
        self.killed: Counter[int] = Counter()

    def __enter__(self) -> Machines:
        with ExitStack() as opening:
            for home in self.homes:
                self._nests.append(opening.enter_context(WorkerNest(self._env(home))))
            for place in range(self._workers):
                self._start(place % len(self.homes), place)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *problem: object) -> None:
        self._open.__exit__(*problem)

    def _env(self, home: Path) -> dict[str, str]:
        media = str(self.site.home / "media")
        return {**self.site.env, "REELGRAPH_HOME": str(home), "REELGRAPH_MEDIA_DIR": media}

    def _start(self, machine: int, place: int) -> None:
        self._pids[machine, place] = self._nests[machine].start()

    def kill_one(self, rng: random.Random) -> None:
        """As the kernel does when memory is short; another takes its place."""
        machine, place = rng.choice(sorted(self._pids))
        self._nests[machine].kill(self._pids[machine, place])
        self.killed[machine] += 1
        self._start(machine, place)
