"""`/app/documents/<id>/uses`: templates as stages, as the editor asks for them."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pydantic import TypeAdapter

from accounts.models import User
from builder.web.editor.schemas import Opened
from builder.web.editor.use_schemas import TemplateChoices, Unpacked, UseAnswer
from templates_app.document_ops.ops import apply_all
from templates_app.lifecycle import services
from templates_app.models import Collaborator, Template
from tests.support.builders.templates import HOSTS, make_public, make_template

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


class Page:
    """The editor of one template, as a person has it open."""

    def __init__(self, person: User, template: Template) -> None:
        self.client = Client(headers={"sec-fetch-site": "same-origin"})
        self.client.force_login(person)
        self.path = f"/app/documents/{template.public_id}"

    def opened(self) -> Any:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.content
        TypeAdapter(Opened).validate_python(answer.json())
        return answer.json()

    def add(self, template: str, version: str = "") -> Any:
        body = json.dumps({"template": template, "version": version})
        return self.client.post(f"{self.path}/uses", body, "application/json")

    def post(self, name: str, body: Any) -> Any:
        self.opened()
        return self.client.post(f"{self.path}/uses/{name}", json.dumps(body), "application/json")

    def choices(self, words: str = "") -> Any:
        answer = self.client.get(f"{self.path}/uses/choices", {"q": words})
        assert answer.status_code == 200, answer.content
        TypeAdapter(TemplateChoices).validate_python(answer.json())
        return answer.json()["choices"]


@pytest.fixture
def film(alice: User) -> Template:
    return make_template(alice, id="film", name="Film")


def changed(template: Template, **changes: Any) -> None:
    services.patch_template(
        actor=template.owner, public_id=template.public_id, changes=changes, own_hosts=HOSTS
    )


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


def test_a_newer_version_is_offered_where_it_says_something_new(
    alice: User, film: Template
) -> None:
    shot = make_template(alice, id="shot", **SHOT)
    page = Page(alice, film)
    page.add("shot")
    changed(shot, name="Renamed")
    assert [use["newer"] for use in page.opened()["uses"]] == [""]
    changed(shot, brief="Slower")
    [use] = page.opened()["uses"]
    assert use["newer"] == Template.objects.get(public_id="shot").head.semver
    assert page.add("shot", use["newer"]).json()["use"]["newer"] == ""


def test_what_is_taken_down_is_left_out(alice: User, bob: User, film: Template) -> None:
    make_public(bob, id="shot", **SHOT)
    page = Page(alice, film)
    page.add("shot")
    Template.objects.filter(public_id="shot").update(moderation="quarantined")
    assert page.opened()["uses"] == []


def test_unknown_and_foreign_templates_are_refused_in_the_same_words(
    alice: User, bob: User, film: Template
) -> None:
    make_template(bob, id="his", **SHOT)
    answers = [Page(alice, film).add(name) for name in ("his", "nothing")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


def test_who_works_on_the_holder_alone_has_no_page_of_the_template(
    alice: User, bob: User, film: Template
) -> None:
    shot = make_template(alice, id="shot", **SHOT)
    Page(alice, film).add("shot")
    Collaborator.objects.create(template=film, user=bob, role="editor")
    changed(shot, brief="Slower")
    uses = [Page(person, film).opened()["uses"][0] for person in (alice, bob)]
    assert [(use["mayOpen"], use["newer"] != "") for use in uses] == [(True, True), (False, False)]


def test_who_may_only_read_inserts_nothing(alice: User, bob: User, film: Template) -> None:
    make_template(bob, id="his", **SHOT)
    Collaborator.objects.create(template=film, user=bob, role="viewer")
    page = Page(bob, film)
    assert page.add("his").status_code == 403
    assert page.client.get(f"{page.path}/uses/choices").status_code == 403


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
    used = {"id": "a", "type": "fixed", "tool": "template:shot@0.0.1", "args": {"hero": IMAGE}}
    film = make_template(alice, id="long-film", name="Film", stages=[used], inputs=[])
    page = Page(alice, film)
    before = page.opened()
    answer = page.post("unpack", {"stage": "a"})
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
    assert Page(bob, film).post("unpack", {"stage": "a"}).status_code == 403


def test_unpacking_opens_nothing_that_the_version_does_not_name(alice: User, bob: User) -> None:
    make_template(bob, id="secret", **SHOT)
    shot = make_public(bob, id="shot", **SHOT)
    stage = {"id": "s", "type": "fixed", "tool": "template:secret@0.0.1", "args": {"hero": IMAGE}}
    services.patch_template(
        actor=bob, public_id="shot", changes={"stages": [stage]}, own_hosts=HOSTS, publish=False
    )
    assert shot.uses.count() == 1
    used = {"id": "a", "type": "fixed", "tool": "template:shot@0.0.1", "args": {"hero": IMAGE}}
    film = make_template(alice, id="open-film", name="Film", stages=[used], inputs=[])
    page = Page(alice, film)
    assert page.opened()["uses"][0]["template"] == "shot"
    op = {"op": "put", "table": "stages", "key": "s", "value": stage, "after": "a"}
    change = {"id": str(uuid4()), "label": "Type a name", "ops": [op]}
    body = {"base": 0, "clientId": str(uuid4()), "changes": [change]}
    sent = page.client.post(f"{page.path}/changes", json.dumps(body), "application/json")
    assert sent.json()["accepted"], sent.json()
    answer = page.post("unpack", {"stage": "a"})
    assert (answer.status_code, answer.json()["uses"]) == (200, [])
    assert [*film.uses.values_list("reference", flat=True)] == ["template:shot@0.0.1"]


@pytest.mark.parametrize("stage", ["nothing", "brief", 5])
def test_what_is_no_template_stage_is_not_unpacked(
    alice: User, film: Template, stage: object
) -> None:
    answer = Page(alice, film).post("unpack", {"stage": stage})
    assert answer.status_code in (400, 409)
    assert answer.json()["error"]["code"] in ("template.not_unpackable", "body.invalid")
