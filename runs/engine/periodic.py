"""What an idle worker does: duties that other apps register, such as deleting old runs.

Not the heart's work: a chore may take seconds, and every long step would lose its lease meanwhile.
One worker at a time is elected for each chore. The election only saves work: a chore may be killed
at any point, done again, and done by two workers at once.
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
Chore: TypeAlias = Callable[[], float]

# A worker whose machine is gone, or that has people's work for longer, is replaced after this long.
ELECTED_FOR_S = 10.0
# Others ask this often whether the elected worker is still there.
LOOK_S = 2.0
# After a chore broke: what is broken stays so for a while, and a log is for reading.
PAUSE_S = 60.0

_registered: dict[str, Chore] = {}


def register(name: str, chore: Chore) -> None:
    """Have idle workers do this. Call it in `AppConfig.ready`. name: at most 24 characters."""
    _registered[name] = chore


class Chores:
    """The chores as one worker does them."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._due = dict.fromkeys(_registered, 0.0)

    def do_one(self) -> bool:
        """Do a chore that is due and that this worker is elected for. False: there was none."""
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
            if not elected(f"{reclaiming.CHORE}{name}", self.worker, ELECTED_FOR_S):
                return LOOK_S
            return _registered[name]()
        except Exception as problem:
            logger.exception("chore %s of %s failed", name, self.worker)
            if outages.kind_of(problem):
                connection.close()
                return LOOK_S
            return PAUSE_S
