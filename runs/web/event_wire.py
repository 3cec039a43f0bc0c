"""The public form of a run's events, for REST, SSE and sockets: names, messages, addresses.

The log stores this server's own names. Logs of earlier versions hold the public ones for artifacts
and failures: both are read. `status` is always the run's, never a step's: clients stop reading at
the first frame whose status is final (public contract §5.3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from core import clock
from core.phrases import with_article
from media import posters
from runs.log.events import EVENTS
from runs.models import Event
from runs.web import failures
from runs.web.wire_states import step_status
from tools import registry

# The public names of what an event remembers of an artifact, in their public order.
_ARTIFACT: Final = {
    "id": ("id",),
    "position": ("index",),
    "kind": ("type", "mediaType"),
    "mime": ("mimeType", "contentType"),
    "filename": ("filename",),
    "width": ("width",),
    "height": ("height",),
    "duration_s": ("duration",),
}

# What is said elsewhere in the event, or kept for this server alone.
_NOT_DATA: Final = frozenset({"step", "tool", "title", "replaced"})

_MESSAGES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "workflow_created": lambda p: (
        f"{p['title']}: {p['steps']} stage{'' if p['steps'] == 1 else 's'} planned"
    ),
    "workflow_queued": lambda p: "Waiting for a worker",
    "workflow_started": lambda p: "Started",
    "step_started": lambda p: f"{_name(p)} started",
    "step_progress": lambda p: f"{_name(p)}: {p.get('retrying') or p.get('note') or _percent(p)}",
    "artifact_created": lambda p: f"{_name(p)} made {with_article(_kind(p['artifact']))}",
    "step_reported": lambda p: f"{_name(p)}: {p['report'].replace('_', ' ')}",
    "step_expanded": lambda p: (
        f"{_name(p)}: {len(p['items'])} {'stages' if p.get('tool') == 'group' else 'items'}"
    ),
    "step_waiting_for_user": lambda p: p.get("question") or f"{_name(p)}: your turn",
    "step_resumed": lambda p: f"{_name(p)}: {p.get('why') or 'retrying'}",
    "workflow_waiting_for_user": lambda p: p.get("question") or "Your turn",
    "workflow_resumed": lambda p: p.get("why") or "Continuing",
    "cost_confirmation_resolved": lambda p: (
        f"Cost approved: {_credits(p)}" if p["decision"] == "confirm" else "Cost declined"
    ),
    "cost_above_quote": lambda p: (
        f"{_name(p)} cost {_credits(p)}, more than the {p['quoted']:g} quoted"
    ),
    "billing_preview_updated": lambda p: f"About {_credits(p)}",
    "step_completed": lambda p: (
        f"{_name(p)} reused: same inputs as an earlier run"
        if p.get("reused_from")
        else f"{_name(p)} done in {p['took_ms'] / 1000:.1f} s"
    ),
    "step_failed": lambda p: p["error"]["message"],
    "step_skipped": lambda p: p["reason"],
    "item_locked": lambda p: f"{_name(p)} {'kept' if p['locked'] else 'may change again'}",
    "item_version_selected": lambda p: f"{_name(p)}: version {p['version'].removeprefix('v')}",
    "step_cancelled": lambda p: f"{_name(p)} stopped",
    "workflow_completed": lambda p: f"Done in {p['took_ms'] / 1000:.1f} s",
    "workflow_partial_failure": lambda p: "Done with errors",
    "workflow_failed": lambda p: p["error"]["message"],
    "workflow_cancelled": lambda p: p.get("reason") or "Stopped",
}


def message_of(event: Event) -> str:
    """Return one sentence about the event."""
    return _MESSAGES[event.name](event.payload)


def _percent(payload: Mapping[str, Any]) -> str:
    return f"{round(100 * payload.get('progress', 0))}%"


def _credits(payload: Mapping[str, Any]) -> str:
    units = payload["units"]
    return f"{units:g} credit{'' if units == 1 else 's'}"


def _name(payload: Mapping[str, Any]) -> str:
    """Name a step as pages do: what its author called it, else what its tool is called."""
    step, title = payload.get("step", ""), payload.get("title")
    if title and title != step:
        return str(title)
    tool = registry.table().get(payload.get("tool", ""))
    return tool.title if tool else str(step)


def _kind(artifact: Mapping[str, Any]) -> str:
    return artifact.get("kind") or artifact["type"]


def poster_of(artifact: Mapping[str, Any], url_of: Callable[[str, str], str]) -> dict[str, str]:
    """`posterUrl` for an artifact that no page can show as it is."""
    if artifact["type"] != "model":
        return {}
    return {"posterUrl": url_of(posters.still_id(artifact["id"]), posters.FILENAME)}


def render(
    event: Event,
    *,
    workflow_id: str,
    url_of: Callable[[str, str], str],
    is_superseded: bool = False,
) -> dict[str, Any]:
    """Return the one public form of an event, for REST, SSE and WebSocket.

    url_of(artifact id, file name) signs a media address. is_superseded: a closing entry that a
    later resume undid; it carries `previousStatus`, for readers stop at a final `status`.
    """
    payload = event.payload
    kind = EVENTS[event.name]
    data = {key: value for key, value in payload.items() if key not in _NOT_DATA}
    body: dict[str, Any] = {
        "id": str(event.seq),
        "sequence": event.seq,
        "event": event.name,
        "type": event.name,
        "workflowId": workflow_id,
        "previousStatus" if is_superseded else "status": event.run_status,
        "message": message_of(event),
        "timestamp": clock.unix(event.created_at),
        "createdAt": clock.iso(event.created_at),
    }
    if "step" in payload:
        body |= {
            "stepId": payload["step"],
            "toolName": payload["tool"],
            "stepStatus": None if kind.step_status is None else step_status(kind.step_status),
        }
        data["stepId"] = payload["step"]
    if "artifact" in data:
        artifact = _artifact(data["artifact"])
        artifact["url"] = artifact["downloadUrl"] = url_of(artifact["id"], artifact["filename"])
        artifact |= poster_of(artifact, url_of)
        data["artifact"] = artifact
    if "error" in data:
        data["error"] = failures.shown(data["error"])
        data |= {"retryable": data["error"]["retryable"], "errorType": data["error"]["errorType"]}
    body["data"] = data
    return body


def _artifact(document: Mapping[str, Any]) -> dict[str, Any]:
    if "kind" not in document:
        # Of a log that holds the public names.
        return dict(document)
    return {
        public: document[own] for own in _ARTIFACT if own in document for public in _ARTIFACT[own]
    }
