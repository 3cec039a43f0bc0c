"""What spends or changes is asked of the person by clients that can show a question."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Run
from templates_app.models import Change, Template
from tests.support.builders.editing import prompt
from tests.support.builders.templates import make_template
from tests.support.clients.agents import HANDSHAKE, send
from tests.support.clients.obedient_agent import CAPABILITIES, ObedientAgent, agrees, declines

pytestmark = pytest.mark.django_db(transaction=True)
START = {"template_id": "film", "inputs": {"brief": "A lamp"}, "idempotency_key": "take-1"}


@pytest.fixture
def film(alice: User) -> Template:
    return make_template(alice, id="film", name="A film", exposeToLLM=True)


def proposed(agent: ObedientAgent) -> dict[str, Any]:
    given = {"template_id": "film", "ops": [prompt("A fox", "keyframe")], "label": "Fox"}
    told = agent.call("edit_template", given)["structuredContent"]
    return {"template_id": "film", "proposal": told["proposal"], "confirm": True}


def test_a_start_tells_its_price_and_goes_on_when_the_person_agrees(
    film: Template, alice_key: str
) -> None:
    agent = ObedientAgent(alice_key, agrees)
    told = agent.call("run_template", START)["structuredContent"]
    assert told["status"] == "queued"
    [asked] = agent.asked
    assert asked.startswith("Start a run of your template “A film”? 2 steps, about ")
    assert "credits" in asked


def test_nothing_starts_when_the_person_declines(film: Template, alice_key: str) -> None:
    agent = ObedientAgent(alice_key, declines)
    found = agent.call("run_template", START)
    assert found["structuredContent"]["error"]["code"] == "declined"
    [tool] = [
        one["name"]
        for one in send("tools/list", {}, alice_key).json()["result"]["tools"]
        if one["name"].startswith("template_")
    ]
    found = agent.call(tool, {"inputs": {"brief": "A lamp"}, "idempotency_key": "k"})
    assert found["isError"]
    assert len(agent.asked) == 2
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [
        {"action": "cancel"},
        {"action": "accept"},
        {"action": "accept", "content": {"agree": False}},
        {"action": "accept", "content": {"agree": "true"}},
    ],
)
def test_only_a_clear_yes_is_one(film: Template, alice_key: str, answer: dict[str, Any]) -> None:
    agent = ObedientAgent(alice_key, lambda asked: answer)
    assert agent.call("run_template", START)["isError"]
    assert not Run.objects.exists()


def test_a_change_is_shown_to_the_person_before_it_is_written(
    film: Template, alice_key: str
) -> None:
    refusing, agreeing = ObedientAgent(alice_key, declines), ObedientAgent(alice_key, agrees)
    assert refusing.call("edit_template", proposed(refusing))["isError"]
    [asked] = refusing.asked
    assert "Change the draft of the template “A film”? Fox" in asked
    assert "~ keyframe" in asked
    assert "A fox" in asked
    assert not Change.objects.exists()
    confirmed = proposed(agreeing)
    assert agreeing.call("edit_template", confirmed)["structuredContent"]["written"] is True
    # Sent again, it is known: there is nothing to agree to.
    assert agreeing.call("edit_template", confirmed)["structuredContent"]["written"] is True
    assert (Change.objects.count(), len(agreeing.asked)) == (1, 1)


def test_an_answer_counts_for_its_own_call_alone(film: Template, alice_key: str) -> None:
    meta = {CAPABILITIES: {"elicitation": {"form": {}}}}
    params = {"name": "run_template", "arguments": START, "_meta": meta}
    body = send("tools/call", params, alice_key).json()["result"]
    keys = list(body["inputRequests"])
    other = {**START, "idempotency_key": "take-2"}
    yes = {keys[0]: {"action": "accept", "content": {"agree": True}}}
    params = {**params, "arguments": other, "inputResponses": yes}
    body = send("tools/call", params, alice_key).json()["result"]
    assert body["resultType"] == "input_required"
    assert not Run.objects.exists()


def test_clients_without_questions_are_not_asked(film: Template, alice_key: str) -> None:
    assert ObedientAgent(alice_key).call("run_template", START)["structuredContent"]["run_id"]
    again = {**START, "idempotency_key": "take-2"}
    params = {"name": "run_template", "arguments": again}
    found = send("tools/call", params, alice_key, era=HANDSHAKE).json()["result"]
    assert found["structuredContent"]["run_id"]
