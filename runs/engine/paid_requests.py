"""Requests that were sent to a provider and had no answer: who was asked, for what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Max, Min, QuerySet

from core import clock
from runs.models import Attempt, Step
from tools.providers.base import NAMED_JOB, Provider

# Clocks of two machines differ, and a provider may forget a key a little early.
MARGIN_S = 3_600.0
# How an attempt ends whose request may have been taken without anyone knowing. One that a person
# was asked about is over: the answer decides about the next.
_OPEN = ("", "lost", "returned", "error")


@dataclass(frozen=True, slots=True)
class PaidRequest:
    """content: as `JobContext.submitting` was given it. sent_at: the first time."""

    provider: str
    content: Mapping[str, Any]
    sent_at: datetime

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        sent_at = datetime.fromisoformat(document["sentAt"])
        return cls(document["provider"], document["content"], sent_at)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        sent_at = self.sent_at.isoformat()
        return {"provider": self.provider, "content": dict(self.content), "sentAt": sent_at}

    @property
    def names_job(self) -> bool:
        """Return whether a person said which job is its, so that nothing is sent again."""
        return NAMED_JOB in self.content

    def age_s(self) -> float:
        """Return at least 0: clocks of two machines differ."""
        return max(0.0, (clock.now() - self.sent_at).total_seconds())


def open_request(step_id: int, generation: int) -> PaidRequest | None:
    """Return the request that this generation of a step sent last and knows nothing of."""
    return _newest(_open_attempts(step_id, generation))


def last_request(step_id: int, generation: int) -> PaidRequest | None:
    """Return the request that this generation sent last, also one whose job is known."""
    return _newest(_sent_attempts(step_id, generation))


def has_job(step_id: int, generation: int) -> bool:
    """Return whether the next attempt goes on with a job that is at its provider."""
    attempts = Attempt.objects.filter(step_id=step_id, generation=generation)
    # The job of an attempt that failed is over, whichever earlier one was told of it first.
    last_failure = attempts.filter(outcome="error").aggregate(last=Max("number"))["last"] or 0
    return attempts.filter(number__gt=last_failure, job_ref__isnull=False).exists()


def is_blind(provider: Provider | None, step_id: int, generation: int) -> bool:
    """Return whether a repeat may be paid for twice: the provider doesn't know repeated requests,
    or no longer knows the one that was sent. One that is not set up any more can't be asked."""
    if provider is None or provider.submit == "blind":
        return True
    if provider.key_lifetime_s is None:
        return False
    request = open_request(step_id, generation)
    return request is not None and request.age_s() > provider.key_lifetime_s - MARGIN_S


def resends(step_id: int, generation: int) -> int:
    """Return how often a person was asked whether to send it again, and said yes."""
    held_attempts = Attempt.objects.filter(step_id=step_id, generation=generation, outcome="held")
    return held_attempts.filter(submitting_at__isnull=False).count()


def name_job(step: Step, request: PaidRequest, job_id: str) -> None:
    """Have the next attempt of a step look at the job that its person named, and send nothing."""
    Attempt.objects.filter(step_id=step.id, number=step.attempt).update(
        provider=request.provider,
        submitting_at=request.sent_at,
        paid_request={**request.content, NAMED_JOB: job_id},
        # Not "held", by which repeats are counted: it is as after a lost worker.
        outcome="lost",
        # The next attempt has the charge of its job.
        unbilled_milli=None,
    )


def settle(step_id: int, generation: int, *, ends_job: bool) -> None:
    """Note that it is known, or decided, what becomes of the requests of this generation.

    ends_job: their jobs are gone, too.
    """
    if ends_job:
        Attempt.objects.filter(step_id=step_id, generation=generation).update(job_ref=None)
    _open_attempts(step_id, generation).update(paid_request=None)


def _newest(attempts: QuerySet[Attempt]) -> PaidRequest | None:
    newest = attempts.order_by("-number").first()
    sent_at = attempts.aggregate(first=Min("submitting_at"))["first"]
    if newest is None or sent_at is None:
        return None
    return PaidRequest(newest.provider, newest.paid_request or {}, sent_at)


def _open_attempts(step_id: int, generation: int) -> QuerySet[Attempt]:
    return _sent_attempts(step_id, generation).filter(job_ref__isnull=True)


def _sent_attempts(step_id: int, generation: int) -> QuerySet[Attempt]:
    return Attempt.objects.filter(
        step_id=step_id,
        generation=generation,
        paid_request__isnull=False,
        submitting_at__isnull=False,
        outcome__in=_OPEN,
    )
