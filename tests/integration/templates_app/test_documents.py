"""The editor's document: changes in server order, each once, and versions made of it."""

import json
import uuid
from copy import copy

import pytest
from django.test import Client

from templates_app.models import Change, Document, TemplateVersion
from tests.support.builders.factories import make_key
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db

ME = str(uuid.UUID(int=1))


@pytest.fixture
def editor(alice):
    """alice's browser, with a template of one stage open in it."""
    client = signed_in(alice)
    body = {
        "name": "Sky",
        "stages": [
            {"id": "sky", "type": "fixed", "tool": "generate_image", "args": {"prompt": "a sky"}}
        ],
        "oddity": {"kept": True},
    }
    return Editor(client, body, alice)


class Editor:
    def __init__(self, client, body, owner):
        made = Api(make_key(owner)).post("/v1/creative-agent/workflows/templates", body).json()
        self.client, self.id = client, made["data"]["template"]["id"]
        self.opened = self.get().json()

    def of(self, person):
        """The same template in the browser of someone else."""
        other = copy(self)
        other.client = signed_in(person)
        return other

    def get(self, tail=""):
        return self.client.get(f"/app/documents/{self.id}{tail}")

    def post(self, tail, body):
        return self.client.post(
            f"/app/documents/{self.id}{tail}", json.dumps(body), content_type="application/json"
        )

    def send(self, *changes, base=0):
        return self.post("/changes", {"clientId": ME, "base": base, "changes": list(changes)})

    def state(self):
        return self.get().json()["state"]


def signed_in(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def change(*ops, label="Edit"):
    return {"id": str(uuid.uuid4()), "label": label, "ops": list(ops)}


def set_prompt(words):
    return {
        "op": "set",
        "table": "stages",
        "key": "sky",
        "path": ["args", "prompt"],
        "value": words,
    }


def test_opening_makes_the_document_of_the_head_once(editor):
    assert editor.opened["rev"] == 0
    assert editor.opened["base"] == {"number": 1, "version": "0.0.1"}
    assert editor.opened["state"]["stages"]["order"] == ["sky"]
    assert editor.opened["template"]["canEdit"] is True
    editor.get()
    assert Document.objects.count() == 1


def test_a_change_is_numbered_and_kept(editor):
    wanted = change(set_prompt("a dark sky"), label="Prompt")

    answer = editor.send(wanted)

    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["rev"] == 1
    assert body["accepted"] == [{"id": wanted["id"], "rev": 1}]
    [recorded] = body["missed"]
    assert (recorded["label"], recorded["actor"]["name"]) == ("Prompt", "alice")
    assert editor.state()["stages"]["rows"]["sky"]["args"]["prompt"] == "a dark sky"


def test_sending_a_change_twice_changes_nothing(editor):
    wanted = change(set_prompt("a dark sky"))
    editor.send(wanted)
    editor.send(change(set_prompt("a red sky")))

    again = editor.send(wanted).json()

    assert again["rev"] == 2
    assert again["accepted"] == [{"id": wanted["id"], "rev": 1}]
    assert editor.state()["stages"]["rows"]["sky"]["args"]["prompt"] == "a red sky"


def test_twice_in_one_batch_is_once(editor):
    wanted = change(set_prompt("a dark sky"))

    assert editor.send(wanted, wanted).json()["rev"] == 1


def test_what_others_did_meanwhile_comes_with_the_answer(editor):
    editor.send(change(set_prompt("one")), change(set_prompt("two")))

    body = editor.send(change(set_prompt("three")), base=1).json()

    assert [recorded["rev"] for recorded in body["missed"]] == [2, 3]
    later = editor.get("/changes?after=2").json()
    assert [recorded["rev"] for recorded in later["changes"]] == [3]


def test_an_editor_that_was_away_too_long_is_told_to_start_again(editor):
    for words in ("one", "two", "three"):
        editor.send(change(set_prompt(words)))
    Change.objects.filter(rev=1).delete()

    assert editor.get("/changes?after=0").json() == {"rev": 3, "changes": None}
    assert editor.get("/changes?after=1").json()["changes"][0]["rev"] == 2


def test_a_change_of_a_wrong_shape_is_refused_and_the_others_are_kept(editor):
    wrong = change({"op": "set", "table": "stages", "key": "sky"})
    right = change(set_prompt("a dark sky"))

    body = editor.send(wrong, right).json()

    assert [refusal["id"] for refusal in body["rejected"]] == [wrong["id"]]
    assert "`path`" in body["rejected"][0]["message"]
    assert [accepted["id"] for accepted in body["accepted"]] == [right["id"]]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"clientId": "me", "base": 0, "changes": []},
        {"clientId": ME, "base": "0", "changes": []},
        {"clientId": ME, "base": 0, "changes": {}},
        {"clientId": ME, "base": 0, "changes": [7]},
        {"clientId": ME, "base": 0, "changes": [{"id": "x", "label": "x", "ops": []}]},
    ],
)
def test_a_batch_that_is_none_is_a_clear_400(editor, body):
    answer = editor.post("/changes", body)

    assert answer.status_code == 400
    assert answer.json()["status"] == "error"


def test_an_invalid_draft_is_kept_but_no_version_is_made_of_it(editor):
    editor.send(change({"op": "set", "table": "stages", "key": "sky", "path": ["tool"]}))

    answer = editor.post("/versions", {"label": "Mine"})

    assert answer.status_code == 422
    codes = [issue["code"] for issue in answer.json()["details"]["validation"]["issues"]]
    assert "tool_required" in codes
    assert "tool" not in editor.state()["stages"]["rows"]["sky"]
    said = editor.get("/issues").json()
    assert "tool_required" in [issue["code"] for issue in said["issues"]]


def test_what_the_draft_studio_cannot_draw_is_a_warning_at_the_prompt(editor):
    for words, sentence in (
        ("A candle by the sea", "The draft studio can't draw: candle."),
        ("Eine Kerze am Meer", "The draft studio can't draw: Kerze."),
        ("A lighthouse by the sea", None),
    ):
        editor.send(change(set_prompt(words)))
        issues = editor.get("/issues").json()["issues"]
        said = [
            (issue["severity"], issue["argument"], issue["message"])
            for issue in issues
            if issue["code"] == "not_drawn" and issue["stageId"] == "sky"
        ]
        assert said == ([("warning", "prompt", sentence)] if sentence else [])


def test_letters_that_no_typeface_here_has_are_a_warning_at_the_subtitles(alice):
    lines = [{"startSeconds": 0, "endSeconds": 1, "text": "Привет \u0378"}]
    stage = {"id": "write", "type": "fixed", "tool": "add_subtitles", "args": {"cues": lines}}
    issues = Editor(signed_in(alice), {"name": "Film", "stages": [stage]}, alice).get("/issues")
    assert [
        (issue["severity"], issue["argument"], issue["message"])
        for issue in issues.json()["issues"]
        if issue["code"] == "not_drawn"
    ] == [("warning", "cues", "The draft studio can't draw: \u0378.")]


def test_an_issue_comes_with_the_ops_that_clear_it(editor):
    editor.send(change(set_prompt("$inputs.brief")))
    [issue] = [
        issue
        for issue in editor.get("/issues").json()["issues"]
        if issue["code"] == "unknown_input"
    ]

    editor.send(change(*issue["fixes"][0]["ops"], label=issue["fixes"][0]["label"]))

    codes = [issue["code"] for issue in editor.get("/issues").json()["issues"]]
    assert "unknown_input" not in codes


def test_a_condition_that_cannot_be_read_is_said_in_words_for_people(editor):
    condition = {"type": "expr", "expression": "what?!"}
    place = {"table": "stages", "key": "sky", "path": ["condition"]}
    editor.send(change({"op": "set", **place, "value": condition}))

    answer = editor.get("/issues")

    assert answer.status_code == 200
    said = {issue["code"]: issue["message"] for issue in answer.json()["issues"]}
    assert said["invalid_expression"].startswith("The condition of Generate image has an error: ")


def test_saving_makes_a_version_and_the_document_rests_on_it(editor, alice_key, api):
    editor.send(change(set_prompt("a dark sky")))

    answer = editor.post("/versions", {"label": "Darker"})

    assert answer.status_code == 201, answer.content
    assert answer.json()["version"] == "0.0.2"
    assert answer.json()["label"] == "Darker"
    opened = editor.get().json()
    assert opened["base"] == {"number": 2, "version": "0.0.2"}
    assert opened["savedRev"] == opened["rev"] == 1
    shown = api(alice_key).get(f"/v1/creative-agent/workflows/templates/{editor.id}").json()
    template = shown["data"]["template"]
    assert template["stages"][0]["args"]["prompt"] == "a dark sky"
    assert template["oddity"] == {"kept": True}


def test_saving_keeps_edges_true_and_foreign_parts_untouched(alice, alice_key, api):
    def stage(key, tool, **args):
        return {"id": key, "type": "fixed", "tool": tool, "produces": [key], "args": args}

    source = {"source_image_url": "$artifacts.sky.items[0].selectedVersion.url"}
    drawn = {"from": "elsewhere", "to": "sky", "label": "drawn by another program"}
    graph = {
        "nodes": [{"stageId": "sky", "x": 0, "y": 0, "collapsed": True}],
        "edges": [{"from": "sky", "to": "big"}, drawn],
        "viewport": {"x": 40, "y": 40, "zoom": 0.8},
    }
    stages = [
        stage("sky", "generate_image", prompt="a sky"),
        stage("big", "upscale_image", **source),
    ]
    editor = Editor(signed_in(alice), {"name": "Sky", "stages": stages, "graph": graph}, alice)
    editor.send(change({"op": "remove", "table": "stages", "key": "big"}, label="Delete Big"))

    assert editor.post("/versions", {"label": ""}).status_code == 201
    shown = api(alice_key).get(f"/v1/creative-agent/workflows/templates/{editor.id}").json()
    expected = {**graph, "edges": [drawn]}
    assert shown["data"]["template"]["graph"] == expected

    # Open editors see it as one change, and the document is saved.
    opened = editor.get().json()
    assert (opened["rev"], opened["savedRev"]) == (2, 2)
    assert opened["state"]["root"]["rows"]["graph"]["edges"] == [drawn]

    # What comes back later is listed again.
    more = stage("more", "upscale_image", **source)
    editor.send(change({"op": "put", "table": "stages", "key": "more", "value": more}), base=2)
    assert editor.post("/versions", {"label": ""}).status_code == 201
    shown = api(alice_key).get(f"/v1/creative-agent/workflows/templates/{editor.id}").json()
    assert shown["data"]["template"]["graph"]["edges"] == [drawn, {"from": "sky", "to": "more"}]


def test_what_no_version_holds_leaves_a_document_saved(editor):
    seed = {"op": "put", "table": "seeds", "key": "sky", "value": {"seed": 7}}

    editor.send(change(seed, label="Seeds"))

    said = editor.get("/issues").json()
    assert said["rev"] == said["savedRev"] == 1
    editor.send(change(set_prompt("a dark sky")), change(seed))
    assert editor.get("/issues").json()["savedRev"] == 1


def test_drafts_are_not_shown_to_readers(editor, alice_key, api):
    editor.send(change(set_prompt("a dark sky")))

    shown = api(alice_key).get(f"/v1/creative-agent/workflows/templates/{editor.id}").json()

    assert shown["data"]["template"]["stages"][0]["args"]["prompt"] == "a sky"


def test_saving_what_is_saved_makes_no_version(editor):
    answer = editor.post("/versions", {"label": ""})

    assert answer.json()["version"] == "0.0.1"
    assert TemplateVersion.objects.count() == 1


def test_versions_are_listed_and_can_be_opened(editor):
    editor.send(change(set_prompt("a dark sky")))
    editor.post("/versions", {"label": "Darker"})

    listed = editor.get("/versions").json()["versions"]
    first = editor.get("/versions/1").json()

    assert [(row["version"], row["label"], row["isHead"]) for row in listed] == [
        ("0.0.2", "Darker", True),
        ("0.0.1", "", False),
    ]
    assert first["state"]["stages"]["rows"]["sky"]["args"]["prompt"] == "a sky"
    assert editor.get("/versions/9").status_code == 404


def test_a_patch_arrives_as_one_change_beside_what_is_not_saved(editor, alice_key, api):
    label = {"op": "set", "table": "stages", "key": "sky", "path": ["label"], "value": "Heaven"}
    editor.send(change(label))
    stage = {"id": "sky", "type": "fixed", "tool": "generate_image", "args": {"prompt": "rain"}}

    answer = api(alice_key).patch(
        f"/v1/creative-agent/workflows/templates/{editor.id}", {"stages": [stage], "name": "Rain"}
    )

    assert answer.status_code == 200
    opened = editor.get().json()
    recorded = editor.get("/changes?after=1").json()["changes"]
    assert [(row["label"], row["rev"]) for row in recorded] == [("API update", 2)]
    assert opened["state"]["stages"]["rows"]["sky"]["args"]["prompt"] == "rain"
    assert opened["state"]["stages"]["rows"]["sky"]["label"] == "Heaven"
    assert opened["state"]["root"]["rows"]["template"]["name"] == "Rain"
    assert opened["base"]["version"] == "0.0.2"
    assert opened["savedRev"] == 0
    # And what was not saved can be: no conflict is possible.
    assert editor.post("/versions", {"label": "Both"}).json()["version"] == "0.0.3"


def test_a_patch_of_a_clean_document_leaves_it_clean(editor, alice_key, api):
    api(alice_key).patch(
        f"/v1/creative-agent/workflows/templates/{editor.id}", {"description": "Blue"}
    )

    opened = editor.get().json()
    assert opened["rev"] == opened["savedRev"] == 1


def test_a_medium_of_someone_else_is_not_brought_in(editor):
    value = {"name": "photo", "type": "image", "default": "reelgraph:object/art_foreign/a.png"}
    put = {"op": "put", "table": "inputs", "key": "photo", "value": value}

    body = editor.send(change(put)).json()

    assert body["rejected"][0]["code"] == "change.foreign_media"
    assert editor.state()["inputs"]["order"] == []


def test_a_document_does_not_grow_without_end(editor, settings):
    settings.DOCUMENT_LIMIT_BYTES = 2_000

    body = editor.send(change(set_prompt("x" * 3_000))).json()

    assert body["rejected"][0]["code"] == "document.too_large"


def test_a_public_template_can_be_looked_at_but_not_edited(editor, bob):
    editor.post("/publish", {"number": 1})
    other = editor.of(bob)

    opened = other.get().json()

    assert opened["template"]["canEdit"] is False
    assert opened["state"]["stages"]["order"] == ["sky"]
    assert other.send(change(set_prompt("mine"))).status_code == 404


def test_publishing_shows_the_newest_saved_version(editor, bob):
    editor.send(change(set_prompt("a dark sky")))
    editor.post("/versions", {"label": "Darker"})
    editor.send(change(set_prompt("not yet saved")))

    answer = editor.post("/publish", {"number": 2})

    assert answer.status_code == 200, answer.content
    other = editor.of(bob)
    seen = other.get().json()["state"]["stages"]["rows"]["sky"]["args"]["prompt"]
    assert seen == "a dark sky"
    mine = editor.state()["stages"]["rows"]["sky"]["args"]["prompt"]
    assert mine == "not yet saved"


def test_publishing_another_version_than_was_seen_is_refused(editor):
    editor.send(change(set_prompt("a dark sky")))
    editor.post("/versions", {"label": "Darker"})

    answer = editor.post("/publish", {"number": 1})

    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "template.stale"


def test_publishing_takes_a_license_of_the_list(editor, bob):
    def chosen(one):
        choices = one.get().json()["template"]["licenses"]
        return [choice["value"] for choice in choices if choice["isChosen"]]

    assert chosen(editor) == ["all_rights"]
    editor.send(change(set_prompt("not yet saved")))

    answer = editor.post("/publish", {"number": 1, "license": "cc_by"})

    assert answer.status_code == 200, answer.content
    assert chosen(editor) == ["cc_by"]
    assert editor.state()["stages"]["rows"]["sky"]["args"]["prompt"] == "not yet saved"
    page = Client().get(f"/t/{editor.id}").content.decode()
    assert "CC BY 4.0" in page
    assert "not yet saved" not in page
    other = editor.of(bob)
    assert chosen(other) == []


@pytest.mark.parametrize("license", ["mine", 7])
def test_publishing_refuses_a_license_that_is_not_on_the_list(editor, license):
    answer = editor.post("/publish", {"number": 1, "license": license})

    assert answer.status_code == 400
    assert "license" in answer.json()["error"]["message"]
    assert editor.get().json()["template"]["visibility"] == "private"


def test_an_edit_of_the_draft_does_not_move_the_records_time(editor, alice):
    def updated_at():
        answer = Api(make_key(alice)).get(f"/v1/creative-agent/workflows/templates/{editor.id}")
        return answer.json()["data"]["template"]["updatedAt"]

    before = updated_at()
    answer = editor.send(change(set_prompt("a dark sky")))
    assert answer.json()["rev"] == 1
    assert updated_at() == before
