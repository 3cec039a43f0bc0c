"""Origins of files on pages, in embeds and oEmbed, in JSON-LD and in the API."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import User
from builder.web.creation_pages import lists
from compose.drafting import DraftRequest, draft
from creations.models import Share
from media import signing
from runs.models import Artifact, Run
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.creations import page_of, shared
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import make_template
from tests.support.clients import chat_runs
from tests.support.clients.api import Api
from tests.support.clients.chat_runs import started
from tests.support.clients.chatting import answered, say
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in
from tests.support.fakes.compose_answers import MODEL, plan, says, scene
from tests.support.fakes.compose_model_server import ComposeModelServer, Said, configure
from tests.support.fakes.openai_server import KEY, OpenAIServer
from tests.support.markup import flat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SMALL = {"prompt": "a red fox", "width": 64, "height": 64}
DRAWN = {"id": "drawn", "toolName": "generate_image", "arguments": SMALL}
DRAWN_STAGE = {
    "id": "drawn",
    "type": "fixed",
    "tool": "generate_image",
    "produces": ["drawn"],
    "args": SMALL,
}
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
        yield server


def finished(owner: User, *steps: dict[str, Any]) -> Run:
    return worked_off(start(owner, steps))


def worked_off(run: Run) -> Run:
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    return run


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
    run = finished(alice, GENERATED)
    page = flat(signed_in(alice).get(f"/runs/{run.public_id}").content.decode())
    assert '<p class="film-origin">Made with AI</p>' in page
    assert f'alt="{run.title}, Made with AI"' in page
    state = json.loads(re.findall(r'<script id="run-state"[^>]*>(.*?)</script>', page, re.S)[0])
    assert state["page"]["title"] == f"{run.title}, Made with AI"
    assert state["steps"][0]["artifacts"][0]["origin"] == "Made with AI"
    share = shared(run)
    check_says(share, "Made with AI", "trainedAlgorithmicMedia")
    settings.ORIGIN_LINE_AI = "KI & <b>Kunst</b>"
    page = Client().get(f"/s/{share.public_id}").content.decode()
    assert '<span class="origin">KI &amp; &lt;b&gt;Kunst&lt;/b&gt;</span>' in page


def test_what_the_studio_drew_is_drawn_by_a_program(alice: User, settings: Any) -> None:
    share = shared(finished(alice, DRAWN))
    check_says(share, "Drawn by a program", "algorithmicMedia")
    # Once above all cards, and on none.
    for _ in range(2):
        shared(finished(alice, DRAWN), visibility="public")
    gallery = flat(Client().get("/creations").content.decode())
    assert gallery.count("Drawn by a program") == 1
    assert '<p class="drawn-line" id="drawn-line">Previews: Drawn by a program</p>' in gallery
    settings.ORIGIN_LINE_DRAWN = ""
    page = page_of(share)
    assert 'class="origin"' not in page
    # Programs are told as before.
    assert linked_data(page)[0]["digitalSourceType"] == IPTC + "algorithmicMedia"


def test_more_cards_bring_the_line_of_their_list_again(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SHOWN", 1)
    note = {"id": "note", "toolName": "note", "arguments": {"text": "a"}}
    for step in (DRAWN, note):
        shared(finished(alice, step), visibility="public")
    client = Client(headers={"HX-Request": "true", "HX-Target": "more"})
    first = flat(Client().get("/creations?sort=new").content.decode())
    assert '<p class="drawn-line" id="drawn-line"></p>' in first
    link = re.findall(r'hx-get="([^"]*after=[^"]*)"', first)[0].replace("&amp;", "&")
    line = '<p class="drawn-line" id="drawn-line" hx-swap-oob="true">{}: Drawn by a program</p>'
    for earlier, said in (
        ("", "Some previews"),
        ("Some previews: Drawn by a program", "Some previews"),
        ("Previews: Drawn by a program", "Previews"),
    ):
        more = flat(client.get(f"{link}&drawn_line={quote(earlier)}").content.decode())
        assert line.format(said) in more
        assert more.count("Drawn by a program") == 1


def test_a_film_of_both_is_made_with_ai(alice: User, service: OpenAIServer, settings: Any) -> None:
    settings.STUDIO = {**settings.STUDIO, "width": 64, "height": 36, "fps": 8}
    moving = {
        "id": "moving",
        "toolName": "animate_photo",
        "arguments": {"prompt": "push in", "sourceImageIndex": 0},
        "dependsOn": ["generated"],
    }
    other = {"id": "other", "toolName": "generate_video", "arguments": {"prompt": "a blue sea"}}
    joined = {
        "id": "film",
        "toolName": "stitch_video",
        "arguments": {"videoIndices": [0, 1]},
        "dependsOn": ["moving", "other"],
    }
    share = shared(finished(alice, GENERATED, moving, other, joined))
    page = flat(page_of(share))
    assert '<span class="origin">Made with AI</span>' in page
    assert 'aria-label="Dawn, Made with AI"' in page
    (file,) = linked_data(page)
    assert file["@type"] == "VideoObject"
    assert file["digitalSourceType"] == IPTC + "compositeWithTrainedAlgorithmicMedia"


def test_what_the_studio_drew_by_a_models_plan_is_planned_with_ai(
    alice: User, settings: Any
) -> None:
    told = says(plan(scenes=[scene("A red kite over the dunes")]))
    with ComposeModelServer(lambda asked: told) as server:
        configure(settings, server)
        body = draft(DraftRequest("a film of a red kite")).template
    assert body["metadata"]["plannedBy"] == MODEL
    # A single drawing stands for the film.
    template = make_template(
        alice, name="Kite", inputs=[], stages=[DRAWN_STAGE], metadata=body["metadata"]
    )
    run = worked_off(start_template(alice, template))
    (artifact,) = Artifact.objects.filter(run=run)
    assert artifact.meta["plannedBy"] == MODEL
    check_says(shared(run), "Planned with AI", "algorithmicMedia")


@pytest.mark.parametrize("is_stored", [True, False])
def test_what_a_model_has_drawn_in_a_chat_is_planned_with_ai(
    alice_key: str, settings: Any, is_stored: bool
) -> None:
    call = Said(calls=[("generate_image", json.dumps(SMALL))])
    with ComposeModelServer() as server:
        configure(settings, server)
        server.script += [call, Said("Your fox is there.")]
        if is_stored:
            chat = started(alice_key, "Draw a fox", sogni_tools="creative-agent")
            [made] = chat_runs.worked_off(alice_key, chat["runId"])["childWorkflowIds"]
        else:
            body = answered(say("Draw a fox", alice_key))
            made = body["creative_workflows"][0]["workflowId"]
            work_off()
    close_pool_connections()
    answer = Api(alice_key).get(f"/v1/creative-agent/workflows/{made}").json()
    (artifact,) = answer["data"]["workflow"]["artifacts"]
    assert artifact["metadata"]["origin"] == "planned"
    assert artifact["metadata"]["plannedBy"] == MODEL


def test_a_question_and_a_template_say_it_of_their_files(
    alice: User, service: OpenAIServer
) -> None:
    stage = {
        "id": "fox",
        "type": "fixed",
        "tool": "generate_image",
        "produces": ["fox"],
        "args": GENERATED["arguments"],
        "checkpointRequired": True,
    }
    template = make_template(alice, name="Fox", inputs=[], stages=[stage])
    run = start_template(alice, template)
    work_off()
    mine = signed_in(alice)
    link = mine.post(f"/app/runs/{run.public_id}/answer-link", {}, "application/json").json()
    path = link["data"]["url"].removeprefix("http://testserver")
    question = flat(Client().get(path).content.decode())
    assert '<p class="answer-origin">Made with AI</p>' in question
    assert 'alt="Image 1 of 1, Made with AI"' in question
    Client().post(path, {"do": "approve"})
    worked_off(run)
    form = mine.get(f"/t/{template.public_id}/publish").content.decode()
    choice = re.findall(r'value="(art_[^"]+)"', form)[0]
    mine.post(f"/t/{template.public_id}/publish", {"preview": choice})
    page = flat(Client().get(f"/t/{template.public_id}").content.decode())
    assert '<span class="glass" data-origin>Made with AI</span>' in page
    assert 'alt="Example of Fox, Made with AI"' in page
    gallery = flat(Client().get("/").content.decode())
    assert '<span class="origin">Made with AI</span>' in gallery


def test_a_change_of_an_upload_claims_nothing(alice: User, alice_key: str) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()))
    photo = "http://testserver" + signing.signed_path(upload.public_id, "photo.jpg")
    arguments = {"sourceImageIndex": -1, "scale": 2}
    larger = {"id": "larger", "toolName": "upscale_image", "arguments": arguments}
    body = {"input": {"steps": [larger]}, "media_references": [{"type": "image", "url": photo}]}
    answer = Api(alice_key).post("/v1/creative-agent/workflows", body)
    assert answer.status_code < 300, answer.json()
    check_says_nothing(shared(worked_off(Run.objects.get())))
