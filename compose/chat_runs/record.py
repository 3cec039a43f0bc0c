"""A chat run as the public API shows it. Read from its steps, its log and the runs it started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from accounts.models import User
from compose.chat_runs.conversation import call_of, request_of, transcript
from compose.chat_runs.event_wire import SHOWN_EVENTS, chat_event
from compose.chat_runs.rounds import CHAT, Round, files_of, rounds_of
from compose.chat_runs.schemas import ChatEventOut, ChatRunRecord, WaitingOut
from core import clock, errors
from runs import selectors, states
from runs.models import Event, Run, Wait
from runs.options import RunOptions
from runs.web import failures
from runs.web.artifacts import artifact_body, signer
from runs.web.schemas import present

SCHEMA_VERSION = "2026-05-14.1"
# A record carries the latest ones; the log has them all.
EVENTS_SHOWN = 200


def chat_run(viewer: User, public_id: str) -> Run:
    """Return the viewer's own chat run. Raises NotFound for any other run, theirs or not."""
    run = Run.objects.select_related("owner").filter(public_id=public_id, kind=CHAT).first()
    if run is None or run.owner_id != viewer.pk:
        raise errors.NotFound("Chat run not found.", code="workflow.not_found")
    return run


def record(run: Run, *, base_url: str) -> ChatRunRecord:
    """Return the snapshot of one chat run (public contract §8.3)."""
    log = list(Event.objects.filter(run=run, name__in=SHOWN_EVENTS).order_by("-seq")[:EVENTS_SHOWN])
    form, rounds, options = request_of(run), rounds_of(run), RunOptions.read(run.options)
    children = [child for one in rounds for child in one.children()]
    waiting = _waiting(run, children)
    preview = None if waiting is None else waiting["details"].get("costApprovalPreview")
    names = {"session_id": "sessionId", "client_message_id": "clientMessageId"}
    times = {"createdAt": clock.iso(run.created_at), "updatedAt": clock.iso(run.updated_at)}
    body = {
        "runId": run.public_id,
        "status": run.status,
        "schemaVersion": SCHEMA_VERSION,
        "scope": present(
            {
                "ownerWalletAddress": "",
                "tokenType": options.token_type,
                "appSource": options.app_source,
            }
        ),
        "request": {names.get(name, name): one for name, one in run.request["chat"].items()},
        "messages": transcript(form, rounds),
        "toolCalls": _calls(rounds),
        "toolResults": _results(rounds),
        "mediaContext": _media(run, rounds),
        "artifacts": _artifacts(children, run.owner, base_url),
        "events": [chat_event(event) for event in reversed(log)],
        "finalResponse": _final(run, rounds),
        "waiting": waiting,
        "billingPreview": preview,
        "billingPreviews": [preview] if preview else None,
        "failureReason": None if run.error is None else failures.shown(run.error)["message"],
        "cancellationReason": _cancelled_for(run),
        "childWorkflowIds": children,
        "rounds": sum(1 for one in rounds if one.answer is not None),
        **times,
        "timestamps": present({**times, "completedAt": clock.iso_or_none(run.finished_at)}),
    }
    return cast(ChatRunRecord, present(body))


def events_after(run: Run, after: int, limit: int) -> tuple[list[ChatEventOut], int | None]:
    """Up to limit entries after a number, and where to go on; None at the end."""
    log = Event.objects.filter(run=run, seq__gt=after, name__in=SHOWN_EVENTS)
    rows = list(log.order_by("seq")[: limit + 1])
    events = cast("list[ChatEventOut]", [chat_event(event) for event in rows[:limit]])
    return events, rows[limit - 1].seq if len(rows) > limit else None


def _calls(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    calls = []
    for one in rounds:
        for call in one.answer.calls if one.answer is not None else ():
            outcome = one.outcomes.get(call.id)
            workflow = {"workflowId": outcome.run} if outcome is not None and outcome.run else {}
            calls.append({**call_of(call), "round": one.number, **workflow})
    return calls


def _results(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    return [
        {"toolCallId": call.id, "toolName": call.name, "result": outcome.result}
        for one in rounds
        for call in one.calls
        if (outcome := one.outcomes.get(call.id)) is not None and outcome.result is not None
    ]


def _media(run: Run, rounds: Sequence[Round]) -> dict[str, list[str]]:
    media: dict[str, list[str]] = request_of(run).media_context.model_dump()
    names = {"image": "images", "video": "videos", "audio": "audio"}
    for file in files_of(rounds):
        if file["kind"] in names:
            media[names[file["kind"]]].append(file["url"])
    return media


def _artifacts(children: Sequence[str], owner: User, base_url: str) -> list[Any]:
    runs = Run.objects.filter(public_id__in=children, owner=owner)
    url_of = signer(base_url)
    return [artifact_body(row, url_of) for row in selectors.artifacts_of(list(runs))]


def _final(run: Run, rounds: Sequence[Round]) -> dict[str, str] | None:
    is_done = run.status in (states.COMPLETED, states.PARTIAL_FAILURE)
    answer = rounds[-1].answer if is_done and rounds else None
    return (
        None if answer is None else {"content": answer.text, "finishReason": answer.finish_reason}
    )


def _waiting(run: Run, children: Sequence[str]) -> WaitingOut | None:
    """Return what the run asks, or else what a workflow that it started does."""
    if run.status in states.RUN_TERMINAL:
        return None
    waits = Wait.objects.filter(answered_at=None).select_related("run").order_by("id")
    of_children = waits.filter(run__public_id__in=children, run__owner=run.owner)
    wait = waits.filter(run=run).first() or of_children.first()
    if wait is None:
        return None
    details = dict(wait.prompt.get("details") or {})
    if wait.run != run:
        details["workflowId"] = wait.run.public_id
    return {"reason": wait.reason, "message": wait.message, "details": details}


def _cancelled_for(run: Run) -> str | None:
    if run.status != states.CANCELLED:
        return None
    last = Event.objects.filter(run=run, name="workflow_cancelled").first()
    return None if last is None else last.payload.get("reason") or "Stopped"
