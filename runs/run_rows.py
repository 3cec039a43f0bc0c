"""All rows that a run's snapshot shows: read, or those that a start has just written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q

from runs import selectors, states
from runs.models import Artifact, Event, Run, Step, StepEdge, Wait
from runs.stage_tree import is_element
from runs.versions import Version, versions_of

# A snapshot carries this many of the latest events; the log has them all.
EVENTS_IN_SNAPSHOT = 200


@dataclass(frozen=True, slots=True)
class RunRows:
    """log, steps, waits, artifacts: as the selectors order them. origins, actuals, versions: by
    step id. needs: bindings of steps that the plan has for each element of a batch, by step key."""

    log: Sequence[Event]
    steps: Sequence[Step]
    waits: Sequence[Wait] = ()
    artifacts: Sequence[Artifact] = ()
    origins: Mapping[int, str] = field(default_factory=dict)
    actuals: Mapping[int, int] = field(default_factory=dict)
    versions: Mapping[int, Sequence[Version]] = field(default_factory=dict)
    needs: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutputRows:
    """Rows that a run's outputs are made of.

    outputs: of its plan. steps: those that make them, in plan order. artifacts: of these steps, as
    they are now, in order of position, without blocked ones.
    """

    outputs: Sequence[Mapping[str, Any]]
    steps: list[Step]
    artifacts: list[Artifact]


def read_rows(run: Run) -> RunRows:
    """Read the rows of a run."""
    # First: anyone who follows the log from its last entry here must not miss what the steps, read
    # after it, do not show yet.
    log = selectors.last_events(run, EVENTS_IN_SNAPSHOT)
    steps = selectors.steps_of(run)
    is_over = run.status in states.RUN_TERMINAL
    has_done = any(step.status == states.COMPLETED for step in steps)
    return RunRows(
        log=log,
        steps=steps,
        waits=[] if is_over else selectors.open_waits(run),
        artifacts=selectors.artifacts_of([run]),
        origins=selectors.origins_of(steps),
        actuals=selectors.actuals_of([run]) if has_done else {},
        versions=versions_of(steps),
        needs=_needs_in_elements({run.id: _steps_in_elements(run, steps)})[run.id],
    )


def read_rows_of_many(runs: Sequence[Run]) -> dict[int, RunRows]:
    """Read the rows of several runs by run id, without their logs. The number of queries doesn't
    depend on how many there are."""
    steps: dict[int, list[Step]] = {run.id: [] for run in runs}
    all_steps = list(Step.objects.filter(run__in=runs).order_by("run_id", "sequence", "item_index"))
    for step in all_steps:
        steps[step.run_id].append(step)
    artifacts: dict[int, list[Artifact]] = {run.id: [] for run in runs}
    for artifact in selectors.artifacts_of(runs):
        artifacts[artifact.run_id].append(artifact)
    waits: dict[int, list[Wait]] = defaultdict(list)
    active = [run for run in runs if run.status not in states.RUN_TERMINAL]
    open_waits = Wait.objects.filter(run__in=active, answered_at=None)
    for wait in open_waits.select_related("step").order_by("id"):
        waits[wait.run_id].append(wait)
    needs = _needs_in_elements({run.id: _steps_in_elements(run, steps[run.id]) for run in runs})
    origins = selectors.origins_of(all_steps)
    actuals, versions = selectors.actuals_of(runs), versions_of(all_steps)
    return {
        run.id: RunRows(
            log=(),
            steps=steps[run.id],
            waits=waits[run.id],
            artifacts=artifacts[run.id],
            origins=origins,
            actuals=actuals,
            versions=versions,
            needs=needs[run.id],
        )
        for run in runs
    }


def read_output_rows(runs: Collection[int]) -> dict[int, OutputRows]:
    """Read what the outputs of several runs are made of, by run id. The number of queries doesn't
    depend on how many there are."""
    plans = Run.objects.filter(pk__in=runs).values_list("pk", "plan__outputs")
    rows = {pk: OutputRows(outputs or (), [], []) for pk, outputs in plans}
    sources = {output["source"] for row in rows.values() for output in row.outputs}
    if not sources:
        return rows
    # What batches and groups give was made by steps inside them. Others are left in the database.
    steps = Step.objects.filter(Q(key__in=sources) | Q(parent__isnull=False), run__in=rows)
    columns = steps.only("run_id", "key", "parent_id", "kind", "batch", "seed", "result")
    by_id = {step.pk: step for step in columns.order_by("sequence", "item_index")}
    for one in by_id.values():
        rows[one.run_id].steps.append(one)
    artifacts = Artifact.objects.filter(
        step__in=steps,
        step__status=states.COMPLETED,
        generation=F("step__generation"),
        hidden_at=None,
        blob__blocked_at=None,
    )
    for artifact in artifacts.select_related("blob").order_by("position"):
        # A step that was made after the others were read is not shown yet.
        if step := by_id.get(artifact.step_id):
            artifact.step = step
            rows[step.run_id].artifacts.append(artifact)
    return rows


def _steps_in_elements(run: Run, steps: Sequence[Step]) -> dict[int, str]:
    """Return step id → key of a run's steps that are in elements of batches."""
    if not any(is_element(step) for step in steps):
        return {}
    plan_keys = {step["key"] for step in run.plan["steps"]}
    return {step.id: step.key for step in steps if step.key not in plan_keys and not step.is_item}


def _needs_in_elements(
    steps: Mapping[int, Mapping[int, str]],
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Return the bindings of steps in elements of batches, by run id and step key: the plan has
    them once for all elements.

    steps: by run id, as `_steps_in_elements`.
    """
    needs: dict[int, dict[str, list[dict[str, Any]]]] = {
        run_id: {key: [] for key in keys.values()} for run_id, keys in steps.items()
    }
    places = {
        step_id: needs[run_id][key]
        for run_id, keys in steps.items()
        for step_id, key in keys.items()
    }
    if places:
        edges = StepEdge.objects.filter(step__in=list(places)).order_by("position")
        for step_id, binding in edges.values_list("step_id", "binding"):
            places[step_id].append(binding)
    return needs
