"""A run as a model reads it: where it is, what it made, what it asks."""

from __future__ import annotations

from typing import Any, Final

from builder.agents.mcp import questions
from builder.agents.mcp.tool import Caller, Link, Picture, ToolResult
from builder.agents.mcp.untrusted_text import marked
from core.errors import ProviderError
from media import blobs, posters
from media.models import Blob
from runs import access, selectors, states
from runs.billing.units import units
from runs.models import Artifact, Run, Step
from runs.web import event_wire
from runs.web.artifacts import artifact_body, signer
from runs.web.failures import shown as shown_failure
from runs.web.wire_states import step_status

# In `_meta` of a result: the run that the call has started.
STARTED: Final = "reelgraph/startedRun"
EVENTS: Final = 50
ARTIFACTS: Final = 100
# A picture that is no larger goes to the model as it is.
SMALL_BYTES: Final = 150_000
STILL_TIMEOUT_S: Final = 20.0
_READ_BY_MODELS: Final = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif"})


def visible(caller: Caller, run_id: str) -> Run:
    """A run that the caller may see. Raises NotFound."""
    return access.visible_run(caller.principal.user, run_id)


def result_of(
    caller: Caller, run: Run, *, after: int | None = None, with_picture: bool = False
) -> ToolResult:
    """All of a run that a model needs. after: what happened since this number is told too."""
    artifacts = selectors.artifacts_of([run])
    body = facts(caller, run, artifacts)
    if after is not None:
        rows = selectors.events_after(run.pk, after, EVENTS)
        body["events"] = [
            {"seq": row.seq, "event": row.name, "message": marked(event_wire.message_of(row), 300)}
            for row in rows
        ]
        body["after"] = rows[-1].seq if rows else after
    waits = _waits(run)
    question_links = [link for wait in waits for link in questions.links(caller, wait)]
    return ToolResult(
        body,
        _text(body),
        links=(*(_link(caller, row) for row in artifacts[:ARTIFACTS]), *question_links),
        pictures=_picture(artifacts) if with_picture else (),
    )


def facts(caller: Caller, run: Run, artifacts: list[Artifact]) -> dict[str, Any]:
    """Its state, its results and its questions."""
    template = access.template_of(run)
    steps = selectors.steps_of(run)
    body: dict[str, Any] = {
        "run_id": run.public_id,
        "title": marked(run.title, 200),
        "status": run.status,
        "template_id": template.public_id if template else "",
        "page": f"{caller.base_url}/runs/{run.public_id}",
        "steps": [_step(step) for step in steps[:ARTIFACTS]],
        "credits": {"estimated": units(run.estimated_milli), "used": units(run.actual_milli)},
        "after": run.last_seq,
        "artifacts": [_artifact(caller, row) for row in artifacts[:ARTIFACTS]],
        "questions": [questions.described(caller, wait) for wait in _waits(run)],
        "waiting_for": run.waiting_reason,
    }
    if run.error:
        body["error"] = _error(run.error)
    return {name: value for name, value in body.items() if value != ""}


def _waits(run: Run) -> list[Any]:
    return [] if run.status in states.RUN_TERMINAL else selectors.open_waits(run)


def _step(step: Step) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": step.key,
        "tool": step.tool,
        "title": marked(step.title, 200),
        "status": step_status(step.status),
    }
    if step.progress and step.status in (states.RUNNING, states.PARKED, states.EXPANDED):
        body["progress"] = round(step.progress, 2)
    if step.error:
        body["error"] = _error(step.error)
    answer = (step.result or {}).get("answer") if step.status == states.COMPLETED else None
    if isinstance(answer, str):
        body["answer"] = marked(answer)
    return {name: value for name, value in body.items() if value not in ("", None)}


def _error(error: dict[str, Any]) -> dict[str, Any]:
    failure = shown_failure(error)
    return {
        "code": failure.get("code", ""),
        "type": failure.get("errorType", ""),
        "message": marked(failure.get("message", "")),
        "retryable": bool(failure.get("retryable")),
    }


def _artifact(caller: Caller, row: Artifact) -> dict[str, Any]:
    body: Any = artifact_body(row, signer(caller.base_url))
    names = ("id", "type", "mimeType", "width", "height", "duration", "url", "stepId")
    return {name: body[name] for name in names if body.get(name) is not None}


def _link(caller: Caller, row: Artifact) -> Link:
    body: Any = artifact_body(row, signer(caller.base_url))
    return Link(
        body["url"],
        body["filename"],
        title=f"{row.step.key}, {row.kind} {row.position + 1}",
        mime=row.blob.mime,
        size=row.blob.size,
    )


def _picture(artifacts: list[Artifact]) -> tuple[Picture, ...]:
    """The newest result that can be seen, as a small picture."""
    for row in reversed(artifacts):
        if row.kind != "audio" and row.blob.blocked_at is None:
            picture = small_picture(row.blob)
            return () if picture is None else (picture,)
    return ()


def small_picture(blob: Blob) -> Picture | None:
    """A picture of a file; None when it can't be drawn. Not inside a transaction."""
    if blob.size <= SMALL_BYTES and blob.mime in _READ_BY_MODELS:
        return Picture(blobs.path_of(blob.sha256).read_bytes(), blob.mime)
    try:
        still = posters.draw(blob, STILL_TIMEOUT_S)
        return Picture(blobs.path_of(still.sha256).read_bytes(), still.mime)
    except (ProviderError, OSError):
        return None


def _text(body: dict[str, Any]) -> str:
    count = sum(step["status"] in ("completed", "skipped") for step in body["steps"])
    lines = [f"{body['run_id']}: {body['status']}, {count} of {len(body['steps'])} steps done."]
    if "error" in body:
        lines.append(f"Error: {body['error']['message']}")
    for question in body["questions"]:
        lines.append(
            f"Question {question['question_id']}: {question['question']} {question['how']}"
        )
        lines += [f"  {one['number']}: {one['url']}" for one in question.get("choices", ())]
    lines += [f"{one['type']}: {one['url']}" for one in body["artifacts"]]
    if body["status"] in ("queued", "running"):
        lines.append("Call get_run with wait_s to wait for it.")
    return "\n".join(lines)
