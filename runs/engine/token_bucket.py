"""Starts per minute, counted by tokens that come back with time.

A bucket is chosen rather than a count of the last minute's attempts: it is two numbers in the row
that a claim locks anyway, and needs no index over attempts, which every step would write.
"""

from __future__ import annotations

from datetime import datetime

# A start reaches the service a moment after its claim, one sooner than another: with two seconds to
# spare a full minute at the service holds no more starts than one here.
_WINDOW_S = 62.0
# The time of a statement that waited for a lock is earlier than that of the one which held it.
_WAITED_S = 5.0


def capacity(per_minute: int) -> int:
    """Return how many may begin at once after a rest. A tenth: a larger burst would have to be paid
    for by a slower rate, or the busiest minute would hold more than `per_minute`."""
    return max(1, per_minute // 10)


def rate(per_minute: int) -> float:
    """Tokens a second. With a burst of c and this rate, no span shorter than the window holds more
    than c + rate × window − 1 = per_minute starts."""
    return (per_minute + 1 - capacity(per_minute)) / _WINDOW_S


def tokens_now(per_minute: int, tokens: float, counted_at: datetime | None, now: datetime) -> float:
    """The tokens there are now. counted_at: when there were `tokens`; None: never counted, full."""
    full = float(capacity(per_minute))
    if counted_at is None:
        return full
    passed_s = max(0.0, (now - counted_at).total_seconds())
    return min(full, max(0.0, tokens) + passed_s * rate(per_minute))


def next_counted_at(counted_at: datetime | None, now: datetime) -> datetime:
    """Return the new `counted_at`: a clock that was set back begins from where it is, with the
    tokens there were; else no moment is counted twice."""
    if counted_at is None or is_ahead(counted_at, now):
        return now
    return max(counted_at, now)


def is_ahead(counted_at: datetime, now: datetime) -> bool:
    """Return whether the clock was set back since: without a new beginning nothing would come back
    until it is there again."""
    return (counted_at - now).total_seconds() > _WAITED_S


def wait_s(per_minute: int, tokens: float) -> float:
    """Seconds until the next may begin; 0 when it may now."""
    return max(0.0, (1.0 - tokens) / rate(per_minute))
