"""Jobs at providers: what webhooks wake, and what becomes of those that are told of too late.

A webhook is a hint, as everything that wakes a step: the provider is asked what became of the job,
now instead of when its step is due.
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Min, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.crypto import salted_hmac

from core import clock
from core.database import db_now, lock_name
from core.stored_json import as_stored
from runs import states
from runs.dispatch import dispatch
from runs.engine.claims import Claim
from runs.engine.remote_job_polls import NEWS_DUE_S
from runs.models import Attempt, RemoteJob, Step
from tools import registry

logger = logging.getLogger(__name__)

_LONGEST_KEY = 200
# Before the tokens of requests, among the keys of jobs.
_SENT = "sent:"
# The job of a request that had no answer may be that of another step which was sent since so long
# before it.
_EQUALS_AGE = timedelta(days=1)


def path_of(provider: str) -> str:
    """Return the path of this provider's webhooks, with the secret: not for logs.

    It follows from the server's secret key, so all web processes know it and nothing is stored.
    """
    digest = salted_hmac("runs.web.hooks", provider, algorithm="sha256").digest()
    # 43 characters of this alphabet: `core.logs` takes them out of every line.
    return f"/hooks/{provider}/{urlsafe_b64encode(digest).decode().rstrip('=')}"


def keep(step_id: int, provider: str, job_ref: Mapping[str, Any]) -> None:
    """Note what the provider's webhooks will call these jobs of a step."""
    keys = _keys(provider, job_ref)
    if keys:
        RemoteJob.objects.bulk_create(
            [RemoteJob(step_id=step_id, provider=provider, key=key) for key in keys],
            ignore_conflicts=True,
        )


def keep_token(step_id: int, provider: str, token: str) -> None:
    """Note that a webhook at the address with this token tells of a request of this step."""
    RemoteJob.objects.get_or_create(step_id=step_id, provider=provider, key=_SENT + token)


def job_of_token(step_id: int, provider: str, token: str) -> str:
    """Return what a webhook at the address with this token called the job; "" before one came."""
    rows = RemoteJob.objects.filter(step_id=step_id, provider=provider, key=_SENT + token)
    return rows.values_list("webhook_job_id", flat=True).first() or ""


def lock(provider: str, job_id: str) -> None:
    """Let no other step attach to this job until the transaction ends."""
    lock_name(f"job {provider} {job_id}")


def is_equal_in_flight(step_id: int, provider: str, request: Mapping[str, Any]) -> bool:
    """Return whether another step waits for the answer to an equal request in this moment: the job
    that looks like this one's may be what it is about to be told."""
    digest = request.get("sha256")
    if not digest:
        return False
    in_flight = Attempt.objects.filter(
        step__status=states.RUNNING,
        number=F("step__attempt"),
        provider=provider,
        submitting_at__isnull=False,
        job_ref__isnull=True,
    ).exclude(step_id=step_id)
    requests = in_flight.values_list("paid_request", flat=True)
    return any((one or {}).get("sha256") == digest for one in requests)


def is_of_other_step(step_id: int, provider: str, job_id: str) -> bool:
    """Return whether an attempt of another step was told of this job, also one that is over."""
    own = Attempt.objects.filter(step_id=step_id).aggregate(first=Min("submitting_at"))["first"]
    since = min(own or clock.now(), clock.now()) - _EQUALS_AGE
    # One that looked its job up sent nothing itself.
    is_late_enough = Q(submitting_at__gte=since) | Q(started_at__gte=since)
    attempts = Attempt.objects.filter(
        is_late_enough, provider=provider, job_ref__isnull=False
    ).exclude(step_id=step_id)
    # Rows of RemoteJob go with their step; SQLite can't look into the lists of a reference.
    candidates = attempts.annotate(text=Cast("job_ref", TextField())).filter(text__contains=job_id)
    return (provider, job_id) in _names_of(candidates)


def keep_late(claim: Claim, provider: str, job_ref: Mapping[str, Any]) -> None:
    """Keep the job of an attempt that is over: a later one attaches to it, or the sweeper calls it
    off."""
    own = Attempt.objects.filter(id=claim.attempt_id).exclude(outcome="")
    own_names = _names_of(own)
    own.update(job_ref=dict(job_ref), provider=provider)
    keep(claim.step.id, provider, job_ref)
    if _has_no_use(claim, provider, job_ref):
        outcomes = ["lost", "returned", "held"]
        if not _names(provider, job_ref) <= own_names:
            # The service was asked to stop those that were known before.
            outcomes.append("stopped")
        own.filter(outcome__in=outcomes).update(outcome="cancelled")


def _has_no_use(claim: Claim, provider: str, job_ref: Mapping[str, Any]) -> bool:
    """Return whether no one waits for the job of an attempt that is over, or will."""
    step, names = claim.step, _names(provider, job_ref)
    others = Attempt.objects.filter(step_id=step.id).exclude(id=claim.attempt_id)
    is_wanted = Step.objects.filter(
        id=step.id, generation=step.generation, status__in=states.STEP_UNFINISHED
    ).exists()
    if not is_wanted:
        # Those that another attempt was told of have ended with that one.
        return not names <= _names_of(others)
    later = others.filter(number__gt=claim.attempt)
    if later_names := _names_of(later):
        return names.isdisjoint(later_names)
    entry = registry.provider_named(provider)
    if entry is not None and entry.submit != "blind":
        # A later attempt that sent the same request is told of this very job.
        return False
    return later.filter(outcome="", submitting_at__isnull=False).exists()


def _names_of(attempts: QuerySet[Attempt]) -> frozenset[tuple[str, str]]:
    """All jobs that these attempts were told of."""
    rows = attempts.filter(job_ref__isnull=False).values_list("provider", "job_ref")
    return frozenset(name for provider, job_ref in rows for name in _names(provider, job_ref or {}))


def _names(provider: str, job_ref: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Return what distinguishes these jobs from others. A reference as a whole may change at each
    look: it is compared only if the provider gives no keys."""
    keys = _keys(provider, job_ref) or [json.dumps(as_stored(job_ref), sort_keys=True)]
    return frozenset((provider, key) for key in keys)


def _keys(name: str, job_ref: Mapping[str, Any]) -> list[str]:
    provider = registry.provider_named(name)
    if provider is None:
        return []
    try:
        keys = list(dict.fromkeys(provider.job_keys(job_ref)))
    except Exception:
        # The job is paid for: its reference must be stored, even if its keys are wrong.
        logger.exception("%s cannot tell the keys of a job", name)
        return []
    return [key for key in keys if key and len(key) <= _LONGEST_KEY]


def forget_ended() -> None:
    """Forget the keys of steps that are over."""
    RemoteJob.objects.filter(step__status__in=states.STEP_TERMINAL).delete()


def wake(provider: str, keys: Sequence[str], token: str = "") -> int:
    """Look at these jobs of a provider at once. How many steps are looked at sooner because of it.

    A step that is being looked at in this moment is due again as soon as it is parked. token: of
    the address that the webhook came to; the first job that is named there stays.
    """
    names = [key for key in keys if key and len(key) <= _LONGEST_KEY]
    if token and names:
        keys = [*keys, _SENT + token]
    with transaction.atomic():
        if token and names:
            RemoteJob.objects.filter(
                provider=provider, key=_SENT + token, webhook_job_id=""
            ).update(webhook_job_id=names[0])
        # Locked before the steps, as `parking.park` does.
        jobs = RemoteJob.objects.select_for_update().filter(provider=provider, key__in=keys)
        rows = list(jobs.order_by("id").values_list("id", "step_id"))
        if not rows:
            return 0
        RemoteJob.objects.filter(id__in=[job for job, _ in rows]).update(heard_at=db_now())
        first = db_now() + timedelta(seconds=NEWS_DUE_S)
        # Who waits to repeat a request that had no answer learns its job by the token's address.
        waiting = [states.PARKED, states.READY] if token else [states.PARKED]
        parked_steps = Step.objects.filter(
            id__in={step for _, step in rows}, status__in=waiting, not_before__gt=first
        )
        woken = list(parked_steps.order_by("id").values_list("id", flat=True))
        if woken:
            parked_steps.filter(id__in=woken).update(not_before=first)
            dispatch().hint(woken)
        return len(woken)
