"""What people answer to a run that waits: every sort of question, every refusal, once each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts import ledger
from accounts.models import User
from core import errors
from media import signing
from runs.engine import open_questions
from runs.interaction import answers
from runs.log.changes import changing
from runs.models import Artifact, Run, Step, Wait
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import (
    events_of,
    start,
    start_template,
    statuses,
    take,
    work_off,
)
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api
from tests.support.waiting import WAIT_S

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
ASK = [
    {
        "id": "ask",
        "toolName": "ask_clarifying_question",
        "arguments": {"question": "Which season?", "reason": "It sets the light"},
    },
    {"id": "draw", "toolName": "note", "arguments": {"text": "x"}, "dependsOn": ["ask"]},
]


def stage(name: str, tool: str = "note", **more: Any) -> dict[str, Any]:
    known = {"id": name, "type": "fixed", "tool": tool, "produces": [name]}
    return {**known, "args": {"text": name}, **more}


LOOKS = stage("looks", args={"text": "look", "copies": 4})
PICK = {
    "id": "pick",
    "label": "Pick the looks",
    "type": "interactive",
    "produces": ["pick"],
    "select": {"from": "$artifacts.looks", "min": 2, "max": 3},
    "userMessage": "Which looks go into the film?",
}
TALK = {
    "id": "talk",
    "type": "interactive",
    "produces": ["talk"],
    "systemPrompt": "Be brief",
    "userMessage": "What is it about?",
}


def waiting(alice: User, *stages: dict[str, Any]) -> Run:
    """A run of these stages that asks its first question."""
    run = start_template(alice, make_public(alice, inputs=[], stages=list(stages)))
    work_off()
    run.refresh_from_db()
    assert run.status == "waiting_for_user", (statuses(run), run.error)
    return run


def asked(alice: User) -> Run:
    run = start(alice, ASK)
    work_off()
    run.refresh_from_db()
    assert (run.status, run.waiting_reason) == ("waiting_for_user", "ask_clarifying_question")
    return run


def give(api: ApiFactory, key: str, run: Run, **resume_input: Any) -> Any:
    answer = api(key).post(f"{PATH}/{run.public_id}/resume", {"resume_input": resume_input})
    run.refresh_from_db()
    return answer


def made(run: Run, step: str) -> list[str]:
    rows = Artifact.objects.filter(run=run, step__key=step).order_by("position")
    current = [row for row in rows.select_related("step") if row.generation == row.step.generation]
    return [row.blob_id for row in current]


def test_an_answer_becomes_the_steps_result_and_the_run_goes_on(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = asked(alice)
    for spelling in ("resume_input", "resumeInput", "answer"):
        assert api(alice_key).post(f"{PATH}/{run.public_id}/resume").json()["data"] is not None
        body = {spelling: {"type": "answer", "stepId": "ask", "text": "  Winter  "}}
        answer = api(alice_key).post(f"{PATH}/{run.public_id}/resume", body)
        assert answer.status_code == 202
        # The same answer once more is harmless, in whichever spelling.
        assert answer.json()["data"]["resumed"] is (spelling == "resume_input")
    shown = answer.json()["data"]["workflow"]
    assert shown["status"] == "running"
    assert "waitingReason" not in shown
    [step, _] = shown["steps"]
    assert (step["status"], step["result"]["answer"]) == ("completed", "Winter")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    log = events_of(run)
    assert log.count("workflow_resumed") == log.count("workflow_waiting_for_user") == 1
    wait = Wait.objects.get(run=run)
    assert (wait.answered_by, wait.answer) == (alice, {"type": "answer", "text": "Winter"})
    assert ledger.balance(alice) == -run.actual_milli


def test_a_resume_without_an_answer_leaves_it_waiting(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = asked(alice)
    before = events_of(run)
    for body in (b"", {}, {"resume_input": None}):
        answer = api(alice_key).post(f"{PATH}/{run.public_id}/resume", body)
        assert (answer.status_code, answer.json()["data"]["resumed"]) == (202, False)
        assert answer.json()["data"]["workflow"]["status"] == "waiting_for_user"
    assert events_of(run) == before


def test_another_answer_is_refused_once_one_counts(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = asked(alice)
    assert give(api, alice_key, run, type="answer", text="Winter").status_code == 202
    late = give(api, alice_key, run, type="answer", text="Summer")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "workflow.answered")
    assert Step.objects.get(run=run, key="ask").result["answer"] == "Winter"


def test_of_two_answers_at_once_one_counts(alice: User) -> None:
    run = asked(alice)
    begin = threading.Barrier(2)
    outcomes: list[Any] = []

    def say(text: str) -> None:
        mine = Run.objects.get(pk=run.pk)
        begin.wait(WAIT_S)
        try:
            given = {"type": "answer", "text": text}
            outcomes.append(answers.answer(run=mine, actor=alice, resume_input=given))
        except errors.Conflict as refused:
            outcomes.append(refused.code)
        connection.close()

    threads = [threading.Thread(target=say, args=(text,)) for text in ("Winter", "Summer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert sorted(outcomes, key=str) == [True, "workflow.answered"]
    assert events_of(run).count("workflow_resumed") == 1


@pytest.mark.parametrize(
    ("given", "status", "says"),
    [
        ({}, 400, "resume_input.type"),
        ({"type": "shrug"}, 400, "resume_input.type"),
        ({"type": "lock_item", "itemId": "1"}, 404, "itemId"),
        ({"type": "select_version", "itemId": "1"}, 400, "versionId"),
        ({"type": "jump_to_stage", "stageId": "x"}, 404, "no stage 'x'"),
        ({"type": "answer"}, 400, "text"),
        ({"type": "answer", "text": " "}, 400, "text"),
        ({"type": "answer", "text": 7}, 400, "text"),
        ({"type": "answer", "text": "x", "stepId": "no_one"}, 404, "no_one"),
        ({"type": "answer", "text": "x", "stepId": "draw"}, 409, "draw"),
        ({"type": "approve_checkpoint"}, 409, "approve_checkpoint"),
        ({"type": "select_media", "indices": [0]}, 409, "select_media"),
        ({"type": "redo_stage", "stageId": "draw"}, 409, "redo_stage"),
    ],
)
def test_what_does_not_answer_the_question_is_refused(
    api: ApiFactory, alice: User, alice_key: str, given: Any, status: int, says: str
) -> None:
    run = asked(alice)
    before = events_of(run)
    answer = give(api, alice_key, run, **given)
    assert answer.status_code == status, answer.content
    assert says in answer.json()["message"]
    assert (run.status, events_of(run)) == ("waiting_for_user", before)


def test_chosen_media_become_the_stages_own_in_the_order_chosen(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = waiting(
        alice, LOOKS, PICK, stage("film", args={"source_image_url": "$artifacts.pick.items[1]"})
    )
    assert run.waiting_reason == "select_media_required"
    candidates = made(run, "looks")
    for wrong in ([], [0], [0, 1, 2, 3], [0, 4], [-1, 0], [1, 1], [True, 0], "0"):
        answer = give(api, alice_key, run, type="select_media", stepId="pick", indices=wrong)
        assert answer.status_code == 400, wrong
        assert "indices" in answer.json()["message"]
    few = give(api, alice_key, run, type="select_media", indices=[1])
    assert "at least 2 and at most 3" in few.json()["message"]
    assert give(api, alice_key, run, type="select_media").status_code == 400
    ids = [row.public_id for row in Artifact.objects.filter(run=run).order_by("position")]
    both = give(api, alice_key, run, type="select_media", indices=[0, 1], artifactIds=ids[:2])
    assert both.status_code == 400
    strange = give(api, alice_key, run, type="select_media", artifactIds=[ids[0], "art_1"])
    assert "art_1" in strange.json()["message"]

    chosen = give(
        api, alice_key, run, type="select_media", stageId="pick", artifactIds=[ids[2], ids[0]]
    )
    assert chosen.json()["data"]["resumed"] is True
    assert made(run, "pick") == [candidates[2], candidates[0]]
    same = give(api, alice_key, run, type="select_media", indices=[2, 0])
    assert same.json()["data"]["resumed"] is False
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    film = Artifact.objects.get(run=run, step__key="film")
    assert film.meta["saw"] == [candidates[0]]


def test_an_interactive_stage_takes_words_and_media_of_this_server(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = waiting(alice, TALK, stage("film", args={"source_image_url": "$artifacts.talk"}))
    assert run.waiting_reason == "workflow_user_input_required"
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename="tide.jpg")
    url = "http://testserver" + signing.signed_path(upload.public_id, "tide.jpg")
    given = {"type": "interactive_complete", "stageId": "talk", "result": "A lighthouse"}
    for value, says in (
        ("https://example.org/a.png", "Upload the file first"),
        ({"name": "x"}, "must be an artifact with a url"),
        (url[:-2] + "zz", "expired or altered"),
    ):
        refused = give(api, alice_key, run, **given, producedArtifacts={"look": value})
        assert refused.status_code == 400
        assert says in refused.json()["message"]
    media = {"look": {"url": url, "type": "image"}}
    taken = give(api, alice_key, run, **given, producedArtifacts=media)
    assert taken.json()["data"]["resumed"] is True
    step = taken.json()["data"]["workflow"]["steps"][0]
    assert step["result"]["answer"] == "A lighthouse"
    assert made(run, "talk") == [upload.blob_id]
    again = give(api, alice_key, run, **given, producedArtifacts=media)
    assert again.json()["data"]["resumed"] is False
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error


def test_a_checkpoint_is_approved_after_its_stage_was_made_again_in_other_words(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = waiting(alice, stage("look", checkpointRequired=True), stage("film"))
    first = made(run, "look")
    assert statuses(run)["film"] == "pending"
    unknown = give(api, alice_key, run, type="redo_stage", stageId="no_one")
    assert unknown.status_code == 404
    bad = give(api, alice_key, run, type="redo_stage", stageId="look", overrideArgs={"copies": 9})
    assert bad.status_code == 422
    assert "overrideArgs.copies" in bad.json()["message"]
    assert run.status == "waiting_for_user"

    redone = give(
        api, alice_key, run, type="redo_stage", stageId="look", overrideArgs={"text": "bluer"}
    )
    assert redone.json()["data"]["resumed"] is True
    work_off()
    run.refresh_from_db()
    assert run.status == "waiting_for_user"
    assert made(run, "look") != first
    look = Step.objects.get(run=run, key="look")
    assert (look.arguments["text"], look.generation) == ("bluer", 2)

    assert give(api, alice_key, run, type="approve_checkpoint").json()["data"]["resumed"] is True
    assert give(api, alice_key, run, type="approve_checkpoint").json()["data"]["resumed"] is False
    work_off()
    run.refresh_from_db()
    assert run.status == "completed"
    assert ledger.balance(alice) == -run.actual_milli


def test_one_item_of_a_batch_is_made_again(api: ApiFactory, alice: User, alice_key: str) -> None:
    batch = {
        "id": "shots",
        "type": "batch",
        "overBinding": "$artifacts.looks.items",
        "itemName": "look",
        "produces": ["shots"],
        "itemStage": {"tool": "note", "args": {"source_image_url": "$item"}},
        "checkpointRequired": True,
    }
    run = waiting(alice, LOOKS, batch)
    before = [made(run, f"shots_{place}") for place in range(4)]
    missing = give(api, alice_key, run, type="redo_item", artifactName="shots", itemId="9")
    assert missing.status_code == 404
    redone = give(api, alice_key, run, type="redo_item", artifactName="shots", itemId="shots_2")
    assert redone.status_code == 202, redone.content
    work_off()
    run.refresh_from_db()
    after = [made(run, f"shots_{place}") for place in range(4)]
    assert [old != new for old, new in zip(before, after, strict=True)] == [
        False,
        False,
        True,
        False,
    ]
    assert run.status == "waiting_for_user"
    give(api, alice_key, run, type="approve_checkpoint", stageId="shots")
    assert run.status == "completed"


@pytest.mark.parametrize("reason", ["safety_review_required", "permission_required", "other"])
@pytest.mark.parametrize("approves", [True, False])
def test_what_a_provider_holds_is_approved_or_rejected(
    api: ApiFactory, alice: User, alice_key: str, reason: str, approves: bool
) -> None:
    run = start(alice, [{"id": "a", "toolName": "note"}])
    take(run)
    with changing(run.id) as change:
        step = Step.objects.get(run=run)
        open_questions.open_wait(change, step, reason, {"message": "A face is seen", "details": {}})
        open_questions.pause_if_idle(change)
    given = {"type": "approve_checkpoint" if approves else "reject", "stepId": "a"}
    assert give(api, alice_key, run, **given).json()["data"]["resumed"] is True
    work_off()
    run.refresh_from_db()
    assert run.status == ("completed" if approves else "failed")
    if approves:
        assert Step.objects.get(run=run).generation == 1
    else:
        assert give(api, alice_key, run, **given).json()["data"]["resumed"] is False


def test_a_question_can_be_answered_by_giving_up(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = asked(alice)
    assert give(api, alice_key, run, type="cancel").json()["data"]["resumed"] is True
    assert run.status == "cancelled"
    assert give(api, alice_key, run, type="cancel").json()["data"]["resumed"] is False
    late = give(api, alice_key, run, type="answer", text="Winter")
    assert late.status_code == 409


def test_of_two_questions_an_answer_must_say_which(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    two = [{**ASK[0], "id": name} for name in ("one", "two")]
    run = start(alice, two)
    work_off()
    vague = give(api, alice_key, run, type="answer", text="x")
    assert vague.status_code == 400
    assert "one, two" in vague.json()["message"]
    assert give(api, alice_key, run, type="answer", stepId="two", text="x").status_code == 202
    assert run.status == "waiting_for_user"
    assert give(api, alice_key, run, type="answer", text="y").status_code == 202
    assert run.status == "completed"
    assert [s.result["answer"] for s in run.steps.order_by("sequence")] == ["y", "x"]


def test_a_cost_decision_is_made_elsewhere(api: ApiFactory, alice: User, alice_key: str) -> None:
    body = {"input": {"steps": [{"toolName": "note"}]}, "confirm_cost": False}
    run_id = api(alice_key).post(PATH, body).json()["data"]["workflow"]["id"]
    answer = api(alice_key).post(f"{PATH}/{run_id}/resume")
    assert answer.status_code == 409
    assert "confirm-cost" in answer.json()["message"]


def test_outsiders_cannot_answer(api: ApiFactory, alice: User, bob_key: str) -> None:
    run = asked(alice)
    assert give(api, bob_key, run, type="answer", text="x").status_code == 404
    assert run.status == "waiting_for_user"
