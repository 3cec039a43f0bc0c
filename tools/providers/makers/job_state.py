"""The jobs of one call as `remember` is told of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import Any, Self

from tools.providers.look_times import LookTimes
from tools.providers.makers.exchange import JobHandle
from tools.providers.makers.table import Way


@dataclass(slots=True)
class JobState(LookTimes):
    """It outlives the worker.

    model, place: what makes them, by our name and by the service's id. jobs: in the order of the
    results, see `handle`. wanted: how many there will be; 0: not known yet. request: one that was
    sent and had no answer, or is to be sent again; token: of its webhook. missing: why there are
    fewer jobs; the rest is not asked for. unbilled_milli: what that request was charged, or may
    have been. warnings: of submitting them. way: of the place, see `Place.variant`. no_result_at:
    since when a result is missing, Unix seconds; 0: none is.
    """

    model: str = ""
    place: str = ""
    jobs: list[dict[str, Any]] = field(default_factory=list)
    wanted: int = 0
    request: dict[str, Any] | None = None
    token: str = ""
    missing: str = ""
    unbilled_milli: int = 0
    warnings: list[str] = field(default_factory=list)
    way: Way = ""
    no_result_at: float = 0.0

    @classmethod
    def from_ref(cls, job_ref: Mapping[str, Any]) -> Self:
        return cls(**{one.name: job_ref[one.name] for one in fields(cls) if one.name in job_ref})

    @property
    def are_all(self) -> bool:
        """Return whether none is to be submitted any more."""
        return bool(self.missing) or 0 < self.wanted <= len(self.jobs)

    def keep_request(self, content: Mapping[str, Any]) -> None:
        """Note a request whose job isn't known yet."""
        self.request, self.token = dict(content), str(content.get("token", ""))

    @property
    def ids(self) -> tuple[str, ...]:
        return ids({"jobs": self.jobs})

    def add(self, handle: JobHandle, content: Mapping[str, Any]) -> None:
        """Note the job of a request. Of one whose answer was the result the request is kept: the
        same one gives it again, should this worker end."""
        self.request, self.token = None, ""
        usd = str(handle.usd) if handle.usd is not None else content["usd"]
        job: dict[str, Any] = {"id": handle.id, "urls": dict(handle.urls), "usd": usd}
        job["at"] = content["at"]
        if not handle.id:
            job["request"] = dict(content)
        self.jobs.append(job)
        # Of several that wait for each other, each has as long as one alone.
        self.waited_s = 0.0

    def as_ref(self) -> dict[str, Any]:
        return asdict(self)


def handle(job: Mapping[str, Any]) -> JobHandle:
    """Return a job of `JobState.jobs`."""
    at = float(job.get("at") or 0.0)
    return JobHandle(str(job["id"]), job["urls"], Decimal(job["usd"]), at=at)


def ids(job_ref: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ids of a reference's jobs, as webhooks call them."""
    return tuple(str(job["id"]) for job in job_ref.get("jobs") or () if job.get("id"))
