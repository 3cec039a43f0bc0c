"""A brief that orders nothing is drafted, or made by one tool; talk is neither."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from runs.models import Run
from tests.support.clients.chatting import answered, ask
from tests.support.clients.streams import close_pool_connections

pytestmark = pytest.mark.django_db(transaction=True)

BRIEFS = {
    "30 second teaser for our autumn candle collection, cozy, slow": "compose_workflow_template",
    "i need a reel of the new brunch menu, 9:16, like 15 sec": "compose_workflow_template",
    "Album art for an ambient record called Low Tide": "generate_image",
    "square, 6 secs, a macaron spinning": "compose_workflow_template",
    "Techno Track 2 Minuten, ohne Gesang": "generate_music",
    "Quadratisch, 6 Sekunden, ein Krapfen dreht sich": "compose_workflow_template",
    "Format large 21:9, un train sur un viaduc": "compose_workflow_template",
    "Portada para un disco de ambient, marea baja": "generate_image",
}
TALK = ("Delete my account", "Mach es länger", "hi", "something cool", "What is a 16:9 reel?")


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def say(text: str, key: str, **fields: Any) -> dict[str, Any]:
    return answered(ask({"messages": [{"role": "user", "content": text}], **fields}, key))


def test_a_brief_calls_the_draft_or_one_tool(alice_key: str) -> None:
    fields = {"sogni_tool_execution": False, "sogni_tools": "creative-agent"}
    bodies = {text: say(text, alice_key, **fields) for text in BRIEFS}
    calls = {text: body["choices"][0]["message"].get("tool_calls") for text, body in bodies.items()}
    names = {text: call[0]["function"]["name"] if call else "" for text, call in calls.items()}
    assert names == BRIEFS


def test_a_draft_that_is_not_offered_is_said_and_starts_nothing(alice_key: str) -> None:
    body = say("square, 6 secs, a macaron spinning", alice_key)
    message = body["choices"][0]["message"]
    assert '"sogni_tools": "creative-agent"' in message["content"]
    assert "tool_calls" not in message
    assert not Run.objects.exists()


@pytest.mark.parametrize("text", TALK)
def test_talk_calls_nothing(alice_key: str, text: str) -> None:
    message = say(text, alice_key, sogni_tools="creative-agent")["choices"][0]["message"]
    assert "tool_calls" not in message
    assert not Run.objects.exists()
