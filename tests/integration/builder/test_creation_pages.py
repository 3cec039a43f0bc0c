"""Creations as visitors, other sites and programs see them, and the end of all that."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from core import errors
from creations import search, sharing
from creations.models import Remix, Share
from creations.sharing import Choices
from media.blobs import path_of
from media.models import Blob
from notices.models import Notice
from runs.models import Run
from templates_app.lifecycle import services
from templates_app.models import Document, Template
from tests.support.at_once import at_once
from tests.support.builders.asking_templates import stage
from tests.support.builders.blobs import SECRET, film_with_place, jpeg_with_place, make_blob
from tests.support.builders.clips import sound
from tests.support.builders.creations import completed, finished_run, media_of, page_of, shared
from tests.support.builders.drafts import Desk, note
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import HOSTS, make_template
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db(transaction=True)

SAID = "a veiled harbor at dawn"
PROMPT = "gulls over veiled water"
SIZE = {"width": 64, "height": 64}
STAGES = [
    stage("one", "generate_image", label="Harbor", args={"prompt": "$inputs.say", **SIZE}),
    stage("two", "generate_image", label="Gulls", args={"prompt": PROMPT, **SIZE}),
]
INPUTS = [{"name": "say", "type": "text", "required": True, "default": "a hidden default"}]


FILES: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "jpg": ("image", "image/jpeg", jpeg_with_place),
    "mp4": ("video", "video/mp4", film_with_place),
    "wav": ("audio", "audio/wav", partial(sound, "wav", "pcm_s16le")),
}


def blob_of(ending: str) -> Blob:
    kind, mime, make = FILES[ending]
    return make_blob(make(), kind=kind, mime=mime)


@pytest.fixture
def of_template(alice: User) -> Run:
    """A run of a private template of alice's, with an input and a prompt."""
    template = make_template(alice, name="Harbor", stages=STAGES, inputs=INPUTS)
    return completed(start_template(alice, template, say=SAID))


# -- files -----------------------------------------------------------------------------------------


# Each kind of file is cleaned in tests/unit/media and tests/integration/media.
@pytest.mark.parametrize("ending", ["jpg", "mp4"])
def test_files_lose_what_rides_along_and_are_named_after_the_title(
    ending: str, alice: User
) -> None:
    blob = blob_of(ending)
    assert SECRET.encode() in path_of(blob.pk).read_bytes()
    share = shared(finished_run(alice, blob), details="")
    [kept] = share.media.all()
    assert SECRET.encode() not in path_of(kept.blob_id).read_bytes()
    assert kept.blob.mime == blob.mime
    page = page_of(share)
    assert f'download="Dawn - Harbor.{ending}"' in page
    files = media_of(page)
    assert any(one.endswith(f"/Dawn%20-%20Harbor.{ending}") for one in files)
    assert any(one.endswith("/poster.webp") for one in files) == (ending == "mp4")
    for file in files:
        answer = request_app("GET", file)
        assert answer.status == 200
        assert SECRET.encode() not in answer.body
        assert "no-cache" in answer.header("cache-control")


def test_files_stay_as_they_were_made_when_that_was_chosen(alice: User) -> None:
    blob = blob_of("jpg")
    share = shared(finished_run(alice, blob))
    [kept] = share.media.all()
    assert kept.blob_id == blob.pk


def test_what_visitors_sites_and_programs_get_of_a_film(alice: User) -> None:
    share = shared(finished_run(alice, blob_of("mp4")), note="Gulls and fog.")
    check_only_its_embed_may_be_framed(share)
    check_oembed_says_how_to_embed_it(share)
    check_the_page_tells_other_sites_of_it(share)


def test_the_form_chooses_what_is_shown_and_in_which_order(alice: User) -> None:
    run = finished_run(alice, blob_of("jpg"), blob_of("mp4"), blob_of("wav"))
    form = flat(signed_in(alice).get(f"/app/runs/{run.public_id}/share").content)
    boxes = re.findall(r'name="artifact" value="([^"]+)"( checked)?', form)
    # The film first, alone chosen; then the newest.
    assert [bool(chosen) for _, chosen in boxes] == [True, False, False]
    share = shared(run, artifact=[boxes[0][0], boxes[2][0]])
    assert [one.kind for one in share.media.order_by("position")] == ["video", "image"]
    assert "<audio" not in page_of(share)
    assert page_of(share).count("<figure") == 2


def test_a_new_title_renames_the_files(alice: User) -> None:
    run = finished_run(alice)
    share = shared(run)
    shared(run, title="Dusk: at last")
    page = page_of(share)
    assert 'download="Dusk- at last - Harbor.png"' in page


# -- other sites -----------------------------------------------------------------------------------


def check_only_its_embed_may_be_framed(share: Share) -> None:
    alice = share.owner
    embed = Client().get(f"/embed/{share.public_id}")
    policy = embed["Content-Security-Policy"]
    assert "frame-ancestors *" in policy
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert "X-Frame-Options" not in embed
    text = embed.content.decode()
    assert "<script" not in text
    assert " style=" not in text
    assert '<meta name="robots" content="noindex">' in text
    assert f"by <bdi>{alice.shown_name}</bdi>, CC BY 4.0" in html.unescape(text)
    for path in (f"/s/{share.public_id}", "/", f"/app/runs/{share.run.public_id}/share"):
        page = signed_in(alice).get(path)
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
        assert page["X-Frame-Options"] == "DENY"


def test_an_embed_that_ended_says_so_in_its_frame(alice: User) -> None:
    answer = Client().get("/embed/1111111111111111")
    assert answer.status_code == 404
    assert "frame-ancestors *" in answer["Content-Security-Policy"]
    assert "isn't shared any more" in html.unescape(answer.content.decode())


def check_oembed_says_how_to_embed_it(share: Share) -> None:
    link = f"http://testserver/s/{share.public_id}"

    def asked(**query: Any) -> Any:
        return Client().get("/oembed", {"url": link, **query})

    answer = asked(format="json")
    body = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert (body["version"], body["type"], body["title"]) == ("1.0", "video", "Dawn")
    assert body["author_name"] == share.owner.shown_name
    assert f'src="http://testserver/embed/{share.public_id}"' in body["html"]
    assert f'width="{body["width"]}" height="{body["height"]}"' in body["html"]
    assert body["thumbnail_url"].startswith(f"http://testserver/media/s/{share.public_id}/")
    small = asked(maxwidth=320, maxheight=120).json()
    assert small["width"] <= 320
    assert small["height"] <= 120
    assert "maxwidth" not in small
    # It would be larger than what was asked for.
    assert small.get("thumbnail_width", 0) <= 320
    assert f'width="{small["width"]}"' in small["html"]
    assert asked(format="xml").status_code == 501
    assert asked(maxwidth="wide").status_code == 400
    assert asked(maxwidth=0).status_code == 400
    assert Client().get("/oembed").status_code == 400
    for other in (
        "http://testserver/s/1111111111111111",
        f"http://elsewhere.example/s/{share.public_id}",
        f"http://testserver/t/{share.public_id}",
        "http://[",
        "no address",
    ):
        missing = Client().get("/oembed", {"url": other})
        assert missing.status_code == 404, other
        assert missing.json()["error"]
    page = page_of(share)
    assert f"/oembed?format=json&url=http%3A%2F%2Ftestserver%2Fs%2F{share.public_id}" in page


def check_the_page_tells_other_sites_of_it(share: Share) -> None:
    page = flat(page_of(share))
    meta = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))
    assert meta["og:title"] == meta["twitter:title"] == "Dawn"
    assert meta["og:description"] == "Gulls and fog."
    assert meta["og:url"] == f"http://testserver/s/{share.public_id}"
    assert meta["og:video:type"] == "video/mp4"
    assert meta["twitter:card"] == "summary_large_image"
    assert meta["og:image"] == meta["twitter:image"]
    poster = request_app("GET", meta["og:image"].removeprefix("http://testserver"))
    assert (poster.status, poster.header("content-type")) == (200, "image/webp")
    code = Client().get(f"/s/{share.public_id}/qr.svg")
    assert code["Content-Type"] == "image/svg+xml"
    assert b"<svg" in code.content


def test_a_sound_has_a_player_and_no_picture(alice: User) -> None:
    share = shared(finished_run(alice, blob_of("wav")))
    page = page_of(share)
    assert "<audio controls" in page
    assert "og:image" not in page
    body = Client().get("/oembed", {"url": f"http://testserver/s/{share.public_id}"}).json()
    assert body["type"] == "rich"
    assert "thumbnail_url" not in body


# -- who finds it, and its end ---------------------------------------------------------------------


def test_an_unlisted_one_names_no_author_and_is_not_indexed(alice: User) -> None:
    run = finished_run(alice)
    author = f"/u/{alice.public_id}"
    page = page_of(shared(run))
    assert '<meta name="robots" content="noindex">' in page
    assert author not in page
    page = page_of(shared(run, visibility="public"))
    assert "noindex" not in page
    assert author in page
    shared(run, visibility="unlisted")
    assert Client().get(author).status_code == 404


def test_its_end_ends_every_address_and_sharing_again_makes_new_ones(alice: User) -> None:
    run = finished_run(alice, blob_of("mp4"))
    share = shared(run, visibility="public")
    files = media_of(page_of(share))
    assert len(files) == 2
    link = f"http://testserver/s/{share.public_id}"
    visitor = Client()
    for path in (f"/s/{share.public_id}", f"/embed/{share.public_id}", f"/oembed?url={link}"):
        kept = visitor.get(path)["Cache-Control"]
        assert "no-cache" in kept or "no-store" in kept
        assert not re.search(r"max-age=[1-9]", kept)
    tags = {one: request_app("GET", one).header("etag") for one in files}
    signed_in(alice).post(f"/app/runs/{run.public_id}/unshare")
    for one in files:
        # Also for a cache that has it and asks whether it may still show it.
        assert request_app("GET", one, {"If-None-Match": tags[one]}).status == 404
        assert request_app("GET", one, {"Range": "bytes=0-1"}).status == 404
    again = shared(run)
    assert again.public_id != share.public_id
    ended = visitor.get(f"/s/{share.public_id}")
    assert ended.status_code == 404
    assert "isn't shared any more" in html.unescape(ended.content.decode())
    [*_, film] = media_of(page_of(again))
    assert share.public_id not in film


def test_only_finished_runs_of_ones_own_are_shared(alice: User, bob: User) -> None:
    running = start(alice, [{"toolName": "noop"}])
    failed = start(alice, [{"toolName": "fail", "arguments": {"retryable": False}}])
    work_off()
    waiting = start(alice, [{"toolName": "noop"}])
    for run, said in (
        (waiting, "This run isn't over yet. Share it when it's done."),
        (failed, "This run failed. Retry it, then share what it makes."),
        (running, "This run has no results to share."),
    ):
        path = f"/app/runs/{run.public_id}/share"
        form = html.unescape(signed_in(alice).get(path).content.decode())
        assert said in form
        assert 'name="title"' not in form
        sent = {"title": "No", "visibility": "public", "license": "cc0"}
        answer = signed_in(alice).post(path, sent)
        assert answer.status_code == 422
        assert said in html.unescape(answer.content.decode())
        assert signed_in(bob).get(path).status_code == 404
        page = signed_in(alice).get(f"/runs/{run.public_id}").content.decode()
        assert path not in page
    assert not Share.objects.exists()


def test_what_cannot_be_is_said_and_what_was_typed_stays(alice: User) -> None:
    run, client = finished_run(alice), signed_in(alice)
    for field, sent in (
        ("visibility", "friends"),
        ("license", "wtf"),
        ("note", "x" * 2_001),
        ("title", "bell \x07 and \u202e"),
        ("artifact", "art_not_of_this_run"),
    ):
        body = {"title": "Mine", "visibility": "public", "license": "cc0", field: sent}
        answer = client.post(f"/app/runs/{run.public_id}/share", body)
        assert answer.status_code == 422, field
        text = html.unescape(answer.content.decode())
        assert 'role="alert"' in text, field
        assert ("Mine" in text) == (field != "title"), field
        assert not Share.objects.exists(), field


def test_two_clicks_at_once_share_once(alice: User) -> None:
    run = finished_run(alice)
    choices = Choices(title="Once", keeps_details=True)

    def click() -> Any:
        mine = Run.objects.select_related("owner").get(pk=run.pk)
        return sharing.share_run(actor=alice, run=mine, choices=choices)

    told = at_once([click, click], refusals=(errors.Conflict,))
    [share] = Share.objects.all()
    assert sorted(str(getattr(one, "code", one)) for one in told) == sorted(
        [str(share), "share.exists"]
    )
    # The second click of a person's leads to what the first one made.
    sent = {"title": "Twice", "visibility": "public", "license": "cc0"}
    path = f"/app/runs/{run.public_id}/share"
    assert signed_in(alice).post(path, sent)["Location"] == f"/s/{share.public_id}"


# -- prompts and remixes ---------------------------------------------------------------------------


def test_nothing_of_the_template_is_shown_unless_chosen(of_template: Run) -> None:
    page = page_of(shared(of_template))
    for hidden in (SAID, PROMPT, of_template.public_id, "How it was made", "Remix"):
        assert hidden not in page, hidden


def test_a_remix_without_prompts_asks_for_ones_own(
    alice: User, bob: User, of_template: Run
) -> None:
    share = shared(of_template, remix="on")
    assert "How it was made" in page_of(share)
    answer = signed_in(bob).post(f"/s/{share.public_id}/remix", {"then": "run"})
    remixed = share.remixed_as.get().template
    assert answer["Location"] == f"/t/{remixed.public_id}#run"
    form = html.unescape(signed_in(bob).get(f"/t/{remixed.public_id}").content.decode())
    assert "Gulls: prompt" in form
    run = start_template(bob, remixed, say="my words", two_prompt="my other words")
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    # Pressed again, the copy that was not changed is there already.
    signed_in(bob).post(f"/s/{share.public_id}/remix", {"then": "run"})
    assert share.remixed_as.count() == 1


def test_a_remix_has_prompts_inputs_and_seeds(alice: User, bob: User, of_template: Run) -> None:
    share = shared(of_template, remix="on", prompts="on")
    page = page_of(share)
    assert SAID in page
    assert PROMPT in page
    answer = signed_in(bob).post(f"/s/{share.public_id}/remix")
    remixed = share.remixed_as.get().template
    assert answer["Location"] == f"/t/{remixed.public_id}/edit"
    assert (remixed.owner, remixed.visibility) == (bob, "private")
    spec = remixed.head.spec
    assert spec["inputs"][0]["default"] == SAID
    assert spec["stages"][1]["args"]["prompt"] == PROMPT
    seeds = Document.objects.get(template=remixed).state["seeds"]["rows"]
    made = {step["key"]: {"seed": step["seed"]} for step in of_template.plan["steps"]}
    assert seeds == made
    # Its author hears of it and sees it in the tree; others only that there is one.
    assert Notice.objects.get(person=alice, kind="remix").url.startswith(f"/s/{share.public_id}")
    assert "private, " in page_of(share, alice)
    assert "1 remix kept private" in page_of(share)
    assert remixed.public_id not in page_of(share, alice)
    run = completed(start_template(bob, remixed, say="a lighthouse"))
    made_of_it = shared(run, title="Lighthouse", visibility="public")
    page = page_of(share)
    assert f"/s/{made_of_it.public_id}" in page
    assert "kept private" not in page
    # The original is unlisted: those who come to the remix are not told of it, its maker is.
    assert share.public_id not in page_of(made_of_it)
    assert "Remix of" in page_of(made_of_it, bob)
    template_page = flat(signed_in(bob).get(f"/t/{remixed.public_id}").content)
    assert f'Remix of <a class="link" href="/s/{share.public_id}">' in template_page
    shared(of_template, remix="on", prompts="on", visibility="public")
    assert f"/s/{share.public_id}" in page_of(made_of_it)


def test_a_stage_without_a_name_is_called_as_its_tool(alice: User) -> None:
    unnamed = {key: value for key, value in STAGES[1].items() if key != "label"}
    run = completed(start_template(alice, make_template(alice, stages=[unnamed], inputs=[])))
    assert '<h3 dir="auto">Generate image</h3>' in page_of(shared(run, prompts="on"))


def test_prompts_switched_off_are_gone_everywhere(alice: User, bob: User, of_template: Run) -> None:
    share = shared(of_template, remix="on", prompts="on", visibility="public")
    assert search.search_shares(query="gulls").found
    shared(of_template, remix="on", visibility="public")
    share.refresh_from_db()
    assert (share.prompts, "veiled" in json.dumps(share.frozen)) == ([], False)
    assert "veiled" not in page_of(share)
    assert search.search_shares(query="gulls").found == ()
    shared(of_template, visibility="public")
    share.refresh_from_db()
    assert (share.frozen, share.allows_remix) == (None, False)
    assert signed_in(bob).post(f"/s/{share.public_id}/remix").status_code == 302
    assert not Remix.objects.exists()


def test_what_happens_later_shows_nothing_more(alice: User, of_template: Run) -> None:
    share = shared(of_template, remix="on", prompts="on")
    before = page_of(share), share.frozen
    template = of_template.template_version.template
    services.patch_template(
        actor=alice,
        public_id=template.public_id,
        changes={"name": "Changed", "description": "later", "stages": STAGES[:1]},
        own_hosts=HOSTS,
    )
    step = of_template.steps.get(key="two")
    step.resolved = {"arguments": {"prompt": "changed later"}}
    step.save(update_fields=["resolved"])
    shared(of_template, remix="on", prompts="on")
    share.refresh_from_db()
    assert share.frozen == before[1]
    assert "later" not in page_of(share)
    assert "Changed" not in page_of(share)


def test_a_remix_of_a_draft_is_what_was_run(alice: User) -> None:
    desk = Desk(alice, [note("a"), note("b")])
    run = desk.run(to="a")
    ran = json.loads(json.dumps(desk.stage("a")))
    desk.stage("a")["args"] = {"text": "changed later"}
    desk.run()
    share = shared(run, remix="on", prompts="on")
    # The stage that it was not run up to had no part in it.
    assert share.frozen["spec"]["stages"] == [ran]


def test_a_draft_of_someone_else_is_not_ones_own_to_show(
    alice: User, bob: User, of_template: Run
) -> None:
    # As an editor of the template would have started it.
    Run.objects.filter(pk=of_template.pk).update(owner=bob)
    of_template.refresh_from_db()
    form = signed_in(bob).get(f"/app/runs/{of_template.public_id}/share").content.decode()
    assert 'name="remix"' not in form
    assert 'name="prompts"' not in form
    sent = {"title": "Theirs", "visibility": "public", "license": "cc0", "prompts": "on"}
    path = f"/app/runs/{of_template.public_id}/share"
    assert signed_in(bob).post(path, {**sent, "remix": "on"}).status_code == 422
    assert not Share.objects.exists()
    signed_in(bob).post(path, sent)
    share = Share.objects.get()
    assert share.prompts == []
    assert "veiled" not in page_of(share)


def test_the_previews_of_a_template_stay_where_they_are(alice: User, of_template: Run) -> None:
    version = of_template.template_version
    version.spec = {**version.spec, "thumbnailUrl": "https://example.com/private.png"}
    type(version).objects.filter(pk=version.pk).update(spec=version.spec)
    share = shared(Run.objects.get(pk=of_template.pk), remix="on", prompts="on")
    assert "private.png" not in json.dumps(share.frozen)


def test_what_a_moderator_hides_is_shown_to_its_author_from_the_run(alice: User) -> None:
    share = shared(finished_run(alice), visibility="public")
    Share.objects.filter(pk=share.pk).update(moderation="quarantined")
    page = page_of(share, alice)
    assert "Only you can see it" in page
    assert media_of(page) == []
    [own] = set(re.findall(r'src="(/media/[^"]+)"', page))
    assert request_app("GET", own).status == 200


def test_what_was_taken_down_does_not_come_back_as_a_copy(alice: User, of_template: Run) -> None:
    path = f"/app/runs/{of_template.public_id}/share"
    Template.objects.update(moderation="removed")
    assert 'name="remix"' not in signed_in(alice).get(path).content.decode()
    sent = {"title": "Back", "visibility": "public", "license": "cc0", "remix": "on"}
    assert signed_in(alice).post(path, sent).status_code == 422
    Blob.objects.update(blocked_at=of_template.created_at)
    answer = signed_in(alice).post(path, {**sent, "remix": ""})
    assert answer.status_code == 422
    assert "no results to share" in answer.content.decode()
    assert not Share.objects.exists()


def test_templates_that_others_published_can_be_shown(alice: User, bob: User) -> None:
    public = make_template(
        alice, name="Harbor", stages=STAGES[:1], inputs=INPUTS, visibility="public"
    )
    share = shared(completed(start_template(bob, public, say="my words")), remix="on")
    # What everyone may read stays; what was typed for the run does not come along.
    assert share.frozen["spec"]["inputs"][0]["default"] == "a hidden default"
    assert "my words" not in json.dumps(share.frozen)
    signed_in(alice).post(f"/s/{share.public_id}/remix")
    remixed = Template.objects.get(owner=alice, remix_of__share=share)
    assert remixed.cloned_from_public_id == public.public_id


def test_its_result_says_its_model_and_to_its_owner_what_it_cost(
    alice: User, of_template: Run
) -> None:
    share = shared(of_template)
    source = share.media.filter(role="result").order_by("position")[0].source
    artifact = of_template.artifacts.get(public_id=source)
    artifact.meta = {**artifact.meta, "provider": "fal", "model": "flux-2"}
    artifact.save()
    step = artifact.step
    step.attempts.create(number=step.attempt, generation=step.generation, actual_milli=112_000)
    assert "flux-2 by fal · booked 112 credits" in flat(page_of(share, alice))
    others = flat(page_of(share))
    assert "flux-2 by fal" in others
    assert "booked" not in others
