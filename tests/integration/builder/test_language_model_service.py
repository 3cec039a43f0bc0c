"""A language model is set up as other services are: typed, tried, limited, paused, turned off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from compose.model.model_client import configured_model
from compose.models import ComposedCall
from core import clock
from tests.support.clients import services_page
from tests.support.clients.services_page import PAGE, add, turn
from tests.support.fakes.compose_model_server import ComposeModelServer, Said
from tests.support.fakes.local_model_servers import (
    FOX,
    POOR,
    LocalModelServer,
    drafted,
    ollama,
    planner_of,
)
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_set_up")]
nothing_set_up = services_page.nothing_set_up
staff = services_page.staff
KEY = "sk-of-a-language-model-0123456789-qrst"


@pytest.fixture
def server(staff: Client) -> Iterator[LocalModelServer]:
    """A program whose model is set up as `writer`."""
    with LocalModelServer(ollama("qwen3:8b")) as server:
        typed = {"base_url": f"{server.origin}/v1", "model": "qwen3:8b"}
        assert add(staff, "writer", "language-model", **typed) == ""
        yield server


def tried(client: Client, url: str, **more: str) -> str:
    typed = {"name": "m", "kind": "language-model", "base_url": url, **more}
    answer = client.post(f"{PAGE}/try", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return flat(answer.content.decode())


def test_a_model_by_key_is_added_and_tried(staff: Client, alice_key: str) -> None:
    with ComposeModelServer(lambda asked: Said(FOX), key=KEY) as server:
        text = tried(staff, server.url, key=KEY)
        assert "It has story-large." in text
        assert '<option value="story-large">' in text
        assert server.chats == []
        text = tried(staff, server.url, key=KEY, model="story-large")
        assert "and kept to JSON" in text
        typed = {"base_url": server.url, "key": KEY, "model": "story-large"}
        assert "Model: enter one." in add(
            staff, "writer", "language-model", **typed | {"model": ""}
        )
        assert add(staff, "writer", "language-model", **typed) == ""
        drafted(alice_key)
        assert server.chats[-1].headers["authorization"] == f"Bearer {KEY}"
    assert "Who may use it" not in flat(staff.get(PAGE).content.decode()).partition("writer")[2]


@pytest.mark.parametrize("name", POOR)
def test_a_try_says_whether_the_model_keeps_to_json(staff: Client, name: str) -> None:
    with LocalModelServer(ollama("qwen3:0.6b"), lambda body: POOR[name]) as server:
        text = tried(staff, f"{server.origin}/v1", model="qwen3:0.6b")
    is_read = name in ("in prose", "after thinking")
    assert ("keep to JSON" in text) is not is_read
    assert ("among other words" in text) is (name == "in prose")


def test_one_that_is_off_or_paused_or_at_its_limit_leaves_drafts_to_the_rules(
    staff: Client, server: LocalModelServer, mo: User, alice_key: str
) -> None:
    limits = f"{PAGE}/provider:writer"
    staff.post(f"{limits}/pause", {"reason": "The card is hot."})
    assert "qwen3:8b is paused: The card is hot." in drafted(alice_key)["warnings"][0]
    staff.post(f"{limits}/resume")
    staff.post(f"{limits}/limits", {"per_minute": "1", "at_once": "1"})
    soon = clock.now() + timedelta(minutes=1)
    other = ComposedCall.objects.create(owner=mo, key="k", tool="t", call_id="c", held_until=soon)
    assert "1 of 1 at work" in flat(staff.get(PAGE).content.decode())
    assert "is at its limit of 1 at once" in drafted(alice_key)["warnings"][0]
    other.delete()
    assert server.bodies == []
    assert planner_of(drafted(alice_key)) == "qwen3:8b"
    assert "is at its limit of 1 a minute" in drafted(alice_key)["warnings"][0]
    turn(staff, "writer", on=False)
    assert configured_model() is None
    assert planner_of(drafted(alice_key)) == "rules"
    assert len(server.bodies) == 1


@pytest.mark.usefixtures("server")
def test_the_command_lists_a_language_model_with_its_limits() -> None:
    out = StringIO()
    call_command("providers", stdout=out)
    assert "writer" in out.getvalue()
