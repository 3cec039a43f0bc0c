"""Time over several looks at one job, for providers that park: what a job_ref keeps of it."""

from __future__ import annotations

from typing import Any

from core import clock


def now_s() -> float:
    """The time of a look, for a later one on any machine. Unix seconds."""
    return clock.now().timestamp()


def seconds_since(looked_at: Any, *, most_s: float) -> float:
    """Seconds since an earlier look, 0 to most_s; 0 when none is known.

    Machines share no other clock than the wall clock. One that was set, or a night without workers,
    counts as most_s: what was paid for isn't given up because of it.
    """
    if isinstance(looked_at, bool) or not isinstance(looked_at, int | float):
        return 0.0
    return min(max(0.0, now_s() - looked_at), most_s)
