"""Periodic tasks that other apps register, such as deleting old runs and sending mail.

Each worker has a thread for them beside its steps: a queue that never ends doesn't put them off,
and a server of others that doesn't answer keeps no step waiting. Not the lease renewer's thread: a
task may take seconds, and every long step would lose its lease meanwhile. One worker at a time is
elected for each task. The election only saves work: a task may be killed at any point, repeated,
and run by two workers at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeAlias

from django.db import connection

from core import installation, outages
from core.database import drop_broken_connections
from runs.engine import reclaiming
from runs.engine.sweep import is_elected

logger = logging.getLogger(__name__)

# Does one small thing, if there is one to do. Returns in how many seconds to ask again, 0 for as
# soon as others have had their turn.
PeriodicTask: TypeAlias = Callable[[], float]

# A worker whose machine is gone, or whose other tasks take longer, is replaced after this long.
ELECTED_FOR_S = 10.0
# Others ask this often whether the elected worker is still there.
LOOK_S = 2.0
# After a periodic task broke: what is broken stays so for a while, and a log is for reading.
PAUSE_S = 60.0
_registered: dict[str, PeriodicTask] = {}
_waiting_elsewhere: set[str] = set()


def register(name: str, task: PeriodicTask, *, waits_elsewhere: bool = False) -> None:
    """Have workers do this. Call it in `AppConfig.ready`. name: at most 24 characters.

    waits_elsewhere: it spends its time waiting for servers of others, so it needs no rest. It
    should return every few seconds, so that a worker can stop.
    """
    _registered[name] = task
    if waits_elsewhere:
        _waiting_elsewhere.add(name)


class PeriodicTasks(threading.Thread):
    """The tasks as one worker does them: its third thread."""

    def __init__(self, worker: str) -> None:
        super().__init__(name="periodic", daemon=True)
        self.worker = worker
        self._due = dict.fromkeys(_registered, 0.0)
        self._end = threading.Event()

    def end(self, within_s: float) -> None:
        """Start no other task, and wait so long for the one in hand."""
        self._end.set()
        self.join(within_s)

    def run(self) -> None:
        while not self._end.is_set():
            self._end.wait(self.run_due())
        connection.close()

    def run_due(self) -> float:
        """Run the task that has been due for longest, if this worker is elected for it. Returns in
        how many seconds to call again."""
        if not self._due:
            return PAUSE_S
        name = min(self._due, key=lambda name: self._due[name])
        began = time.monotonic()
        if began >= self._due[name]:
            pause_s = self._do(name)
            end = time.monotonic()
            if pause_s == 0 and name not in _waiting_elsewhere:
                # The steps of this machine need it more.
                pause_s = end - began
            self._due[name] = end + pause_s
        return max(0.0, min(self._due.values()) - time.monotonic())

    def _do(self, name: str) -> float:
        try:
            drop_broken_connections()
            # Its mail, and what it would delete, are the original's.
            if installation.is_quiet():
                return LOOK_S
            if not is_elected(f"{reclaiming.PERIODIC_PREFIX}{name}", self.worker, ELECTED_FOR_S):
                return LOOK_S
            return _registered[name]()
        except Exception as problem:
            logger.exception("periodic task %s of %s failed", name, self.worker)
            if outages.kind_of(problem):
                connection.close()
                return LOOK_S
            return PAUSE_S
