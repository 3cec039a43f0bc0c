"""How often one person or key may ask. `None` in settings switches a rate off."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.auth import Principal
from core import errors

MINUTE_S = 60.0
QUARTER_S = 900.0
# Beyond this many callers, those that have gone quiet are forgotten.
_REMEMBERED = 10_000


class Counter:
    """At most `rate` events per caller in any window. Lives in the one web process."""

    def __init__(self, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._window_s = window_s
        self._clock = clock
        self._times: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def wait_s(self, caller: str, rate: int, *, count: bool = True) -> float:
        """Count one event and return 0, or return the seconds until one fits.

        count: False only asks.
        """
        now = self._clock()
        with self._lock:
            if len(self._times) > _REMEMBERED:
                self._forget_quiet(now)
            times = self._times.setdefault(caller, deque())
            while times and times[0] <= now - self._window_s:
                times.popleft()
            if len(times) >= rate:
                return max(0.001, times[-rate] + self._window_s - now) if rate > 0 else MINUTE_S
            if count:
                times.append(now)
            return 0.0

    def clear(self, caller: str | None = None) -> None:
        """Forget one caller, or all."""
        with self._lock:
            if caller is None:
                self._times.clear()
            else:
                self._times.pop(caller, None)

    def _forget_quiet(self, now: float) -> None:
        quiet = [
            caller
            for caller, times in self._times.items()
            if not times or times[-1] <= now - self._window_s
        ]
        for caller in quiet:
            del self._times[caller]


requests = Counter(MINUTE_S)
starts = Counter(MINUTE_S)
wrong_passwords = Counter(QUARTER_S)


class KeyThrottle(BaseThrottle):
    """READS_PER_MINUTE requests for each key, or each person without one."""

    def allow_request(self, request: Request, view: Any) -> bool:
        principal = request.auth
        if settings.READS_PER_MINUTE is not None and isinstance(principal, Principal):
            _count(requests, principal, settings.READS_PER_MINUTE, "requests")
        return True


def check_start_rate(principal: Principal) -> None:
    """Count one start. Raises QuotaExceeded above STARTS_PER_MINUTE."""
    if settings.STARTS_PER_MINUTE is not None:
        _count(starts, principal, settings.STARTS_PER_MINUTE, "starts")


def wrong_password_wait_s(caller: str) -> float:
    """Seconds until this caller may try a password again; 0 means now."""
    return wrong_passwords.wait_s(caller, settings.SIGN_IN_TRIES, count=False)


def note_wrong_password(caller: str) -> None:
    wrong_passwords.wait_s(caller, settings.SIGN_IN_TRIES)


def forget_wrong_passwords(caller: str) -> None:
    wrong_passwords.clear(caller)


def _count(counter: Counter, principal: Principal, rate: int, what: str) -> None:
    who = f"key:{principal.api_key.pk}" if principal.api_key else f"user:{principal.user.pk}"
    wait_s = counter.wait_s(who, rate)
    if wait_s:
        raise errors.QuotaExceeded(
            f"More than {rate:,} {what} in a minute. Wait {wait_s:.0f} s and try again.",
            code="quota.rate",
            details={"limit": rate, "per": "minute", "what": what},
            retry_after_s=wait_s,
        )
