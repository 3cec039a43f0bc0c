"""A brief that says nothing of what to show is answered with a question, and costs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import ledger
from accounts.models import User
from compose.drafting import DraftRequest, draft
from core.errors import InvalidInput
from runs.models import Run
from tests.support.clients.agents import call
from tests.support.clients.api import Api
from tests.support.clients.chatting import say, text_of
from tests.support.clients.streams import close_pool_connections
from tests.support.scores import assert_score

pytestmark = pytest.mark.django_db(transaction=True)

QUESTION = "What should it show? Add a subject, such as “a lighthouse at dusk”."
NOTHING = (
    "asdf", "qwertz", "hello", "test", "make a video", "a 15 second reel with music", "???",
    "12345", "what can you do?", "Lorem ipsum dolor sit amet, consectetur adipiscing elit", " ",
    "Draft a reusable template", "Mach ein Video", "fais une vidéo", "haz un video", "hallo",
    "asdf asdf", "make me something cool", "a film in three scenes, 9:16", "sdfgh", "test test",
    "create a template please", "Compose a film", "three shots, 10 seconds, no sound",
    "again but at night", "like the last one but shorter", "How much would ten scenes cost?",
    "Can you explain what a keyframe is?", "Combien coûterait un film de dix scènes ?",
)  # fmt: skip
SOMETHING = (
    "A cat", "{product}", "turn my photo into a video", "🐈", "tree", "Why is the sky blue?",
    "東京の夜", "a test drive of a red car", "hello kitty dancing", "ein Video über Bäume",
    "make a video of rhythm", "my clip in slow motion", "a song about tea",
    "Compose a calm piano piece",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def asked(brief: str) -> str:
    """The question that a brief is answered with; "" for a draft."""
    try:
        draft(DraftRequest(brief))
    except InvalidInput as question:
        return question.person
    return ""


def test_a_brief_without_a_subject_is_asked_for_one() -> None:
    expected = {**dict.fromkeys(NOTHING, QUESTION), **dict.fromkeys(SOMETHING, "")}
    flaws = {
        brief: [said] if (said := asked(brief)) != question else []
        for brief, question in expected.items()
    }
    assert_score(flaws)


def test_inputs_of_the_caller_are_a_subject() -> None:
    product = {"name": "product", "type": "text", "required": True}
    assert draft(DraftRequest("make a video", inputs=[product])).template["stages"]


@pytest.mark.parametrize("brief", ["asdf", "make a video"])
def test_every_way_to_ask_gives_the_question_and_costs_nothing(
    alice: User, alice_key: str, settings: Any, brief: str
) -> None:
    settings.LIMIT_CREDIT = True
    ledger.grant(user=alice, milli=9_000, ref="grant:1")
    editor = Client(headers={"sec-fetch-site": "same-origin"})
    editor.force_login(alice)
    page = editor.post("/app/compose", json.dumps({"brief": brief}), "application/json")
    assert (page.status_code, page.json()["message"]) == (422, QUESTION)
    assert page.json()["error"]["code"] == "brief.subject_needed"

    for tool, more in (("compose_workflow", {}), ("compose_workflow_template", {"name": "X"})):
        body = {"tool": tool, "arguments": {"brief": brief, **more}}
        executed = Api(alice_key).post("/v1/creative-agent/tools/execute", body)
        result = executed.json()["data"]["result"]
        assert (executed.status_code, result["ok"], result["retryable"]) == (200, False, False)
        assert result["message"] == QUESTION
        assert result["error_type"] == "USER_INPUT_INCOMPLETE"

    agent = call("compose_template", {"brief": brief, "name": "X"}, alice_key)
    assert QUESTION in json.dumps(agent, ensure_ascii=False, default=str)
    assert ledger.balance(alice.pk) == 9_000


@pytest.mark.parametrize("text", ["Make a video", "Create a reusable template", "Plan a film"])
def test_a_chat_asks_the_same(alice_key: str, text: str) -> None:
    body = say(text, alice_key, sogni_tools="creative-agent")
    assert QUESTION in text_of(body)
    assert not Run.objects.exists()
