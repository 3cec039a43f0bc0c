"""Steps that may have been paid for, with no result yet: what their person is asked, or told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from core import clock
from core.errors import JobMismatch
from runs.billing.units import credits_text
from runs.engine import paid_requests, pending_steps
from runs.engine.paid_requests import PaidRequest
from runs.models import Step, Wait
from tools import registry

MAY_BE_CHARGED = "step.may_be_charged"
# Of the prompt of a question: whether a yes sends another request; what is shown of a job that may
# be named; and the request itself, which isn't shown.
SENDS_AGAIN = "sendsAgain"
ATTACH = "attachJob"
REQUEST = "request"


@dataclass(frozen=True, slots=True)
class UnknownCharge:
    """what: a sentence on how that came. request: what was sent last, if that was stored.
    sends_again: a retry sends a request that may be paid for, too; else it goes on with this one.
    mismatch: why the job that its person named isn't this request's.
    """

    step: Step
    what: str
    request: PaidRequest | None
    sends_again: bool
    mismatch: JobMismatch | None = None

    @property
    def message(self) -> str:
        return " ".join(
            part
            for part in (self.what, "It may already have been charged.", self._clue, self._remedy)
            if part
        )

    @property
    def _clue(self) -> str:
        """Return what to look for at the provider."""
        if self.request is None:
            return ""
        milli = self.step.estimated_milli
        cost = f" (about {credits_text(milli)})" if milli else ""
        return f"Look there for a job{cost} at {_moment(self.request.sent_at)} UTC."

    @property
    def _remedy(self) -> str:
        if self.sends_again:
            return "Send it again only if that's OK."
        return "Retry to go on with it."

    @property
    def is_asked(self) -> bool:
        """Return whether a person decides; else the step fails."""
        step = self.step
        stopping = pending_steps.is_stopping(step.run_id, step.parent_id)
        return settings.ASK_BEFORE_REPAYING and not stopping

    def prompt(self, **details: Any) -> dict[str, Any]:
        """Return what the question shows; and of a request whose job may be named, what is needed
        to look at that one."""
        details[SENDS_AGAIN] = self.sends_again
        prompt: dict[str, Any] = {"message": self.message, "details": details}
        request = self._nameable()
        if request is None:
            return prompt
        facts: dict[str, Any] = {
            "provider": title_of(request.provider),
            "sentAt": clock.iso(request.sent_at),
        }
        if self.mismatch is not None:
            facts["jobId"] = self.mismatch.job_id
            facts["issues"] = [{"path": "jobId", "message": self.mismatch.message}]
        details[ATTACH] = facts
        return {**prompt, REQUEST: request.to_json()}

    def _nameable(self) -> PaidRequest | None:
        """Return the request if its person may say which job at the provider is its."""
        if self.request is None or not self.sends_again:
            return None
        provider = registry.provider_named(self.request.provider)
        content = provider.request_of_job(self.request.content) if provider is not None else None
        return None if content is None else replace(self.request, content=content)

    def error(self) -> dict[str, Any]:
        """Return the failure of a step whose person isn't asked."""
        return {
            "code": MAY_BE_CHARGED,
            "error_type": "PERMISSION_REQUIRED",
            "message": self.message,
            "retryable": False,
            **({"provider": self.request.provider} if self.request else {}),
        }


def unknown_charge(
    step: Step, what: str, *, sends_again: bool, mismatch: JobMismatch | None = None
) -> UnknownCharge:
    request = paid_requests.last_request(step.id, step.generation)
    return UnknownCharge(step, what, request, sends_again, mismatch)


def request_asked_about(wait: Wait) -> PaidRequest | None:
    """Return the request whose job the answer to a question may name; None: none can be."""
    request = wait.prompt.get(REQUEST)
    return None if request is None else PaidRequest.from_json(request)


def title_of(name: str) -> str:
    """Return what people call a provider, also one that isn't set up any more."""
    provider = registry.provider_named(name)
    return (provider.title if provider is not None else "") or name


def _moment(at: datetime) -> str:
    """Return the time of day, and the day unless it is this one."""
    is_today = at.date() == clock.now().date()
    return f"{at:%H:%M:%S}" if is_today else f"{at.day} {at:%b %Y, %H:%M:%S}"
