"""Sharing a run: its page, its media, its embed, and the end of all three."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from accounts.models import User
from creations.models import Share
from runs.models import Artifact, Run
from tests.support.asgi_requests import request_app
from tests.support.blobs import SECRET, film_with_place, make_blob
from tests.support.running import start_template, work_off
from tests.support.templates import make_template
from tests.support.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)

STAGES = [
    {
        "id": "one",
        "label": "Harbor",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["one"],
        "args": {"prompt": "$inputs.say"},
    }
]
INPUTS = [{"name": "say", "type": "text", "required": True}]


@pytest.fixture
def run(alice: User) -> Run:
    template = make_template(alice, name="Harbor", stages=STAGES, inputs=INPUTS)
    run = start_template(alice, template, say="a secret harbor at dawn")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    return run


def shared(alice: User, run: Run, **choices: Any) -> Share:
    sent = {"title": "Dawn", "visibility": "unlisted", "license": "cc_by", **choices}
    answer = signed_in(alice).post(f"/app/runs/{run.public_id}/share", sent)
    assert answer.status_code == 302, answer.content.decode()
    return Share.objects.get(run=run, ended_at=None)


def test_a_visitor_sees_the_media_and_nothing_else(alice: User, run: Run) -> None:
    share = shared(alice, run)
    page = Client().get(f"/s/{share.public_id}")
    text = html.unescape(page.content.decode())
    assert page.status_code == 200
    assert "Dawn" in text
    assert "CC BY 4.0" in text
    assert "secret harbor" not in text
    assert run.public_id not in text
    [url] = set(re.findall(r'src="(/media/s/[^"]+)"', text))
    assert request_app("GET", url).status == 200
    assert Client().post(f"/s/{share.public_id}/remix").status_code == 302
    answer = Client().get("/oembed", {"url": f"http://testserver/s/{share.public_id}"})
    assert answer.json()["title"] == "Dawn"
    embed = Client().get(f"/embed/{share.public_id}")
    assert "frame-ancestors *" in embed["Content-Security-Policy"]


def test_prompts_and_remix_are_shown_when_chosen(alice: User, bob: User, run: Run) -> None:
    share = shared(alice, run, prompts="on", remix="on")
    page = html.unescape(signed_in(bob).get(f"/s/{share.public_id}").content.decode())
    assert "a secret harbor at dawn" in page
    assert "Remix" in page
    answer = signed_in(bob).post(f"/s/{share.public_id}/remix")
    assert answer.status_code == 302, answer.content
    remixed = share.remixed_as.get().template
    assert remixed.owner == bob
    assert remixed.head.spec["inputs"][0]["default"] == "a secret harbor at dawn"


def test_ending_it_ends_every_address(alice: User, run: Run) -> None:
    share = shared(alice, run)
    page = Client().get(f"/s/{share.public_id}").content.decode()
    [url] = set(re.findall(r'src="(/media/s/[^"]+)"', page))
    signed_in(alice).post(f"/app/runs/{run.public_id}/unshare")
    for path in (
        f"/s/{share.public_id}",
        f"/embed/{share.public_id}",
        f"/s/{share.public_id}/qr.svg",
    ):
        assert Client().get(path).status_code == 404
    assert request_app("GET", url).status == 404
    again = shared(alice, run)
    assert again.public_id != share.public_id


def test_notes_that_ride_along_stay_behind(alice: User, run: Run) -> None:
    blob = make_blob(film_with_place(), kind="video", mime="video/mp4")
    Artifact.objects.filter(run=run).update(blob=blob, kind="video")
    share = shared(alice, run)
    kept = share.media.get()
    assert kept.blob_id != blob.pk
    assert kept.poster is not None
    from media.blobs import path_of

    assert SECRET.encode() not in path_of(kept.blob_id).read_bytes()


@pytest.mark.parametrize(("width", "has_still"), [(640, False), (1600, True)])
def test_an_image_larger_than_a_card_has_a_still(
    alice: User, run: Run, width: int, has_still: bool
) -> None:
    image = io.BytesIO()
    Image.new("RGB", (width, width // 2), "teal").save(image, "PNG")
    Artifact.objects.filter(run=run).update(blob=make_blob(image.getvalue(), width=width))
    share = shared(alice, run, visibility="public")
    listed = Client().get("/creations").content.decode()
    [url] = set(re.findall(rf'src="(/media/s/{share.public_id}/[^"]+)"', listed))
    assert url.endswith("/poster.webp") == has_still
    still = Image.open(io.BytesIO(request_app("GET", url).body))
    assert still.width == 640
