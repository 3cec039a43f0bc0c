"""One attempt as its provider sees it, and the thread that renews its lease."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from core import clock, durable
from core.database import drop_broken_connections
from core.storable_text import storable
from runs.engine import claims, lease, queue_order, remote_jobs, sweep
from runs.engine.claims import Claim
from runs.engine.clock_changes import ClockMonitor
from runs.engine.worker_registry import Registration
from tools.providers.base import Stopped

logger = logging.getLogger(__name__)

# How often a provider's question whether other steps wait reaches the database.
OTHERS_WAIT_EVERY_S = 0.5


class AttemptContext:
    """The JobContext of one attempt. Safe to use from the provider's and the renewer's thread."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.resolved: Any = None
        # The name of who does it, once that is settled.
        self.provider = claim.look.provider if claim.look else ""
        self._is_stopped = False
        # Holds a token once it is. No Event: a signal's handler calls `stop`, in the thread that
        # may be in `wait` and hold the Event's lock.
        self._stop: SimpleQueue[None] = SimpleQueue()
        # What the service was asked to do, once it is known. A later attempt attaches to that.
        self.job_ref: Mapping[str, Any] | None = claim.look.job_ref if claim.look else None
        # How far it is and what is said of it: as a provider last said, and as the log has it.
        # A look goes on from what the last one said.
        self._progress = (claim.step.progress, claim.look.note) if claim.look else (0.0, "")
        self._logged = self._to_percent(self._progress)
        # A look finds what the first one wrote.
        self._wrote_resolved = claim.look is not None
        # When the claim last was known to be, by the monotonic clock.
        self._renewed_at = time.monotonic()
        self._is_submitting = False
        self._has_submitted = False
        self._others_wait = (False, 0.0)

    @property
    def may_be_charged(self) -> bool:
        """Return whether a paid request may have been sent that no later attempt can attach to."""
        return self._has_submitted and self.job_ref is None

    def progress(self, fraction: float, message: str = "") -> None:
        self._progress = (min(1.0, max(0.0, fraction)), storable(message))

    def check(self) -> None:
        if self._is_stopped:
            raise Stopped(f"{self.claim.step.key} is not wanted any more")
        if self._is_submitting:
            self._is_submitting = False
            # This process may have stood still since, and another worker has the step by now.
            if time.monotonic() - self._renewed_at > settings.LEASE_S / 2:
                self._prove_claim()

    def wait(self, seconds: float) -> None:
        with suppress(Empty):
            self._stop.get(timeout=max(0.0, seconds))
            # For other threads that wait.
            self._stop.put(None)
        self.check()

    def submitting(self, request: Mapping[str, Any] | None = None) -> None:
        self.check()
        # Flushed before the request leaves: after a crash only this note tells a request that may
        # be charged from one that was never sent.
        content = dict(request or {})
        with transaction.atomic():
            self._note_attempt(
                submitting_at=clock.now(), provider=self.provider, paid_request=content
            )
            if token := content.get("token"):
                remote_jobs.keep_token(self.claim.step.id, self.provider, str(token))
        durable.flush()
        # After it is noted that money may be spent: the claim must be now.
        self._prove_claim()
        self._is_submitting = self._has_submitted = True

    def remember(self, job_ref: Mapping[str, Any]) -> None:
        self._is_submitting = False
        columns: dict[str, Any] = {"job_ref": dict(job_ref), "provider": self.provider}
        try:
            with transaction.atomic():
                self._note_attempt(**columns)
                remote_jobs.keep(self.claim.step.id, self.provider, job_ref)
            # Not before: a step whose job is not stored must not be parked.
            self.job_ref = columns["job_ref"]
        except Stopped:
            # It is paid for, whatever became of the attempt meanwhile.
            remote_jobs.keep_late(self.claim, self.provider, job_ref)
            raise
        finally:
            durable.flush()

    def attach(self, job_id: str, job_ref: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
        step_id = self.claim.step.id
        with transaction.atomic():
            remote_jobs.lock(self.provider, job_id)
            if self.is_of_other_step(job_id):
                return False
            if remote_jobs.is_equal_in_flight(step_id, self.provider, request):
                return False
            self._note_attempt(job_ref=dict(job_ref), provider=self.provider)
            remote_jobs.keep(step_id, self.provider, job_ref)
        self.job_ref = dict(job_ref)
        durable.flush()
        return True

    def is_of_other_step(self, job_id: str) -> bool:
        return remote_jobs.is_of_other_step(self.claim.step.id, self.provider, job_id)

    def others_wait(self) -> bool:
        waits, asked_at = self._others_wait
        if time.monotonic() - asked_at > OTHERS_WAIT_EVERY_S:
            waits = bool(queue_order.pick(self.claim.labels, 1))
            self._others_wait = (waits, time.monotonic())
        return waits

    def last_progress(self) -> tuple[float, str]:
        """Return the provider's last progress, 0 to 1, and its note."""
        return self._progress

    def unwritten(self) -> dict[str, Any]:
        """The columns of the step that no renewal has written yet."""
        return {} if self._wrote_resolved else {"resolved": self.resolved}

    def is_logged(self, fraction: float, note: str) -> bool:
        """Return whether the log has this progress of the step already."""
        return self._to_percent((fraction, note)) == self._logged

    def stop(self) -> None:
        """Make the provider stop at its next check. A signal's handler may call it."""
        self._is_stopped = True
        self._stop.put(None)

    def renew(self) -> None:
        """Prolong the lease, log progress if there is any; stop when the claim is gone."""
        with claims.in_logs(self.claim):
            self._renew()

    def _renew(self) -> None:
        began = time.monotonic()
        # Renewals are a second apart: a step logs at most one entry a second, and what pages show
        # is at most a second old.
        fraction, note = self._progress
        progress = self._to_percent((fraction, note))
        resolved_json = None if self._wrote_resolved else self.resolved
        if progress == self._logged:
            is_held = lease.renew(self.claim, resolved=resolved_json)
        else:
            is_held = lease.report_progress(self.claim, fraction, note, resolved=resolved_json)
            self._logged = progress
        self._wrote_resolved = self._wrote_resolved or resolved_json is not None
        if is_held:
            self._renewed_at = began
        else:
            logger.info("the attempt is not wanted any more")
            self.stop()

    def _prove_claim(self) -> None:
        """Prolong the lease, or raise Stopped: the step was cancelled or another worker has it."""
        began = time.monotonic()
        if not lease.renew(self.claim):
            self.stop()
            self.check()
        self._renewed_at = began

    def _note_attempt(self, **fields: Any) -> None:
        if not self.claim.open_attempt().update(**fields):
            self.stop()
            self.check()

    @staticmethod
    def _to_percent(progress: tuple[float, str]) -> tuple[int, str]:
        # Pages show whole percents.
        fraction, note = progress
        return (round(100 * fraction), note)


class LeaseRenewer(threading.Thread):
    """The worker's second thread: renews the lease in hand each second, and sweeps when elected.

    It has its own database connection; the main thread may be deep in a provider call.
    """

    def __init__(self, worker: str, labels: Collection[str] | None = None) -> None:
        super().__init__(name="lease-renewer", daemon=True)
        self.worker = worker
        self._attempt: AttemptContext | None = None
        self._registration = Registration(worker, labels)
        self._clock = ClockMonitor()
        self._end = threading.Event()

    def keep_alive(self, context: AttemptContext | None) -> None:
        """Set whose lease to renew; None between two steps."""
        self._attempt = context

    def stop_attempt(self) -> None:
        """Make the attempt in hand stop, if there is one."""
        if (context := self._attempt) is not None:
            context.stop()

    def end(self) -> None:
        self._end.set()

    def run(self) -> None:
        renew_at = time.monotonic()
        while not self._end.wait(max(0.0, renew_at - time.monotonic())):
            renew_at = time.monotonic() + settings.HEARTBEAT_S
            is_steady = self._clock.is_steady()
            try:
                drop_broken_connections()
                if (context := self._attempt) is not None:
                    context.renew()
                self._registration.refresh()
                sweep.sweep_if_elected(self.worker, is_steady=is_steady)
            except Exception:
                # A locked or restarting database costs a renewal; the lease outlives several. And
                # whatever else breaks: without a renewer every long step would lose its lease.
                logger.exception("heartbeat of %s failed", self.worker)
                connection.close()
        connection.close()
