"""Events of a run: one frozen class each.

An event's name never changes its meaning, and what is stored is in this server's own names.
`runs.web.event_wire` makes the public form, also of payloads that earlier versions stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from runs import states
from runs.models import Artifact, Step

EVENTS: dict[str, type[RunEvent]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A fact about a run. Its fields are stored as the event's payload."""

    name: ClassVar[str] = ""
    # The states that the run and the step are in when it is told.
    run_status: ClassVar[str] = states.RUNNING
    step_status: ClassVar[str | None] = None

    def payload(self) -> dict[str, Any]:
        return {key: value for key, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEvent(RunEvent):
    """A fact about one step. step: its key; tool: as the caller wrote it."""

    step: str
    tool: str
    title: str = ""


def about(step: Step) -> dict[str, Any]:
    """Return the fields that every event about a step has."""
    return {"step": step.key, "tool": step.wire_tool, "title": step.title}


def event(
    name: str, *, run: str = states.RUNNING, step: str | None = None
) -> Callable[[type[RunEvent]], type[RunEvent]]:
    def declare(cls: type[RunEvent]) -> type[RunEvent]:
        cls.name, cls.run_status, cls.step_status = name, run, step
        EVENTS[name] = cls
        return cls

    return declare


@event("workflow_created", run=states.QUEUED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunCreated(RunEvent):
    """The run was validated, planned and stored."""

    steps: int
    title: str


@event("workflow_queued", run=states.QUEUED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunQueued(RunEvent):
    """Its first steps wait for a worker."""


@event("workflow_started")
@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(RunEvent):
    """Its first step began, or asks a person."""


@event("step_started", step=states.RUNNING)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(StepEvent):
    """A worker took the step. attempt counts every take, generation every deliberate redo."""

    attempt: int
    generation: int


@event("step_progress", step=states.RUNNING)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress(StepEvent):
    """Progress of a step, 0 to 1; or why it starts over (`retrying`).

    outcome: how the attempt before ended, where it starts over: "error", "lost" or "returned".
    """

    progress: float
    note: str = ""
    retrying: str = ""
    outcome: str = ""


@event("artifact_created", step=states.RUNNING)
@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactCreated(StepEvent):
    """A file was made and its bytes are safe. artifact: see `artifact_facts`."""

    artifact: dict[str, Any]


def artifact_facts(row: Artifact) -> dict[str, Any]:
    """Return the artifact's fields in an event: all but its address, which is minted on sight."""
    return {
        "id": row.public_id,
        "position": row.position,
        "kind": row.kind,
        "mime": row.blob.mime,
        "filename": row.filename,
        "width": row.blob.width,
        "height": row.blob.height,
        "duration_s": row.blob.duration_s,
    }


@event("step_reported", step=states.RUNNING)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepReported(StepEvent):
    """A step of another app's kind tells something of its own, such as a part of a chat's answer.

    report: what, by a name that the app declares. body: the rest.
    """

    report: str
    body: dict[str, Any]


@event("step_expanded", step=states.EXPANDED)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepExpanded(StepEvent):
    """A batch knows its elements, or a group begins. items: {"id", "index", "label"}, in order.

    concurrency: how many of them are worked on at once.
    """

    items: list[dict[str, Any]]
    concurrency: int


@event("step_waiting_for_user", step=states.WAITING)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting(StepEvent):
    """The step needs a person; other steps may still be at work. question: what is asked."""

    reason: str
    question: str = ""


@event("step_resumed", step=states.PENDING)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepResumed(StepEvent):
    """The step will be done again, or goes on after a decision. generation counts redos.

    replaced: what it held before, for this server alone, see `runs.versions`.
    """

    generation: int
    why: str = ""
    replaced: dict[str, Any] | None = None


@event("step_completed", step=states.COMPLETED)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepCompleted(StepEvent):
    """The step finished and all its artifacts are stored.

    reused_from: the run that made them, when equal inputs had been worked on before. warnings: what
    was left undone, in sentences, such as results that did not come.
    """

    artifact_ids: list[str]
    took_ms: int
    reused_from: str = ""
    warnings: list[str] | None = None


@event("step_failed", step=states.FAILED)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(StepEvent):
    """The step failed for good. error: as `runs.engine.questions.error_of` makes it."""

    error: dict[str, Any]


@event("step_skipped", step=states.SKIPPED)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(StepEvent):
    """The step will not run."""

    reason: str


@event("item_locked", step=states.COMPLETED)
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLocked(StepEvent):
    """A person locked what the step made, or unlocked it. locked: which of the two."""

    locked: bool


@event("item_version_selected", step=states.COMPLETED)
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVersionSelected(StepEvent):
    """A person chose an earlier version of what the step made. replaced: as in StepResumed."""

    version: str
    replaced: dict[str, Any] | None = None


@event("step_cancelled", step=states.CANCELLED)
@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(StepEvent):
    """The step was stopped, or never started, because its run was cancelled."""


@event("workflow_waiting_for_user", run=states.WAITING_FOR_USER)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunWaiting(RunEvent):
    """Nothing goes on before a person answers. step: the step that asks, if one does.

    reason: one of `states.WAITING_REASONS`; question: what is asked, in one sentence. details: what
    an answer needs, where the log is all that its reader has.
    """

    reason: str
    question: str = ""
    asking: str = ""
    details: dict[str, Any] | None = None


@event("workflow_resumed")
@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed(RunEvent):
    """The run goes on: it was answered, or is tried again after it had ended. why: which."""

    why: str = ""


@event("cost_confirmation_resolved")
@dataclass(frozen=True, slots=True, kw_only=True)
class CostResolved(RunEvent):
    """A person decided about the cost. decision: confirm or cancel; units: the accepted total."""

    decision: str
    units: float


@event("cost_above_quote", step=states.COMPLETED)
@dataclass(frozen=True, slots=True, kw_only=True)
class CostAboveQuote(StepEvent):
    """A provider charged more for a step than it had quoted. units, quoted: both sums."""

    provider: str
    units: float
    quoted: float


@event("billing_preview_updated", run=states.WAITING_FOR_USER)
@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewUpdated(RunEvent):
    """The expected cost was worked out again. units: the total; until: how long it holds, ISO."""

    units: float
    until: str


@event("workflow_completed", run=states.COMPLETED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunCompleted(RunEvent):
    """Every step completed."""

    took_ms: int


@event("workflow_partial_failure", run=states.PARTIAL_FAILURE)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunPartlyFailed(RunEvent):
    """Some steps failed where the author allowed it."""

    took_ms: int


@event("workflow_failed", run=states.FAILED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunFailed(RunEvent):
    """A step failed and the run with it."""

    error: dict[str, Any]


@event("workflow_cancelled", run=states.CANCELLED)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunCancelled(RunEvent):
    """Someone cancelled the run. Nothing is appended after this."""

    reason: str = ""
