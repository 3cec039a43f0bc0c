"""Of what all agents share, one person's take a part."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from pytest_django import Settings

from builder.agents.mcp import app
from tests.support.clients.agents import call, result, send
from tests.support.clients.streams import close_pool_connections
from tests.support.fakes.compose_model_server import ComposeModelServer, configure
from tests.support.fakes.openai_server import Reply
from tests.support.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_open_requests_of_one_person_leave_room_for_others(
    alice_key: str, bob_key: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "AT_ONCE_PER_USER", 1)
    release = threading.Event()

    def draft() -> Any:
        try:
            return call("compose_template", {"brief": "A fox", "name": "Fox"}, alice_key)
        finally:
            connections.close_all()

    with ComposeModelServer(lambda asked: Reply(hold=release)) as model:
        configure(settings, model)
        with ThreadPoolExecutor(1) as aside:
            first = aside.submit(draft)
            wait_for(lambda: model.chats, "the model is asked")
            refusal = send("tools/list", key=alice_key)
            assert (refusal.status, refusal.header("retry-after")) == (429, "2")
            assert "1 of your requests" in refusal.json()["error"]["message"]
            assert result(send("tools/list", key=bob_key))["tools"]
            release.set()
            assert first.result() is not None
    close_pool_connections()
    assert result(send("tools/list", key=alice_key))["tools"]
