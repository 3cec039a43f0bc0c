"""`/check` tells by a hash whether this server made a file, and nothing of people."""

from __future__ import annotations

import hashlib
import html
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import blocks, rate_limits, services
from accounts.models import User
from core import clock
from creations.models import Share
from media import blobs, sweeping
from media.blobs import FileFacts, StoredFile
from media.models import Blob, OriginRecord
from media.origin import Origin
from runs.engine import retention
from runs.models import Artifact
from templates_app.models import Template, TemplateMedia
from tests.support.at_once import at_once
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.creations import finished_run, shared
from tests.support.builders.templates import make_public
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat

pytestmark = pytest.mark.django_db

LONG_AGO = datetime(2024, 2, 9, 23, 30, tzinfo=UTC)
MADE = "This server made this file"


def stored(content: bytes) -> StoredFile:
    folder = blobs.attempt_dir("test")
    (folder / "file").write_bytes(content)
    return blobs.store(folder / "file", FileFacts("image", "image/png", 32, 18))


def recorded(content: bytes, origin: Origin) -> Blob:
    """Bytes as a step, a shared copy or a publication leaves them."""
    with transaction.atomic():
        return blobs.record(stored(content), origin)


def ask(sha256: str, client: Client | None = None) -> Any:
    """The answer for programs."""
    return (client or Client()).get(
        "/check", {"sha256": sha256}, headers={"accept": "application/json"}
    )


def told(sha256: str, viewer: User | None = None) -> dict[str, Any]:
    answer = ask(sha256, signed_in(viewer) if viewer else None)
    assert answer.status_code == 200, answer.content
    data: dict[str, Any] = answer.json()["data"]
    return data


def page(sha256: str, **headers: str) -> str:
    return flat(Client(headers=headers).get("/check", {"sha256": sha256}).content.decode())


def test_what_the_server_made_is_told_with_its_day() -> None:
    lines: dict[Origin, str] = {
        "ai": "Made with AI",
        "edited_ai": "Made with AI",
        "planned": "Planned with AI",
        "drawn": "Drawn by a program",
    }
    for origin, line in lines.items():
        sha256 = recorded(origin.encode(), origin).sha256
        OriginRecord.objects.update(first_at=LONG_AGO)
        assert told(sha256) == {
            "sha256": sha256,
            "isMadeHere": True,
            "origin": origin,
            "originLine": line,
            "day": "2024-02-09",
            "url": None,
        }
        for text in (page(sha256), page(sha256, hx_request="true")):
            assert MADE in text
            assert f"On 9 Feb 2024 (UTC). <strong>{line}</strong>." in text
            assert "23:30" not in text


def test_an_upload_is_answered_like_a_file_that_was_never_here(alice: User) -> None:
    upload = make_blob(b"an upload")
    make_upload(alice, upload)
    # A result of which nothing is claimed, such as a cut of that upload.
    result = finished_run(alice, recorded(b"a cut", "unknown")).artifacts.get().blob_id
    recording = recorded(b"a recording", "captured").sha256
    never = hashlib.sha256(b"never seen").hexdigest()
    expected = page(never)
    assert "Nothing known" in expected
    assert "That proves nothing." in expected
    for sha256 in (upload.sha256, result, recording):
        assert told(sha256) == {**told(never), "sha256": sha256}
        assert page(sha256) == expected.replace(never, sha256)


@pytest.mark.slow
def test_it_is_known_when_run_account_and_file_are_gone(alice: User) -> None:
    blob = recorded(b"gone", "ai")
    # Of a release that kept no records.
    older = recorded(b"older", "drawn")
    OriginRecord.objects.filter(pk=older.pk).delete()
    before = {one.pk: told(one.pk) for one in (blob, older)}
    finished_run(alice, blob, older)
    retention.delete_runs(owner=alice)
    services.erase_user(user=alice)
    sweeping.sweep()
    Blob.objects.update(unused_since=clock.now() - timedelta(days=3))
    sweeping.sweep()
    assert not Blob.objects.exists()
    assert {sha256: told(sha256) for sha256 in before} == before
    assert all(one["isMadeHere"] for one in before.values())
    # Made once more, it's still of its first day.
    OriginRecord.objects.update(first_at=LONG_AGO)
    recorded(b"gone", "edited_ai")
    assert (told(blob.sha256)["day"], told(blob.sha256)["origin"]) == ("2024-02-09", "ai")


@pytest.mark.slow
def test_results_from_before_origins_were_kept_are_told_by_their_maker(alice: User) -> None:
    blob, copy = make_blob(b"by a service"), make_blob(b"its shared copy")
    shared(finished_run(alice, blob)).media.update(blob=copy)
    Artifact.objects.update(meta={"provider": "openai"}, created_at=LONG_AGO)
    for sha256 in (blob.sha256, copy.sha256):
        assert (told(sha256)["origin"], told(sha256)["day"]) == ("ai", "2024-02-09")


def test_a_stronger_origin_takes_the_place_of_a_weaker_one() -> None:
    sha256 = recorded(b"twice", "drawn").sha256
    OriginRecord.objects.update(first_at=LONG_AGO)
    recorded(b"twice", "ai")
    recorded(b"twice", "planned")
    assert (told(sha256)["origin"], told(sha256)["day"]) == ("ai", "2024-02-09")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_who_make_the_same_file_at_once_leave_one_record() -> None:
    file = stored(b"at once")
    origins: tuple[Origin, ...] = ("drawn", "ai", "planned", "edited_ai")

    def make(origin: Origin) -> None:
        with transaction.atomic():
            blobs.record(file, origin)

    at_once([partial(make, origin) for origin in origins])
    assert OriginRecord.objects.get().origin == Blob.objects.get().origin == "ai"


def test_a_step_asks_once_more_only_for_a_new_origin() -> None:
    def statements(origin: Origin) -> int:
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            blobs.record(file, origin)
        return sum("media_origin" in query["sql"] for query in asked)

    file = stored(b"counted")
    assert [statements(one) for one in ("unknown", "drawn", "drawn", "unknown", "ai", "drawn")] == [
        *(0, 1, 0),
        *(0, 1, 0),
    ]


@pytest.mark.slow
def test_a_creation_is_linked_while_its_viewer_may_see_it(alice: User, bob: User) -> None:
    blob = recorded(b"shown", "ai")
    share = shared(finished_run(alice, blob))
    rows = Share.objects.filter(pk=share.pk)
    assert (told(blob.sha256)["url"], share.public_id in page(blob.sha256)) == (None, False)
    rows.update(visibility="public")
    url = f"http://testserver/s/{share.public_id}"
    assert told(blob.sha256)["url"] == url
    assert f'<a class="link" href="/s/{share.public_id}"><bdi>Dawn</bdi></a>' in page(blob.sha256)
    blocks.block(actor=bob, other=alice)
    assert (told(blob.sha256, bob)["url"], told(blob.sha256, alice)["url"]) == (None, url)
    rows.update(moderation="quarantined")
    assert (told(blob.sha256)["isMadeHere"], told(blob.sha256)["url"]) == (True, None)
    rows.update(moderation="visible")
    assert told(blob.sha256)["url"] == url
    Blob.objects.update(blocked_at=clock.now())
    assert told(blob.sha256)["url"] is None


@pytest.mark.slow
def test_the_preview_of_a_public_template_is_linked(alice: User, bob: User) -> None:
    blob = recorded(b"a preview", "drawn")
    template = make_public(alice)
    TemplateMedia.objects.create(version=template.published, blob=blob, role="preview")
    assert told(blob.sha256)["url"] == f"http://testserver/t/{template.public_id}"
    blocks.block(actor=bob, other=alice)
    assert told(blob.sha256, bob)["url"] is None
    Template.objects.update(visibility="private")
    assert told(blob.sha256)["url"] is None


@pytest.mark.parametrize("typed", ["", "g" * 64])
def test_what_is_no_hash_is_refused_by_the_name_of_its_field(typed: str) -> None:
    answer = ask(typed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "check.invalid")
    assert answer.json()["message"].startswith("sha256: Enter the file's SHA-256: 64 digits")
    assert answer.json()["details"]["issues"][0]["path"] == "sha256"
    answer = Client().get("/check", {"sha256": typed})
    text = flat(html.unescape(answer.content.decode()))
    assert (answer.status_code, "Enter the file's SHA-256: 64 digits" in text) == (422, True)
    assert 'aria-invalid="true"' in text


@pytest.mark.slow
def test_the_output_of_commands_can_be_pasted() -> None:
    sha256 = recorded(b"pasted", "ai").sha256
    pairs = " ".join(sha256[place : place + 2] for place in range(0, 64, 2))
    for typed in (f"{sha256}  film.mp4\n", sha256.upper(), f" {pairs} "):
        assert told(typed)["isMadeHere"]


@pytest.mark.slow
def test_visitors_ask_twenty_times_an_hour(alice: User) -> None:
    never = hashlib.sha256(b"never seen").hexdigest()
    # A typing error and the page itself count nothing.
    for _ in range(rate_limits.FILE_CHECKS_PER_HOUR + 1):
        assert Client().get("/check").status_code == 200
        assert ask("abc").status_code == 422
    for _ in range(rate_limits.FILE_CHECKS_PER_HOUR):
        assert ask(never).status_code == 200
    answer = ask(never)
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "quota.rate")
    assert 0 < int(answer["Retry-After"]) <= 3600
    for part in ({}, {"hx_request": "true"}):
        answer = Client(headers=part).get("/check", {"sha256": never})
        text = answer.content.decode()
        assert (answer.status_code, "limit of 20 file checks per hour" in text) == (429, True)
    # Others, and those who are signed in, go on.
    assert ask(never, Client(REMOTE_ADDR="192.0.2.7")).status_code == 200
    client = signed_in(alice)
    for _ in range(rate_limits.FILE_CHECKS_OF_PERSON_PER_HOUR - 1):
        rate_limits.check_file_checks(alice, "")
    assert [ask(never, client).status_code for _ in range(2)] == [200, 429]
