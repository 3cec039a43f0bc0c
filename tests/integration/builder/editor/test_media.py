"""`/app/media`: what there is to choose from."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from builder.web.editor import media as listing
from core import clock
from media.models import Blob, Upload
from runs.models import Artifact, Step
from tests.support.builders.blobs import film_with_place, jpeg_with_place, make_blob, make_upload
from tests.support.builders.running import start, work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client(alice: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(alice)
    return client


def ask(client: Client, **query: str) -> Any:
    return client.get("/app/media", query)


def drawn(owner: User, **arguments: Any) -> list[Artifact]:
    """What a run of one step made."""
    run = start(
        owner,
        [
            {
                "id": "heron",
                "title": "Heron at dawn",
                "toolName": "note",
                "arguments": {"text": "A heron", **arguments},
            }
        ],
    )
    work_off()
    return list(Artifact.objects.filter(run=run).order_by("position"))


def bring(owner: User, count: int) -> list[Upload]:
    """Uploads, the newest last, two and two at the same moment."""
    blob = make_blob(jpeg_with_place())
    uploads = [make_upload(owner, blob, filename=f"{number}.jpg") for number in range(count)]
    begin = clock.now() - timedelta(days=1)
    for number, upload in enumerate(uploads):
        upload.completed_at = begin + timedelta(seconds=number // 2)
        upload.save(update_fields=["completed_at"])
    return uploads


def test_uploads_and_results_are_listed_with_the_newest_first(client: Client, alice: User) -> None:
    upload = make_upload(alice, make_blob(jpeg_with_place()), filename="Tide table of home.jpg")
    made = drawn(alice, copies=2)
    body = ask(client).json()
    assert body["next"] is None
    assert {one["reference"].split("/")[1] for one in body["media"][:-1]} == {
        row.public_id for row in made
    }
    last = body["media"][-1]
    assert last["reference"] == f"reelgraph:object/{upload.public_id}/Tide-table-of-home.jpg"
    assert last["title"] == "Tide table of home.jpg"
    assert last["kind"] == "image"
    address = f"http://testserver/media/{upload.public_id}/Tide"
    assert last["url"].startswith(address)
    assert body["media"][0]["title"].startswith("Heron at dawn")


def test_one_kind_alone_can_be_asked_for(client: Client, alice: User) -> None:
    make_upload(alice, make_blob(jpeg_with_place()))
    film = make_upload(
        alice, make_blob(film_with_place(), kind="video", mime="video/mp4"), "clip.mp4"
    )
    found = ask(client, kind="video").json()["media"]
    assert [one["reference"].split("/")[1] for one in found] == [film.public_id]
    assert ask(client, kind="audio").json()["media"] == []


def test_the_whole_list_comes_page_by_page_with_nothing_twice(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    uploads = bring(alice, 7)
    made = drawn(alice, copies=2)
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        body = ask(client, **query).json()
        assert len(body["media"]) <= 3
        seen += [one["reference"].split("/")[1] for one in body["media"]]
        if body["next"] is None:
            break
        query = {"before": body["next"]}
    assert sorted(seen) == sorted(row.public_id for row in (*uploads, *made))
    assert set(seen[:2]) == {row.public_id for row in made}


def test_no_one_sees_what_belongs_to_others(client: Client, alice: User, bob: User) -> None:
    make_upload(bob, make_blob(jpeg_with_place()))
    drawn(bob)
    assert ask(client).json() == {"media": [], "next": None}
    assert ask(Client(raise_request_exception=False)).status_code == 401


def test_hidden_blocked_outdated_and_unfinished_media_are_left_out(
    client: Client, alice: User
) -> None:
    hidden, blocked, outdated = drawn(alice, copies=3)
    Artifact.objects.filter(pk=hidden.pk).update(hidden_at=clock.now())
    Blob.objects.filter(pk=blocked.blob_id).update(blocked_at=clock.now())
    Artifact.objects.filter(pk=outdated.pk).update(generation=outdated.generation - 1)
    Upload.objects.create(owner=alice, slot="test", expires_at=clock.now())
    assert ask(client).json()["media"] == []


def test_a_result_that_was_taken_over_is_listed_once(client: Client, alice: User) -> None:
    [first], [second] = drawn(alice), drawn(alice)
    Step.objects.filter(pk=second.step_id).update(reused_from=first.step_id)
    found = ask(client).json()["media"]
    assert [one["reference"].split("/")[1] for one in found] == [first.public_id]


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "hologram"},
        {"before": "yesterday"},
        {"before": "2026-13-45T99:00:00.000000Z~upl_1"},
        {"before": "....-..-..Z~upl_1"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(client: Client, query: dict[str, str]) -> None:
    answer = ask(client, **query)
    assert answer.status_code == 400
    assert next(iter(query)) in answer.json()["message"]
