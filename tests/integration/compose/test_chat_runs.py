"""Chats that last, over HTTP: started, answered in rounds, asked about, stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from accounts import ledger
from accounts.models import User
from runs.models import Run
from tests.support.chat_runs import rounds_read, started, worked_off
from tests.support.compose_model_server import ComposeModelServer, Said, configure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model(settings: Settings) -> Iterator[ComposeModelServer]:
    with ComposeModelServer() as server:
        configure(settings, server)
        yield server


def calls(tool: str, **given: Any) -> Said:
    return Said(calls=[(tool, json.dumps(given))])


def test_a_model_answers_in_one_round(
    model: ComposeModelServer, alice: User, alice_key: str
) -> None:
    model.script.append(Said("Good morning to all of you."))
    before = ledger.balance(alice.pk)
    run = started(alice_key, "Hello")
    assert (run["status"], run["childWorkflowIds"]) == ("queued", [])
    done = worked_off(alice_key, run["runId"])
    assert done["status"] == "completed"
    assert done["finalResponse"] == {
        "content": "Good morning to all of you.",
        "finishReason": "stop",
    }
    types = [event["type"] for event in done["events"]]
    assert types[:2] == ["run_created", "llm_round_started"]
    assert types[-3:] == ["assistant_message_completed", "llm_round_completed", "run_completed"]
    assert rounds_read(done["events"]) == {1: "Good morning to all of you."}
    assert ledger.balance(alice.pk) == before - 1000
    assert done["messages"][-1] == {"role": "assistant", "content": "Good morning to all of you."}


def test_a_picture_is_a_run_whose_end_wakes_the_next_round(
    model: ComposeModelServer, alice: User, alice_key: str
) -> None:
    model.script += [calls("note", text="A fox"), Said("Your fox is there.")]
    run = started(alice_key, "Write a note", sogni_tools="creative-agent")
    done = worked_off(alice_key, run["runId"])
    assert done["status"] == "completed", done
    assert done["finalResponse"]["content"] == "Your fox is there."
    [child] = done["childWorkflowIds"]
    assert Run.objects.get(public_id=child).status == "completed"
    [result] = done["toolResults"]
    assert (result["toolName"], result["result"]["ok"]) == ("note", True)
    told = json.loads(model.chats[1].body["messages"][-1]["content"])
    assert told["workflowId"] == child
    assert told["artifacts"][0]["url"] == done["artifacts"][0]["url"]
