"""Starting runs and working them off inside a test's own process."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import F, QuerySet

from accounts.auth import Principal
from accounts.models import User
from core import clock
from runs.admission.start import start_run
from runs.engine import claims, cooldowns
from runs.engine.attempt_context import LeaseRenewer
from runs.engine.claims import Claim
from runs.engine.execute import execute
from runs.engine.worker import Worker
from runs.models import Attempt, Cooldown, Event, Run, Step
from templates_app.models import Template
from tools.declaration.labels import CPU, REMOTE

# The labels of a worker that is not told any.
USUAL = frozenset({CPU, REMOTE})
MOST_LOOKS = 1_000


def principal_of(user: User) -> Principal:
    """Return the principal of someone who is signed in at a browser."""
    return Principal(user=user, api_key=None, via="session")


def start(user: User, steps: Sequence[dict[str, Any]], **body: Any) -> Run:
    """A run of explicit steps: `{"toolName": …, "arguments": …, "dependsOn": […]}`."""
    return start_run(actor=principal_of(user), body={"input": {"steps": list(steps)}, **body}).run


def start_template(user: User, template: Template, **inputs: Any) -> Run:
    """A run of a saved template."""
    body = {"workflow_id": template.public_id, "inputs": inputs}
    return start_run(actor=principal_of(user), body=body).run


def chain(tool: str, count: int, **arguments: Any) -> list[dict[str, Any]]:
    """Steps that each wait for the one before."""
    return [
        {
            "id": f"s{place}",
            "toolName": tool,
            "arguments": arguments,
            "dependsOn": [f"s{place - 1}"] if place else [],
        }
        for place in range(count)
    ]


def work_off(name: str = "") -> int:
    """Execute everything that is ready now, in this thread. Returns how many steps."""
    return Worker(name or f"test-{secrets.token_hex(4)}").run_until_idle()


def status_of(run: Run) -> str:
    """Read the run again. Returns its status."""
    run.refresh_from_db()
    return str(run.status)


def status_after_work(run: Run) -> str:
    """Work off everything that is ready. Returns the status that the run comes to."""
    work_off()
    return status_of(run)


def work_off_with_looks(run: Run) -> None:
    """Work off what is ready until no job of the run is at a provider any more."""
    work_off()
    for _ in range(MOST_LOOKS):
        if not make_due(run.steps):
            return
        work_off()
    raise AssertionError(f"still at a provider after {MOST_LOOKS} looks: {statuses(run)}")


def status_after_looks(run: Run) -> str:
    """Work it off with looks at its jobs. Returns the status that it comes to."""
    work_off_with_looks(run)
    return status_of(run)


def make_due(steps: QuerySet[Step]) -> int:
    """Have the parked ones be looked at next. Returns how many there are.

    Postgres decides by its own clock, which may be behind that of a test that set it forward.
    """
    return steps.filter(status="parked").update(not_before=clock.now() - timedelta(days=1))


def pass_time(hours: float) -> None:
    """Have every attempt and cooldown have happened so much earlier."""
    earlier = timedelta(hours=hours)
    Cooldown.objects.update(until=F("until") - earlier)
    Attempt.objects.update(started_at=F("started_at") - earlier, ended_at=F("ended_at") - earlier)
    cooldowns.forget()


def take(run: Run, worker: str = "test-worker") -> Claim:
    """Claim the run's first ready step, as a worker would."""
    step = run.steps.filter(status="ready").order_by("sequence").first()
    assert step is not None, f"nothing is ready: {list(run.steps.values_list('key', 'status'))}"
    claim = claims.claim(step.id, run.id, worker)
    assert claim is not None
    return claim


def finish(claim: Claim, *, take_next: bool = False) -> Claim | None:
    """Execute a claim to its end, without a beating heart."""
    return execute(claim, LeaseRenewer(claim.worker), take_next=take_next)


def events_of(run: Run) -> list[str]:
    return list(Event.objects.filter(run=run).order_by("seq").values_list("name", flat=True))


def statuses(run: Run) -> dict[str, str]:
    return dict(run.steps.values_list("key", "status"))


def generations(run: Run) -> dict[str, int]:
    return dict(run.steps.values_list("key", "generation"))
