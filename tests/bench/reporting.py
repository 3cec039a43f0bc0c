"""`python -m tests.bench.reporting RUN COUNT`: COUNT steps of a run report how far they are.

Five times a second, all at once, through the run's own log; until the process is stopped. No
worker is needed, so nothing but the reports costs time.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta

PACE_S = 0.2
LAPS = 60


def report(public_id: str, count: int) -> None:
    from core import clock
    from runs import states
    from runs.engine import transitions
    from runs.log.changes import changing
    from runs.log.events import RunStarted, StepProgress, StepStarted
    from runs.models import Run, Step

    run = Run.objects.get(public_id=public_id)
    steps = list(Step.objects.filter(run=run).order_by("sequence")[:count])
    until = clock.now() + timedelta(hours=1)
    Step.objects.filter(id__in=[step.id for step in steps]).update(
        status=states.RUNNING, attempt=1, started_at=clock.now(), lease_until=until
    )
    with changing(run.id) as change:
        transitions.move_run(change, states.RUNNING, RunStarted())
        for step in steps:
            started = StepStarted(
                step=step.key, tool=step.wire_tool, title=step.title, attempt=1, generation=1
            )
            change.append(started, step_id=step.id, generation=1)
    print("reporting", flush=True)
    lap, due = 0, time.monotonic()
    while True:
        lap, due = lap + 1, due + PACE_S
        with changing(run.id) as change:
            for place, step in enumerate(steps):
                progress = StepProgress(
                    step=step.key,
                    tool=step.wire_tool,
                    title=step.title,
                    progress=round(((lap + place) % LAPS) / LAPS, 3),
                    note=f"Frame {lap}",
                )
                change.append(progress, step_id=step.id, generation=1)
        time.sleep(max(0.0, due - time.monotonic()))


def main(public_id: str, count: str) -> None:
    import django

    django.setup()
    report(public_id, int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
