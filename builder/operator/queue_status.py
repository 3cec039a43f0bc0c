"""The queue as operators see it: what waits for which label, and what is at which provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Min, Q

from core.database import db_now
from runs import states
from runs.engine import queue_reasons, worker_registry
from runs.models import Attempt, RemoteJob, Step
from tools import registry
from tools.declaration.labels import USUAL_LABELS

# Of more jobs at providers than this the oldest are listed.
PARKED_SHOWN = 100
_AT_WORK = (states.READY, states.RUNNING, states.PARKED)


@dataclass(frozen=True, slots=True)
class Load:
    """How many steps are in which state, and since when the oldest of those that are due is."""

    ready: int = 0
    running: int = 0
    parked: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with its steps and the workers that may take them. name: "" for any worker."""

    name: str
    load: Load
    living: int

    @property
    def is_missing(self) -> bool:
        """Whether steps wait for a worker that is not there."""
        return bool(self.load.ready) and not self.living


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A step whose provider works on it. heard: when its last webhook came."""

    step: Step
    since: datetime
    heard: datetime | None

    @property
    def percent(self) -> int:
        return round(100 * self.step.progress)


def labels() -> list[LabelRow]:
    """Every label that a living worker or an unfinished step has, and "" while such steps wait."""
    living = queue_reasons.read_state().living
    loads = _loads()
    names = (set(living) - {""}) | {name for name, load in loads.items() if name or load.ready}
    return [
        LabelRow(name, loads.get(name, Load()), living.get(name, 0))
        # What any worker may take comes last.
        for name in sorted(names, key=lambda name: (not name, name))
    ]


def missing_labels() -> Sequence[LabelRow]:
    """Those whose steps wait although no living worker has them."""
    return [row for row in labels() if row.is_missing]


def parked() -> tuple[list[ParkedJob], int]:
    """Jobs that are at their providers, the oldest first, and how many there are in all."""
    attempts = Attempt.objects.filter(
        step__status=states.PARKED, number=F("step__attempt"), parked_at__isnull=False
    )
    rows = attempts.select_related("step__run__owner").order_by("parked_at", "id")
    shown = list(
        rows.only(
            "parked_at",
            "provider",
            "step__key",
            "step__title",
            "step__progress",
            "step__not_before",
            "step__assigned_provider",
            "step__run__public_id",
            "step__run__title",
            "step__run__owner__username",
        )[:PARKED_SHOWN]
    )
    heard = dict(
        RemoteJob.objects.filter(step__in=[one.step_id for one in shown])
        .values_list("step")
        .annotate(Max("heard_at"))
    )
    jobs = [
        ParkedJob(one.step, one.parked_at, heard.get(one.step_id)) for one in shown if one.parked_at
    ]
    return jobs, len(jobs) if len(jobs) < PARKED_SHOWN else attempts.count()


def _loads() -> dict[str, Load]:
    """What is ready, running and parked, by label."""
    due = Q(status=states.READY, not_before__lte=db_now())
    rows = (
        Step.objects.filter(status__in=_AT_WORK)
        .values("label", "status")
        .annotate(count=Count("id"), since=Min("not_before", filter=due))
        .values_list("label", "status", "count", "since")
        .order_by()
    )
    found: dict[str, dict[str, int]] = defaultdict(dict)
    oldest: dict[str, datetime] = {}
    for name, status, count, since in rows:
        found[name][status] = count
        if since is not None:
            oldest[name] = since
    return {
        name: Load(
            ready=counts.get(states.READY, 0),
            running=counts.get(states.RUNNING, 0),
            parked=counts.get(states.PARKED, 0),
            oldest=oldest.get(name),
        )
        for name, counts in found.items()
    }


@dataclass(frozen=True, slots=True)
class LabelWarning:
    """says: what is wrong, without a full stop. remedy: a sentence."""

    says: str
    remedy: str


def label_warnings(also: Collection[str] = ()) -> list[LabelWarning]:
    """Labels without a living worker: those that ready steps wait for, then those of providers that
    have no work yet. also: labels of workers that are about to start.

    While there is no worker at all, which has a message of its own, the usual labels are left out.
    """
    living = worker_registry.living_labels() | set(also)
    waiting = {row.name: row.load.ready for row in missing_labels()}
    found = []
    for label, count in waiting.items():
        if label not in living and (living or label not in USUAL_LABELS):
            which = "1 step is" if count == 1 else f"{count:,} steps are"
            found.append(_warning(f"{which} ready and no living worker has label {label}", label))
    if living:
        needed = {registry.label_of(provider): provider.name for provider in registry.providers()}
        for label, provider in needed.items():
            if label not in living and label not in waiting and label not in USUAL_LABELS:
                says = f"{provider} has label {label} and no living worker has it"
                found.append(_warning(says, label))
    return found


def _warning(says: str, label: str) -> LabelWarning:
    return LabelWarning(says, f"Start one: `manage.py worker --labels {label}`.")
