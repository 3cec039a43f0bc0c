"""Files that a template brings itself: its stages work on them inside another template, too."""

from __future__ import annotations

import pytest

from accounts.models import User
from media import signing
from runs.models import Artifact
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import start_template, status_after_work
from tests.support.builders.templates import BASE_URL, make_template

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_the_example_of_an_input_is_worked_on(alice: User, bob: User, visibility: str) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    link = BASE_URL + signing.signed_path(upload.public_id, upload.filename)
    still = {
        "id": "still",
        "type": "fixed",
        "tool": "note",
        "args": {"text": "x", "source_image_url": "$inputs.photo"},
        "produces": ["still"],
    }
    photo = {"name": "photo", "type": "image", "default": link}
    make_template(
        alice, id="shot", name="Shot", inputs=[photo], stages=[still], visibility=visibility
    )
    person = bob if visibility == "public" else alice
    shot = {"id": "a", "type": "fixed", "tool": "template:shot", "args": {}, "produces": ["a"]}
    run = start_template(person, make_template(person, name="Film", inputs=[], stages=[shot]))
    assert status_after_work(run) == "completed", run.error
    [picture] = Artifact.objects.filter(run=run, step__key="a.still")
    assert len(picture.meta["saw"]) == 1
