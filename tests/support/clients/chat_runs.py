"""Chat runs over HTTP, and what their readers see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.support.builders.running import work_off
from tests.support.clients.api import Api

PATH = "/v1/chat/runs"
# All that the types of the published SDK know of a chat run's log.
SDK_EVENTS = frozenset(
    (
        *("run_created", "run_resumed", "run_completed", "run_failed", "run_partial_failure"),
        *("run_cancelled", "run_waiting_for_user", "run_awaiting_cost_confirmation"),
        *("run_cost_confirmation_resolved", "billing_preview_updated", "llm_round_started"),
        *("assistant_message_delta", "assistant_message_completed", "tool_call_dispatched"),
        *("tool_call_progress", "tool_call_resolved", "media_context_updated"),
        *("media_turn_intent_classified", "asset_manifest_updated"),
    )
)


def started(key: str, text: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
    """The run of one message of a person. more: further fields of the body."""
    body = {"messages": [{"role": "user", "content": text}], **more}
    answer = Api(key).post(PATH, body, **(headers or {}))
    assert answer.status_code == 202, answer.content
    return answer.json()["data"]["run"]


def shown(key: str, run_id: str) -> dict[str, Any]:
    answer = Api(key).get(f"{PATH}/{run_id}")
    assert answer.status_code == 200, answer.content
    run = dict(answer.json()["data"]["run"])
    assert {event["type"] for event in run["events"]} <= SDK_EVENTS
    return run


def worked_off(key: str, run_id: str) -> dict[str, Any]:
    """The run once nothing is left to do for a worker."""
    while work_off():
        pass
    return shown(key, run_id)


def rounds_read(events: Iterable[Mapping[str, Any]]) -> dict[int, str]:
    """Each round's words as a reader has them that drops those of an attempt that was lost."""
    found: dict[int, str] = {}
    for event in events:
        payload = event["payload"]
        if event["type"] == "llm_round_started":
            found[payload["round"]] = ""
        elif event["type"] == "assistant_message_delta":
            found[payload["round"]] += payload["content"]
    return found
