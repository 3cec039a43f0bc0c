"""`/app/documents/<id>/runs` and friends: what the editor asks of runs."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Artifact, Run
from templates_app.models import Change, Collaborator
from tests.support.builders.drafts import note, reused
from tests.support.builders.running import start_template, work_off
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.editors import Editor

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [note("a", label="Script"), note("b", "b", "a", label="Shots")]


@pytest.fixture
def editor(alice: User) -> Editor:
    return Editor(alice, make_template(alice, stages=STAGES, inputs=[], name="Birds")).open()


def test_a_run_is_quoted_started_and_watched(editor: Editor) -> None:
    quoted = editor.quote()
    assert [(step["key"], step["will"], step["units"]) for step in quoted["steps"]] == [
        ("a", "run", 1),
        ("b", "run", 1),
    ]
    assert (quoted["units"], quoted["fullUnits"], quoted["reusedFrom"]) == (2, 2, None)
    assert (quoted["isComplete"], quoted["rev"]) == (True, 0)
    started = editor.post("runs", key="1").json()
    run = Run.objects.get(public_id=started["id"])
    state = editor.state(run)
    assert state["status"] == "queued"
    assert [step["status"] for step in state["steps"]] == ["ready", "pending"]
    assert state["documentRev"] == 0
    work_off()
    state = editor.state(run)
    assert (state["status"], state["units"], state["id"]) == ("completed", 2, run.public_id)
    run.refresh_from_db()
    assert state["lastSeq"] == run.last_seq
    [script, shots] = state["steps"]
    assert (script["key"], script["title"], script["tool"]) == ("a", "Script", "note")
    assert [attempt["outcome"] for attempt in shots["attempts"]] == ["done"]
    assert shots["attempts"][0]["startedAt"] <= shots["attempts"][0]["endedAt"]
    [picture] = shots["artifacts"]
    assert (picture["kind"], picture["filename"], picture["posterUrl"]) == (
        "image",
        "image-1.png",
        None,
    )
    assert picture["url"].startswith(f"http://testserver/media/{picture['id']}/")
    assert (shots["reusedFrom"], shots["error"]) == (None, None)


def test_seeds_are_written_into_the_document_by_who_ran_it(editor: Editor) -> None:
    answer = editor.post("runs", key="1").json()
    assert set(answer["seeds"]) == {"a", "b"}
    assert answer["rev"] == 1
    [row] = Change.objects.all()
    assert (row.label, row.actor) == ("Seeds", editor.person)
    assert editor.document.state["seeds"]["rows"] == {
        key: {"seed": seed} for key, seed in answer["seeds"].items()
    }
    assert editor.post("runs", key="2").json() == {
        **answer,
        "id": Run.objects.order_by("-id")[0].public_id,
    }
    assert Change.objects.count() == 1


def test_a_repeated_request_starts_and_writes_nothing_new(editor: Editor) -> None:
    first = editor.post("runs", key="1").json()
    editor.set("a", "args", "text", value="another")
    again = editor.post("runs", key="1").json()
    assert (again["id"], again["seeds"]) == (first["id"], first["seeds"])
    assert Run.objects.count() == 1
    assert Change.objects.count() == 2


def test_a_new_seed_for_one_stage_is_kept(editor: Editor) -> None:
    editor.run("1")
    before = editor.document.state["seeds"]["rows"]
    run = editor.run("2", fresh=["b"])
    after = editor.document.state["seeds"]["rows"]
    assert (before["a"], reused(run)) == (after["a"], {"a"})
    assert before["b"] != after["b"]
    assert reused(editor.run("3")) == {"a", "b"}


def test_values_belong_to_inputs_even_after_a_new_name(editor: Editor) -> None:
    declared = {"name": "say", "type": "text", "required": True}
    editor.edit(
        {"op": "put", "table": "inputs", "key": "say", "value": declared},
        {"op": "put", "table": "values", "key": "say", "value": {"value": "herons"}},
        {"op": "set", "table": "inputs", "key": "say", "path": ["name"], "value": "words"},
    )
    editor.set("a", "args", "text", value="$inputs.words")
    assert editor.quote()["isComplete"]
    assert editor.run("1").steps.get(key="a").arguments["text"] == "herons"


def test_what_is_missing_or_broken_is_said(editor: Editor) -> None:
    declared = {"name": "say", "type": "text", "required": True}
    editor.put("inputs", "say", declared)
    editor.set("a", "args", "text", value="$inputs.say")
    quoted = editor.quote()
    assert (quoted["isComplete"], len(quoted["steps"])) == (False, 2)
    refused = editor.post("runs", key="1")
    assert refused.status_code == 422
    assert refused.json()["error"]["message"] == "Fill in Say to run."
    [missing] = refused.json()["details"]["issues"]
    assert (missing["code"], missing["path"]) == ("missing_input", "inputs/say")
    editor.set("b", "tool", value="no_such_tool")
    quoted = editor.quote()
    assert quoted["steps"] == []
    assert [issue["code"] for issue in quoted["issues"]] == ["unknown_tool"]
    assert not Run.objects.exists()


def test_a_failed_stage_says_why(editor: Editor) -> None:
    editor.set("b", "tool", value="fail")
    editor.set("b", "args", value={"retryable": False})
    [_, failed] = editor.state(editor.run("1"))["steps"]
    assert failed["status"] == "failed"
    assert failed["error"]["message"] == "The test provider refuses."
    assert failed["error"]["retryable"] is False
    assert [attempt["outcome"] for attempt in failed["attempts"]] == ["error"]
    assert editor.quote()["steps"][1]["why"] == "Failed last time"


def test_runs_are_listed_newest_first_and_page_by_page(editor: Editor) -> None:
    mine = [editor.run("1"), start_template(editor.person, editor.template), editor.run("2")]
    shown = editor.client.get(editor.path("runs")).json()
    assert [run["id"] for run in shown["runs"]] == [run.public_id for run in mine[::-1]]
    assert shown["next"] is None
    assert (shown["runs"][0]["steps"], shown["runs"][0]["reused"]) == (2, 2)
    assert (shown["runs"][0]["units"], shown["runs"][2]["units"]) == (0, 2)
    opened = editor.client.get(f"/app/documents/{editor.template.public_id}").json()
    assert opened["latestRun"] == mine[2].public_id
    rest = editor.client.get(editor.path("runs"), {"before": mine[1].public_id}).json()
    assert [run["id"] for run in rest["runs"]] == [mine[0].public_id]
    assert editor.client.get(editor.path("runs"), {"before": "nothing"}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"to": 5},
        {"fresh": [1]},
        {"fresh": ["a"] * 1001},
        {"quality": "high"},
        {"key": ""},
    ],
)
def test_what_cannot_be_read_is_refused(editor: Editor, body: dict[str, Any]) -> None:
    answer = editor.post("runs", **{"key": "1", **body})
    assert answer.status_code == 400
    assert answer.json()["status"] == "error"
    assert not Run.objects.exists()


def test_an_artifact_becomes_a_preview_that_the_editor_writes(editor: Editor) -> None:
    run = editor.run("1")
    made = Artifact.objects.get(run=run, step__key="b")
    answer = editor.post("preview", artifact=made.public_id).json()
    reference = f"reelgraph:object/{made.public_id}/image-1.png"
    assert answer == {
        "reference": reference,
        "previewArtifact": {
            "stageId": "b",
            "label": "Shots",
            "mediaType": "image",
            "url": reference,
        },
    }
    previews = {"key": "template", "path": ["previewArtifacts"]}
    editor.edit({"op": "set", "table": "root", **previews, "value": [answer["previewArtifact"]]})
    opened = editor.client.get(f"/app/documents/{editor.template.public_id}").json()
    assert reference in opened["media"]
    editor.edit({"op": "remove", "table": "stages", "key": "b"})
    assert editor.post("preview", artifact=made.public_id).status_code == 422


def test_a_film_has_the_picture_it_was_made_from_as_its_poster(alice: User, settings: Any) -> None:
    settings.STUDIO = {**settings.STUDIO, "width": 64, "height": 36, "fps": 6}
    editor = Editor(alice, make_template(alice)).open()
    editor.put("values", "brief", {"value": "A lighthouse in the rain"})
    run = editor.run("1")
    [keyframe, clip] = editor.state(run)["steps"]
    [film] = [one for one in clip["artifacts"] if one["kind"] == "video"]
    assert (film["posterUrl"], film["duration"]) == (keyframe["artifacts"][0]["url"], 1.0)
    shown = editor.post("preview", artifact=film["id"]).json()["previewArtifact"]
    picture = keyframe["artifacts"][0]
    assert shown["posterUrl"] == f"reelgraph:object/{picture['id']}/{picture['filename']}"
    assert shown["mediaType"] == "video"


def test_collaborators_run_it_for_themselves(editor: Editor, bob: User) -> None:
    mine = editor.run("1")
    Collaborator.objects.create(template=editor.template, user=bob)
    helper = Editor(bob, editor.template)
    run = helper.run("1")
    assert (run.owner, reused(run), run.actual_milli) == (bob, {"a", "b"}, 0)
    shown = helper.client.get(helper.path("runs")).json()
    assert [one["id"] for one in shown["runs"]] == [run.public_id, mine.public_id]
    made = Artifact.objects.filter(run=mine)[0]
    assert helper.post("preview", artifact=made.public_id).status_code == 404


def test_a_public_template_is_not_run_as_a_draft_by_who_may_only_look(
    alice: User, bob: User
) -> None:
    looked_at = Editor(bob, make_public(alice, stages=STAGES, inputs=[], name="Birds"))
    Editor(alice, looked_at.template).open()
    assert looked_at.post("runs", key="1").status_code == 404
    assert looked_at.post("quote").status_code == 404
