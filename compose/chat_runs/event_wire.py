"""A chat run's log in the names of the public contract (§5.2): `{sequence, type, at, payload}`.

The log has entries that mean nothing to a chat's readers, such as a step that was claimed; those
are left out, so numbers have gaps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core import clock
from runs.models import Event
from runs.web import failures

_NAMES: Final = {
    "workflow_created": "run_created",
    "workflow_resumed": "run_resumed",
    "workflow_waiting_for_user": "run_waiting_for_user",
    "cost_confirmation_resolved": "run_cost_confirmation_resolved",
    "billing_preview_updated": "billing_preview_updated",
    "workflow_completed": "run_completed",
    "workflow_partial_failure": "run_partial_failure",
    "workflow_failed": "run_failed",
    "workflow_cancelled": "run_cancelled",
}
STEP_REPORTED: Final = "step_reported"
# The names in the log of the events that `chat_event` shows.
SHOWN_EVENTS: Final = frozenset({*_NAMES, STEP_REPORTED})


def chat_event(event: Event) -> dict[str, Any] | None:
    """Return the public form of a log entry; None for one that is left out."""
    if event.name == STEP_REPORTED:
        name, payload = event.payload["report"], event.payload["body"]
    elif event.name in _NAMES:
        name, payload = _NAMES[event.name], _payload(event)
    else:
        return None
    return {
        "sequence": event.seq,
        "type": name,
        "at": clock.iso(event.created_at),
        "payload": payload,
    }


def _payload(event: Event) -> dict[str, Any]:
    payload: Mapping[str, Any] = event.payload
    status = {"status": event.run_status}
    match event.name:
        case "workflow_created":
            return {"title": payload["title"]}
        case "workflow_waiting_for_user":
            return {
                **status,
                "reason": payload["reason"],
                "message": payload.get("question", ""),
                "details": payload.get("details") or {},
            }
        case "workflow_failed":
            failure = failures.shown(payload["error"])
            error = {"code": failure["code"], "message": failure["message"]}
            return {**status, "failureReason": error["message"], "error": error}
        case "workflow_completed" | "workflow_partial_failure":
            return {**status, "tookMs": payload["took_ms"]}
        case "workflow_cancelled":
            return {**status, "reason": payload.get("reason", "")}
        case "workflow_resumed":
            return {"why": payload.get("why", "")}
    return dict(payload)
