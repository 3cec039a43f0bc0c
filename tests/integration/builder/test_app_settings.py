"""A template is shared as an app, and its author changes it, limits it and ends it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from media import resolvers
from media.signing import signed_path
from runs.models import Step
from simple_apps import services
from simple_apps.models import GuestLink, GuestRun, SimpleApp
from templates_app.documents import services as documents
from templates_app.lifecycle import services as templates
from templates_app.models import Template
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import stage
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.editing import apply
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}
INPUTS = [
    {"name": "brief", "type": "text", "description": "Your idea", "required": True},
    {"name": "mood", "type": "text", "default": "calm"},
]
STAGES = [stage("words", args={"text": "$inputs.brief"})]
FORM = {
    "title": "Posters",
    "slug": "posters",
    "intro": "",
    "guests_answer": "1",
    "inputs": ["mood", "brief"],
    "input.brief": "",
    "input.mood": "wild",
    "label.brief": "What is it about?",
}


@pytest.fixture
def template(alice: User) -> Template:
    return make_template(alice, name="Posters", inputs=INPUTS, stages=STAGES)


@pytest.fixture
def app(alice: User, template: Template) -> SimpleApp:
    return make_app(alice, template, slug="posters")


def test_an_app_begins_with_the_templates_preview_and_the_name_of_what_was_remixed(
    alice: User,
) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    url = f"http://testserver{signed_path(upload.public_id, 'me.jpg')}"
    template = make_template(
        alice,
        name="Posters (remix) (remix 2)",
        stages=STAGES,
        inputs=[*INPUTS, {"name": "unused", "type": "text", "required": True}],
        previewArtifacts=[{"stageId": "words", "mediaType": "image", "url": url}],
    )
    app = make_app(alice, template)
    assert (app.title, app.slug, app.picture) == ("Posters", "posters", upload.blob)
    guest = guest_by(make_link(app))
    page = guest.get("/a/posters/form").content.decode()
    assert f"/media/a/posters/{upload.blob_id}/picture" in page
    # No stage takes the other required input.
    assert re.findall(r'data-missing="([^"]+)"', page) == ["Fill in Your idea to run."]
    assert started(guest, brief="A fox")


def saved(alice: User, **changes: Any) -> Any:
    return signed_in(alice).post("/me/apps/posters", {**FORM, **changes})


def linked(page: str) -> str:
    """The token of the link that a page shows."""
    found = re.search(r'value="http://testserver/a/posters#k=([^"]+)"', page)
    assert found, page
    return found[1]


def guest_by(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}", "X-Guest": "me"})


def started(guest: Client, **inputs: Any) -> dict[str, Any]:
    """The run that a guest starts."""
    answer = guest.post("/v1/apps/posters/runs", {"inputs": inputs}, "application/json")
    assert answer.status_code == 201, answer.content
    run: dict[str, Any] = answer.json()["data"]["run"]
    return run


def test_sharing_a_template_makes_its_app_once_and_a_link_each_time(
    alice: User, template: Template
) -> None:
    address, client = f"/t/{template.public_id}/app", signed_in(alice)
    opened = documents.open_document(viewer=alice, public_id=template.public_id)
    assert opened.document is not None
    new_name = {"op": "set", "table": "root", "key": "template", "path": ["name"]}
    apply(alice, opened.document, {**new_name, "value": "Posters again"})
    assert "saved as a version first" in client.get(address).content.decode()
    assert SimpleApp.objects.count() == 0

    shown = client.post(address, follow=True)
    app, link = SimpleApp.objects.get(), GuestLink.objects.get()
    assert (app.title, app.slug) == ("Posters again", "posters-again")
    allowance = link.allowance
    assert (allowance.most_runs, allowance.most_milli) == (20, 100_000)
    # Without scripts, too.
    assert "/a/posters-again#k=" in shown.content.decode()
    assert 'class="qr"' in shown.content.decode()
    # It can't be read again.
    assert "#k=" not in client.get("/me/apps/posters-again").content.decode().replace(
        "<code>#k=", ""
    ).replace("#k=TOKEN", "")

    wrong = client.post(address, {"runs": "0", "units": "100", "days": "7"}, headers=HTMX)
    assert wrong.status_code == 422
    assert "Must be 1 or more." in wrong.content.decode()
    part = client.post(address, {"runs": "2", "units": "1.5", "days": "3"}, headers=HTMX)
    assert "#k=" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert (SimpleApp.objects.count(), GuestLink.objects.count()) == (1, 2)
    assert GuestLink.objects.latest("id").allowance.most_milli == 1500


def test_an_author_changes_what_guests_see_and_reads_what_is_wrong_beside_it(
    alice: User, app: SimpleApp
) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    named = {"title": 'A "poster"'}
    assert saved(alice, **named).status_code == 302
    code = signed_in(alice).get("/me/apps/posters").content.decode()
    assert "title=&quot;A &amp;quot;poster&amp;quot;&quot;" in code
    look = {"picture": upload.public_id, "has_accent": "on", "accent": "#CC3300"}
    assert saved(alice, **look).status_code == 302
    app.refresh_from_db()
    assert [(row["name"], row.get("default")) for row in app.inputs] == [
        ("mood", "wild"),
        ("brief", None),
    ]
    assert (app.inputs[1]["label"], app.accent) == ("What is it about?", "#cc3300")
    assert app.picture_id == upload.blob_id
    page = signed_in(alice).get("/me/apps/posters").content.decode()
    picture = re.search(r'src="(/media/a/posters/[^"]+)"', page)
    assert picture
    assert request_app("GET", picture[1]).status == 200

    # Where no script does it.
    moved = saved(alice, move="up:brief")
    assert moved["Location"] == "/me/apps/posters#inputs"
    app.refresh_from_db()
    assert [row["name"] for row in app.inputs] == ["brief", "mood"]

    make_app(alice, app.template, slug="taken", title="Other")
    for wrong, field, problem in (
        ({"slug": "taken"}, "app-slug", "This address is taken."),
        ({"slug": "No!"}, "app-slug", "Use 3 to 60 lowercase letters"),
        ({"embed_origins": "https://a.example/x"}, "app-origins", "is no site."),
        ({"picture": "made-up"}, "app-picture", "Choose an image of your own."),
        ({"hidden.brief": "on"}, "brief", "Runs need this."),
    ):
        answer = saved(alice, **{"title": "Typed", **wrong})
        assert answer.status_code == 422, wrong
        text = answer.content.decode()
        assert problem in text.partition(f'id="{field}-problem"')[2][:600], wrong
        assert 'value="Typed"' in text
    app.refresh_from_db()
    assert app.title == "Posters"


def preview(client: Client, **fields: Any) -> str:
    answer = client.post("/me/apps/posters/preview", {**FORM, **fields}, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_preview_follows_what_is_typed_and_saves_nothing(
    alice: User, bob: User, app: SimpleApp
) -> None:
    client = signed_in(alice)
    page = client.get("/me/apps/posters").content.decode()
    beside = page.partition('id="preview-head"')[2].partition("</aside>")[0]
    assert "Your idea" in beside
    assert "Mood" in beside
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))

    own = make_upload(alice, make_blob(jpeg_with_place()))
    typed = preview(
        client, title="Typed <b>", intro="At home", picture=own.public_id, **{"help.mood": "Any"}
    )
    assert "Typed &lt;b&gt;" in typed
    assert "At home" in typed
    assert typed.index("Mood") < typed.index("What is it about?")
    assert "wild</textarea>" in typed
    assert "Any" in typed
    address = re.findall(r'<img[^>]*src="([^"]+)"', typed)[0].replace("&amp;", "&")
    assert request_app("GET", address).status == 200
    assert "Mood" not in preview(client, **{"hidden.mood": "on"})

    others = make_upload(bob, make_blob(jpeg_with_place()))
    assert others.public_id not in preview(client, picture=others.public_id)
    assert client.post("/me/apps/posters/preview", headers=HTMX).status_code == 400
    assert client.get("/me/apps/posters/preview").status_code == 405
    assert signed_in(bob).post("/me/apps/posters/preview", FORM).status_code == 404
    app.refresh_from_db()
    assert (app.title, app.intro, app.inputs, app.picture) == ("Posters", "", [], None)


class TestDefaults:
    """Files and lists as defaults, and no default instead of the template's."""

    INPUTS = (
        {"name": "photo", "type": "image", "required": True},
        {"name": "words", "type": "text", "multiple": {"min": 1, "max": 3}},
        {"name": "mood", "type": "text", "default": "calm", "jsonSchema": {"pattern": "^[a-z]+$"}},
    )

    @pytest.fixture
    def app(self, alice: User) -> SimpleApp:
        look = stage("look", args={"source_image_url": "$inputs.photo"})
        words = stage("words", args={"text": "$inputs.mood"})
        template = make_template(alice, inputs=list(self.INPUTS), stages=[look, words])
        return make_app(alice, template, slug="posters")

    def saved(self, alice: User, **fields: Any) -> Any:
        form = {**FORM, "inputs": ["photo", "words", "mood"], "input.mood": "calm"}
        return signed_in(alice).post("/me/apps/posters", {**form, **fields})

    def test_a_file_is_shown_to_guests_and_taken_where_they_send_none(
        self, alice: User, bob: User, app: SimpleApp
    ) -> None:
        upload = make_upload(alice, make_blob(jpeg_with_place()))
        url = f"http://testserver{signed_path(upload.public_id, 'me.jpg')}"
        assert self.saved(alice, **{"input.photo": url, "hidden.photo": "on"}).status_code == 302
        page = signed_in(alice).get("/me/apps/posters").content.decode()
        shown = re.search(r'value="(http://testserver/media/a/posters/[^"]+)"', page)
        assert shown
        # Saved again as the page shows it, and once its upload is gone.
        upload.delete()
        assert self.saved(alice, **{"input.photo": shown[1]}).status_code == 302
        app.refresh_from_db()
        assert resolvers.needed([str(upload.blob_id)]) == {upload.blob_id}

        guest = guest_by(make_link(app))
        form = guest.get("/a/posters/form").content.decode()
        assert shown[1] in form
        assert "&amp;s=" not in form
        address = shown[1].removeprefix("http://testserver")
        assert request_app("GET", address).status == 200
        for inputs in ({}, {"photo": shown[1]}):
            assert started(guest, words=["a"], **inputs)["inputs"]["photo"] == shown[1]

        others = make_upload(bob, make_blob(jpeg_with_place()))
        for wrong, problem in (
            (signed_path(others.public_id, "x.jpg"), "Choose a file of your own."),
            (signed_path(upload.public_id, "x.jpg") + "x", "This address has expired."),
        ):
            answer = self.saved(alice, **{"input.photo": f"http://testserver{wrong}"})
            assert answer.status_code == 422
            page = answer.content.decode()
            assert problem in page.partition('id="photo-problem"')[2][:600]
        refused = self.saved(alice, **{"pick.photo": others.public_id})
        assert refused.status_code == 422
        assert f"{others.public_id}/file?" not in refused.content.decode()
        assert self.saved(alice).status_code == 302
        assert request_app("GET", address).status == 404

    def test_of_several_values_and_none(self, alice: User, app: SimpleApp) -> None:
        lines = {"input.words": "one\r\n\r\ntwo\r\n", "unset.mood": "on"}
        assert self.saved(alice, **lines).status_code == 302
        app.refresh_from_db()
        assert app.inputs[1:] == [
            {"name": "words", "hidden": False, "default": ["one", "two"]},
            {"name": "mood", "hidden": False, "default": None},
        ]
        page = signed_in(alice).get("/me/apps/posters").content.decode()
        assert "one\ntwo</textarea>" in page
        photo = make_upload(alice, make_blob(jpeg_with_place()))
        url = f"http://testserver{signed_path(photo.public_id, 'me.jpg')}"
        started(guest_by(make_link(app)), photo=url)
        work_off()
        assert "text" not in Step.objects.get(key="words").arguments
        many = self.saved(alice, **{"input.words": "1\n2\n3\n4"})
        assert "takes at most 3 values; got 4." in many.content.decode()
        # As a start would refuse it.
        wrong = self.saved(alice, **{"input.mood": "WILD"})
        assert wrong.status_code == 422
        problem = wrong.content.decode().partition('id="mood-problem"')[2][:600]
        assert "Mood isn&#x27;t valid" in problem


def test_links_and_runs_of_guests_are_listed_kept_and_ended(alice: User, app: SimpleApp) -> None:
    client = signed_in(alice)
    token = linked(
        client.post("/me/apps/posters/links", {"label": "Friends"}, follow=True).content.decode()
    )
    run_token = started(guest_by(token), brief="A fox")["id"]
    work_off()
    row = GuestRun.objects.get()
    page = client.get("/me/apps/posters").content.decode()
    assert "1 of 20" in page
    assert "Friends" in page
    assert row.token_sha256[:8] in page
    for address in ("/me/runs", f"/runs/{row.run.public_id}"):
        page = client.get(address).content.decode()
        assert re.search(r"a guest of\s+<(a|bdi)\b[^>]*>(<bdi>)?Posters", page), address

    client.post(f"/me/apps/posters/runs/{row.run.public_id}/keep")
    row.refresh_from_db()
    assert row.goes_at is None
    link = GuestLink.objects.get()
    client.post(f"/me/apps/posters/links/{link.pk}/end")
    assert "No open links" in client.get("/me/apps/posters").content.decode()
    look = client.post("/me/apps/posters/look")
    assert look["Location"].startswith("/a/posters#k=")
    client.post("/me/apps/posters/end")
    assert client.get("/me/apps/posters").status_code == 404
    assert Client().get(f"/v1/apps/posters/runs/{run_token}").status_code == 404
    assert "No apps yet" in client.get("/me/apps").content.decode()


def test_the_newest_version_names_what_is_gone_before_it_is_used(
    alice: User, app: SimpleApp, template: Template
) -> None:
    client = signed_in(alice)
    changes = {"inputs": [INPUTS[0], {"name": "size", "type": "text"}]}
    templates.patch_template(
        actor=alice, public_id=template.public_id, changes=changes, own_hosts=["testserver"]
    )
    page = client.get("/me/apps/posters").content.decode()
    assert "No longer there: <bdi>Mood</bdi>" in page
    assert "New: <bdi>Size</bdi>" in page
    client.post("/me/apps/posters/version")
    app.refresh_from_db()
    template.refresh_from_db()
    assert app.version_id == template.head_id


def test_no_one_else_finds_an_app(alice: User, bob: User, app: SimpleApp) -> None:
    client, link = signed_in(bob), services.create_link(actor=alice, app=app, fields={})[0]
    assert client.get(f"/t/{app.template.public_id}/app").status_code == 404
    assert client.get("/me/apps/posters").status_code == 404
    for way in ("end", "links", f"links/{link.pk}/end", "look", "version", "runs/x/keep"):
        assert client.post(f"/me/apps/posters/{way}").status_code == 404, way
    assert client.post("/me/apps/posters", FORM).status_code == 404
