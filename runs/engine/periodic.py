"""Periodic tasks that other apps register, such as deleting old runs. Idle workers do them.

Not in the lease renewer's thread: a task may take seconds, and every long step would lose its lease
meanwhile. One worker at a time is elected for each task. The election only saves work: a task may
be killed at any point, repeated, and run by two workers at once.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeAlias

from django.db import connection

from core import outages
from core.database import drop_broken_connections
from runs.engine import reclaiming
from runs.engine.sweep import elected

logger = logging.getLogger(__name__)

# Does one small thing, if there is one to do. Returns in how many seconds to ask again, 0 at once.
PeriodicTask: TypeAlias = Callable[[], float]

# A worker whose machine is gone, or that has people's work for longer, is replaced after this long.
ELECTED_FOR_S = 10.0
# Others ask this often whether the elected worker is still there.
LOOK_S = 2.0
# After a periodic task broke: what is broken stays so for a while, and a log is for reading.
PAUSE_S = 60.0

_registered: dict[str, PeriodicTask] = {}


def register(name: str, task: PeriodicTask) -> None:
    """Have idle workers do this. Call it in `AppConfig.ready`. name: at most 24 characters."""
    _registered[name] = task


class PeriodicTasks:
    """The tasks as one worker does them."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._due = dict.fromkeys(_registered, 0.0)

    def run_due(self) -> bool:
        """Run a task that is due and that this worker is elected for. False: there was none."""
        for name, due in self._due.items():
            if time.monotonic() >= due:
                pause_s = self._do(name)
                self._due[name] = time.monotonic() + pause_s
                if pause_s == 0:
                    return True
        return False

    def _do(self, name: str) -> float:
        try:
            drop_broken_connections()
            if not elected(f"{reclaiming.PERIODIC_PREFIX}{name}", self.worker, ELECTED_FOR_S):
                return LOOK_S
            return _registered[name]()
        except Exception as problem:
            logger.exception("periodic task %s of %s failed", name, self.worker)
            if outages.kind_of(problem):
                connection.close()
                return LOOK_S
            return PAUSE_S
