"""Repairs due times after the system clock was changed.

Queues, leases and elections are told by a wall clock, which an operator, a time server or a machine
that wakes may set back or forward by any amount. So every time in the future has a cap: one beyond
it was written under another clock, and is brought back. And a sweep waits for the
holders of leases first when time jumped.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from core.database import db_now
from runs import states
from runs.models import Step

logger = logging.getLogger(__name__)

# The longest that a service's own wish may keep a failed step from its next try, or a parked one
# from the next look.
MAX_RETRY_DELAY_S = 900.0
# The longest that a step rests which did not fail: it was put back by several machines.
MAX_REST_S = 5.0
# Clocks of two machines, or of a machine and its database, differ by as much without harm.
TOLERANCE_S = 2.0


def beyond(seconds: float) -> Any:
    """The first moment that a time which lies at most so far ahead cannot have, for a query."""
    return db_now() + timedelta(seconds=seconds + TOLERANCE_S)


def clamp_future_times() -> int:
    """Bring back times of steps that lie beyond their cap. Returns how many. Writes only then."""
    far = Q(not_before__gt=beyond(MAX_RETRY_DELAY_S))
    far |= Q(failures=0, not_before__gt=beyond(MAX_REST_S))
    due_late = (
        # With the condition on failures, which always holds, it is the index of this look alone.
        Step.objects.filter(far, status=states.READY, failures__gte=0),
        Step.objects.filter(status=states.PARKED, not_before__gt=beyond(MAX_RETRY_DELAY_S)),
    )
    leases = Step.objects.filter(status=states.RUNNING, lease_until__gt=beyond(settings.LEASE_S))
    count = 0
    for waiting in due_late:
        if waiting.exists():
            count += waiting.update(not_before=db_now())
    if leases.exists():
        # Its holder, if it lives, prolongs it within a second.
        count += leases.update(lease_until=db_now() + timedelta(seconds=settings.LEASE_S))
    if count:
        logger.warning("the clock was set back: %s steps are due or held by the new one", count)
    return count


class ClockMonitor:
    """Notices a process that stood still and a clock that was set forward."""

    def __init__(self) -> None:
        self._wall, self._own = time.time(), time.monotonic()
        self._settled_at = self._own

    def is_steady(self) -> bool:
        """Call it at every heartbeat. False: this process stood still or the clock was set forward
        less than two heartbeats ago, so that holders of leases may not have prolonged them yet."""
        wall, own = time.time(), time.monotonic()
        if max(wall - self._wall, own - self._own) > settings.HEARTBEAT_S + settings.LEASE_S / 2:
            self._settled_at = own + 2 * settings.HEARTBEAT_S
        self._wall, self._own = wall, own
        return own >= self._settled_at
