"""Time over several looks at one job, for providers that park: what a job_ref keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core import clock

# Between two looks, in seconds. A look comes late by a tenth of what the job has taken, which no
# one notices, and five hundred jobs of ten minutes ask for eight looks a second.
LONGEST_PAUSE_S = 60.0
_PAUSE_SHARE = 0.1


@dataclass(slots=True, kw_only=True)
class LookTimes:
    """waited_s: since the last was submitted, over all looks. looked_at: Unix seconds. fraction:
    how far they were at the last look, 0 to 1."""

    waited_s: float = 0.0
    looked_at: float = 0.0
    fraction: float = 0.0

    def look(self) -> None:
        """Count the time since the last look that could ask; after an outage, two minutes of it at
        most."""
        if self.looked_at:
            self.waited_s += seconds_since(self.looked_at, most_s=2 * LONGEST_PAUSE_S)
        self.looked_at = now_s()

    def pause_s(self, shortest_s: float) -> float:
        """Return the pause until the next look."""
        return min(LONGEST_PAUSE_S, max(shortest_s, _PAUSE_SHARE * self.waited_s))


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
