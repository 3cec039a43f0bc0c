"""Where a file comes from, as visitors, other sites and programs read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from creations.models import Share
from media import signing
from runs.models import Run
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.creations import page_of, shared
from tests.support.builders.running import start, work_off
from tests.support.clients.api import Api
from tests.support.fakes.openai_server import KEY, OpenAIServer
from tests.support.markup import flat
from tools import registry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SMALL = {"prompt": "a red fox", "width": 64, "height": 64}
DRAWN = {"id": "drawn", "toolName": "generate_image", "arguments": SMALL}
GENERATED = {
    "id": "generated",
    "toolName": "generate_image",
    "arguments": {"prompt": "a red fox", "model": "gpt-image-1"},
}


@pytest.fixture
def service(settings: Any) -> Iterator[OpenAIServer]:
    """A service that generates, beside the built-in studio."""
    with OpenAIServer() as server:
        models = {"images": ["gpt-image-1"], "edits": ["gpt-image-1"]}
        settings.PROVIDERS = {
            "openai": {"kind": "openai", "base_url": server.url, "key": KEY, **models}
        }
        registry.rebuild()
        yield server
    del settings.PROVIDERS
    registry.rebuild()


def finished(owner: User, *steps: dict[str, Any]) -> Run:
    return worked_off(start(owner, steps))


def worked_off(run: Run) -> Run:
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    return run


def change(source: str, *more: str) -> dict[str, Any]:
    """Return a step of the studio that only makes another one's picture larger."""
    return {
        "id": "larger",
        "toolName": "upscale_image",
        "arguments": {"sourceImageIndex": 0, "scale": 2},
        "dependsOn": [source, *more],
    }


def embed_of(share: Share) -> str:
    return flat(Client().get(f"/embed/{share.public_id}").content.decode())


def oembed_of(share: Share) -> dict[str, Any]:
    link = f"http://testserver/s/{share.public_id}"
    body: dict[str, Any] = Client().get("/oembed", {"url": link}).json()
    return body


def linked_data(page: str) -> list[dict[str, Any]]:
    """Return what search engines read of a page's files."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return [one for block in blocks for one in json.loads(block)["@graph"]]


def check_says(share: Share, line: str, source_type: str) -> None:
    """Check that the page, the embed and the answer of oEmbed say it, alternative texts too."""
    page = flat(page_of(share))
    assert f'<span class="origin">{line}</span>' in page
    assert f'alt="Dawn, {line}"' in page
    assert f'<meta property="og:image:alt" content="Dawn, {line}">' in page
    (file,) = linked_data(page)
    assert file["digitalSourceType"] == IPTC + source_type
    assert file["contentUrl"].startswith(f"http://testserver/media/s/{share.public_id}/")
    embed = embed_of(share)
    assert f'<span class="origin">{line}</span>' in embed
    assert f'alt="Dawn, {line}"' in embed
    body = oembed_of(share)
    assert (body["origin"], body["digital_source_type"]) == (line, IPTC + source_type)


def check_says_nothing(share: Share) -> None:
    page = flat(page_of(share))
    assert 'class="origin"' not in page
    assert 'alt="Dawn"' in page
    assert linked_data(page) == []
    assert 'class="origin"' not in embed_of(share)
    assert {"origin", "digital_source_type"}.isdisjoint(oembed_of(share))


def test_what_a_service_generated_is_made_with_ai(
    alice: User, service: OpenAIServer, settings: Any
) -> None:
    share = shared(finished(alice, GENERATED))
    check_says(share, "Made with AI", "trainedAlgorithmicMedia")
    settings.ORIGIN_LINE_AI = "KI & <b>Kunst</b>"
    page = Client().get(f"/s/{share.public_id}").content.decode()
    assert '<span class="origin">KI &amp; &lt;b&gt;Kunst&lt;/b&gt;</span>' in page


def test_what_the_studio_drew_is_drawn_by_a_program(alice: User, settings: Any) -> None:
    share = shared(finished(alice, DRAWN))
    check_says(share, "Drawn by a program", "algorithmicMedia")
    settings.ORIGIN_LINE_DRAWN = ""
    page = page_of(share)
    assert 'class="origin"' not in page
    # Programs are told as before.
    assert linked_data(page)[0]["digitalSourceType"] == IPTC + "algorithmicMedia"


def test_a_change_of_what_a_service_generated_is_made_with_ai(
    alice: User, service: OpenAIServer
) -> None:
    share = shared(finished(alice, GENERATED, change("generated")))
    check_says(share, "Made with AI", "compositeWithTrainedAlgorithmicMedia")


def test_a_change_of_an_upload_claims_nothing(alice: User, alice_key: str) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    photo = "http://testserver" + signing.signed_path(upload.public_id, "photo.jpg")
    larger = {**change("upload"), "dependsOn": []}
    larger["arguments"]["sourceImageIndex"] = -1
    body = {"input": {"steps": [larger]}, "media_references": [{"type": "image", "url": photo}]}
    answer = Api(alice_key).post("/v1/creative-agent/workflows", body)
    assert answer.status_code < 300, answer.json()
    check_says_nothing(shared(worked_off(Run.objects.get())))
