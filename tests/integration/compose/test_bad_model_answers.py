"""Whatever a model answers, a draft is valid, private and within its budget, and nothing is asked
or published; plain settings make it where the answer can't be used."""

from __future__ import annotations

import json
import logging
import threading
from typing import Any

import pytest
from pytest_django import Settings

from compose.drafting import problems_of
from templates_app.models import Template
from tests.support.clients.api import Api
from tests.support.fakes.compose_answers import BAD, MODEL, RULES, plan, says
from tests.support.fakes.compose_model_server import KEY, ComposeModelServer, configure, unvisited
from tests.support.waiting import WAIT_S, promised

pytestmark = pytest.mark.django_db
EXECUTE = "/v1/creative-agent/tools/execute"
TEMPLATES = "/v1/creative-agent/workflows/templates"
BRIEF = "A teaser for a candle shop. Three shots with soft piano"
# What one call takes at most; the time to build and price a draft comes to it.
MOST_S, DRAFT_S = 6.0, 5.0
# The deadline of the one that goes on until then.
SHORT_S = {"slower than the deadline": 1.0}


def composed(api: Api, **arguments: Any) -> dict[str, Any]:
    given = {"brief": BRIEF, "name": "Candles", **arguments}
    answer = api.post(EXECUTE, {"tool": "compose_workflow_template", "arguments": given})
    assert answer.status_code == 200, answer.content[:500]
    return dict(answer.json()["data"]["result"])


@pytest.mark.parametrize("name", BAD)
def test_a_draft_stands_whatever_the_model_answers(
    name: str, alice_key: str, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    bad, held = BAD[name], threading.Event()
    settings.COMPOSE_DEADLINE_S = SHORT_S.get(name, WAIT_S)
    caplog.set_level(logging.DEBUG)
    api = Api(alice_key)
    with unvisited() as evil:
        given = bad.answers(evil, held)
        usual = given if callable(given) else lambda asked: given
        with ComposeModelServer(usual, takes_turns=True) as server:
            configure(settings, server)
            with promised(SHORT_S.get(name, MOST_S) + DRAFT_S):
                result = composed(api, max_estimated_capacity_units=30)
            held.set()
        assert len(server.chats) == bad.rounds
        body = result["template_draft"]
        assert result["ok"] is True
        assert problems_of(body) == ()
        assert body["visibility"] == "private"
        assert body["exposeToLLM"] is False
        said = json.dumps(result)
        assert evil.removeprefix("http://") not in said
        assert KEY not in said + caplog.text
        assert "<script" not in said
        assert "$inputs.secret" not in said
        assert result["estimated_capacity_units"] <= 30
        assert result["fits_budget"] is True
        is_plain = any("your words and plain settings alone" in one for one in result["warnings"])
        assert is_plain is (bad.planner == RULES)
        assert result["metadata"]["planner"] == bad.planner
        assert not Template.objects.exists()
        saved = api.post(TEMPLATES, body)
        assert saved.status_code == 201, saved.content
        assert not Template.objects.exclude(visibility="private").exists()


def test_problems_go_back_to_the_model_and_its_corrected_answer_is_used(
    alice_key: str, settings: Settings
) -> None:
    with ComposeModelServer(lambda asked: says(plan()), takes_turns=True) as server:
        server.script.append(says(plan(seconds=1e9)))
        configure(settings, server)
        result = composed(Api(alice_key))
    assert result["metadata"]["planner"] == MODEL
    said = server.chats[1].body["messages"][-1]["content"]
    assert "600" in said
    assert '"on_the_beat"' in said, "the schema is told to servers that ignored it"
