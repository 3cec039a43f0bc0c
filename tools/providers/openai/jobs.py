"""Video jobs as `remember` is told of them, and as the service's webhooks name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

from tools.providers.look_times import LookTimes

# With these a job is over. OpenAI sends none of its progress.
_OVER = frozenset({"video.completed", "video.failed"})
_LONGEST_ID = 200


@dataclass(slots=True)
class VideoJobs(LookTimes):
    """The jobs of one call. It outlives the worker: `remember` is told of it at each look.

    videos: their ids, in the order of the results. wanted: how many were asked for, of how many
    pictures; 0 when that is not known yet. is_asking: a request for the next one may be at a
    service that wouldn't know it again. missing: why there are fewer; the rest is not asked for
    again. warnings: of submitting them.
    """

    videos: list[str] = field(default_factory=list)
    wanted: int = 0
    pictures: int = 1
    is_asking: bool = False
    missing: str = ""
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def from_ref(cls, job_ref: Mapping[str, Any]) -> Self:
        """Parse a job_ref, also one of an earlier release, which had ids alone."""
        values = {one.name: job_ref[one.name] for one in fields(cls) if one.name in job_ref}
        return cls(**{**values, "videos": job_ids(job_ref)})

    @property
    def are_all(self) -> bool:
        """Return whether none is to be submitted any more: then no look needs the call's files."""
        return bool(self.missing) or 0 < self.wanted <= len(self.videos)

    def as_ref(self) -> dict[str, Any]:
        return asdict(self)


def job_ids(job_ref: Mapping[str, Any]) -> list[str]:
    """The ids of its jobs."""
    return [str(one) for one in job_ref.get("videos") or ()]


def is_id(job: Any) -> bool:
    """Return whether it can be the id of a job."""
    return isinstance(job, str) and 0 < len(job) <= _LONGEST_ID


def jobs_of_event(event: Any) -> tuple[str, ...]:
    """The jobs that a webhook's event ends: `{"type": "video.completed", "data": {"id": …}}`."""
    if not isinstance(event, dict) or event.get("type") not in _OVER:
        return ()
    data = event.get("data")
    job = data.get("id") if isinstance(data, dict) else None
    return (str(job),) if is_id(job) else ()
