"""`/app/documents/<id>/uses`: templates as stages, as the editor asks for them."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pydantic import TypeAdapter

from accounts.models import User
from builder.web.editor.schemas import Opened, People
from builder.web.editor.use_schemas import (
    Inside,
    TemplateChoices,
    Unpacked,
    UseAnswer,
    UsedVersion,
)
from media import signing
from templates_app import used_versions
from templates_app.document_ops.ops import apply_all
from templates_app.models import Collaborator, Template
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.editing import change
from tests.support.builders.running import start_template
from tests.support.builders.template_stages import patched
from tests.support.builders.templates import BASE_URL, make_public, make_template
from tests.support.clients.editors import Editor

IMAGE = "https://pictures.example/hero.png"
pytestmark = pytest.mark.django_db(transaction=True)

SHOT: dict[str, Any] = {
    "name": "Shot",
    "inputs": [{"name": "hero", "type": "image", "required": True}],
    "stages": [
        {
            "id": "clip",
            "type": "fixed",
            "tool": "animate_photo",
            "args": {"prompt": "slow push-in", "reference_image_url": "$inputs.hero"},
            "produces": ["clip"],
        }
    ],
}
STAGE = {"id": "a", "type": "fixed", "tool": "template:shot@0.0.1", "args": {"hero": IMAGE}}


class Page(Editor):
    """The editor of one template, whose answers have the shapes that it knows."""

    def opened(self) -> Any:
        answer = self.client.get(f"/app/documents/{self.template.public_id}")
        assert answer.status_code == 200, answer.content
        TypeAdapter(Opened).validate_python(answer.json())
        return answer.json()

    def add(self, template: str, version: str = "") -> Any:
        return self.post("uses", template=template, version=version)

    def use(self, name: str, **body: Any) -> Any:
        self.opened()
        return self.post(f"uses/{name}", **body)

    def change(self, *ops: dict[str, Any], base: int = 0) -> Any:
        return self.post("changes", base=base, clientId=str(uuid4()), changes=[change(*ops)])

    def choices(self, words: str = "") -> Any:
        answer = self.client.get(self.path("uses/choices"), {"q": words})
        assert answer.status_code == 200, answer.content
        TypeAdapter(TemplateChoices).validate_python(answer.json())
        return answer.json()["choices"]


@pytest.fixture
def film(alice: User) -> Template:
    return make_template(alice, id="film", name="Film")


def stage(key: str, tool: str = "", **fields: Any) -> dict[str, Any]:
    return {"id": key, "type": "fixed", **({"tool": tool} if tool else {}), **fields}


def test_a_template_is_inserted_and_there_when_the_document_is_opened(
    alice: User, film: Template
) -> None:
    make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    assert page.opened()["uses"] == []
    answer = page.add("shot")
    TypeAdapter(UseAnswer).validate_python(answer.json())
    use = answer.json()["use"]
    assert {name: use[name] for name in ("reference", "title", "stages", "newer")} == {
        "reference": "template:shot@0.0.1",
        "title": "Shot",
        "stages": 1,
        "newer": "",
    }
    assert use["tool"]["output"] == "video"
    [port] = use["tool"]["ports"]
    assert (port["argument"], port["kind"], port["isRequired"]) == ("hero", "image", True)
    assert page.opened()["uses"] == [use]


def test_what_a_template_takes_has_the_labels_of_its_inputs(alice: User, film: Template) -> None:
    inputs = [
        {"name": "hero", "type": "image", "description": "Picture of the hero"},
        {"name": "side_view", "type": "image", "description": "The hero from the side. " * 4},
        {"name": "mood", "type": "text", "description": "How it feels", "required": True},
        {"name": "the_pace", "type": "text"},
    ]
    make_template(alice, id="shot", **SHOT | {"inputs": inputs})
    page = Page(alice, film)
    tool = page.add("shot").json()["use"]["tool"]
    assert {one["name"]: one["title"] for one in (*tool["ports"], *tool["parameters"])} == {
        "hero": "Picture of the hero",
        "side_view": "Side view",
        "mood": "How it feels",
        "the_pace": "The pace",
    }
    patched(film, stages=[stage("a", "template:shot@0.0.1", args={})])
    page.opened()
    issues = page.client.get(page.path("issues")).json()["issues"]
    assert "How it feels is required." in [issue["message"] for issue in issues]


def test_a_newer_version_is_offered_where_it_says_something_new(
    alice: User, film: Template
) -> None:
    shot = make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    page.add("shot")
    patched(shot, name="Renamed")
    assert [use["newer"] for use in page.opened()["uses"]] == [""]
    patched(shot, brief="Slower")
    [use] = page.opened()["uses"]
    assert use["newer"] == Template.objects.get(public_id="shot").head.semver
    assert page.add("shot", use["newer"]).json()["use"]["newer"] == ""


def test_what_is_pasted_asks_where_others_come_to_see_a_private_template(
    alice: User, bob: User, film: Template
) -> None:
    make_template(alice, id="shot", **SHOT)
    make_public(bob, id="open", **SHOT)
    page = Page(alice, film)

    def sent(template: str, person: User = alice) -> tuple[int, str]:
        body = {"template": template, "version": "0.0.1", "asks": True}
        answer = Page(person, film).post("uses", **body)
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    Collaborator.objects.create(template=film, user=bob, role="editor")
    assert sent("shot") == (409, "template.shown_to_others")
    assert not film.uses.exists()
    assert sent("open") == (200, "")
    # Who may not see it hears nothing of it.
    assert sent("shot", bob) == sent("nothing", bob) == (404, "template.not_found")
    assert page.add("shot").status_code == 200
    assert sent("shot") == (200, "")
    Collaborator.objects.all().delete()
    make_template(alice, id="other", **SHOT)
    assert sent("other") == (200, "")


def test_who_invites_is_told_of_private_templates_that_others_may_open(
    alice: User, bob: User, mo: User, film: Template, settings: Any
) -> None:
    settings.PATCHES_JOINED_S = 0
    make_template(alice, id="unused", **SHOT)
    make_template(alice, id="shot", **SHOT)
    make_template(alice, id="past", **SHOT | {"name": "Past"})
    make_public(mo, id="open", **SHOT)
    make_public(mo, id="gone", **SHOT | {"name": "zebra-okapi"})
    page, path = Page(alice, film), f"/app/documents/{film.public_id}/people"

    def opens(person: User = alice) -> list[str]:
        answer = Page(person, film).client.get(path).json()
        TypeAdapter(People).validate_python(answer)
        titles: list[str] = answer["opens"]
        return titles

    for name in ("unused", "shot", "past", "open", "gone"):
        page.add(name)
    assert opens() == []
    patched(film, stages=[{**STAGE, "tool": "template:past@0.0.1"}], inputs=[])
    names = ("shot", "open", "gone")
    stages = [stage(name, f"template:{name}@0.0.1", args={"hero": IMAGE}) for name in names]
    patched(film, stages=stages, inputs=[])
    Template.objects.filter(public_id="gone").update(moderation="removed")
    assert opens() == ["Past 0.0.1", "Shot 0.0.1"]
    # The names of later versions are not told, and nothing to who invites no one.
    patched(Template.objects.get(public_id="shot"), name="Later")
    assert opens() == ["Past 0.0.1", "Shot 0.0.1"]
    Collaborator.objects.create(template=film, user=bob, role="editor")
    assert opens(bob) == []


def test_publishing_says_which_private_templates_it_shows(
    alice: User, bob: User, film: Template
) -> None:
    make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    page.add("shot")
    page.opened()
    patched(film, stages=[STAGE])
    private = [{"reference": "template:shot@0.0.1", "title": "Shot 0.0.1"}]
    assert page.opened()["template"]["privateTemplates"] == private
    number = page.opened()["base"]["number"]

    def publish(**body: Any) -> Any:
        return page.post("publish", number=number, **body)

    assert publish().status_code == 422
    form = page.client.get("/t/film/publish").content.decode()
    assert "The stages of “<bdi>Shot 0.0.1</bdi>”" in form
    assert 'name="shows" value="template:shot@0.0.1"' in form
    assert "isn&#x27;t public" not in form
    assert publish(shows=["template:shot@0.0.1"]).status_code == 200
    film.refresh_from_db()
    assert film.visibility == "public"
    assert page.opened()["template"]["privateTemplates"] == []
    assert Page(bob, film).opened()["template"]["privateTemplates"] == []
    # Without scripts, by the form that says it.
    other = make_template(alice, id="other", name="Other")
    patched(other, stages=[STAGE])
    fields = {"preview": "none", "shows": "template:shot@0.0.1"}
    assert page.client.post("/t/other/publish", fields).status_code == 302
    other.refresh_from_db()
    assert other.visibility == "public"


def test_what_a_newer_version_changes(alice: User, bob: User, film: Template) -> None:
    shot = make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    use = page.add("shot").json()["use"]

    def answer(person: User, reference: str = "template:shot@0.0.1") -> Any:
        other = Page(person, film)
        return other.client.get(other.path("uses/newer"), {"reference": reference})

    nothing = answer(alice)
    assert nothing.status_code == 404
    patched(shot, inputs=[{"name": "look", "type": "image"}], stages=[])
    versions = answer(alice).json()["versions"]
    TypeAdapter(list[UsedVersion]).validate_python(versions)
    assert [one["version"] for one in versions] == [use["version"], "0.0.2"]
    assert [one["state"]["inputs"]["order"] for one in versions] == [["hero"], ["look"]]
    # Only who is offered the newer version may read it.
    Collaborator.objects.create(template=film, user=bob, role="editor")
    refusals = [answer(bob), answer(alice, "template:shot@0.0.2"), answer(alice, "x"), nothing]
    assert {one.status_code for one in refusals} == {404}
    assert len({one.json()["message"] for one in refusals}) == 1
    Collaborator.objects.create(template=shot, user=bob, role="viewer")
    assert answer(bob).status_code == 200


def test_who_works_on_the_holder_alone_has_no_page_of_the_template(
    alice: User, bob: User, film: Template
) -> None:
    shot = make_template(alice, id="shot", **SHOT)
    Page(alice, film).add("shot")
    Collaborator.objects.create(template=film, user=bob, role="editor")
    patched(shot, brief="Slower")
    patched(film, stages=[STAGE], inputs=[])
    uses = [Page(person, film).opened()["uses"][0] for person in (alice, bob)]
    assert [(use["mayOpen"], use["newer"] != "") for use in uses] == [(True, True), (False, False)]


def test_others_read_what_stages_are_and_nothing_that_they_were_before(
    alice: User, bob: User, film: Template, settings: Any
) -> None:
    settings.PATCHES_JOINED_S = 0
    make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    [use] = [page.add("shot").json()["use"]]
    # Inserted and taken out again, before anyone was invited: a row alone opens nothing.
    Collaborator.objects.create(template=film, user=bob, role="editor")
    assert (page.opened()["uses"], Page(bob, film).opened()["uses"]) == ([use], [])
    patched(film, stages=[STAGE], inputs=[])
    patched(film, stages=[], inputs=[])
    # They look at its versions, too.
    [seen] = Page(bob, film).opened()["uses"]
    assert (seen["reference"], seen["mayOpen"]) == (use["reference"], False)


def test_a_public_template_shows_nothing_of_what_only_its_draft_holds(
    alice: User, bob: User
) -> None:
    make_template(alice, id="zebra-okapi", **SHOT)
    film = make_public(alice, id="open-film", name="Film")
    patched(film, stages=[{**STAGE, "tool": "template:zebra-okapi@0.0.1"}], publish=False)
    assert [one["template"] for one in Page(alice, film).opened()["uses"]] == ["zebra-okapi"]
    opened = Page(bob, film).opened()
    assert "okapi" not in json.dumps(opened)
    assert Page(bob, film).inside("a").status_code == 404


def test_who_may_only_read_inserts_nothing(alice: User, bob: User, film: Template) -> None:
    make_template(bob, id="his", **SHOT)
    Collaborator.objects.create(template=film, user=bob, role="viewer")
    page = Page(bob, film)
    assert page.add("his").status_code == 403
    assert page.client.get(page.path("uses/choices")).status_code == 403


def test_choices_say_what_they_take_and_give(alice: User, bob: User, film: Template) -> None:
    make_template(alice, id="mine", **SHOT)
    make_public(bob, id="theirs", **SHOT | {"name": "Shot of Bob"})
    choices = {choice["template"]: choice for choice in Page(alice, film).choices("shot")}
    assert choices.keys() == {"mine", "theirs"}
    assert choices["mine"] == {
        "template": "mine",
        "title": "Shot",
        "owner": alice.shown_name,
        "version": "0.0.1",
        "takes": ["image"],
        "gives": "video",
        "stages": 1,
        "isOwn": True,
        "asks": False,
    }
    assert not choices["theirs"]["isOwn"]


def test_a_private_template_is_asked_about_where_others_work(
    alice: User, bob: User, film: Template
) -> None:
    make_template(alice, id="mine", **SHOT)
    make_public(bob, id="theirs", **SHOT | {"name": "Shot of Bob"})
    Collaborator.objects.create(template=film, user=bob, role="editor")
    choices = Page(alice, film).choices()
    assert {choice["template"]: choice["asks"] for choice in choices} == {
        "mine": True,
        "theirs": False,
    }


def test_unpacking_says_what_changes_and_changes_nothing(alice: User, bob: User) -> None:
    still = {**SHOT["stages"][0], "id": "still"}
    make_template(alice, id="inner", **{**SHOT, "name": "Inner"})
    nested = {**still, "tool": "template:inner@0.0.1", "args": {"hero": "$inputs.hero"}}
    make_template(alice, id="shot", **{**SHOT, "stages": [nested]})
    film = make_template(alice, id="long-film", name="Film", stages=[STAGE], inputs=[])
    page = Page(alice, film)
    before = page.opened()
    answer = page.use("unpack", stage="a")
    TypeAdapter(Unpacked).validate_python(answer.json())
    body = answer.json()
    assert (body["rev"], body["keys"]) == (before["rev"], ["still"])
    # What its stages are, they may be here, too; and the document is as it was.
    assert [use["reference"] for use in body["uses"]] == ["template:inner@0.0.1"]
    assert page.opened()["state"] == before["state"]
    state, _ = apply_all(before["state"], body["ops"])
    assert state["stages"]["rows"]["still"]["args"] == {"hero": IMAGE}
    # Only its editors ask.
    Collaborator.objects.create(template=film, user=bob, role="viewer")
    assert Page(bob, film).use("unpack", stage="a").status_code == 403


def test_unpacking_opens_nothing_that_the_version_does_not_name(alice: User, bob: User) -> None:
    make_template(bob, id="secret", **SHOT)
    shot = make_public(bob, id="shot", **SHOT)
    secret = stage("s", "template:secret@0.0.1", args={"hero": IMAGE})
    patched(shot, stages=[secret], publish=False)
    assert shot.uses.count() == 1
    film = make_template(alice, id="open-film", name="Film", stages=[STAGE], inputs=[])
    page = Page(alice, film)
    assert page.opened()["uses"][0]["template"] == "shot"
    sent = page.change({"op": "put", "table": "stages", "key": "s", "value": secret, "after": "a"})
    assert sent.json()["accepted"], sent.json()
    answer = page.use("unpack", stage="a")
    assert (answer.status_code, answer.json()["uses"]) == (200, [])
    assert [*film.uses.values_list("reference", flat=True)] == ["template:shot@0.0.1"]


@pytest.mark.parametrize("stage", ["nothing", "brief", 5])
def test_what_is_no_template_stage_is_not_unpacked(
    alice: User, film: Template, stage: object
) -> None:
    answer = Page(alice, film).use("unpack", stage=stage)
    assert answer.status_code in (400, 409)
    assert answer.json()["error"]["code"] in ("template.not_unpackable", "body.invalid")


def test_stages_become_a_private_template_of_the_person_who_asks(alice: User, bob: User) -> None:
    still = {**SHOT["stages"][0], "id": "still", "produces": ["still"], "label": "Still"}
    rest = {"id": "end", "type": "fixed", "tool": "note", "args": {"text": "$artifacts.still"}}
    hero = {"name": "hero", "type": "image", "required": True}
    film = make_template(alice, id="film-3", name="Film", stages=[still, rest], inputs=[hero])
    Collaborator.objects.create(template=film, user=bob, role="editor")
    page = Page(bob, film)
    before = page.opened()
    answer = page.use("collapse", stages=["still"], title=" Opening  shot ")
    assert answer.status_code == 200, answer.content
    TypeAdapter(Unpacked).validate_python(answer.json())
    body = answer.json()
    assert (body["rev"], body["keys"]) == (before["rev"], ["opening-shot"])
    inner = Template.objects.get(name="Opening shot")
    assert (inner.owner, inner.visibility, inner.head.semver) == (bob, "private", "0.0.1")
    [use] = body["uses"]
    assert use["reference"] == f"template:{inner.public_id}@0.0.1"
    # The document is as it was until the editor makes the change.
    assert page.opened()["state"] == before["state"]
    state, _ = apply_all(before["state"], body["ops"])
    assert state["stages"]["order"] == ["opening-shot", "end"]
    assert state["stages"]["rows"]["opening-shot"]["args"] == {"hero": "$inputs.hero"}
    assert state["stages"]["rows"]["end"]["args"] == {"text": "$artifacts.opening_shot"}
    # Its owner may run and open it, too, once it is in there.
    assert Page(alice, film).opened()["uses"] == []
    page.change(*body["ops"], base=body["rev"])
    assert [one["reference"] for one in Page(alice, film).opened()["uses"]] == [use["reference"]]


def test_templates_among_the_stages_go_along(alice: User, bob: User) -> None:
    make_template(bob, id="inner", **{**SHOT, "name": "Inner"})
    used = stage("a", "template:inner@0.0.1", args={"hero": IMAGE})
    film = make_template(bob, id="bobs-film", name="Film", stages=[used], inputs=[])
    Collaborator.objects.create(template=film, user=alice, role="editor")
    body = Page(alice, film).use("collapse", stages=["a"], title="Mine").json()
    mine = Template.objects.get(name="Mine")
    assert [*mine.uses.values_list("reference", flat=True)] == ["template:inner@0.0.1"]
    assert [one["stages"] for one in body["uses"]] == [1]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"stages": ["a"], "title": "a\u202eb"}, 422, "text.unseen"),
        ({"stages": ["a"], "title": "x" * 201}, 422, "input.invalid"),
        ({"stages": [], "title": "Shot"}, 422, "input.invalid"),
        ({"stages": ["a"] * 1_001, "title": "Shot"}, 422, "input.invalid"),
        ({"stages": [{}], "title": "Shot"}, 400, "body.invalid"),
        ({"stages": ["a", "c"], "title": "Shot"}, 409, "template.not_collapsible"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(
    alice: User, body: dict[str, Any], status: int, code: str
) -> None:
    stages = [
        stage("a", "note", args={"text": "x"}, produces=["a"]),
        stage("b", "note", args={"text": "$artifacts.a"}, produces=["b"]),
        stage("c", "note", args={"text": "$artifacts.b"}),
    ]
    film = make_template(alice, id="abc", name="Film", stages=stages, inputs=[])
    answer = Page(alice, film).use("collapse", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.content
    assert [one.name for one in Template.objects.filter(owner=alice)] == ["Film"]
    assert not film.uses.exists()


def test_only_its_editors_make_a_template_of_its_stages(
    alice: User, bob: User, film: Template
) -> None:
    body = {"stages": ["brief"], "title": "Shot"}
    Page(alice, film).opened()
    page = Page(bob, film)
    assert page.post("uses/collapse", **body).status_code == 404
    Collaborator.objects.create(template=film, user=bob, role="viewer")
    assert page.use("collapse", **body).status_code == 403
    assert not Template.objects.filter(owner=bob).exists()


@pytest.fixture
def nested(alice: User, bob: User) -> Template:
    """A film of a public scene, which is a private shot and a group with another."""
    make_template(bob, id="shot", **SHOT)
    still = stage("still", "generate_image", args={"prompt": "fox"}, produces=["still"])
    use = stage("shot", "template:shot@0.0.1", args={"hero": "$artifacts.still"})
    group = stage("group", subStages=[{**use, "id": "other"}], label="A group")
    graph = {"nodes": [{"stageId": "shot", "x": 40, "y": 80}]}
    stages = [still, use, group]
    make_template(bob, id="scene", name="Scene", inputs=[], stages=stages, graph=graph)
    Collaborator.objects.create(template=Template.objects.get(public_id="scene"), user=alice)
    return make_template(
        alice, id="long-film", name="Film", inputs=[], stages=[stage("a", "template:scene@0.0.1")]
    )


def test_a_template_stage_is_opened_with_the_keys_of_its_steps(
    alice: User, bob: User, nested: Template
) -> None:
    page = Page(alice, nested)
    scene = page.inside("a").json()
    TypeAdapter(Inside).validate_python(scene)
    assert scene["path"] == [{"key": "a", "title": "Scene 0.0.1", "isElement": False}]
    assert (scene["template"], scene["mayOpen"]) == ("scene", True)
    assert scene["state"]["stages"]["order"] == ["a.still", "a.shot", "a.group"]
    assert scene["state"]["stages"]["rows"]["a.shot"]["id"] == "shot"
    assert scene["state"]["nodes"]["rows"]["a.shot"]["x"] == 40
    assert [(use["template"], use["mayOpen"]) for use in scene["uses"]] == [("shot", False)]
    shot = page.inside("a.shot").json()
    assert [one["title"] for one in shot["path"]] == ["Scene 0.0.1", "Shot 0.0.1"]
    assert (shot["template"], shot["mayOpen"]) == ("shot", False)
    assert shot["state"]["stages"]["order"] == ["a.shot.clip"]
    assert shot["state"]["inputs"]["order"] == ["hero"]
    group = page.inside("a.group").json()
    assert [one["title"] for one in group["path"]] == ["Scene 0.0.1", "A group"]
    assert (group["template"], group["state"]["stages"]["order"]) == ("", ["a.other"])
    other = page.inside("a.other").json()
    assert [one["key"] for one in other["path"]] == ["a", "a.group", "a.other"]
    assert other["state"]["stages"]["order"] == ["a.other.clip"]
    # They are those of its plan.
    run = start_template(alice, nested)
    assert {*run.steps.values_list("key", flat=True)} >= {
        *("a", "a.still", "a.shot", "a.shot.clip", "a.group", "a.other", "a.other.clip")
    }


def test_a_stage_with_stages_inside_is_opened_with_its_own_call_first(alice: User) -> None:
    inner = stage("better", "note", args={"text": "b"})
    stages = [stage("a", "note", args={"text": "a"}, subStages=[inner], bypass=False)]
    film = make_template(alice, id="long-film", name="Film", inputs=[], stages=stages)
    body = Page(alice, film).inside("a").json()
    assert body["state"]["stages"]["order"] == ["a.main", "better"]
    assert "subStages" not in body["state"]["stages"]["rows"]["a.main"]


def test_who_may_read_the_holder_may_open_its_stages(
    alice: User, bob: User, mo: User, nested: Template
) -> None:
    make_template(mo, id="hers", **SHOT)
    answers = [Page(mo, nested).inside(key) for key in ("a", "nothing")]
    Collaborator.objects.create(template=nested, user=mo, role="viewer")
    page = Page(mo, nested)
    assert page.inside("a").json()["mayOpen"] is False
    assert page.inside("a.shot.clip").status_code == 404
    hostile = ("", "a.", ".a", "a.shot.", "a.shot.hero", "$inputs", "hers", "a.hers", "a/shot")
    answers += map(page.inside, (*hostile, "nothing", "a" * 9000, "A", "a.main", "~0"))
    # What a moderator took down is there for its author alone, and so is what holds it.
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    answers += map(page.inside, ("a", "a.shot", "a.shot.clip"))
    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert len({answer.content for answer in answers}) == 1


def test_everyone_opens_the_stages_of_a_public_template(alice: User, bob: User) -> None:
    make_public(alice, id="shot", **SHOT)
    used = stage("a", "template:shot@0.0.1", args={"hero": "$inputs.hero"}, produces=["a"])
    film = make_public(alice, id="long-film", **{**SHOT, "name": "Film", "stages": [used]})
    page = Page(bob, film)
    assert page.inside("a").json()["mayOpen"] is True
    # A draft is not theirs to see.
    more = [used, {**used, "id": "b", "produces": ["b"]}]
    patched(film, stages=more, publish=False)
    assert [page.inside(key).status_code for key in ("a", "b")] == [200, 404]
    patched(film, visibility="private")
    assert page.inside("a").status_code == 404


def test_opening_costs_as_many_queries_for_many_stages_as_for_one(
    alice: User, django_assert_max_num_queries: Any
) -> None:
    clips = [{**SHOT["stages"][0], "id": f"clip-{n}", "produces": [f"c{n}"]} for n in range(60)]
    make_template(alice, id="shot", **SHOT | {"stages": clips})
    uses = [stage(f"s{n}", "template:shot@0.0.1", args={"hero": IMAGE}) for n in range(3)]
    film = make_template(alice, id="long-film", name="Film", inputs=[], stages=uses)
    page = Page(alice, film)
    page.opened()
    with django_assert_max_num_queries(20):
        assert len(page.inside("s2").json()["state"]["stages"]["order"]) == 60


def test_templates_inside_templates_are_read_a_level_at_a_time(alice: User) -> None:
    make_template(alice, id="part0", **SHOT)
    for n in range(1, 5):
        inner = [
            stage(f"s{m}", f"template:part{n - 1}@0.0.1", args={"hero": "$inputs.hero"})
            for m in range(2)
        ]
        make_template(alice, id=f"part{n}", name="Part", inputs=SHOT["inputs"], stages=inner)
    deep = [stage("a", "template:part4@0.0.1", args={"hero": "$inputs.hero"})]
    film = make_template(alice, id="deep", name="Deep", inputs=SHOT["inputs"], stages=deep)
    page = Page(alice, film)
    page.opened()
    read = queries(page)
    used_versions.forget()
    assert queries(page) <= read + 5


def test_opening_costs_as_many_queries_for_many_templates_as_for_one(alice: User) -> None:
    def page(name: str, count: int) -> Page:
        for n in range(count):
            make_template(alice, id=f"{name}-{n}", **SHOT)
        tools = [f"template:{name}-{n}@0.0.1" for n in range(count)]
        stages = [stage(f"s{n}", tool, args={"hero": IMAGE}) for n, tool in enumerate(tools)]
        film = make_template(alice, id=f"{name}-film", name="Film", inputs=[], stages=stages)
        page = Page(alice, film)
        page.opened()
        return page

    assert queries(page("many", 20)) == queries(page("one", 1))


def queries(page: Page) -> int:
    with CaptureQueriesContext(connection) as seen:
        page.opened()
    return len(seen)


def test_one_element_of_a_batch_is_opened_with_the_keys_of_its_steps(alice: User) -> None:
    def batch(key: str, tool: str, **more: Any) -> dict[str, Any]:
        shape = {"id": key, "type": "batch", "overBinding": "$inputs.lines", "itemName": "line"}
        args = {"text": "x"} if tool == "note" else {}
        return {**shape, "itemStage": {"type": "fixed", "tool": tool, "args": args}, **more}

    lines = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}
    notes = [stage(key, "note", args={"text": key}) for key in ("still", "better")]
    make_template(alice, id="shot", name="Shot", inputs=[], stages=notes)
    acts = [batch("shots", "template:shot@0.0.1", produces=["shots"])]
    make_template(alice, id="act", name="Act", inputs=[lines], stages=acts)
    stages = [
        batch("acts", "template:act@0.0.1", label="Acts", produces=["acts"]),
        batch("cards", "note", produces=["cards"]),
    ]
    film = make_template(alice, id="long-film", name="Film", inputs=[lines], stages=stages)
    page = Page(alice, film)
    act = page.inside("acts_0").json()
    TypeAdapter(Inside).validate_python(act)
    assert [[*one.values()] for one in act["path"]] == [
        ["acts", "Acts", False],
        ["acts_0", "1", True],
    ]
    assert (act["template"], act["state"]["stages"]["order"]) == ("act", ["acts_0.shots"])
    shot = page.inside("acts_0.shots_1").json()
    assert [one["key"] for one in shot["path"]] == [
        *("acts", "acts_0", "acts_0.shots", "acts_0.shots_1")
    ]
    order = ["acts_0.shots_1.still", "acts_0.shots_1.better"]
    assert shot["state"]["stages"]["order"] == order
    # They are the keys of its steps.
    page.opened()
    keys = {one["key"] for one in page.state(page.run())["steps"]}
    assert {"acts_0", "acts_0.shots", *order, "acts_1.shots_0.still"} <= keys
    wrong = ("acts_", "acts_x", "acts_0.", "acts_0.still", "acts_0.shots_", "cards_0")
    assert {key: page.inside(key).status_code for key in wrong} == dict.fromkeys(wrong, 404)


def test_the_sub_stages_of_a_batch_are_opened_for_all_and_for_one(alice: User) -> None:
    make_template(alice, id="shot", name="Shot", inputs=[], stages=[stage("still", "note")])
    lines = {"name": "lines", "type": "text", "multiple": True, "default": ["fox", "owl"]}
    batch = {
        **{"id": "acts", "label": "Acts", "type": "batch", "overBinding": "$inputs.lines"},
        **{"itemName": "line", "produces": ["acts"]},
        "itemStage": {"type": "fixed", "tool": "note", "args": {"text": "$item.value"}},
        "subStages": [stage("a", "template:shot@0.0.1"), stage("end", "note")],
    }
    page = Page(alice, make_template(alice, id="film", inputs=[lines], stages=[batch]))

    def order(key: str) -> list[str]:
        return page.inside(key).json()["state"]["stages"]["order"]

    assert order("acts") == ["acts.main", "acts.a", "acts.end"]
    assert order("acts_1") == ["acts_1.main", "acts_1.a", "acts_1.end"]
    assert order("acts.a") == ["acts.a.still"]
    assert order("acts_1.a") == ["acts_1.a.still"]
    titles = [one["title"] for one in page.inside("acts_1.a").json()["path"]]
    assert titles == ["Acts", "2", "Shot 0.0.1"]
    page.opened()
    keys = {one["key"] for one in page.state(page.run(to="acts.a"))["steps"]}
    assert {"acts_0", "acts_0.a", "acts_1.a.still"} <= keys
    assert "acts_1.end" not in keys
    for key in ("acts.", "acts.x", "acts_0.x", "acts_0.end"):
        assert page.inside(key).status_code == 404, key


def test_a_stage_with_an_example_file_stays_whole(alice: User) -> None:
    # Its address would end within a day.
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
    photo = {"name": "photo", "type": "image", "default": link}
    args = {"text": "x", "source_image_url": "$inputs.photo"}
    make_template(
        alice, id="lit", name="Lit", inputs=[photo], stages=[stage("still", "note", args=args)]
    )
    used = stage("a", "template:lit@0.0.1", args={})
    page = Page(alice, make_template(alice, id="film-9", name="Film", stages=[used], inputs=[]))
    answer = page.use("unpack", stage="a")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "template.not_unpackable"
    assert "Give it a file of yours" in answer.json()["error"]["message"]
