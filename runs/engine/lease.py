"""The lease of a claim: prolonged every second while its worker lives.

It touches the step's row alone, without the run's lock: a long change of the run must not cost a
living worker its lease. What it finds of the claim is what `Claim.fence` asks for.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings

from core.database import db_now
from runs import states
from runs.engine.claims import Claim
from runs.log.changes import RunGone, changing
from runs.log.events import StepProgress, about
from runs.models import Step


def due(seconds: float) -> Any:
    return db_now() + timedelta(seconds=seconds)


def renew(claim: Claim, *, progress: float | None = None, resolved: Any = None) -> bool:
    """Prolong the lease. False: the step was cancelled or another worker has it; stop working."""
    fields: dict[str, Any] = {"lease_until": due(settings.LEASE_S)}
    if progress is not None:
        fields["progress"] = progress
    if resolved is not None:
        fields["resolved"] = resolved
    return bool(_held_row(claim).update(**fields))


def report_progress(claim: Claim, progress: float, note: str, *, resolved: Any = None) -> bool:
    """Prolong the lease and log how far the step is. False as in `renew`."""
    progress = round(progress, 4)
    with suppress(RunGone), changing(claim.step.run_id) as change:
        if not renew(claim, progress=progress, resolved=resolved):
            return False
        change.append(
            StepProgress(**about(claim.step), progress=progress, note=note),
            step_id=claim.step.id,
            generation=claim.step.generation,
        )
        return True
    return False


def _held_row(claim: Claim) -> Any:
    """The step's row while the claim still is."""
    return Step.objects.filter(claim.fence, id=claim.step.id, status=states.RUNNING)
