"""All rows that a run's snapshot shows: read, or those that a start has just written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runs import selectors, states
from runs.models import Artifact, Event, Run, Step, Wait
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
        actuals=selectors.actuals_of(run) if has_done else {},
        versions=versions_of(steps),
        needs=selectors.needs_in_elements(run, steps),
    )
