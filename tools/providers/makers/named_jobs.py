"""A job that a person named as that of a request: whether what its service says of it agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.errors import JobMismatch
from tools.providers.makers import prices
from tools.providers.makers.exchange import JobFacts

# The clocks of two machines differ, and a service may note a request late.
NEAR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class NamedJob:
    """who: the service's title; title: the model's. at_most: whether what it quoted may be more
    than it costs. content: the request, as it is stored."""

    id: str
    who: str
    title: str
    at_most: bool
    content: Mapping[str, Any]
    credits_per_usd: float

    def mismatch(self, reason: str) -> JobMismatch:
        return JobMismatch(reason, job_id=self.id)

    def check(self, facts: JobFacts | None) -> JobFacts:
        """Raise JobMismatch for a job that isn't there, or is of another request. What the service
        doesn't say is not held against it."""
        if facts is None:
            raise self.mismatch(f"{self.who} has no job {self.id} by {self.title}.")
        if facts.model not in (None, self.content["id"]):
            raise self.mismatch(f"The job {self.id} at {self.who} is not by {self.title}.")
        sent_at = datetime.fromtimestamp(float(self.content["at"]), UTC)
        if facts.sent_at is not None and abs(facts.sent_at - sent_at) > NEAR:
            raise self.mismatch(
                f"The job {self.id} was sent to {self.who} at {_words(facts.sent_at)}, and this"
                f" request at {_words(sent_at)}."
            )
        self._check_cost(facts.usd)
        return facts

    def _check_cost(self, usd: Decimal | None) -> None:
        quote = Decimal(str(self.content["usd"]))
        # What failed may cost nothing.
        if not usd or not quote:
            return
        is_cheaper = usd * prices.DEARER < quote and not self.at_most
        if usd > quote * prices.DEARER or is_cheaper:
            raise self.mismatch(
                f"The job {self.id} at {self.who} costs {self._credits(usd)}, and this request"
                f" {self._credits(quote)}."
            )

    def _credits(self, usd: Decimal) -> str:
        credits = prices.milli(usd, self.credits_per_usd) / 1000
        return f"{credits:g} credit{'' if credits == 1 else 's'}"


def moment(text: Any) -> datetime | None:
    """Return a time that a service wrote; None for what is none."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _words(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%H:%M:%S} UTC on {at.day} {at:%b %Y}"
