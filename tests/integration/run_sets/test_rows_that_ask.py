"""Rows that ask the same are answered at once; each answer is its run's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from run_sets.models import RunSet
from runs.interaction import answers
from runs.models import Run, Wait
from templates_app.models import Template
from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, TALK, made_of, stage
from tests.support.builders.run_sets import work_through
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/run-sets"
WINTER = {"type": "answer", "text": "In winter"}


@pytest.fixture
def client(api: Callable[..., Api], alice_key: str) -> Api:
    return api(alice_key)


def asking(client: Api, template: Template, count: int) -> str:
    """Start a table run whose rows all ask; its address."""
    rows = [{"brief": f"Card {at}"} for at in range(count)]
    body = {"workflow_id": template.public_id, "rows": rows, "start": True}
    answer = client.post(URL, body)
    assert answer.status_code == 201, answer.content
    run_set_id = answer.json()["data"]["runSet"]["id"]
    work_through(run_set_id)
    return f"{URL}/{run_set_id}"


def asked(client: Api, path: str) -> list[dict[str, Any]]:
    questions: list[dict[str, Any]] = client.get(f"{path}/questions").json()["data"]["questions"]
    return questions


def told(client: Api, path: str, status: int = 200, **body: Any) -> Any:
    answer = client.post(f"{path}/answers", body)
    assert answer.status_code == status, answer.content
    return answer.json()["data" if status == 200 else "error"]


@pytest.mark.slow
def test_one_answer_reaches_all_rows_that_ask_the_same(client: Api, alice: User) -> None:
    card = stage("card", args={"text": "$artifacts.talk"}, checkpointRequired=True)
    path = asking(client, made_of(alice, TALK, card, inputs=[BRIEF]), 4)
    [question] = asked(client, path)
    assert (question["stepId"], question["kind"], question["rows"]) == (
        "talk",
        "stage",
        [0, 1, 2, 3],
    )
    assert question["message"] == TALK["userMessage"]

    # One has a different answer of its own; another one has this answer already, as after a kill.
    first = Run.objects.earliest("id")
    answers.answer(run=first, actor=alice, resume_input={"type": "answer", "text": "In summer"})
    assert told(client, path, stepId="talk", resume_input=WINTER, rows=[1])["answeredCount"] == 1
    outcome = told(client, path, stepId="talk", resume_input=WINTER, rows=[0, 1, 2, 9])
    assert outcome["answeredCount"] == 2
    assert [(one["position"], one["code"]) for one in outcome["failures"]] == [
        (0, "workflow.answered"),
        (9, "workflow.not_asked"),
    ]
    outcome = told(client, path, stepId="talk", resume_input=WINTER)
    assert (outcome["answeredCount"], outcome["failures"]) == (1, [])
    assert told(client, path, stepId="talk", resume_input=WINTER)["answeredCount"] == 0
    texts = [wait.answer["text"] for wait in Wait.objects.order_by("run_id")]
    assert texts == ["In summer", *["In winter"] * 3]

    work_through(path.rpartition("/")[2])
    [question] = asked(client, path)
    assert (question["kind"], question["answerTypes"]) == ("gate", ["approve_checkpoint"])
    approval = {"type": "approve_checkpoint"}
    outcome = told(client, path, stepId=question["stepId"], resume_input=approval)
    assert (outcome["answeredCount"], outcome["runSet"]["counts"]) == (4, {"completed": 4})
    assert asked(client, path) == []


def test_a_choice_among_a_runs_own_results_is_made_in_it(client: Api, alice: User) -> None:
    # Rows that ask leave room for others.
    path = asking(client, made_of(alice, LOOKS, PICK, inputs=[BRIEF]), 6)
    [question] = asked(client, path)
    assert (question["kind"], question["answerTypes"]) == ("selection", [])
    assert question["rows"] == [0, 1, 2, 3, 4, 5]
    choice = {"type": "select_media", "indices": [0]}
    for body, status, word in (
        ({"stepId": "pick", "resume_input": choice}, 400, "resume_input.type"),
        ({"stepId": "pick", "resume_input": {"type": "cancel"}}, 400, "resume_input.type"),
        ({"stepId": "pick", "resume_input": {"type": "answer"}}, 400, "text"),
        ({"stepId": "nowhere", "resume_input": WINTER}, 404, "nowhere"),
        ({"stepId": "pick", "resume_input": WINTER, "rows": []}, 400, "rows"),
        ({"resume_input": WINTER}, 400, "stepId"),
    ):
        assert word in told(client, path, status, **body)["message"], body
    outcome = told(client, path, stepId="pick", resume_input=WINTER)
    assert (outcome["answeredCount"], [one["code"] for one in outcome["failures"]]) == (
        0,
        ["workflow.not_asked"] * 6,
    )
    assert not Wait.objects.exclude(answered_at=None).exists()
    assert RunSet.objects.get().rows.filter(state="waiting").count() == 6
