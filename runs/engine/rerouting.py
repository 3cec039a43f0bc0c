"""Steps whose route is no longer right: they go to the workers that can do them.

A worker puts back a step whose provider has another label than its route says, because an argument
was only known now or the settings have changed. The sweeper moves steps that would wait for ever:
the operator gave a provider another label, removed it, or chose another one for a tool whose label
no worker has; or a release from before there were routes wrote them. All machines must have the
same settings of providers; while they differ, a step may be moved more than once.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet

from core.database import db_now
from core.raw_sql import Statement
from runs import states
from runs.engine import failure_handling, lease, transitions, worker_registry
from runs.engine.claims import Claim
from runs.engine.clock_changes import MAX_REST_S
from runs.engine.routing import Route, route_of, route_to
from runs.log.changes import RunGone, changing
from runs.log.events import StepProgress, about
from runs.models import Attempt, Step
from runs.options import RunOptions
from tools import registry
from tools.declaration.labels import USUAL_LABELS

logger = logging.getLogger(__name__)

# A step that was put back so often goes to and fro between machines whose settings differ.
OFTEN = 3
# A provider that the sweeper does not know: web and workers may be restarting with settings that
# have it.
UNKNOWN_FOR_S = 60.0
# How many steps of a lane without workers one sweep compares with the settings.
STEPS_A_SWEEP = 100

# One seek for each label and each of its providers, however many steps there are.
_LANES_SQL = """
    WITH RECURSIVE labels (label) AS (
        SELECT MIN(step.label) FROM runs_step step WHERE step.status = '{status}'
        UNION ALL
        SELECT (
            SELECT MIN(step.label) FROM runs_step step
            WHERE step.status = '{status}' AND step.label > labels.label
        )
        FROM labels WHERE labels.label IS NOT NULL
    ), lanes (label, provider) AS (
        SELECT labels.label, (
            SELECT MIN(step.assigned_provider) FROM runs_step step
            WHERE step.status = '{status}' AND step.label = labels.label
        )
        FROM labels WHERE labels.label IS NOT NULL
        UNION ALL
        SELECT lanes.label, (
            SELECT MIN(step.assigned_provider) FROM runs_step step
            WHERE step.status = '{status}' AND step.label = lanes.label
                AND step.assigned_provider > lanes.provider
        )
        FROM lanes WHERE lanes.provider IS NOT NULL
    )
    SELECT label, provider FROM lanes WHERE provider IS NOT NULL
    """
_LANES: Final = {
    status: Statement(_LANES_SQL.format(status=status)) for status in (states.READY, states.PARKED)
}
# The last step that was compared, by label and provider: the next sweep goes on after it.
_last_ids: dict[tuple[str, str], int] = {}


def put_back(claim: Claim, route: Route) -> None:
    """End an attempt that asked no one: the step is ready for the workers of this route.

    Neither a failure nor a lost lease. Its time in the queue stays, so it is the next one there.
    """
    step = claim.step
    fields: dict[str, Any] = {**route.columns, "progress": 0}
    before = Attempt.objects.filter(step_id=step.id, generation=step.generation)
    if step.attempt > OFTEN and before.filter(outcome="returned").count() >= OFTEN:
        fields["not_before"] = lease.due(MAX_REST_S)
    event = StepProgress(**about(step), progress=0.0, retrying=_where_to(route), outcome="returned")
    with suppress(RunGone), changing(step.run_id) as change:
        if transitions.move(change, step, states.READY, event, fence=claim.fence, **fields):
            failure_handling.end_attempt(claim, outcome="returned")
            change.hint([step.id])
            logger.info("the step goes to %s, label %s", route.assigned_provider, route.label)


def reroute() -> int:
    """Move ready and parked steps that no worker would take. Returns how many."""
    living: frozenset[str] | None = None
    count = 0
    for status, statement in _LANES.items():
        for label, name in statement.rows():
            if not name:
                if status == states.READY:
                    count += _take_over(label)
                continue
            provider = registry.provider_named(name)
            steps = Step.objects.filter(status=status, label=label, assigned_provider=name)
            if provider is None:
                count += _unassign(steps)
            elif registry.label_of(provider) != label:
                count += _move(list(steps[:STEPS_A_SWEEP]), route_to(provider))
            elif status == states.READY:
                living = worker_registry.living_labels() if living is None else living
                if label not in living:
                    count += _compare(label, name, steps)
    return count


def labels_without_worker() -> frozenset[str]:
    """The labels of ready steps that no living worker has. Two statements, few seeks."""
    waiting = {label for label, _ in _LANES[states.READY].rows()} - {""}
    return frozenset(waiting - worker_registry.living_labels()) if waiting else frozenset()


def _take_over(label: str) -> int:
    """Steps that no provider is decided for, and that are in no one's queue though a person asked
    for them: a release from before steps knew their owner wrote them into this database.

    All steps of their runs get their owner; the worker that takes one decides its provider.
    """
    orphans = Step.objects.filter(
        status=states.READY,
        label=label,
        assigned_provider="",
        owner=None,
        run__priority__gte=0,
    )
    count = 0
    for run_id in set(orphans.values_list("run_id", flat=True)[:STEPS_A_SWEEP]):
        with suppress(RunGone), changing(run_id) as change:
            steps = Step.objects.filter(run_id=run_id, owner=None)
            ready = list(steps.filter(status=states.READY).values_list("id", flat=True))
            count += steps.update(owner_id=change.run.queue_owner_id)
            change.hint(ready)
    if count:
        logger.warning("%s steps written by an older release are in the queue now", count)
    return count


def _unassign(steps: QuerySet[Step]) -> int:
    """Any worker may take them, and says so where the provider has a job of theirs."""
    overdue = db_now() - timedelta(seconds=UNKNOWN_FOR_S)
    return _move(list(steps.filter(not_before__lt=overdue)[:STEPS_A_SWEEP]), Route())


def _compare(label: str, provider: str, steps: QuerySet[Step]) -> int:
    """Move steps of a label that no worker has where the settings now name another provider.

    Leaves out steps that have started (a job may exist) and those with deferred arguments.
    """
    lane = (label, provider)
    fresh = steps.filter(id__gt=_last_ids.get(lane, 0), attempt=0, late__isnull=True).order_by("id")
    page = list(fresh.select_related("run")[:STEPS_A_SWEEP])
    _last_ids[lane] = page[-1].id if len(page) == STEPS_A_SWEEP else 0
    to: dict[Route, list[Step]] = defaultdict(list)
    for step in page:
        run = step.run
        route = route_of(
            step.tool,
            step.arguments,
            person=run.owner_id,
            local_only=run.is_background,
            draft=RunOptions.read(run.options).draft_by(step.stage_key),
        )
        if (route.label, route.assigned_provider) != lane:
            to[route].append(step)
    return sum(_move(moving, route) for route, moving in to.items())


def _move(steps: Sequence[Step], route: Route) -> int:
    """Give steps another route, each under its run's lock."""
    by_run: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        by_run[step.run_id].append(step)
    count = 0
    for run_id, waiting in by_run.items():
        first = waiting[0]
        with suppress(RunGone), changing(run_id) as change:
            still = Step.objects.filter(
                id__in=[step.id for step in waiting],
                status=first.status,
                label=first.label,
                assigned_provider=first.assigned_provider,
            )
            ids = list(still.values_list("id", flat=True))
            count += Step.objects.filter(id__in=ids).update(**route.columns)
            change.hint(ids)
    if count:
        logger.info("%s steps go to %s, label %s", count, route.assigned_provider, route.label)
    return count


def _where_to(route: Route) -> str:
    if route.label in USUAL_LABELS:
        return "Waiting for another worker"
    return f"Waiting for a worker with label {route.label}"
