"""The worker process: wait for hints, claim, execute, one step at a time, until told to stop."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable, Collection
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, connection

from core import outages
from core.database import drop_broken_connections
from media import blobs, sandbox
from runs.dispatch import Subscription, dispatch
from runs.engine import claims, queue_order, reclaiming
from runs.engine.attempt_context import LeaseRenewer
from runs.engine.claims import Claim
from runs.engine.execute import execute
from runs.engine.periodic import PeriodicTasks

logger = logging.getLogger(__name__)

# How long a stopping worker lets the step in hand finish before it hands it back.
GRACE_S = 2.0
# How often other workers may take what this one picked before it waits for the next hint.
LOST_RACES = 8
# Between two looks at a database that is away: the first time, and at most.
FIRST_REST_S, LONGEST_REST_S = 0.25, 2.0


class Worker:
    """Takes ready steps until stopped. `name` must be unique among all workers there ever were.

    labels: it takes steps of providers with one of them; those of the settings unless given.
    """

    def __init__(self, name: str, labels: Collection[str] | None = None) -> None:
        self.name = name
        self.labels = frozenset(settings.WORKER_LABELS if labels is None else labels)
        self.renewer = LeaseRenewer(name, self.labels)
        self.periodic = PeriodicTasks(name)
        self._stopping_since: float | None = None
        self._subscription: Subscription | None = None
        self._lost_hold = False
        # Whether an outage was why.
        self._was_outage = False
        self._rest_s = FIRST_REST_S
        # Whether a parked step is looked at before a ready one is taken: in turns, so that neither
        # many jobs at providers nor many ready steps keep the others waiting.
        self._parked_first = True

    @property
    def stopping(self) -> bool:
        return self._stopping_since is not None

    def stop(self) -> None:
        """Finish the step in hand if it ends within the grace, else hand it back; take no other."""
        if self._stopping_since is None:
            self._stopping_since = time.monotonic()

    def run(self) -> None:
        """Work until `stop`, through every outage of the database and the disk.

        Claimed steps are released on exit.
        """
        subscription = dispatch().listen(self.name, sorted(self.labels))
        self._subscription = subscription
        self.renewer.start()
        sandbox.protect_parent()
        # A server is used soon after it was started, and the first step would take 0.3 s longer.
        sandbox.keep_spare()
        self.periodic.start()
        logger.info("%s is ready for %s", self.name, ", ".join(sorted(self.labels)))
        try:
            while not self.stopping:
                if not self._work_once():
                    subscription.wait(settings.POLL_S)
        finally:
            self.renewer.end()
            self._hand_back()
            self.periodic.end(within_s=GRACE_S)
            subscription.close()
            connection.close()

    def wait_for(self, start: Callable[[], None]) -> bool:
        """Call it until the database answers. False: told to stop before that."""
        while not self.stopping:
            try:
                start()
                return True
            except Exception as problem:
                if not outages.kind_of(problem):
                    raise
                logger.exception("%s cannot start yet", self.name)
                connection.close()
                self._rest()
        return False

    def run_until_idle(self) -> int:
        """Execute whatever is ready now, in this thread. Returns how many steps were worked on."""
        total = 0
        while count := self._work_once():
            total += count
        return total

    def _work_once(self) -> int:
        """Take the first claimable ready step and follow its chain. Returns how many steps."""
        try:
            drop_broken_connections()
            if self._lost_hold:
                # An outage says nothing against the step. One that fails in another way counts as a
                # lost lease: it might do so for ever.
                reclaiming.release_worker(self.name, handed_back=self._was_outage, stays=True)
                self._lost_hold = False
            # Nothing is taken that could not be kept.
            blobs.check_folder()
            claim = self._claim_one()
            if claim is not None and self._subscription is not None:
                self._subscription.pass_on()
            steps = 0
            # A claim made while the order to stop came in is handed back unworked.
            while claim is not None and not self.stopping:
                steps += 1
                claim = execute(claim, self.renewer, take_next=not self.stopping)
            self._rest_s = FIRST_REST_S
            return steps
        except Exception as problem:
            # Whatever was in hand goes back when the database answers again; failing that, its
            # lease runs out.
            self._was_outage = bool(outages.kind_of(problem))
            if not self._was_outage and not isinstance(problem, DatabaseError):
                raise
            self._lost_hold = True
            logger.exception("%s lost the database, the disk or the media folder", self.name)
            connection.close()
            self._rest()
            return 0

    def _rest(self) -> None:
        """Sleep for longer after each failure in a row, and no longer than until told to stop."""
        end = time.monotonic() + self._rest_s
        while not self.stopping and (remaining_s := end - time.monotonic()) > 0:
            time.sleep(min(remaining_s, FIRST_REST_S))
        self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)

    def _hand_back(self) -> None:
        try:
            reclaiming.release_worker(self.name, handed_back=True)
        except Exception:
            logger.exception("%s could not hand back; its leases run out", self.name)

    def _claim_one(self) -> Claim | None:
        for _ in range(LOST_RACES):
            candidates = queue_order.pick(self.labels, parked_first=self._parked_first)
            for step_id, run_id in candidates:
                if self.stopping:
                    return None
                claim = claims.claim(step_id, run_id, self.name, self.labels)
                if claim is not None:
                    self._parked_first = not self._parked_first
                    return claim
            if not candidates:
                break
        return None

    def handle_signal(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: the first one stops gently and arms the grace, a second one now."""
        if self.stopping:
            self.renewer.stop_attempt()
            return
        self.stop()
        signal.setitimer(signal.ITIMER_REAL, GRACE_S)

    def handle_alarm(self, signum: int, frame: FrameType | None) -> None:
        """The grace is over: the step in hand stops and goes back."""
        self.renewer.stop_attempt()
