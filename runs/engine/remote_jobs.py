"""Jobs at providers that hold no worker: what webhooks wake.

A webhook is a hint, as everything that wakes a step: the provider is asked what became of the job,
now instead of when its step is due.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from core.database import db_now
from runs import states
from runs.dispatch import dispatch
from runs.engine.looks import NEWS_DUE_S
from runs.models import RemoteJob, Step
from tools import registry

logger = logging.getLogger(__name__)

_LONGEST_KEY = 200


def keep(step_id: int, provider: str, job_ref: Mapping[str, Any]) -> None:
    """Note what the provider's webhooks will call these jobs of a step."""
    keys = _keys(provider, job_ref)
    if keys:
        RemoteJob.objects.bulk_create(
            [RemoteJob(step_id=step_id, provider=provider, key=key) for key in keys],
            ignore_conflicts=True,
        )


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


def wake(provider: str, keys: Sequence[str]) -> int:
    """Look at these jobs of a provider at once. How many steps are looked at sooner because of it.

    A step that is being looked at in this moment is due again as soon as it is parked.
    """
    with transaction.atomic():
        # Locked before the steps, as `parking.park` does.
        jobs = RemoteJob.objects.select_for_update().filter(provider=provider, key__in=keys)
        found = list(jobs.order_by("id").values_list("id", "step_id"))
        if not found:
            return 0
        RemoteJob.objects.filter(id__in=[job for job, _ in found]).update(heard_at=db_now())
        first = db_now() + timedelta(seconds=NEWS_DUE_S)
        parked = Step.objects.filter(
            id__in={step for _, step in found}, status=states.PARKED, not_before__gt=first
        )
        woken = list(parked.order_by("id").values_list("id", flat=True))
        if woken:
            parked.filter(id__in=woken).update(not_before=first)
            dispatch().hint(woken)
        return len(woken)
