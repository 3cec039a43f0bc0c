"""Items of a run, as answers name them: made again, kept, and put back to an earlier version."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact, Run, Step
from tests.support.builders.running import start_template, status_after_work, statuses, work_off
from tests.support.builders.stage_bodies import batch_stage
from tests.support.builders.templates import make_public
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
LOOKS = batch_stage(
    "looks",
    "$inputs.colors",
    "note",
    {"text": "$item.value"},
    produces=["palette"],
    checkpointRequired=True,
)
FILM = {
    "id": "film",
    "type": "fixed",
    "tool": "note",
    "produces": ["film"],
    "args": {"text": "film", "source_image_url": "$artifacts.palette.items[1].selectedVersion.url"},
}
COLORS = {
    "name": "colors",
    "type": "text",
    "multiple": {"min": 1, "max": 9},
    "default": ["red", "green", "blue"],
}


def waiting(alice: User, *stages: dict[str, Any], **inputs: Any) -> Run:
    """A run of these stages that waits at its first checkpoint."""
    run = start_template(alice, make_public(alice, inputs=[COLORS], stages=list(stages)), **inputs)
    assert status_after_work(run) == "waiting_for_user", (statuses(run), run.error)
    return run


def give(api: Api, run: Run, kind: str, **resume_input: Any) -> Any:
    body = {"resume_input": {"type": kind, **resume_input}}
    answer = api.post(f"{PATH}/{run.public_id}/resume", body)
    work_off()
    run.refresh_from_db()
    return answer


def made(run: Run, *steps: str) -> list[str]:
    """Ids of what these steps made last."""
    rows = Artifact.objects.filter(run=run, step__key__in=steps).select_related("step")
    current = [row for row in rows if row.generation == row.step.generation]
    current.sort(key=lambda row: (row.step.sequence, row.step.item_index, row.position))
    return [row.public_id for row in current]


def test_an_item_is_named_by_its_stage_and_place(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    for name in ("looks/1", "looks_1", "1", made(run, "looks_1")[0]):
        before = made(run, "looks_0", "looks_1", "looks_2")
        answer = give(mine, run, "redo_item", artifactName="palette", itemId=name)
        assert answer.status_code == 202, answer.content
        after = made(run, "looks_0", "looks_1", "looks_2")
        assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    for wrong in ("looks/9", "looks/", "/1", "looks/1/1", "looks/one", "other/0"):
        refused = give(mine, run, "redo_item", itemId=wrong)
        assert (refused.status_code, wrong in refused.json()["message"]) == (404, True)
    early = give(mine, run, "redo_item", itemId="film/main")
    assert (early.status_code, "film" in early.json()["message"]) == (409, True)
    unknown = give(mine, run, "redo_item", artifactName="sketches", itemId="1")
    assert (unknown.status_code, "sketches" in unknown.json()["message"]) == (404, True)


def test_of_two_checkpoints_an_item_says_which(mine: Api, alice: User) -> None:
    other = {**LOOKS, "id": "moods", "produces": ["moods"]}
    run = waiting(alice, LOOKS, other)
    vague = give(mine, run, "redo_item", itemId="1")
    assert vague.status_code == 400
    before = made(run, "moods_1")
    assert give(mine, run, "redo_item", itemId="moods/1").status_code == 202
    assert made(run, "moods_1") != before
    before = made(run, "looks_1")
    named = give(mine, run, "redo_item", artifactName="palette", itemId="1")
    assert named.status_code == 202
    assert made(run, "looks_1") != before


def test_what_a_fixed_stage_made_is_its_main_item(mine: Api, alice: User) -> None:
    look = {**FILM, "args": {"text": "look", "copies": 2}, "checkpointRequired": True}
    run = waiting(alice, look)
    for name in ("film/main", "film/1", "film", "0"):
        before = made(run, "film")
        assert give(mine, run, "redo_item", itemId=name).status_code == 202, name
        assert Step.objects.get(run=run, key="film").status == "completed"
        assert set(before).isdisjoint(made(run, "film"))
    assert give(mine, run, "redo_item", itemId="film/7").status_code == 404


def shown(api: Api, run: Run) -> dict[str, Any]:
    return dict(api.get(f"{PATH}/{run.public_id}").json()["data"]["workflow"])


def of_step(api: Api, run: Run, key: str) -> dict[str, Any]:
    return next(step for step in shown(api, run)["steps"] if step["id"] == key)


def logged(api: Api, run: Run, name: str) -> list[dict[str, Any]]:
    events = api.get(f"{PATH}/{run.public_id}/events").json()["data"]["events"]
    return [event for event in events if event["event"] == name]


def test_a_locked_item_stays_when_its_stage_is_made_again(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    locking = {"artifactName": "palette", "itemId": "looks/1"}
    answer = give(mine, run, "lock_item", **locking, locked=True)
    assert (answer.status_code, answer.json()["data"]["resumed"]) == (202, True)
    assert run.status == "waiting_for_user"
    assert of_step(mine, run, "looks_1")["locked"] is True
    assert "locked" not in of_step(mine, run, "looks_0")
    again = give(mine, run, "lock_item", **locking, locked=True)
    assert again.json()["data"]["resumed"] is False
    [event] = logged(mine, run, "item_locked")
    assert (event["stepId"], event["status"]) == ("looks_1", "waiting_for_user")
    assert event["data"]["locked"] is True

    before, spent = made(run, "looks_0", "looks_1", "looks_2"), run.actual_milli
    give(mine, run, "redo_stage", stageId="looks", overrideArgs={"text": "x"})
    after = made(run, "looks_0", "looks_1", "looks_2")
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, True, False]
    assert run.actual_milli - spent == 2 * Step.objects.get(run=run, key="looks_0").estimated_milli
    refused = give(mine, run, "redo_item", itemId="looks/1")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "workflow.item_locked")

    give(mine, run, "lock_item", **locking, locked=False)
    assert "locked" not in of_step(mine, run, "looks_1")
    assert [one["data"]["locked"] for one in logged(mine, run, "item_locked")] == [True, False]
    assert give(mine, run, "redo_item", itemId="looks/1").status_code == 202
    assert made(run, "looks_1") != [before[1]]
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed", run.error


def test_a_stage_of_which_all_is_locked_is_not_made_again(mine: Api, alice: User) -> None:
    run = waiting(alice, {**FILM, "args": {"text": "x"}, "checkpointRequired": True})
    assert give(mine, run, "lock_item", itemId="film/main").status_code == 202
    for kind in ({"type": "redo_stage"}, {"type": "redo_item", "itemId": "film/main"}):
        refused = give(mine, run, kind["type"], **{k: v for k, v in kind.items() if k != "type"})
        assert refused.status_code == 409
        assert "Unlock" in refused.json()["message"]
    assert run.status == "waiting_for_user"


def test_what_is_no_item_cannot_be_locked(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    given: dict[str, Any]
    for given, status, says in (
        ({}, 400, "itemId"),
        ({"itemId": "looks/1", "locked": "perhaps"}, 400, "locked"),
        ({"itemId": "1"}, 404, "itemId"),
        ({"itemId": "film/main"}, 409, "film"),
    ):
        refused = give(mine, run, "lock_item", **given)
        assert (refused.status_code, says in refused.json()["message"]) == (status, True), given
    assert not logged(mine, run, "item_locked")


def test_in_a_run_that_is_over_nothing_is_locked(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed"
    late = give(mine, run, "lock_item", itemId="looks/1")
    assert (late.status_code, "completed" in late.json()["message"]) == (409, True)


def saw(run: Run) -> list[str]:
    film = Step.objects.get(run=run, key="film")
    return list(Artifact.objects.get(step=film, generation=film.generation).meta["saw"])


def bytes_of(artifact: str) -> str:
    return Artifact.objects.get(public_id=artifact).blob_id


def test_what_follows_uses_the_version_that_was_chosen(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    [first] = made(run, "looks_1")
    assert "versions" not in of_step(mine, run, "looks_1")
    give(mine, run, "redo_item", itemId="looks/1", overrideArgs={"text": "teal"})
    [second] = made(run, "looks_1")
    step = of_step(mine, run, "looks_1")
    assert [version["id"] for version in step["versions"]] == ["v1", "v2"]
    assert [[a["id"] for a in version["artifacts"]] for version in step["versions"]] == [
        [first],
        [second],
    ]
    assert step["selectedVersionId"] == "v2"
    spent, asked = run.actual_milli, shown(mine, run)["waiting"]["waitId"]

    chosen = {"artifactName": "palette", "itemId": "looks/1", "versionId": "v1"}
    answer = give(mine, run, "select_version", **chosen)
    assert (answer.status_code, answer.json()["data"]["resumed"]) == (202, True), answer.content
    assert made(run, "looks_1") == [first]
    step = of_step(mine, run, "looks_1")
    assert (step["selectedVersionId"], len(step["versions"])) == ("v1", 2)
    assert step["result"]["params"]["text"] == "green"
    # The checkpoint asks about what counts now.
    waiting_for = shown(mine, run)["waiting"]
    assert waiting_for["waitId"] != asked
    assert first in [one["id"] for one in waiting_for["details"]["candidates"]]
    [event] = logged(mine, run, "item_version_selected")
    assert (event["stepId"], event["data"]["version"]) == ("looks_1", "v1")
    assert "replaced" not in event["data"]
    assert give(mine, run, "select_version", **chosen).json()["data"]["resumed"] is False

    # There and back, by a file of it, and made again in between: no version is lost.
    give(mine, run, "select_version", itemId="looks/1", versionId=second)
    assert made(run, "looks_1") == [second]
    give(mine, run, "redo_item", itemId="looks/1")
    step = of_step(mine, run, "looks_1")
    assert [v["id"] for v in step["versions"]] == ["v1", "v2", step["selectedVersionId"]]
    spent += Step.objects.get(run=run, key="looks_1").estimated_milli
    give(mine, run, "select_version", itemId="looks/1", versionId="v1")
    assert run.actual_milli == spent
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed", run.error
    assert saw(run) == [bytes_of(first)]


def test_a_text_has_versions_too(mine: Api, alice: User) -> None:
    words = {
        "id": "words",
        "type": "fixed",
        "tool": "say",
        "produces": ["words"],
        "args": {"values": {"text": "calm sea"}},
        "checkpointRequired": True,
    }
    film = {**FILM, "args": {"text": "$artifacts.words.content"}}
    run = waiting(alice, words, film)
    give(mine, run, "redo_stage", overrideArgs={"values": {"text": "storm"}})
    versions = of_step(mine, run, "words")["versions"]
    assert [(v["id"], v["content"]) for v in versions] == [("v1", "calm sea"), ("v2", "storm")]
    give(mine, run, "select_version", artifactName="words", itemId="words/main", versionId="v1")
    give(mine, run, "approve_checkpoint")
    assert run.status == "completed", run.error
    assert of_step(mine, run, "film")["resolvedArguments"]["text"] == "calm sea"


def test_what_is_no_version_cannot_be_chosen(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    give(mine, run, "redo_item", itemId="looks/1")
    give(mine, run, "redo_item", itemId="looks/2")
    give(mine, run, "lock_item", itemId="looks/2")
    before = made(run, "looks_0", "looks_1", "looks_2")
    for given, status, says in (
        ({"itemId": "looks/1"}, 400, "versionId"),
        ({"itemId": "looks/1", "versionId": "v9"}, 404, "v1, v2"),
        ({"itemId": "film/main", "versionId": "v1"}, 409, "isn't made yet"),
        ({"itemId": "looks/2", "versionId": "v1"}, 409, "locked"),
    ):
        refused = give(mine, run, "select_version", **given)
        assert (refused.status_code, says in refused.json()["message"]) == (status, True), given
    assert made(run, "looks_0", "looks_1", "looks_2") == before


def test_a_version_in_use_is_not_taken_away(mine: Api, alice: User) -> None:
    run = waiting(alice, LOOKS, FILM)
    give(mine, run, "redo_item", itemId="looks/1")
    body = {"resume_input": {"type": "approve_checkpoint"}}
    mine.post(f"{PATH}/{run.public_id}/resume", body)
    assert statuses(run)["film"] == "ready"
    body["resume_input"] = {"type": "select_version", "itemId": "looks/1", "versionId": "v1"}
    refused = mine.post(f"{PATH}/{run.public_id}/resume", body)
    assert (refused.status_code, "film" in refused.json()["message"].lower()) == (409, True)
