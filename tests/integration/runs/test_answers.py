"""What people answer to a run that waits: every sort of question, every refusal, once each."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from accounts import ledger
from accounts.models import User
from core import errors
from media import signing
from runs.interaction import answers
from runs.models import Artifact, Run, Step, Wait
from tests.support.at_once import at_once
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import (
    events_of,
    start,
    start_template,
    status_after_work,
    statuses,
    work_off,
)
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
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
    assert status_after_work(run) == "waiting_for_user", (statuses(run), run.error)
    return run


def asked(alice: User) -> Run:
    run = start(alice, ASK)
    assert (status_after_work(run), run.waiting_reason) == (
        "waiting_for_user",
        "ask_clarifying_question",
    )
    return run


def give(mine: Api, run: Run, **resume_input: Any) -> Any:
    answer = mine.post(f"{PATH}/{run.public_id}/resume", {"resume_input": resume_input})
    run.refresh_from_db()
    return answer


def made(run: Run, step: str) -> list[str]:
    rows = Artifact.objects.filter(run=run, step__key=step).order_by("position")
    current = [row for row in rows.select_related("step") if row.generation == row.step.generation]
    return [row.blob_id for row in current]


def test_an_answer_becomes_the_steps_result_and_the_run_goes_on(mine: Api, alice: User) -> None:
    run = asked(alice)
    for spelling in ("resume_input", "resumeInput", "answer"):
        assert mine.post(f"{PATH}/{run.public_id}/resume").json()["data"] is not None
        body = {spelling: {"type": "answer", "stepId": "ask", "text": "  Winter  "}}
        answer = mine.post(f"{PATH}/{run.public_id}/resume", body)
        assert answer.status_code == 202
        # The same answer once more is harmless, in whichever spelling.
        assert answer.json()["data"]["resumed"] is (spelling == "resume_input")
    shown = answer.json()["data"]["workflow"]
    assert shown["status"] == "running"
    assert "waitingReason" not in shown
    [step, _] = shown["steps"]
    assert (step["status"], step["result"]["answer"]) == ("completed", "Winter")
    assert status_after_work(run) == "completed"
    log = events_of(run)
    assert log.count("workflow_resumed") == log.count("workflow_waiting_for_user") == 1
    wait = Wait.objects.get(run=run)
    assert (wait.answered_by, wait.answer) == (alice, {"type": "answer", "text": "Winter"})
    assert ledger.balance(alice) == -run.actual_milli


def test_another_answer_is_refused_once_one_counts(mine: Api, alice: User) -> None:
    run = asked(alice)
    assert give(mine, run, type="answer", text="Winter").status_code == 202
    late = give(mine, run, type="answer", text="Summer")
    assert (late.status_code, late.json()["error"]["code"]) == (409, "workflow.answered")
    assert Step.objects.get(run=run, key="ask").result["answer"] == "Winter"


def test_of_two_answers_at_once_one_counts(alice: User) -> None:
    run = asked(alice)
    both = [Run.objects.get(pk=run.pk) for _ in range(2)]

    def say(text: str) -> Any:
        given = {"type": "answer", "text": text}
        return answers.answer(run=both.pop(), actor=alice, resume_input=given)

    outcomes = at_once(
        [partial(say, text) for text in ("Winter", "Summer")], refusals=(errors.Conflict,)
    )
    codes = sorted((getattr(one, "code", one) for one in outcomes), key=str)
    assert codes == [True, "workflow.answered"]
    assert events_of(run).count("workflow_resumed") == 1


def test_what_does_not_answer_the_question_is_refused(mine: Api, alice: User) -> None:
    run = asked(alice)
    before = events_of(run)
    given: Any
    for given, status, says in (
        ({"type": "shrug"}, 400, "resume_input.type"),
        ({"type": "answer"}, 400, "text"),
        ({"type": "answer", "text": " "}, 400, "text"),
        ({"type": "answer", "text": "x", "stepId": "no_one"}, 404, "no_one"),
        ({"type": "answer", "text": "x", "stepId": "draw"}, 409, "draw"),
        ({"type": "approve_checkpoint"}, 409, "approve_checkpoint"),
        ({"type": "select_media", "indices": [0]}, 409, "select_media"),
        ({"type": "redo_stage", "stageId": "draw"}, 409, "redo_stage"),
    ):
        answer = give(mine, run, **given)
        assert (answer.status_code, says in answer.json()["message"]) == (status, True), given
    assert (run.status, events_of(run)) == ("waiting_for_user", before)


def test_chosen_media_become_the_stages_own_in_the_order_chosen(mine: Api, alice: User) -> None:
    run = waiting(
        alice, LOOKS, PICK, stage("film", args={"source_image_url": "$artifacts.pick.items[1]"})
    )
    assert run.waiting_reason == "select_media_required"
    candidates = made(run, "looks")
    for wrong in ([], [0], [0, 1, 2, 3], [0, 4], [-1, 0], [1, 1], [True, 0], "0"):
        answer = give(mine, run, type="select_media", stepId="pick", indices=wrong)
        assert answer.status_code == 400, wrong
        assert "indices" in answer.json()["message"]
    few = give(mine, run, type="select_media", indices=[1])
    assert "at least 2 and at most 3" in few.json()["message"]
    assert give(mine, run, type="select_media").status_code == 400
    ids = [row.public_id for row in Artifact.objects.filter(run=run).order_by("position")]
    both = give(mine, run, type="select_media", indices=[0, 1], artifactIds=ids[:2])
    assert both.status_code == 400
    strange = give(mine, run, type="select_media", artifactIds=[ids[0], "art_1"])
    assert "art_1" in strange.json()["message"]

    chosen = give(mine, run, type="select_media", stageId="pick", artifactIds=[ids[2], ids[0]])
    assert chosen.json()["data"]["resumed"] is True
    assert made(run, "pick") == [candidates[2], candidates[0]]
    same = give(mine, run, type="select_media", indices=[2, 0])
    assert same.json()["data"]["resumed"] is False
    assert status_after_work(run) == "completed", run.error
    film = Artifact.objects.get(run=run, step__key="film")
    assert film.meta["saw"] == [candidates[0]]


def test_an_interactive_stage_takes_words_and_media_of_this_server(mine: Api, alice: User) -> None:
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
        refused = give(mine, run, **given, producedArtifacts={"look": value})
        assert refused.status_code == 400
        assert says in refused.json()["message"]
    media = {"look": {"url": url, "type": "image"}}
    taken = give(mine, run, **given, producedArtifacts=media)
    assert taken.json()["data"]["resumed"] is True
    step = taken.json()["data"]["workflow"]["steps"][0]
    assert step["result"]["answer"] == "A lighthouse"
    assert made(run, "talk") == [upload.blob_id]
    again = give(mine, run, **given, producedArtifacts=media)
    assert again.json()["data"]["resumed"] is False
    assert status_after_work(run) == "completed", run.error


def test_a_checkpoint_is_approved_after_its_stage_was_made_again_in_other_words(
    mine: Api, alice: User
) -> None:
    film = stage("film", args={"source_image_url": "$artifacts.look"})
    run = waiting(alice, stage("look", checkpointRequired=True), film)
    first, seed = made(run, "look"), run.steps.get(key="look").seed
    assert statuses(run)["film"] == "pending"
    unknown = give(mine, run, type="redo_stage", stageId="no_one")
    assert unknown.status_code == 404
    for override, says in (
        ({"copies": 9}, "overrideArgs.copies"),
        ({"sourceImageIndex": 0}, "names media"),
    ):
        bad = give(mine, run, type="redo_stage", stageId="look", overrideArgs=override)
        assert (bad.status_code, says in bad.json()["message"]) == (422, True)
    assert run.status == "waiting_for_user"

    redone = give(mine, run, type="redo_stage", stageId="look", overrideArgs={"text": "bluer"})
    assert redone.json()["data"]["resumed"] is True
    assert status_after_work(run) == "waiting_for_user"
    second = made(run, "look")
    assert second != first
    look = Step.objects.get(run=run, key="look")
    assert (look.arguments["text"], look.generation, look.seed == seed) == ("bluer", 2, False)

    assert give(mine, run, type="approve_checkpoint").json()["data"]["resumed"] is True
    assert give(mine, run, type="approve_checkpoint").json()["data"]["resumed"] is False
    assert status_after_work(run) == "completed"
    assert Artifact.objects.get(run=run, step__key="film").meta["saw"] == second
    assert ledger.balance(alice) == -run.actual_milli
    keys = {entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")}
    assert keys == {f"{run.public_id}:{end}" for end in ("look:1", "look:2", "film:1")}


def test_nothing_is_made_again_above_the_ceiling(mine: Api, alice: User) -> None:
    run = waiting(alice, stage("look", checkpointRequired=True))
    Run.objects.update(ceiling_milli=1_500)
    dear = give(mine, run, type="redo_stage", stageId="look")
    assert (dear.status_code, "exceed" in dear.json()["message"]) == (409, True)
    assert run.status == "waiting_for_user"


@pytest.mark.parametrize(
    ("reason", "approves"), [("safety_review_required", True), ("permission_required", False)]
)
def test_what_a_provider_holds_is_approved_or_rejected(
    mine: Api, alice: User, reason: str, approves: bool
) -> None:
    run = start(alice, [{"id": "a", "toolName": "held", "arguments": {"reason": reason}}])
    assert (status_after_work(run), run.waiting_reason) == ("waiting_for_user", reason)
    wait = mine.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"]["waiting"]
    assert wait["message"] == "Someone must look at this first."
    assert wait["details"]["score"] == 0.7
    given = {"type": "approve_checkpoint" if approves else "reject", "stepId": "a"}
    assert give(mine, run, **given).json()["data"]["resumed"] is True
    assert status_after_work(run) == ("completed" if approves else "failed")
    # It is the same request to its provider.
    keys = [entry["key"] for entry in tools.asked() if run.public_id in entry.get("key", "")]
    assert keys == [f"{run.public_id}:a:1"] * (1 + approves)
    if not approves:
        assert run.error is not None
        assert run.error["message"] == "This stage was declined."
        assert give(mine, run, **given).json()["data"]["resumed"] is False


def test_a_question_can_be_answered_by_giving_up(mine: Api, alice: User) -> None:
    run = asked(alice)
    assert give(mine, run, type="cancel").json()["data"]["resumed"] is True
    assert run.status == "cancelled"
    assert give(mine, run, type="cancel").json()["data"]["resumed"] is False
    late = give(mine, run, type="answer", text="Winter")
    assert late.status_code == 409


def test_of_two_questions_an_answer_must_say_which(mine: Api, alice: User) -> None:
    two = [{**ASK[0], "id": name} for name in ("one", "two")]
    run = start(alice, two)
    work_off()
    vague = give(mine, run, type="answer", text="x")
    assert vague.status_code == 400
    assert "one, two" in vague.json()["message"]
    assert give(mine, run, type="answer", stepId="two", text="x").status_code == 202
    assert run.status == "waiting_for_user"
    resumed = ["workflow_resumed", "step_completed", "workflow_waiting_for_user"]
    assert events_of(run)[-3:] == resumed
    assert give(mine, run, type="answer", text="y").status_code == 202
    assert run.status == "completed"
    assert [s.result["answer"] for s in run.steps.order_by("sequence")] == ["y", "x"]
