"""Checks of a step's cost: its price once its files are there, against what is reserved for it;
and what a provider may book on one UTC day.

A quote may have been "at most" of what was known then. Above it no request is sent before a person
has said yes: the price of what was accepted is the most that a run takes unasked.

Runs that were unfinished in the backup which a server was restored from may have asked a service
for more after it, which this database doesn't know. Where the service can't tell a repeated
request, their owner decides first.

A day's limits, for everyone together and for one person, are counted from attempts: what those of
the day were booked, also what people don't pay, and what those at work may cost. A run is refused
at its start where it would go above one. A step that would when it is claimed, as several runs may
have started before any of them was booked, waits for the next day, or until what is at work has
cost less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from django.db.models import Case, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from accounts.credit import day_began
from core import clock, installation
from core.errors import InsufficientCredit, ProviderError
from runs import states
from runs.billing import authorization, reservations
from runs.billing.units import credits_text
from runs.engine import cooldowns, failure_handling, paid_requests
from runs.engine.claimed_step import Prepared
from runs.engine.claims import Claim
from runs.log.changes import RunChange, RunGone, changing
from runs.models import Attempt, Cooldown, Run, Step, Wait
from tools import registry
from tools.declaration.cost import quote_milli
from tools.providers.base import Facts, Price, Provider

# While something is at work whose cost isn't known, a step that waits for it is tried so often.
LOOK_AGAIN: Final = timedelta(minutes=10)
RESTORED = "This server was restored from a backup. Before that,"


def may_ask(claim: Claim, work: Prepared) -> bool:
    """Return whether the provider may be asked now. False: a person is asked first.

    A request that was sent already is never held: its price was accepted then.
    """
    job, step = work.job, claim.step
    if claim.is_background or job.job_ref is not None or job.paid_request is not None:
        return True
    if _was_perhaps_asked(claim, work.provider):
        who = work.provider.title or work.provider.name
        what = f"{RESTORED} {who} may already have been asked for this."
        failure_handling.on_unknown_charge(claim, what, work.provider.name)
        return False
    if not work.provider.is_local and (why := _cooldown(work.provider, claim)):
        failure_handling.put_off(claim, ProviderError(why), cooldowns.forget)
        return False
    price = _price_of(work)
    if price is None and step.sequence in claim.options.expected_hits:
        # The result that it was to take over is gone.
        price = Price(quote_milli(work.tool, work.resolved.arguments))
    milli = price.milli if price else step.estimated_milli
    if _waits_for_the_day(work.provider, claim, milli):
        return False
    more = 0 if price is None else price.milli - step.estimated_milli
    if price is None or more <= 0:
        return True
    with suppress(RunGone), changing(step.run_id) as change:
        reason = authorization.hold_reason(change, more, accepted_milli=_accepted_total(change))
        if reason:
            prompt = authorization.hold_prompt(change, reason, more)
            if reason == states.COST_REAUTHORIZATION:
                prompt["message"] = _question(work, step, price)
            failure_handling.pause_within(change, claim, reason, prompt)
            return False
        if Step.objects.filter(claim.fence, id=step.id).update(estimated_milli=price.milli):
            reservations.adjust(change, more, ref=f"price:{step.id}:{claim.attempt}")
    step.estimated_milli = price.milli
    return True


def _cooldown(provider: Provider, claim: Claim) -> str:
    """Return why its person waits there, "" where they don't: the process that claimed it may not
    have known yet."""
    rows = Cooldown.objects.filter(Q(owner=None) | Q(owner=claim.owner_id), until__gt=clock.now())
    reasons = rows.filter(provider=provider.name).values_list("reason", flat=True)
    return reasons.first() or ""


def _was_perhaps_asked(claim: Claim, provider: Provider) -> bool:
    """Return whether the backed-up server may have sent this, unknown to both."""
    restored_to = installation.restored_to()
    if restored_to is None or provider.is_local or _knows_repeats(provider, restored_to):
        return False
    if not Run.objects.filter(id=claim.step.run_id, created_at__lte=restored_to).exists():
        return False
    answers = Wait.objects.filter(step_id=claim.step.id, reason=states.PERMISSION)
    return not answers.filter(created_at__gt=restored_to, answered_at__isnull=False).exists()


def _knows_repeats(provider: Provider, restored_to: datetime) -> bool:
    """Return whether what was sent before the restore, sent again, isn't paid for twice."""
    if provider.submit == "blind" or provider.needs_request:
        return False
    age_s = (clock.now() - restored_to).total_seconds()
    return (
        provider.key_lifetime_s is None or age_s < provider.key_lifetime_s - paid_requests.MARGIN_S
    )


def _price_of(work: Prepared) -> Price | None:
    media = {
        port: [Facts(file.width, file.height, file.duration_s) for file in files]
        for port, files in work.job.media.items()
    }
    provider, tool, job = work.provider, work.tool.name, work.job
    price = None
    if job.draft:
        price = provider.draft_quote(tool, job.params, media)
    elif job.drafts:
        price = provider.final_quote(tool, job.params, media, job.drafts)
    return provider.quote(tool, job.params, media) if price is None else price


def _accepted_total(change: RunChange) -> int:
    """Return the total that people saw when they started the run without a limit."""
    return reservations.committed_milli(change.run)


def _question(work: Prepared, step: Step, price: Price) -> str:
    who = work.provider.title or work.provider.name
    most = "up to " if price.at_most else ""
    stage = step.title if step.title not in ("", step.key) else work.tool.title
    return (
        f"{who} now quotes {most}{credits_text(price.milli)} for {stage}, instead of"
        f" {credits_text(step.estimated_milli)}. Continue?"
    )


# -- limits of a day -------------------------------------------------------------------------------


def check_day_limits(steps: Collection[Step], person: int) -> None:
    """Raise InsufficientCredit where what a new run may cost is above what is left of a day."""
    milli_by_provider: Counter[str] = Counter()
    for step in steps:
        milli_by_provider[step.assigned_provider] += step.estimated_milli
    for name, milli in milli_by_provider.items():
        provider = registry.provider_named(name) if name and milli else None
        if provider is not None and (lack := _lack(provider, person, milli)):
            details = {"reason": "provider_day_limit", "resetsAt": clock.iso(_ends_at())}
            message = f"{lack.message} Try again at {_ends_at():%H:%M} UTC."
            raise InsufficientCredit(message, details=details)


def _waits_for_the_day(provider: Provider, claim: Claim, milli: int) -> bool:
    """Put a claimed step off that may cost more than what is left of the day. Raises ProviderError
    where it costs more than any day has."""
    lack = _lack(provider, claim.owner_id, milli, before=claim.attempt_id) if milli else None
    if lack is None:
        return False
    error = ProviderError(
        lack.message, code="provider.day_limit", error_type="COST_LIMIT_EXCEEDED", retryable=False
    )
    if milli > lack.most:
        raise error
    at_work = _attempts(provider.name, lack.person, claim.attempt_id).filter(outcome="")
    until = min(_ends_at(), clock.now() + LOOK_AGAIN) if at_work.exists() else _ends_at()
    failure_handling.put_off(
        claim,
        error,
        lambda: cooldowns.begin(provider.name, lack.person, until, "day_limit", lack.message),
    )
    return True


@dataclass(frozen=True, slots=True)
class Lack:
    """A limit of a day that is too small for what is wanted. most: the limit, in thousandths of a
    credit. person: whose it is; None: everyone's."""

    message: str
    most: int
    person: int | None


def _lack(
    provider: Provider, person: int | None, milli: int, *, before: int | None = None
) -> Lack | None:
    """Return the limit that doesn't let so much be used there now. before: an attempt; of those
    at work, only earlier ones count, so that two don't refuse each other."""
    title = provider.title or provider.name
    limits = (
        (provider.day_milli, None, f"{title} may use"),
        (provider.person_day_milli, person, f"You may use, at {title},"),
    )
    for most, whose, who in limits:
        if most is None or (total := _spent_today(provider.name, whose, before)) + milli <= most:
            continue
        message = (
            f"{who} {credits_text(most)} a day; {credits_text(total)} are used, and this needs up"
            f" to {credits_text(milli)}."
        )
        return Lack(message, most, whose)
    return None


def _attempts(name: str, person: int | None, before: int | None) -> QuerySet[Attempt]:
    """Return today's at a provider, with those at work."""
    at_work = Q(outcome="", step__assigned_provider=name)
    if before is not None:
        at_work &= Q(id__lt=before)
    today = Attempt.objects.filter(id__gt=_last_before(day_began()))
    today = today.filter(at_work | Q(provider=name) & ~Q(outcome=""))
    if person is not None:
        today = today.filter(owner=person)
    return today


def _spent_today(name: str, person: int | None, before: int | None) -> int:
    today = _attempts(name, person, before)
    total = F("actual_milli") + Coalesce(F("unbilled_milli"), 0)
    cost = Case(When(outcome="", then=F("step__estimated_milli")), default=total)
    return int(today.aggregate(sum=Sum(cost))["sum"] or 0)


@lru_cache(maxsize=2)
def _last_before(day: datetime) -> int:
    """Return the last attempt before a day: those after it are few, and read by their ids."""
    earlier = Attempt.objects.filter(started_at__lt=day).order_by("-id")
    return earlier.values_list("id", flat=True).first() or 0


def _ends_at() -> datetime:
    return day_began() + timedelta(days=1)
