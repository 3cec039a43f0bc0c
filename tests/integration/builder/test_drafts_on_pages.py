"""What was described or edited and never saved is found again: lists and pages show the draft."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from runs.models import Artifact, Run
from templates_app.documents import selectors, services
from templates_app.lifecycle import services as templates
from templates_app.models import Poster, Template
from tests.support.builders.asking_templates import stage
from tests.support.builders.collaborating import let_in
from tests.support.builders.editing import apply
from tests.support.builders.running import work_off
from tests.support.builders.templates import HOSTS, make_public, make_template
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/me/templates"
STAGES = [
    stage(f"shot{number}", args={"text": "$inputs.place"}, label=f"Shot {number}")
    for number in (1, 2)
]
PLACE = {"name": "place", "type": "text", "description": "Place", "required": True}


def blank(owner: User) -> Template:
    body = {"name": "Untitled template", "brief": "A harbor at dawn"}
    return templates.create_template(actor=owner, body=body, own_hosts=HOSTS).template


def edited(person: User, template: Template, *ops: dict[str, Any]) -> None:
    opened = services.open_document(viewer=person, public_id=template.public_id)
    assert opened.document is not None
    apply(person, opened.document, *ops)


def field(name: str, value: Any) -> dict[str, Any]:
    return {"op": "set", "table": "root", "key": "template", "path": [name], "value": value}


def put(table: str, key: str, value: Any) -> dict[str, Any]:
    return {"op": "put", "table": table, "key": key, "value": value}


def drafted(owner: User, name: str = "Harbor at dawn") -> Template:
    """A template whose stages, input and name are in its draft alone."""
    template = blank(owner)
    stages = [put("stages", stage["id"], stage) for stage in STAGES]
    edited(owner, template, field("name", name), put("inputs", "place", PLACE), *stages)
    return template


def page_of(person: User, path: str) -> str:
    answer = signed_in(person).get(path)
    assert answer.status_code == 200, answer.status_code
    return flat(answer.content)


def test_a_draft_is_listed_by_its_name_with_its_stages_and_found_by_it(alice: User) -> None:
    template = drafted(alice)
    make_template(alice, name="Zebra")
    page = page_of(alice, LIST)
    assert f'<a href="/t/{template.public_id}">Harbor at dawn</a>' in page
    assert "Draft, 2 stages, edited" in page
    assert "Untitled" not in page.replace('placeholder="Untitled template"', "")
    assert "Harbor at dawn" in page_of(alice, f"{LIST}?q=harbor")
    assert "Harbor at dawn" not in page_of(alice, f"{LIST}?q=untitled")
    by_name = page_of(alice, f"{LIST}?sort=name")
    assert by_name.index("Harbor at dawn") < by_name.index("Zebra")


def test_everyone_who_works_on_a_draft_finds_it_and_no_one_else(alice: User, bob: User) -> None:
    template = drafted(alice)
    let_in(alice, template.public_id, bob)
    page = page_of(bob, LIST)
    assert "Harbor at dawn" in page
    assert "Draft, 2 stages" in page
    assert signed_in(bob).get(f"/t/{template.public_id}").status_code == 404


def test_others_go_on_seeing_what_is_published(alice: User, bob: User) -> None:
    template = make_public(alice, name="Lighthouse")
    more = put("stages", "more", stage("more", label="Secret stage"))
    edited(alice, template, field("name", "Secret name"), more)
    path = f"/t/{template.public_id}"
    own = page_of(alice, path)
    assert "Secret name" in own
    assert "You see your draft." in own
    poster = signed_in(alice).get(f"{path}/poster.svg")
    assert b"Secret name" in poster.content
    for client in (Client(), signed_in(bob)):
        page = flat(client.get(path).content)
        assert "Lighthouse" in page
        assert "Secret" not in page
        seen = client.get(f"{path}/poster.svg")
        assert b"Secret" not in seen.content
        assert seen["ETag"] != poster["ETag"]
    assert not Poster.objects.filter(svg__contains="Secret").exists()
    edited(alice, template, field("name", "Another name"))
    assert signed_in(alice).get(f"{path}/poster.svg")["ETag"] != poster["ETag"]


def test_the_page_shows_and_runs_the_draft(alice: User) -> None:
    template = drafted(alice)
    path = f"/t/{template.public_id}"
    page = page_of(alice, path)
    for words in ('<h1 dir="auto">Harbor at dawn</h1>', "Shot 2", "2 stages", "Draft, edited"):
        assert words in page
    assert 'name="input.place"' in page
    client = signed_in(alice)
    refused = client.post(path, {"key": "one"})
    assert refused.status_code == 422
    assert "Fill in Place to run." in refused.content.decode()
    started = client.post(path, {"key": "two", "input.place": "Bergen"})
    again = client.post(path, {"key": "two", "input.place": "Bergen"})
    run = Run.objects.get()
    assert started["Location"] == again["Location"] == f"/runs/{run.public_id}"
    assert run.draft_of == template
    assert run.request["inputs"] == {"place": "Bergen"}
    assert run.title == "Harbor at dawn"

    work_off()
    look = Artifact.objects.filter(run=run).latest("pk").public_id
    assert f'src="/media/{look}/' in page_of(alice, LIST)
    page = page_of(alice, path)
    assert f'src="/media/{look}/' in page
    assert "Your latest run" in page
    assert '<dd class="num">1, 100% completed</dd>' in page
    assert look in page_of(alice, f"{path}/publish")
    for query in ("", "?q=harbor"):
        media = page_of(alice, f"/me/media{query}")
        assert "<bdi>Harbor at dawn</bdi>" in media
        assert "Untitled" not in media


def test_a_public_template_s_own_run_is_its_owner_s_picture_and_no_link_s(alice: User) -> None:
    path = f"/t/{make_public(alice, inputs=[PLACE], stages=STAGES).public_id}"
    signed_in(alice).post(path, {"key": "one", "input.place": "Bergen"})
    work_off()
    look = Artifact.objects.latest("pk").public_id
    page = page_of(alice, path)
    assert "Your latest run" in page
    (social,) = re.findall(r'<meta property="og:image" content="([^"]+)"', page)
    assert look not in social


def test_publishing_a_draft_that_was_never_saved_publishes_what_the_page_shows(alice: User) -> None:
    template = make_template(alice, name="Before")
    edited(alice, template, field("name", "After"))
    path = f"/t/{template.public_id}"
    assert "After" in page_of(alice, f"{path}/publish")
    assert signed_in(alice).post(f"{path}/publish", {"preview": "none"}).status_code == 302
    template.refresh_from_db()
    assert template.published is not None
    assert template.published.spec["name"] == "After"


@pytest.mark.parametrize(
    "ops",
    [
        [field("name", 7), field("description", []), field("tags", {"a": 1})],
        [field("name", " "), field("category", None), field("previewArtifacts", "none")],
        [put("inputs", "a", 3), put("inputs", "b", {"name": "b", "type": "text", "multiple": "x"})],
        [put("inputs", "a", {"name": "a", "type": "select", "options": 4, "default": {}})],
        [put("stages", "a", "none"), put("stages", "b", {"id": 5, "args": []})],
        [{"op": "remove", "table": "root", "key": "template"}],
    ],
)
def test_a_half_done_draft_breaks_no_page(alice: User, ops: list[dict[str, Any]]) -> None:
    template = make_template(alice, name="Before")
    edited(alice, template, *ops)
    for path in (LIST, f"/t/{template.public_id}", f"/t/{template.public_id}/publish"):
        assert "Before" in page_of(alice, path)
    assert signed_in(alice).get(f"/t/{template.public_id}/poster.svg").status_code == 200


def test_a_saved_or_undone_draft_is_the_version_again(alice: User) -> None:
    template = make_template(alice, name="Before")
    edited(alice, template, field("name", "After"))
    templates.save_version(actor=alice, public_id=template.public_id)
    page = page_of(alice, LIST)
    assert "After" in page
    assert "0.0.2, 2 stages" in page
    assert "Draft," not in page


def test_many_drafts_are_read_with_as_many_queries_as_one(alice: User) -> None:
    drafted(alice)

    def count(path: str) -> int:
        client = signed_in(alice)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    before = [count(LIST), count("/me/media")]
    for number in range(5):
        drafted(alice, f"Harbor {number}")
    assert [count(LIST), count("/me/media")] == before
    with CaptureQueriesContext(connection) as seen:
        names = selectors.draft_names(alice, Template.objects.values_list("pk", flat=True))
    assert len(names) == 6
    assert len(seen) == 1


def test_a_duplicate_and_an_export_are_of_the_draft(alice: User) -> None:
    template = drafted(alice)
    client = signed_in(alice)
    sent = {"do": "download", "pick": [template.pk]}
    exported = zipfile.ZipFile(BytesIO(client.post("/me/templates/change", sent).content))
    (name,) = exported.namelist()
    assert name.startswith("harbor-at-dawn-")
    record = json.loads(exported.read(name))
    assert [stage["id"] for stage in record["stages"]] == ["shot1", "shot2"]
    assert client.post(f"/t/{template.public_id}/fork").status_code == 302
    copy = Template.objects.latest("pk")
    assert copy.head is not None
    assert copy.name == "Harbor at dawn (remix)"
    assert len(copy.head.spec["stages"]) == 2

    edited(alice, template, put("stages", "odd", {"id": "odd", "type": "none"}))
    before = Template.objects.count()
    answer = client.post(f"/t/{template.public_id}/fork", follow=True)
    assert "Not duplicated." in answer.content.decode()
    assert Template.objects.count() == before
