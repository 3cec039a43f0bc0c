"""A file that a moderator blocked comes in by no way, and who has it sees that it is blocked."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from builder.ops.samples import sample_files
from core import clock
from creations import sharing
from creations.models import Share, ShareMedia
from creations.sharing import Choices
from media import signing
from media.blobs import path_of
from media.models import Blob, Upload
from moderation import reporting
from moderation.models import Case
from runs.models import Artifact
from tests.support.builders import commenting
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.factories import make_key, make_user
from tests.support.builders.moderation import decide, forget_the_log, make_moderator, undo
from tests.support.builders.running import start, work_off
from tests.support.builders.sharing import finished_run, make_share
from tests.support.builders.templates import HOSTS, make_template
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
WHICH = "jobId=job-1&id=first&type=referenceImage"
PICTURE = jpeg_with_place("teal")


@pytest.fixture
def blocked() -> Blob:
    """A picture that a moderator has blocked."""
    blob = make_blob(PICTURE)
    Blob.objects.filter(pk=blob.pk).update(blocked_at=clock.now())
    return blob


def left_behind() -> list[str]:
    return [one.name for one in (Path(django_settings.MEDIA_DIR) / "tmp").glob("*/*")]


def stored(owner: User) -> str:
    """What the storage of a person holds, as their account says."""
    page = signed_in(owner).get("/me").content.decode()
    return page.partition('id="storage"')[2].partition("</section>")[0]


def put(url: str) -> Answer:
    return request_app("PUT", url, {"content-type": "image/jpeg"}, PICTURE)


def address(key: dict[str, str]) -> str:
    answer = request_app("GET", f"/v1/image/uploadUrl?{WHICH}", key)
    return str(answer.json()["data"]["uploadUrl"])


def post_form(key: dict[str, str]) -> Answer:
    answer = request_app("GET", f"/v2/image/uploadUrl?{WHICH}", key).json()["data"]
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
    sent = {"content-type": "multipart/form-data; boundary=edge"}
    return request_app("POST", answer["url"], sent, head + PICTURE + b"\r\n--edge--\r\n")


def from_browser(owner: User) -> Any:
    file = SimpleUploadedFile("a.jpg", PICTURE, "image/jpeg")
    return signed_in(owner).post("/app/uploads", {"file": file})


def test_no_upload_takes_it(blocked: Blob, alice: User) -> None:
    key, before = {"api-key": make_key(alice)}, stored(alice)
    for answer in (put(address(key)), post_form(key)):
        body = answer.json()
        assert (answer.status, body["error"]["code"]) == (422, "media.blocked")
        assert "blocked by a moderator" in body["message"]
    page = from_browser(alice)
    assert page.status_code == 422
    assert "blocked by a moderator" in page.content.decode()
    assert not Upload.objects.exists()
    assert left_behind() == []
    assert stored(alice) == before


def test_it_is_refused_also_when_it_is_blocked_on_its_way(alice: User) -> None:
    key = {"api-key": make_key(alice)}
    assert put(address(key)).status == 200
    [upload] = Upload.objects.all()
    url = address(key)
    Blob.objects.update(blocked_at=clock.now())
    assert put(url).status == 422
    # What was there before stays, and is served to no one.
    assert Upload.objects.get() == upload
    assert request_app("GET", address(key).replace("/uploads/", "/media/")).status == 404


def test_the_kept_file_stays_for_moderators_and_comes_back(blocked: Blob, alice: User) -> None:
    key = {"api-key": make_key(alice)}
    assert put(address(key)).status == 422
    Blob.objects.filter(pk=blocked.pk).update(blocked_at=None)
    kept = put(address(key))
    assert kept.status == 200
    assert request_app("GET", kept.json()["data"]["downloadUrl"]).body == PICTURE


def test_a_chat_that_brings_it_is_refused(blocked: Blob, alice: User) -> None:
    data = "data:image/jpeg;base64," + base64.b64encode(PICTURE).decode()
    content = [
        {"type": "text", "text": "Make a video of this image"},
        {"type": "image_url", "image_url": {"url": data}},
    ]
    body = {"model": "reelgraph-rules", "messages": [{"role": "user", "content": content}]}
    headers = {"api-key": make_key(alice), "content-type": "application/json"}
    answer = request_app("POST", "/v1/chat/completions", headers, json.dumps(body).encode())
    assert answer.status in (400, 422), answer.text
    assert "blocked by a moderator" in answer.text
    assert not Upload.objects.exists()


def test_a_run_that_makes_it_fails_and_shows_nothing(alice: User, bob: User) -> None:
    step = {"id": "a", "toolName": "note", "arguments": {"text": "a harbor", "seed": 7}}
    run = finished_run(start(alice, [step]))
    Blob.objects.filter(pk=Artifact.objects.get(run=run).blob_id).update(blocked_at=clock.now())
    again = start(bob, [step])
    work_off()
    again.refresh_from_db()
    assert again.status == "failed"
    [step] = again.steps.all()
    assert step.error["code"] == "media.blocked", step.error
    assert "blocked by a moderator" in step.error["message"]
    assert not Artifact.objects.filter(run=again).exists()
    page = signed_in(bob).get(f"/runs/{again.public_id}").content.decode()
    assert "blocked by a moderator" in page


def test_what_shows_it_is_not_shared(alice: User) -> None:
    first = make_share(alice)
    [medium] = first.media.filter(role="result")
    run = first.run
    signed_in(alice).post(f"/app/runs/{run.public_id}/unshare")
    Share.objects.filter(pk=first.pk).update(ended_at=clock.now())
    Blob.objects.filter(pk=medium.blob_id).update(blocked_at=clock.now())
    sent = {"title": "Again", "visibility": "public", "license": "all_rights"}
    answer = signed_in(alice).post(f"/app/runs/{run.public_id}/share", sent)
    assert answer.status_code in (409, 422)
    assert not Share.objects.filter(run=run, ended_at=None).exists()


def test_a_copy_without_details_is_blocked_as_well(alice: User) -> None:
    """It is other bytes than the run's file, and others have downloaded it."""
    first = make_share(alice, keeps_details=False)
    [medium] = first.media.filter(role="result")
    Share.objects.filter(pk=first.pk).update(ended_at=clock.now())
    Blob.objects.filter(pk=medium.blob_id).update(blocked_at=clock.now())
    sent = {"title": "Again", "visibility": "public", "license": "all_rights"}
    answer = signed_in(alice).post(f"/app/runs/{first.run.public_id}/share", sent)
    assert answer.status_code == 422
    assert "blocked by a moderator" in answer.content.decode()


def test_a_server_starts_though_a_sample_s_file_is_blocked(tmp_path: Path) -> None:
    file = next(iter(sample_files.manifest()["files"]))
    path = sample_files.SAMPLES / file
    blob = make_blob(path.read_bytes(), kind="image", mime="image/webp")
    Blob.objects.filter(pk=blob.pk).update(blocked_at=clock.now())
    reference = f"reelgraph:blob/{blob.pk}/{path.name}"
    sample_files.store({reference: path})
    blob.refresh_from_db()
    assert blob.blocked_at is not None


# --- by a decision, and by who has it -----------------------------------------------------------


@pytest.fixture
def decided(alice: User) -> Any:
    """alice's creation, one of whose files was reported and is blocked now."""
    share = make_share(alice, title="Harbor at dawn")
    reporting.report_media(
        actor=make_user("carl"), public_id=share.public_id, position=0, reason="sexual"
    )
    case = Case.objects.get(subject_kind="media")
    mo = make_moderator(make_user("mo"))
    yield share, decide(mo, case, "take_down")
    forget_the_log()


def test_who_shared_it_reads_the_decision_and_others_nothing(
    decided: tuple[Share, Any], alice: User, bob: User
) -> None:
    share, decision = decided
    page = signed_in(alice).get(f"/me/decisions/{decision.pk}").content.decode()
    for words in ("A file you shared", "Blocked", "Send appeal"):
        assert words in page
    assert signed_in(bob).get(f"/me/decisions/{decision.pk}").status_code == 404
    [medium] = ShareMedia.objects.filter(share=share, role="result")
    assert (
        request_app("GET", f"/media/s/{share.public_id}/{medium.blob_id}/{medium.filename}").status
        == 404
    )


def test_pages_say_blocked_where_it_was_shown(decided: tuple[Share, Any], alice: User) -> None:
    share, _decision = decided
    artifact = Artifact.objects.get(run=share.run)
    page = signed_in(alice).get(f"/runs/{share.run.public_id}").content.decode()
    assert "Blocked by a moderator" in page
    assert f"/media/{artifact.public_id}/" not in page
    upload = make_upload(alice, artifact.blob, "harbor.jpg")
    page = signed_in(alice).get("/me/media").content.decode()
    assert page.count("Blocked by a moderator") == 2
    for one in (artifact, upload):
        assert f"/media/{one.public_id}/" not in page
    # It can still be taken away.
    signed_in(alice).post("/me/media/delete", {"pick": [upload.public_id]})
    assert not Upload.objects.filter(pk=upload.pk).exists()
    # The editor shows the same, and offers nothing that can't be used.
    state = signed_in(alice).get(f"/app/runs/{share.run.public_id}/state").json()
    [made] = [one for step in state["steps"] for one in step["artifacts"]]
    assert (made["id"], made["isBlocked"]) == (artifact.public_id, True)
    listed = signed_in(alice).get("/app/media").json()["media"]
    assert listed == []


def test_the_original_of_a_blocked_copy_is_blocked_with_it(alice: User, bob: User) -> None:
    """What a creation shows is other bytes than what the run made: the notes are taken out."""
    share = make_share(alice, keeps_details=False)
    [medium] = share.media.filter(role="result")
    original = Artifact.objects.get(run=share.run)
    assert medium.blob_id != original.blob_id
    other = make_upload(alice, make_blob(PICTURE), "other.jpg")
    reporting.report_media(actor=bob, public_id=share.public_id, position=0, reason="sexual")
    case = Case.objects.get(subject_kind="media")
    mo = make_moderator(make_user("mo"))

    def blocked() -> set[str]:
        rows = Blob.objects.filter(blocked_at__isnull=False)
        return set(rows.values_list("pk", flat=True))

    both = {medium.blob_id, original.blob_id}
    try:
        first = decide(mo, case, "take_down")
        assert blocked() == both
        page = signed_in(alice).get(f"/runs/{share.run.public_id}").content.decode()
        assert "Blocked by a moderator" in page
        undo(mo, first)
        assert blocked() == set()
        decide(mo, case, "take_down")
        restored = decide(mo, case, "restore")
        assert blocked() == set()
        undo(mo, restored)
        assert blocked() == both
        assert other.blob_id not in both
    finally:
        forget_the_log()


# --- with all that shows it ---------------------------------------------------------------------


@pytest.fixture
def film(alice: User) -> Any:
    """alice's film, shared as a creation and as the preview of a public template with a poster of
    its own; reported, with the console of a moderator beside."""
    run, made = commenting.make_run(alice)
    share = sharing.share_run(
        actor=alice, run=run, choices=Choices(title="Dawn", visibility="public")
    )
    poster = make_upload(alice, make_blob(PICTURE), "poster.jpg")
    template = make_template(
        alice,
        name="Dawn",
        visibility="public",
        previewArtifacts=[
            {
                "stageId": "clip",
                "mediaType": "video",
                "url": f"http://{HOSTS[0]}" + signing.signed_path(made.public_id, "film.mp4"),
                "posterUrl": f"http://{HOSTS[0]}"
                + signing.signed_path(poster.public_id, "poster.jpg"),
            }
        ],
    )
    reporting.report_media(
        actor=make_user("carl"), public_id=share.public_id, position=0, reason="sexual"
    )
    yield share, template, made
    forget_the_log()


@pytest.mark.slow
def test_a_blocked_film_takes_its_posters_with_it(film: Any, alice: User, bob: User) -> None:
    share, template, made = film
    [medium] = share.media.filter(role="result")
    rights = {one.role: one.blob_id for one in template.published.media.all()}
    addresses = [
        f"/media/s/{share.public_id}/{medium.blob_id}/dawn.mp4",
        f"/media/s/{share.public_id}/{medium.poster_id}/poster.webp",
        f"/media/t/{template.published_id}/{rights['preview']}",
        f"/media/t/{template.published_id}/{rights['poster']}",
        signing.signed_path(made.public_id, "film.mp4"),
    ]
    pages = [f"/t/{template.public_id}", f"/s/{share.public_id}", "/", "/me/templates"]
    brought = Upload.objects.get(filename="poster.jpg").blob_id
    hashes = {medium.blob_id, medium.poster_id, *rights.values(), made.blob_id, brought}
    posters = [path_of(sha256).read_bytes() for sha256 in (medium.poster_id, rights["poster"])]

    def served() -> list[int]:
        return [request_app("GET", one).status for one in addresses]

    def named() -> set[str]:
        browser = signed_in(alice)
        texts = [browser.get(page).content.decode() for page in pages]
        return {one for one in hashes if any(one in text for text in texts)}

    assert served() == [200] * 5
    assert {medium.poster_id, rights["poster"]} <= named()
    case = Case.objects.get(subject_kind="media")
    mo = signed_in(make_moderator(make_user("mo")))
    console = f"/admin/moderation/cases/{case.pk}"
    told = re.search(r"Blocks (\d+) files", mo.get(console).content.decode())
    assert told is not None
    sent = {"case": case.pk, "version": case.version, "action": "take_down", "reason": "sexual"}
    assert mo.post(f"{console}/decide", sent).status_code == 302
    assert served() == [404] * 5
    assert named() == set()
    assert Blob.objects.filter(blocked_at__isnull=False).count() == int(told[1]) == len(hashes)
    decision = case.decisions.get()
    page = signed_in(alice).get(f"/me/decisions/{decision.pk}").content.decode()
    assert f"{told[1]} files blocked" in page
    for data in posters:
        file = SimpleUploadedFile("a.webp", data, "image/webp")
        assert signed_in(bob).post("/app/uploads", {"file": file}).status_code == 422
    state = signed_in(alice).get(f"/app/runs/{share.run.public_id}/state").json()
    [shown] = [one for step in state["steps"] for one in step["artifacts"]]
    assert (shown["isBlocked"], shown["posterUrl"]) == (True, None)
    case.refresh_from_db()
    mo.post(f"{console}/undo?version={case.version}")
    assert served() == [200] * 5
    assert not Blob.objects.filter(blocked_at__isnull=False).exists()
