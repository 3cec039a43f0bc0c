"""Guests get no file with the notes that ride along in it: a prompt, a place, a title."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from media.models import MarkedCopy
from runs.models import Artifact
from simple_apps import services
from simple_apps.models import SimpleApp
from tests.support.builders.apps import make_app, make_link
from tests.support.builders.asking_templates import BRIEF, LOOKS, PICK, stage
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.creations import media_of, page_of, shared
from tests.support.builders.planted_media import FORMATS, planted_file, words_in
from tests.support.builders.running import work_off
from tests.support.builders.templates import make_template
from tests.support.clients.asgi_requests import request_app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

URL = "/v1/apps/posters"
LOGO = {"name": "logo", "type": "image", "required": False}
FILM = stage("film", args={"text": "$inputs.brief"})
# As a browser's <img> asks, which can't show every type.
IMAGES = {"accept": "image/avif,image/webp,image/png,*/*;q=0.8"}


def stored(name: str) -> Any:
    data, facts = planted_file(name)
    assert words_in(data), "nothing was planted"
    return make_blob(data, kind=facts.kind, mime=facts.mime, width=facts.width)


def app_of(owner: User, *stages: Any) -> SimpleApp:
    template = make_template(owner, brief="x", inputs=[BRIEF, LOGO], stages=list(stages))
    inputs = [{"name": "brief"}, {"name": "logo"}]
    return make_app(owner, template, slug="posters", title="Posters", inputs=inputs)


def run_of(app: SimpleApp) -> tuple[str, str]:
    """Start a run as a guest; returns the link's token and the run's."""
    link = make_link(app)
    headers = {"authorization": f"Bearer {link}", "x-guest": "me"}
    body = {"inputs": {"brief": "A fox"}}
    answer = Client().post(f"{URL}/runs", body, content_type="application/json", headers=headers)
    assert answer.status_code == 201, answer.content
    work_off()
    return link, answer.json()["data"]["run"]["id"]


def read(token: str) -> Any:
    return Client().get(f"{URL}/runs/{token}").json()["data"]["run"]


def check_file(url: str) -> None:
    """Fetch a file in every way that an address has: it comes, and nothing rides along."""
    etag = url.split("/")[4]
    ways = [
        request_app("GET", url),
        request_app("GET", f"{url}?download=1"),
        request_app("GET", url, IMAGES),
        request_app("GET", url, {"range": "bytes=0-1000000"}),
        request_app("GET", url, {"if-none-match": f'"{etag}"'}),
    ]
    for answer in ways:
        assert answer.status in (200, 206), answer.text[:300]
        assert answer.body
        assert words_in(answer.body) == []


def test_results_of_every_kind_are_copies_without_notes(alice: User) -> None:
    _, token = run_of(app_of(alice, FILM))
    artifact = Artifact.objects.get()
    for name in FORMATS:
        artifact.blob = stored(name)
        artifact.kind = artifact.blob.kind
        artifact.save(update_fields=["blob", "kind"])
        [output] = read(token)["outputs"]
        check_file(output["files"][0]["url"])
    # Each is made once.
    assert MarkedCopy.objects.count() == len(FORMATS)


def test_what_a_question_a_default_and_the_picture_show_is_a_copy(alice: User) -> None:
    app = app_of(alice, LOOKS, PICK, FILM)
    link, token = run_of(app)
    Artifact.objects.update(blob=stored("PNG"))
    choices = read(token)["question"]["choices"]
    assert len(choices) == 3
    for choice in choices:
        check_file(choice["url"])
    picture = make_upload(alice, stored("JPEG"))
    inputs = [{"name": "brief"}, {"name": "logo", "default": picture.public_id}]
    changes = {"picture": picture.public_id, "inputs": inputs}
    services.change_app(actor=alice, app=app, changes=changes)
    form = Client().get("/a/posters/form", headers={"authorization": f"Bearer {link}"})
    addresses = set(re.findall(r"/media/[^\"'& ]+", form.content.decode()))
    assert len(addresses) == 2
    for address in addresses:
        check_file(address)


def test_a_guest_gets_the_copy_that_a_creation_shows(alice: User) -> None:
    _, token = run_of(app_of(alice, FILM))
    artifact = Artifact.objects.select_related("run").get()
    artifact.blob, artifact.meta = stored("PNG"), {"origin": "planned", "plannedBy": "a model"}
    artifact.save(update_fields=["blob", "meta"])
    [output] = read(token)["outputs"]
    answer = request_app("GET", output["files"][0]["url"])
    share = shared(artifact.run, details="")
    assert answer.body == request_app("GET", media_of(page_of(share))[0]).body


def test_a_file_that_cannot_be_copied_is_not_shown(alice: User) -> None:
    _, token = run_of(app_of(alice, FILM))
    data, facts = planted_file("PNG")
    Artifact.objects.update(blob=make_blob(data[:200], kind=facts.kind, mime=facts.mime))
    [output] = read(token)["outputs"]
    answer = request_app("GET", output["files"][0]["url"])
    assert answer.status == 422
    assert "PNG or MP4" in answer.text
