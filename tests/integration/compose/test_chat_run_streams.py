"""GET /v1/chat/runs/<id>/events and …/events/stream: what a reader of a chat run is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.chat_runs import PATH, rounds_read, started, worked_off
from tests.support.fakes.compose_model_server import ComposeModelServer as Model
from tests.support.fakes.compose_model_server import Said

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Good morning to you and to all of yours."


def stream(
    key: str,
    run: str,
    query: str = "",
    seen: str = "",
    meanwhile: Callable[[], object] | None = None,
) -> Answer:
    named = {"api-key": key, **({"last-event-id": seen} if seen else {})}
    address = f"{PATH}/{run}/events/stream{query}"
    return request_app("GET", address, named, meanwhile=meanwhile)


def frames_of(answer: Answer) -> list[tuple[int, str, dict[str, Any]]]:
    """Each frame as (id, event, data)."""
    assert answer.status == 200, answer.text
    assert answer.header("content-type").startswith("text/event-stream")
    found = []
    for frame in answer.text.split("\n\n")[:-1]:
        if not frame.startswith(":"):
            fields = dict(line.split(": ", 1) for line in frame.splitlines())
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return found


@pytest.fixture
def done(model: Model, alice_key: str) -> str:
    model.script.append(Said(WORDS))
    run = started(alice_key, "Hello")["runId"]
    assert worked_off(alice_key, run)["status"] == "completed"
    return str(run)


def test_a_finished_chat_is_replayed_and_the_stream_closes(alice_key: str, done: str) -> None:
    frames = frames_of(stream(alice_key, done))
    *entries, (_, last, status) = frames
    assert (last, status) == ("run_status", {"runId": done, "status": "completed"})
    assert all(
        event == data["type"] and number == data["sequence"] for number, event, data in entries
    )
    assert rounds_read([data for _, _, data in entries]) == {1: WORDS}
    assert entries[0][1] == "run_created"
    assert entries[-1][1] == "run_completed"
    numbers = [number for number, _, _ in entries]
    assert numbers == sorted(set(numbers))


def test_the_same_is_read_by_pages(alice_key: str, done: str) -> None:
    whole = [data for _, _, data in frames_of(stream(alice_key, done))[:-1]]
    found: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        query = {"after": str(after), "limit": "2"}
        data = Api(alice_key).get(f"{PATH}/{done}/events", query).json()["data"]
        assert data["runId"] == done
        found += data["events"]
        after = data["next"]
    assert found == whole


def test_a_cursor_skips_what_was_read(alice_key: str, done: str) -> None:
    frames = frames_of(stream(alice_key, done))
    cursor = frames[2][0]
    later = frames[3:]
    assert frames_of(stream(alice_key, done, f"?after={cursor}")) == later
    assert frames_of(stream(alice_key, done, seen=str(cursor))) == later
    # The query wins.
    both = stream(alice_key, done, f"?after={cursor}", seen="0")
    assert frames_of(both) == later
    assert frames_of(stream(alice_key, done, "?after=99999"))[-1][1] == "run_status"


def test_events_come_while_they_happen(model: Model, alice_key: str) -> None:
    model.script.append(Said(WORDS))
    run = started(alice_key, "Hello")["runId"]
    answer = stream(alice_key, run, meanwhile=lambda: worked_off(alice_key, run))
    frames = frames_of(answer)
    assert rounds_read([data for _, event, data in frames if event != "run_status"]) == {1: WORDS}
    assert frames[-1][2]["status"] == "completed"
    # A whole comment frame: a comment line would take the next frame with it.
    comments = [frame for frame in answer.text.split("\n\n") if frame.startswith(":")]
    assert all(frame == ": keep-alive" for frame in comments)


def test_it_closes_where_a_person_is_asked(model: Model, alice_key: str) -> None:
    call = ("note", json.dumps({"text": "A fox"}))
    model.script += [Said(calls=[call]), Said(WORDS)]
    run = started(alice_key, "Write", sogni_tools="creative-agent", confirm_cost=False)["runId"]
    asked = worked_off(alice_key, run)
    frames = frames_of(stream(alice_key, run))
    assert [event for _, event, _ in frames[-2:]] == ["run_waiting_for_user", "run_status"]
    details = frames[-2][2]["payload"]["details"]
    decision = {
        "tool_call_id": details["toolCallId"],
        "decision": "confirm",
        "acceptedCostPreview": details["costApprovalPreview"],
    }
    assert asked["waiting"]["details"] == details
    assert Api(alice_key).post(f"{PATH}/{run}/confirm-cost", decision).status_code == 200
    worked_off(alice_key, run)
    later = frames_of(stream(alice_key, run, f"?after={frames[-1][0]}"))
    assert later[-1][2]["status"] == "completed"
    assert "run_resumed" in [event for _, event, _ in later]
