"""Making a template public copies the right to see named media, and nothing else."""

import json
import re
from urllib.parse import quote

import av
import pytest

from core import clock
from media import blobs, resolvers, signing
from media.models import Blob
from templates_app import selectors
from templates_app.models import Template, TemplateMedia, TemplateVersion
from tests.support.builders.blobs import (
    SECRET,
    film_with_place,
    jpeg_with_place,
    make_blob,
    make_upload,
)
from tests.support.builders.stage_bodies import SHOT, stage
from tests.support.builders.template_stages import errors_of, patched, saved
from tests.support.builders.templates import (
    BASE_URL,
    HOSTS,
    TEMPLATES,
    documented,
    make_public,
    make_template,
)
from tests.support.fakes.hostile_server import HostileServer

LONG_AGO = clock.now().replace(year=2020)


def link(upload, at=None):
    return BASE_URL + signing.signed_path(upload.public_id, upload.filename, at=at)


def preview(url, **more):
    return [{"stageId": "clip", "label": "A look", "mediaType": "image", "url": url, **more}]


def template_of(response):
    assert response.status_code in (200, 201), response.content
    return response.json()["data"]["template"]


def refusals(response):
    body = response.json()
    assert response.status_code == 422, body
    assert body["data"]["validation"] == body["details"]["validation"]
    return [
        (issue["code"], issue["path"])
        for issue in body["data"]["validation"]["issues"]
        if issue["severity"] == "error"
    ]


def published_path(url):
    match = re.fullmatch(rf"{BASE_URL}/media/t/(\d+)/([0-9a-f]{{64}})", url)
    assert match, url
    return match[1], match[2]


@pytest.fixture
def upload(alice):
    return make_upload(alice, make_blob(jpeg_with_place()))


@pytest.fixture
def create(api, alice_key):
    return lambda **fields: api(alice_key).post(TEMPLATES, {**documented(), **fields})


@pytest.fixture
def published(create, upload):
    """alice's public template "open" with a picture as its preview."""
    return template_of(
        create(id="open", visibility="public", previewArtifacts=preview(link(upload)))
    )


def test_a_private_template_keeps_a_reference_and_shows_fresh_links(api, create, alice_key, upload):
    url = link(upload)
    create(id="mine", previewArtifacts=preview(url, posterUrl=url))
    stored = TemplateVersion.objects.get().spec["previewArtifacts"][0]
    assert "media/" not in stored["url"]
    assert "s=" not in stored["url"]
    shown = template_of(api(alice_key).get(f"{TEMPLATES}/mine"))["previewArtifacts"][0]
    for key in ("url", "posterUrl"):
        assert signing.parse_own_url(shown[key], HOSTS) == upload.public_id


def test_publishing_copies_the_right_to_a_picture_without_its_metadata(
    api, published, upload, bob_key
):
    version_id, sha256 = published_path(published["previewArtifacts"][0]["url"])
    blob = resolvers.resolve_public("t", version_id, sha256)
    assert (blob.width, blob.height, blob.mime) == (32, 18, "image/jpeg")
    assert sha256 != upload.blob_id
    data = blobs.path_of(sha256).read_bytes()
    assert SECRET.encode() not in data
    assert b"Exif" not in data
    right = TemplateMedia.objects.get()
    assert (right.role, right.stage_id, right.blob_id) == ("preview", "clip", sha256)
    # Outsiders see the same open link.
    seen = template_of(api(bob_key).get(f"{TEMPLATES}/open"))
    assert seen["previewArtifacts"] == published["previewArtifacts"]


def test_posters_thumbnails_and_defaults_are_copied_too(create, upload):
    template = template_of(
        create(
            visibility="public",
            thumbnailUrl=link(upload),
            previewArtifacts=preview(link(upload), posterUrl=link(upload)),
            inputs=[
                *documented()["inputs"],
                {"name": "face", "type": "image", "default": link(upload)},
                {
                    "name": "more",
                    "type": "image",
                    "multiple": {"min": 0, "max": 3},
                    "default": [{"url": link(upload)}, "https://example.com/x.jpg"],
                },
            ],
        )
    )
    shown = [
        template["thumbnailUrl"],
        template["previewArtifacts"][0]["url"],
        template["previewArtifacts"][0]["posterUrl"],
        template["inputs"][1]["default"],
        template["inputs"][2]["default"][0]["url"],
    ]
    assert len({published_path(url) for url in shown}) == 1
    assert template["inputs"][2]["default"][1] == "https://example.com/x.jpg"
    roles = TemplateMedia.objects.order_by("role", "stage_id").values_list("role", "stage_id")
    assert list(roles) == [
        ("default", ""),
        ("poster", "clip"),
        ("preview", ""),
        ("preview", "clip"),
    ]


def test_a_later_change_keeps_the_previews(api, alice_key, published):
    template = template_of(api(alice_key).patch(f"{TEMPLATES}/open", {"brief": "New"}))
    before = published_path(published["previewArtifacts"][0]["url"])
    after = published_path(template["previewArtifacts"][0]["url"])
    assert after[1] == before[1]
    assert resolvers.resolve_public("t", *after)
    assert resolvers.resolve_public("t", *before) is None


def test_reading_and_writing_back_changes_nothing(api, alice_key, published):
    template = template_of(api(alice_key).get(f"{TEMPLATES}/open"))
    assert template_of(api(alice_key).patch(f"{TEMPLATES}/open", template))["version"] == "0.0.1"
    private = template_of(api(alice_key).patch(f"{TEMPLATES}/open", {"visibility": "private"}))
    again = template_of(api(alice_key).patch(f"{TEMPLATES}/open", private))
    assert again["version"] == private["version"] == "0.0.2"
    # Withdrawn, its owner still sees the previews.
    url = again["previewArtifacts"][0]["url"]
    assert resolvers.resolve(signing.parse_own_url(url, HOSTS))


def test_a_link_that_ran_out_is_still_known_when_it_is_written_back(api, create, alice_key, upload):
    create(id="mine", previewArtifacts=preview(link(upload)))
    old = preview(link(upload, at=LONG_AGO))
    template = template_of(api(alice_key).patch(f"{TEMPLATES}/mine", {"previewArtifacts": old}))
    assert template["version"] == "0.0.1"


def test_a_dead_link_of_ours_is_refused_when_it_is_new(create, upload):
    dead = create(previewArtifacts=preview(link(upload, at=LONG_AGO)))
    assert refusals(dead) == [("invalid_field", "previewArtifacts/0/url")]
    forged = create(previewArtifacts=preview(link(upload) + "x"))
    assert refusals(forged) == [("invalid_field", "previewArtifacts/0/url")]


@pytest.mark.parametrize("kind", ["blob", "object"])
def test_no_one_can_write_a_reference(create, upload, kind):
    name = upload.blob_id if kind == "blob" else upload.public_id
    response = create(previewArtifacts=preview(f"reelgraph:{kind}/{name}/x.jpg"))
    assert refusals(response) == [("invalid_field", "previewArtifacts/0/url")]


def test_a_borrowed_link_is_not_kept_alive_and_cannot_be_published(api, alice, bob, bob_key):
    theirs = make_upload(alice, make_blob(jpeg_with_place("blue")))
    borrowed = preview(link(theirs))
    body = {**documented(), "id": "his", "previewArtifacts": borrowed}
    template = template_of(api(bob_key).post(TEMPLATES, body))
    assert template["previewArtifacts"] == borrowed
    response = api(bob_key).patch(f"{TEMPLATES}/his", {"visibility": "public"})
    assert refusals(response) == [("private_media_reference", "previewArtifacts/0/url")]
    assert not TemplateMedia.objects.exists()
    assert Template.objects.get(owner=bob).visibility == "private"


def test_a_preview_at_another_site_is_fetched_and_kept_without_its_metadata(
    api, create, alice_key, settings
):
    with HostileServer() as site:
        settings.FETCH_ALLOW = [f"127.0.0.1:{site.port}"]
        site.files["look.jpg"] = jpeg_with_place()
        url = site.url("/look.jpg")
        template = template_of(
            create(visibility="public", previewArtifacts=preview(url, posterUrl=url))
        )
        assert [path for path, _ in site.requests] == ["/look.jpg"]
    shown = template["previewArtifacts"][0]
    version_id, sha256 = published_path(shown["url"])
    assert published_path(shown["posterUrl"]) == (version_id, sha256)
    data = blobs.path_of(sha256).read_bytes()
    assert SECRET.encode() not in data
    assert resolvers.resolve_public("t", version_id, sha256).mime == "image/jpeg"


@pytest.mark.parametrize("path", ["/missing", "/words.jpg"])
def test_a_preview_that_cannot_be_fetched_stays_private(api, create, alice_key, settings, path):
    with HostileServer() as site:
        settings.FETCH_ALLOW = [f"127.0.0.1:{site.port}"]
        site.files["words.jpg"] = b"no image at all"
        foreign = preview(site.url(path))
        create(id="mine", previewArtifacts=foreign)
        response = api(alice_key).patch(f"{TEMPLATES}/mine", {"visibility": "public"})
        assert refusals(response) == [("private_media_reference", "previewArtifacts/0/url")]
    assert template_of(api(alice_key).get(f"{TEMPLATES}/mine"))["visibility"] == "private"


def test_a_preview_in_a_private_network_is_refused_and_not_asked_for(api, create, alice_key):
    with HostileServer() as site:
        response = create(visibility="public", previewArtifacts=preview(site.url("/look.jpg")))
        assert refusals(response) == [("private_media_reference", "previewArtifacts/0/url")]
        assert site.requests == []


def test_a_default_at_another_site_may_be_public(create):
    face = {"name": "face", "type": "image", "default": "https://example.com/face.jpg"}
    response = create(visibility="public", inputs=[*documented()["inputs"], face])
    assert template_of(response)["inputs"][1]["default"] == "https://example.com/face.jpg"


@pytest.mark.parametrize("is_gone", [True, False], ids=["gone", "blocked"])
def test_a_medium_that_is_gone_or_blocked_cannot_be_published(
    api, create, alice_key, upload, is_gone
):
    create(id="mine", previewArtifacts=preview(link(upload)))
    if is_gone:
        upload.delete()
    else:
        Blob.objects.update(blocked_at=clock.now())
    response = api(alice_key).patch(f"{TEMPLATES}/mine", {"visibility": "public"})
    assert refusals(response) == [("private_media_reference", "previewArtifacts/0/url")]


def test_a_private_link_elsewhere_in_the_template_is_refused(create, upload):
    body = documented()
    body["stages"][1]["args"]["prompt"] = f"Like {link(upload)} but slower"
    response = create(visibility="public", stages=body["stages"], metadata={"a": [link(upload)]})
    assert sorted(refusals(response)) == [
        ("private_media_reference", "metadata"),
        ("private_media_reference", "stages/clip"),
    ]


@pytest.mark.parametrize("wrap", ["{}", "see <{}>, nice", "https://proxy.example/?u={}", "%s"])
def test_a_private_link_is_found_however_it_is_wrapped(create, upload, wrap):
    text = quote(link(upload), safe="") if wrap == "%s" else wrap.format(link(upload))
    response = create(visibility="public", description=text)
    assert refusals(response) == [("private_media_reference", "description")]


def test_other_sites_links_and_long_texts_do_no_harm(create):
    text = "https://cdn.example.com/media/x/y.jpg?e=1&s=200 " + "/media/x/" * 11_000
    response = create(visibility="public", description=text[:100_000])
    assert response.status_code == 201


def test_a_file_that_is_no_picture_is_a_clear_refusal(api, create, alice, alice_key):
    broken = make_upload(alice, make_blob(b"\xff\xd8\xff\xe0 not a jpeg"))
    create(id="mine", previewArtifacts=preview(link(broken)))
    response = api(alice_key).patch(f"{TEMPLATES}/mine", {"visibility": "public"})
    assert refusals(response) == [("invalid_field", "previewArtifacts/0/url")]
    assert Template.objects.get().visibility == "private"


def test_a_film_is_published_without_the_place_it_was_taken(create, alice):
    film = make_blob(film_with_place(), kind="video", mime="video/mp4")
    upload = make_upload(alice, film, filename="holiday.mp4")
    template = template_of(create(visibility="public", previewArtifacts=preview(link(upload))))
    _, sha256 = published_path(template["previewArtifacts"][0]["url"])
    with (
        av.open(str(blobs.path_of(sha256))) as copy,
        av.open(str(blobs.path_of(film.sha256))) as own,
    ):
        assert "location" in own.metadata
        assert not set(copy.metadata) & {"location", "title", "comment"}
        assert sum(1 for _ in copy.decode(video=0)) == sum(1 for _ in own.decode(video=0)) == 5
    assert Blob.objects.get(sha256=sha256).kind == "video"


def test_withdrawing_revokes_the_open_link_at_once(published):
    place = published_path(published["previewArtifacts"][0]["url"])
    before = Template.objects.values().get()
    for change in (
        {"visibility": "private", "published": None},
        {"moderation": "quarantined"},
        {"moderation": "removed"},
        {"deleted_at": clock.now()},
    ):
        assert resolvers.resolve_public("t", *place)
        Template.objects.update(**change)
        assert resolvers.resolve_public("t", *place) is None, change
        Template.objects.update(**before)


def test_a_strange_open_address_is_nothing(published):
    version, sha256 = published_path(published["previewArtifacts"][0]["url"])
    for strange in ("0", "x", "-1", "９", "1" * 40, ""):
        assert resolvers.resolve_public("t", strange, sha256) is None
    assert resolvers.resolve_public("t", version, sha256[:-1]) is None


def test_a_fork_has_its_own_right_to_the_previews(api, alice_key, bob_key, published):
    fork = template_of(api(bob_key).post(f"{TEMPLATES}/open/fork"))
    api(alice_key).delete(f"{TEMPLATES}/open")
    mine = f"{TEMPLATES}/{fork['id']}"
    url = template_of(api(bob_key).get(mine))["previewArtifacts"][0]["url"]
    assert resolvers.resolve(signing.parse_own_url(url, HOSTS))
    public = template_of(api(bob_key).patch(mine, {"visibility": "public"}))
    assert resolvers.resolve_public("t", *published_path(public["previewArtifacts"][0]["url"]))


def test_a_forks_owner_may_write_the_sources_open_link_back(api, bob_key, published):
    fork = template_of(api(bob_key).post(f"{TEMPLATES}/open/fork"))
    changes = {"previewArtifacts": published["previewArtifacts"], "visibility": "public"}
    template = template_of(api(bob_key).patch(f"{TEMPLATES}/{fork['id']}", changes))
    assert resolvers.resolve_public("t", *published_path(template["previewArtifacts"][0]["url"]))


def test_who_did_not_fork_cannot_publish_anothers_preview(api, bob_key, published):
    body = {
        **documented(),
        "visibility": "public",
        "previewArtifacts": published["previewArtifacts"],
    }
    response = api(bob_key).post(TEMPLATES, body)
    assert refusals(response) == [("private_media_reference", "previewArtifacts/0/url")]


def test_a_runnable_spec_has_links_that_work_now(alice, bob, upload):
    template = make_public(
        alice,
        inputs=[
            *documented()["inputs"],
            {"name": "face", "type": "image", "default": link(upload)},
        ],
    )
    spec = selectors.runnable_spec(selectors.runnable_version(bob, template), own_hosts=HOSTS)
    public_id = signing.parse_own_url(spec["inputs"][1]["default"], HOSTS)
    assert resolvers.resolve(public_id).kind == "image"


def test_a_medium_of_another_template_does_not_resolve_by_guessing(alice, upload):
    make_template(alice, previewArtifacts=preview(link(upload)))
    version = TemplateVersion.objects.get()
    assert resolvers.resolve(f"tpm_{version.pk}_{upload.blob_id}") is None
    assert resolvers.resolve_public("t", str(version.pk), upload.blob_id) is None


def test_too_many_media_are_refused_before_any_is_decoded(create, upload):
    many = preview(link(upload)) * 33
    response = create(visibility="public", previewArtifacts=many)
    assert refusals(response) == [("too_many", "previewArtifacts")]


class TestPrivateTemplatesInside:
    """They are shown with it once their owner agrees to that by their names."""

    @pytest.fixture
    def film(self, api, alice, alice_key):
        make_template(alice, id="shot", **SHOT)
        given = {"subject": "$inputs.subject"}
        for name, stages in {
            "scene": [stage("template:shot", "shot", **given)],
            "film": [stage("template:scene", "scene", **given)],
        }.items():
            body = {"id": name, "name": name.title(), "inputs": SHOT["inputs"], "stages": stages}
            saved(api(alice_key).post(TEMPLATES, body))
        return f"{TEMPLATES}/film"

    def test_each_is_agreed_to_by_its_name(self, api, alice, alice_key, bob_key, film):
        public = {"visibility": "public"}
        names = ["template:scene@0.0.1", "template:shot@0.0.1"]
        answer = api(alice_key).patch(film, public)
        assert errors_of(answer) == [("private_template", "stages/scene")] * 2
        message = json.loads(answer.content)["data"]["validation"]["issues"][1]["message"]
        assert names[1] in message
        assert "`showsStagesOf`" in message
        half = {**public, "showsStagesOf": names[:1]}
        assert errors_of(api(alice_key).patch(film, half)) == [("private_template", "stages/scene")]
        wrong = api(alice_key).patch(film, {**public, "showsStagesOf": "all"})
        assert wrong.status_code == 400
        assert b"showsStagesOf" in wrong.content
        template = saved(api(alice_key).patch(film, {**public, "showsStagesOf": names}))
        assert (template["visibility"], "showsStagesOf" in template) == ("public", False)
        # What everyone reads is these versions, and nothing else of their templates.
        whole = json.loads(api(bob_key).get(f"{film}?expand=1").content)["data"]["template"]
        assert [one["tool"] for one in whole["stages"]] == ["generate_image"]
        assert api(bob_key).get(f"{TEMPLATES}/scene").status_code == 404
        assert api(bob_key).get(f"{TEMPLATES}/shot").status_code == 404
        # Agreed to once: a later publication shows nothing more of it.
        saved(api(alice_key).patch(film, {"brief": "Slower"}))
        stages = [stage("template:scene", "scene", subject="$inputs.subject")]
        patched(Template.objects.get(public_id="scene", owner=alice), brief="Another")
        answer = api(alice_key).patch(film, {"stages": stages})
        assert errors_of(answer) == [("private_template", "stages/scene")] * 2

    def test_who_remixed_it_may_not_publish_it(self, api, alice_key, bob_key, film):
        names = ["template:scene@0.0.1", "template:shot@0.0.1"]
        agreed = {"visibility": "public", "showsStagesOf": names}
        saved(api(alice_key).patch(film, agreed))
        fork = saved(api(bob_key).post(f"{film}/fork", {}))
        answer = api(bob_key).patch(f"{TEMPLATES}/{fork['id']}", agreed)
        assert errors_of(answer) == [("private_template", "stages/scene")]

    def test_files_inside_are_shown_as_copies(self, api, alice, alice_key, bob, film, upload):
        shot = Template.objects.get(public_id="shot", owner=alice)
        patched(shot, previewArtifacts=preview(link(upload)))
        stages = [stage("template:shot", "shot", subject="$inputs.subject")]
        scene = Template.objects.get(public_id="scene", owner=alice)
        patched(scene, stages=stages)
        patched(Template.objects.get(public_id="film"), stages=[stage("template:scene", "scene")])
        names = ["template:scene@0.0.2", "template:shot@0.0.2"]
        agreed = {"visibility": "public", "showsStagesOf": names}
        assert api(alice_key).patch(film, {**agreed, "name": ""}).status_code == 422
        assert shot.versions.count() == 2
        template = saved(api(alice_key).patch(film, agreed))
        # Each has a version after the one that was named, and is as private as before.
        assert template["stages"][0]["tool"] == "template:scene@0.0.3"
        shot.refresh_from_db()
        assert (shot.visibility, shot.head.semver) == ("private", "0.0.3")
        assert upload.public_id in json.dumps(shot.versions.get(semver="0.0.2").spec)
        text = json.dumps(shot.head.spec)
        assert upload.public_id not in text
        assert upload.blob_id not in text
        # Another template that names the earlier version finds the copies that are there.
        other = {"name": "Other", "stages": [stage("template:shot@0.0.2", "shot", subject="a")]}
        other = {**other, **agreed, "showsStagesOf": names[1:]}
        other = saved(api(alice_key).post(TEMPLATES, other))
        assert other["stages"][0]["tool"] == "template:shot@0.0.3"
        # Of an earlier version with files that no one has seen there are none.
        patched(shot, previewArtifacts=preview(link(upload)), brief="Another")
        last = {"id": "last", "name": "Last", "stages": [stage("template:shot@0.0.4", "shot")]}
        saved(api(alice_key).post(TEMPLATES, last))
        patched(shot, previewArtifacts=None)
        answer = api(alice_key).patch(
            f"{TEMPLATES}/last", {**agreed, "showsStagesOf": ["template:shot@0.0.4"]}
        )
        assert errors_of(answer) == [("private_template", "stages/shot")]
        assert "newest" in answer.content.decode()
