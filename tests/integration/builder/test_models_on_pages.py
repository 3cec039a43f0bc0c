"""Where a run made a 3D model, pages and programs find a still of it; templates show that still."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.web.editor.run_state import state_of
from media import posters
from media.models import Still
from runs import selectors
from runs.engine import retention
from runs.models import Artifact, Run
from runs.web import serializers
from templates_app.documents.services import open_document
from templates_app.models import Template
from tests.support.builders.blobs import make_blob
from tests.support.builders.drafts import note
from tests.support.builders.models3d import glb
from tests.support.builders.running import start_template, work_off
from tests.support.builders.templates import make_template

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [note("one"), note("two", "two", "one")]
STILL = r"/media/still_{}/poster\.webp\?"


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A still of the full size takes two seconds of CPU."""
    monkeypatch.setattr(posters, "WIDTH", 160)


@pytest.fixture
def template(alice: User) -> Template:
    return make_template(alice, name="Solid", stages=STAGES, inputs=[])


@pytest.fixture
def run(alice: User, template: Template) -> Run:
    """One picture, and one model of it."""
    run = start_template(alice, template)
    work_off()
    solidify(run, glb())
    return run


def solidify(run: Run, data: bytes) -> None:
    blob = make_blob(data, kind="model", mime="model/gltf-binary")
    Artifact.objects.filter(run=run, step__key="two").update(kind="model", blob=blob)


def model_of(run: Run) -> Artifact:
    return Artifact.objects.get(run=run, kind="model")


def finds_still(text: str, run: Run) -> bool:
    return bool(re.search(STILL.format(model_of(run).public_id), text))


def test_its_page_and_the_list_of_runs_show_it(run: Run, browser: Client) -> None:
    page = browser.get(f"/runs/{run.public_id}").content.decode()
    assert finds_still(page, run)
    # On the screen, with the model to turn, and for the row.
    assert page.count(f'data-artifact="{model_of(run).public_id}"') == 1
    assert len(re.findall('data-model="http', page)) == 1
    steps = browser.get(f"/app/runs/{run.public_id}/page").json()["steps"]
    [model] = [one for step in steps for one in step["artifacts"] if one["kind"] == "model"]
    assert finds_still(model["posterUrl"], run)
    assert finds_still(browser.get("/me/runs").content.decode(), run)


def test_programs_and_the_editor_find_it(run: Run) -> None:
    shown = serializers.record(run, base_url="https://h")
    by_type = {one["type"]: one for one in shown["artifacts"]}
    assert finds_still(by_type["model"]["posterUrl"], run)
    assert "posterUrl" not in by_type["image"]
    steps = state_of(run, run.owner, "https://h")["steps"]
    media = [one for step in steps for one in step["artifacts"]]
    assert finds_still(next(one["posterUrl"] for one in media if one["kind"] == "model"), run)


def test_a_run_becomes_a_preview_by_its_still(
    run: Run, template: Template, browser: Client
) -> None:
    browser.post(f"/app/runs/{run.public_id}/preview")
    template.refresh_from_db()
    assert template.head is not None
    first = template.head.spec["previewArtifacts"][0]
    reference = f"reelgraph:object/{posters.still_id(model_of(run).public_id)}/poster.webp"
    assert (first["stageId"], first["mediaType"], first["url"]) == ("two", "image", reference)
    mine = browser.get("/me/templates").content.decode()
    assert finds_still(mine, run)
    # The run that it came from is kept.
    assert retention.shown_results([run.pk]) == {run.pk}


def test_publishing_copies_the_still(run: Run, template: Template, browser: Client) -> None:
    form = browser.get(f"/t/{template.public_id}/publish").content.decode()
    assert finds_still(form, run)
    answer = browser.post(
        f"/t/{template.public_id}/publish",
        {"preview": model_of(run).public_id, "name": "Solid", "category": "other"},
    )
    assert answer.status_code == 302, answer.content.decode()
    template.refresh_from_db()
    assert template.published is not None
    [shown] = template.published.spec["previewArtifacts"]
    assert shown["mediaType"] == "image"
    assert shown["url"].startswith("reelgraph:blob/")
    card = Client().get("/").content.decode()
    assert re.search(rf"/media/t/{template.published.pk}/[0-9a-f]{{64}}", card)


def test_the_editor_makes_a_preview_of_it(
    run: Run, template: Template, alice: User, browser: Client
) -> None:
    open_document(viewer=alice, public_id=template.public_id)

    def ask() -> Any:
        return browser.post(
            f"/app/documents/{template.public_id}/preview",
            json.dumps({"artifact": model_of(run).public_id}),
            content_type="application/json",
        )

    body = ask().json()
    assert body["previewArtifact"]["mediaType"] == "image", body
    assert body["reference"].startswith("reelgraph:object/still_art_")
    solidify(run, b"glTF" + b"\xff" * 400)
    assert ask().status_code == 404


def test_what_cannot_be_drawn_becomes_no_preview(
    run: Run, template: Template, browser: Client
) -> None:
    solidify(run, b"glTF" + b"\xff" * 400)
    assert browser.get(f"/runs/{run.public_id}").status_code == 200
    browser.post(f"/app/runs/{run.public_id}/preview")
    template.refresh_from_db()
    assert template.head is not None
    assert not template.head.spec.get("previewArtifacts")
    assert not Still.objects.get().is_drawn


def test_a_film_or_picture_looks_as_before(run: Run, alice: User) -> None:
    assert selectors.newest_looks([run])[run.pk].kind == "model"
    Artifact.objects.filter(run=run, step__key="one").update(kind="video")
    assert selectors.newest_looks([run])[run.pk].kind == "video"
