"""A prompt as `remember` is told of it: what the next look needs, by whichever worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self

from tools.providers import look_times

# Between two looks at a parked prompt, in seconds. At one that works: soon enough that its end is
# seen as its owner would; they cost the server next to nothing.
PAUSE_S: Final = 2.0
PAUSE_CAP_S: Final = 5.0
_PAUSE_SHARE: Final = 0.1
# At one that waits in ComfyUI's queue: longer for each that comes before it.
PAUSE_EACH_S: Final = 3.0
QUEUE_PAUSE_CAP_S: Final = 30.0


@dataclass(slots=True)
class PromptState:
    """graph: the name of the one that was submitted; "" in those of earlier releases. warnings: of
    submitting it. is_paid: an account at Comfy paid for it, so a lost one isn't repeated unasked.
    worked_s: how long it was seen at work. away_s: since the server
    last answered. Both over all looks. fraction: of its nodes, at the last look."""

    prompt_id: str
    url: str
    graph: str = ""
    warnings: list[str] = field(default_factory=list)
    is_paid: bool = False
    is_working: bool = False
    worked_s: float = 0.0
    away_s: float = 0.0
    looked_at: float = 0.0
    fraction: float = 0.0

    @classmethod
    def from_ref(cls, job_ref: Mapping[str, Any]) -> Self:
        """Parse a job_ref, also one of an earlier release, which had id and url alone."""
        return cls(**{name: job_ref[name] for name in cls.__slots__ if name in job_ref})

    def as_ref(self) -> dict[str, Any]:
        return asdict(self)

    def note_answer(self, *, is_working: bool) -> None:
        """A look found it in the queue or at work, or over."""
        self._count()
        self.away_s, self.is_working = 0.0, is_working

    def note_miss(self) -> None:
        """A look had no answer. A server that is away may be at work."""
        self.away_s += self._count()

    def _count(self) -> float:
        """Seconds since the last look, which count as work when it was at work then."""
        elapsed_s = look_times.seconds_since(self.looked_at or None, most_s=2 * QUEUE_PAUSE_CAP_S)
        self.looked_at = look_times.now_s()
        if self.is_working:
            self.worked_s += elapsed_s
        return elapsed_s

    def pause_s(self, before: int) -> float:
        """Return the seconds to leave it alone now. before: how many are worked on before it."""
        if before:
            return min(QUEUE_PAUSE_CAP_S, PAUSE_S + PAUSE_EACH_S * before)
        return min(PAUSE_CAP_S, max(PAUSE_S, _PAUSE_SHARE * self.worked_s))
