"""The public form of every event: its status is the run's, and only a final one ends readers."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest

from runs import states
from runs.log.events import EVENTS, RunEvent, StepEvent
from runs.models import Event
from runs.web.event_wire import render
from runs.web.wire_states import step_status

ERROR = {"code": "c", "error_type": "SAFETY_REJECTED", "message": "It refused.", "retryable": False}
VALUES: dict[str, Any] = {
    "step": "img",
    "tool": "generate_image",
    "title": "Picture",
    "steps": 3,
    "attempt": 1,
    "generation": 1,
    "progress": 0.5,
    "note": "",
    "retrying": "",
    "outcome": "error",
    "artifact": {"id": "art_1", "kind": "image", "filename": "image-1.png"},
    "artifact_ids": ["art_1"],
    "took_ms": 1500,
    "reused_from": "wf_0",
    "warnings": ["1 of 3 results came."],
    "error": ERROR,
    "reason": "because",
    "items": [{"id": "img_0", "index": 0, "label": "One"}],
    "concurrency": 2,
    "report": "assistant_message_delta",
    "body": {"content": "Good"},
    "details": {"toolCallId": "call_1"},
    "question": "Which one?",
    "asking": "img",
    "why": "Answered",
    "decision": "confirm",
    "locked": True,
    "version": "v1",
    "replaced": {"version": "v2"},
    "units": 3.5,
    "provider": "openai",
    "quoted": 3.0,
    "until": "2026-03-12T22:26:52.000Z",
}
CLOSING = {
    "workflow_completed": "completed",
    "workflow_partial_failure": "partial_failure",
    "workflow_failed": "failed",
    "workflow_cancelled": "cancelled",
    "workflow_waiting_for_user": "waiting_for_user",
    "billing_preview_updated": "waiting_for_user",
}


def sample(kind: type[RunEvent]) -> Event:
    """A stored event of this class, every field filled."""
    happened = kind(**{one.name: VALUES[one.name] for one in fields(kind)})
    return Event(
        seq=7,
        name=happened.name,
        run_status=happened.run_status,
        payload=happened.payload(),
        created_at=datetime(2026, 3, 12, 22, 16, 52, tzinfo=UTC),
    )


def shown(kind: type[RunEvent], **options: Any) -> dict[str, Any]:
    return render(sample(kind), workflow_id="wf_1", url_of=lambda id, name: f"/{id}", **options)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=list(EVENTS))
def test_status_is_the_runs_and_final_only_in_a_closing_entry(kind: type[RunEvent]) -> None:
    body = shown(kind)
    if kind.name in CLOSING:
        assert body["status"] == CLOSING[kind.name]
    else:
        assert body["status"] in (states.QUEUED, states.RUNNING)
    assert "previousStatus" not in body
    assert "status" not in body["data"]
    assert "status" not in body["data"].get("workflow", {})
    if issubclass(kind, StepEvent):
        assert body["stepStatus"] in {step_status(state) for state in states.STEP_STATES}
        assert body["stepId"] == body["data"]["stepId"] == "img"
    else:
        assert "stepStatus" not in body


@pytest.mark.parametrize("kind", EVENTS.values(), ids=list(EVENTS))
def test_every_event_has_what_the_clients_types_read(kind: type[RunEvent]) -> None:
    body = shown(kind)
    assert (body["id"], body["sequence"], body["workflowId"]) == ("7", 7, "wf_1")
    assert body["event"] == body["type"] == kind.name
    assert isinstance(body["message"], str)
    assert body["message"]
    assert isinstance(body["timestamp"], int)
    assert body["createdAt"].endswith("Z")
    assert isinstance(body["data"], dict)


@pytest.mark.parametrize("kind", EVENTS.values(), ids=list(EVENTS))
def test_superseded_entry_carries_its_status_as_previous(kind: type[RunEvent]) -> None:
    body, current = shown(kind, is_superseded=True), shown(kind)
    assert body.pop("previousStatus") == current.pop("status") == kind.run_status
    assert body == current


def test_failures_say_at_the_top_of_their_data_whether_to_try_again() -> None:
    for name in ("step_failed", "workflow_failed"):
        data = shown(EVENTS[name])["data"]
        assert (data["retryable"], data["errorType"]) == (False, "SAFETY_REJECTED")


WHEN = datetime(2026, 3, 12, tzinfo=UTC)
# Payloads as versions before stored them, in the public names, with what clients are shown of them.
STORED_IN_PUBLIC_NAMES = [
    (
        "artifact_created",
        {
            "artifact": {
                "id": "art_1",
                "index": 0,
                "type": "model",
                "mediaType": "model",
                "mimeType": "model/gltf-binary",
                "contentType": "model/gltf-binary",
                "filename": "model-1.glb",
                "width": None,
                "height": None,
                "duration": None,
            }
        },
        {
            "artifact": {
                "id": "art_1",
                "position": 0,
                "kind": "model",
                "mime": "model/gltf-binary",
                "filename": "model-1.glb",
                "width": None,
                "height": None,
                "duration_s": None,
            }
        },
    ),
    (
        "step_failed",
        {"error": {"code": "c", "errorType": "X", "message": "No.", "retryable": True}},
        {"error": {"code": "c", "error_type": "X", "message": "No.", "retryable": True}},
    ),
]


@pytest.mark.parametrize(("name", "before", "now"), STORED_IN_PUBLIC_NAMES)
def test_what_earlier_versions_stored_is_shown_byte_for_byte_as_what_is_stored_now(
    name: str, before: dict[str, Any], now: dict[str, Any]
) -> None:
    about = {"step": "a", "tool": "t", "title": "A"}

    def body(payload: dict[str, Any]) -> str:
        event = Event(seq=1, name=name, payload={**about, **payload}, created_at=WHEN)
        return json.dumps(render(event, workflow_id="wf_1", url_of=lambda id, name: f"/{id}"))

    assert body(before) == body(now)


def test_addresses_are_minted_on_sight() -> None:
    event = sample(EVENTS["artifact_created"])
    assert "url" not in event.payload["artifact"]
    body = render(event, workflow_id="wf_1", url_of=lambda id, name: f"https://h/{id}/{name}")
    artifact = body["data"]["artifact"]
    assert artifact["url"] == artifact["downloadUrl"] == "https://h/art_1/image-1.png"
    assert "url" not in event.payload["artifact"]
