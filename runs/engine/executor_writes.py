"""Writes of an executor of `runs.engine.step_kinds` about the step it works on.

Each write is one change of the run, fenced by the claim: a worker that lost it writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core import clock
from core.database import db_now
from core.stored_json import as_stored
from runs import states
from runs.engine import advance, claims, failure_handling, reclaiming, transitions
from runs.engine.claims import Claim
from runs.log.changes import RunChange, changing
from runs.log.events import StepCompleted, StepReported, about
from runs.models import RemoteJob, Run, Step
from tools.providers.base import Stopped


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step of a registered kind. arguments: its own, in stored form."""

    key: str
    sequence: int
    kind: str
    tool: str
    title: str
    arguments: Mapping[str, Any]

    def row(self, run: Run) -> Step:
        """The row, not stored yet; any worker may take it."""
        return Step(
            run_id=run.id,
            owner_id=run.queue_owner_id,
            not_before=db_now(),
            key=self.key,
            sequence=self.sequence,
            kind=self.kind,
            tool=self.tool,
            wire_tool=self.tool,
            title=self.title,
            arguments=as_stored(dict(self.arguments)),
        )


@dataclass(frozen=True, slots=True)
class OwnStep:
    """A claimed step inside a change of its run."""

    change: RunChange
    claim: Claim

    def report(self, what: str, **body: Any) -> None:
        """Add an entry to the log. what: its name for readers."""
        step = self.claim.step
        event = StepReported(**about(step), report=what, body=as_stored(body))
        self.change.append(event, step_id=step.id, generation=step.generation)

    def keep(self, arguments: Mapping[str, Any]) -> None:
        """Replace the step's arguments."""
        stored_arguments = as_stored(dict(arguments))
        Step.objects.filter(id=self.claim.step.id).update(arguments=stored_arguments)
        self.claim.step.arguments = stored_arguments

    def awaits(self, source: str, key: str) -> None:
        """`remote_jobs.wake(source, [key])` has the step looked at while it is parked."""
        job = RemoteJob(step_id=self.claim.step.id, provider=source, key=key)
        RemoteJob.objects.bulk_create([job], ignore_conflicts=True)

    def pause(self, reason: str, prompt: Mapping[str, Any]) -> None:
        """End the attempt by a question; see `runs.engine.open_questions.open_wait`."""
        failure_handling.pause_within(self.change, self.claim, reason, prompt)

    def complete(
        self, result: Mapping[str, Any], following: NewStep | None, *, take_next: bool
    ) -> Claim | None:
        """End the step. following: the step that is next, which becomes ready; without one the run
        may end. Returns the claim of that step, if it was taken."""
        step, claim = self.claim.step, self.claim

        def completion() -> StepCompleted:
            failure_handling.end_attempt(claim, outcome="done")
            took_ms = clock.ms_since(claim.started_at)
            return StepCompleted(**about(step), artifact_ids=[], took_ms=took_ms)

        if not transitions.move(
            self.change,
            step,
            states.COMPLETED,
            completion,
            before=states.RUNNING,
            fence=claim.fence,
            progress=1,
            result=as_stored(dict(result)),
            lost_leases=0,
        ):
            raise Stopped(f"{step.key} is not wanted any more")
        ready: list[int] = []
        if following is not None:
            [row] = transitions.insert_steps([(following.row(self.change.run), states.READY)])
            ready.append(row.id)
            self.change.hint(ready)
        advance.step_ended(self.change, step, states.COMPLETED)
        return claims.claim_next(self.change, claim, ready) if take_next else None


@contextmanager
def changing_own(claim: Claim) -> Iterator[OwnStep]:
    """Change the run while the claim holds. Raises Stopped when it does not, and RunGone."""
    with changing(claim.step.run_id) as change:
        rows = Step.objects.filter(claim.fence, id=claim.step.id, status=states.RUNNING)
        if not rows.exists():
            raise Stopped(f"{claim.step.key} is not wanted any more")
        yield OwnStep(change, claim)


def hand_back(claim: Claim) -> None:
    """Put the step back for later, which says nothing against it."""
    reclaiming.reclaim(claim.step.id, claim.step.run_id, lost_by=claim.worker, handed_back=True)
