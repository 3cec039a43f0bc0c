"""Periodic tasks that other apps register, such as deleting old runs. Idle workers do them.

Not in the lease renewer's thread: a task may take seconds, and every long step would lose its lease
meanwhile. One worker at a time is elected for each task. The election only saves work: a task may
be killed at any point, repeated, and run by two workers at once.

Tasks that wait for servers of others, such as sending mail, have a thread of their own in each
worker: a server that doesn't answer keeps no step waiting.
"""

from __future__ import annotations

import logging
import threading
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
# How often the thread beside the steps looks whether something is due.
BESIDE_S = 0.5

_registered: dict[str, PeriodicTask] = {}
_registered_beside: dict[str, PeriodicTask] = {}


def register(name: str, task: PeriodicTask) -> None:
    """Have idle workers do this. Call it in `AppConfig.ready`. name: at most 24 characters."""
    _registered[name] = task


def register_beside(name: str, task: PeriodicTask) -> None:
    """The same for what waits for servers of others: done in a thread beside the steps.

    The task should return every few seconds, so that a worker can stop.
    """
    _registered_beside[name] = task


class PeriodicTasks:
    """The tasks as one worker does them. is_beside: those of `register_beside` instead."""

    def __init__(self, worker: str, *, is_beside: bool = False) -> None:
        self.worker = worker
        self._tasks = _registered_beside if is_beside else _registered
        self._due = dict.fromkeys(self._tasks, 0.0)

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
            return self._tasks[name]()
        except Exception as problem:
            logger.exception("periodic task %s of %s failed", name, self.worker)
            if outages.kind_of(problem):
                connection.close()
                return LOOK_S
            return PAUSE_S


class TasksBeside(threading.Thread):
    """A worker's third thread, for the tasks of `register_beside`."""

    def __init__(self, worker: str) -> None:
        super().__init__(name="periodic", daemon=True)
        self._tasks = PeriodicTasks(worker, is_beside=True)
        self._end = threading.Event()

    def end(self, within_s: float) -> None:
        """Start no other task, and wait so long for the one in hand."""
        self._end.set()
        self.join(within_s)

    def run(self) -> None:
        while not self._end.is_set():
            if not self._tasks.run_due():
                self._end.wait(BESIDE_S)
        connection.close()
