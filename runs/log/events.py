"""What happens to a run: one frozen class per event, one log, one renderer.

An event's name never changes its meaning. `status` on the wire is always the run's, never a
step's: clients stop reading at the first frame whose status is final (public contract §5.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from core import clock
from media import posters
from runs import states
from runs.log import failures
from runs.models import Event, Step

EVENTS: dict[str, type[RunEvent]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """A fact about a run. Its fields are stored as the event's payload."""

    name: ClassVar[str] = ""
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
    """What every event about a step tells of it."""
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


@event("step_started", step="running")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(StepEvent):
    """A worker took the step. attempt counts every take, generation every deliberate redo."""

    attempt: int
    generation: int


@event("step_progress", step="running")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepProgress(StepEvent):
    """How far it is, 0 to 1; or why it starts over (`retrying`).

    outcome: how the attempt before ended, where it starts over: "error", "lost" or "returned".
    """

    progress: float
    note: str = ""
    retrying: str = ""
    outcome: str = ""


@event("artifact_created", step="running")
@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactCreated(StepEvent):
    """A file was made and its bytes are safe. Its address is minted on sight."""

    artifact: dict[str, Any]


@event("step_expanded", step="running")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepExpanded(StepEvent):
    """A batch knows its elements. items: {"id": step id, "index", "label"} of each, in order.

    concurrency: how many of them are worked on at once.
    """

    items: list[dict[str, Any]]
    concurrency: int


@event("step_waiting_for_user", step="waiting_for_user")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepWaiting(StepEvent):
    """The step needs a person; other steps may still be at work. question: what is asked."""

    reason: str
    question: str = ""


@event("step_resumed", step="pending")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepResumed(StepEvent):
    """The step will be done again, or goes on after a decision. generation counts redos."""

    generation: int
    why: str = ""


@event("step_completed", step="completed")
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


@event("step_failed", step="failed")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed(StepEvent):
    """The step failed for good. error: as `runs.engine.questions.error_of` makes it."""

    error: dict[str, Any]


@event("step_skipped", step="skipped")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(StepEvent):
    """The step will not run."""

    reason: str


@event("step_cancelled", step="cancelled")
@dataclass(frozen=True, slots=True, kw_only=True)
class StepCancelled(StepEvent):
    """The step was stopped, or never started, because its run was cancelled."""


@event("workflow_waiting_for_user", run=states.WAITING_FOR_USER)
@dataclass(frozen=True, slots=True, kw_only=True)
class RunWaiting(RunEvent):
    """Nothing goes on before a person answers. step: the step that asks, if one does.

    reason: one of `states.WAITING_REASONS`; question: what is asked, in one sentence.
    """

    reason: str
    question: str = ""
    asking: str = ""


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


def draft(
    happened: RunEvent, *, step_id: int | None = None, generation: int = 0
) -> tuple[RunEvent, int | None, int]:
    """An event waiting for its number; `runs.log.changes` gives it one in the transaction."""
    return happened, step_id, generation


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "workflow_created": lambda p: (
        f"{p['title']}: {p['steps']} step{'' if p['steps'] == 1 else 's'} planned"
    ),
    "workflow_queued": lambda p: "Waiting for a worker",
    "workflow_started": lambda p: "Started",
    "step_started": lambda p: f"{_name(p)} started",
    "step_progress": lambda p: (
        p.get("retrying") or p.get("note") or f"{_name(p)}: {round(100 * p.get('progress', 0))}%"
    ),
    "artifact_created": lambda p: f"{_name(p)} made {_a(p['artifact']['type'])}",
    "step_expanded": lambda p: f"{_name(p)}: {len(p['items'])} items",
    "step_waiting_for_user": lambda p: p.get("question") or f"{_name(p)}: your turn",
    "step_resumed": lambda p: f"{_name(p)}: {p.get('why') or 'retrying'}",
    "workflow_waiting_for_user": lambda p: p.get("question") or "Your turn",
    "workflow_resumed": lambda p: p.get("why") or "Continuing",
    "cost_confirmation_resolved": lambda p: (
        f"Cost approved: {_credits(p)}" if p["decision"] == "confirm" else "Cost declined"
    ),
    "billing_preview_updated": lambda p: f"About {_credits(p)}",
    "step_completed": lambda p: (
        f"{_name(p)} reused: same inputs as an earlier run"
        if p.get("reused_from")
        else f"{_name(p)} done in {p['took_ms'] / 1000:.1f} s"
    ),
    "step_failed": lambda p: p["error"]["message"],
    "step_skipped": lambda p: p["reason"],
    "step_cancelled": lambda p: f"{_name(p)} stopped",
    "workflow_completed": lambda p: f"Done in {p['took_ms'] / 1000:.1f} s",
    "workflow_partial_failure": lambda p: "Done with errors",
    "workflow_failed": lambda p: p["error"]["message"],
    "workflow_cancelled": lambda p: p.get("reason") or "Stopped",
}


def message_of(event: Event) -> str:
    """What happened, in one sentence."""
    return _MESSAGES[event.name](event.payload)


def _credits(payload: Mapping[str, Any]) -> str:
    units = payload["units"]
    return f"{units:g} credit{'' if units == 1 else 's'}"


def _name(payload: Mapping[str, Any]) -> str:
    return payload.get("title") or payload.get("step", "")


def _a(kind: str) -> str:
    return {"image": "an image", "audio": "audio", "model": "a 3D model"}.get(kind, f"a {kind}")


def poster_of(artifact: Mapping[str, Any], url_of: Callable[[str, str], str]) -> dict[str, str]:
    """`posterUrl` for an artifact that no page can show as it is."""
    if artifact["type"] != "model":
        return {}
    return {"posterUrl": url_of(posters.still_id(artifact["id"]), posters.FILENAME)}


def render(
    event: Event, *, workflow_id: str, url_of: Callable[[str, str], str], superseded: bool = False
) -> dict[str, Any]:
    """The one public form of an event, for REST, SSE and WebSocket.

    url_of(artifact id, file name) signs a media address. superseded: a closing entry that a later
    resume undid; it carries `previousStatus`, for readers stop at a final `status`.
    """
    payload = event.payload
    kind = EVENTS[event.name]
    data = {key: value for key, value in payload.items() if key not in ("step", "tool", "title")}
    body: dict[str, Any] = {
        "id": str(event.seq),
        "sequence": event.seq,
        "event": event.name,
        "type": event.name,
        "workflowId": workflow_id,
        "previousStatus" if superseded else "status": event.run_status,
        "message": message_of(event),
        "timestamp": clock.unix(event.created_at),
        "createdAt": clock.iso(event.created_at),
    }
    if "step" in payload:
        body |= {
            "stepId": payload["step"],
            "toolName": payload["tool"],
            "stepStatus": kind.step_status,
        }
        data["stepId"] = payload["step"]
    if "artifact" in data:
        artifact = dict(data["artifact"])
        artifact["url"] = artifact["downloadUrl"] = url_of(artifact["id"], artifact["filename"])
        artifact |= poster_of(artifact, url_of)
        data["artifact"] = artifact
    if "error" in data:
        data["error"] = failures.shown(data["error"])
        data |= {"retryable": data["error"]["retryable"], "errorType": data["error"]["errorType"]}
    body["data"] = data
    return body
