"""`/me/export`: one's own work, made in the background and taken along as zips."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import AccountExport, User
from builder.account_exports import account_data, account_export, making
from builder.account_exports.making import PeriodicExports
from core import clock
from media import signing
from media.blobs import path_of
from media.models import Blob
from notices.models import Notice
from runs.models import Run
from tests.support.builders.blobs import jpeg_with_place, make_blob, make_upload
from tests.support.builders.exports import export_of, make_exports
from tests.support.builders.factories import make_key
from tests.support.builders.leaving import finish_deletions
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import make_public, make_template
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.streams import close_pool_connections
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "note"
STAGE = {"id": "a", "label": "A", "type": "fixed", "tool": NOTE, "args": {"text": "$inputs.brief"}}


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def ask(person: User) -> None:
    assert signed_in(person).post("/me/export")["Location"] == "/me#data"


def session_of(person: User) -> dict[str, str]:
    return {"cookie": f"sessionid={signed_in(person).cookies['sessionid'].value}"}


def download(person: User, part: int = 1, method: str = "GET") -> Answer:
    return request_app(method, f"/me/export/{part}", session_of(person))


def names_in(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.text
    assert int(answer.header("content-length")) == len(answer.body)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def folders(settings: Settings) -> list[str]:
    root = Path(settings.MEDIA_DIR)
    return sorted(
        str(one.relative_to(root)) for one in (*root.glob("exports/*"), *root.glob("tmp/export-*"))
    )


def page_of(person: User) -> str:
    text = signed_in(person).get("/me").content.decode()
    return " ".join(text.partition('id="data"')[2].partition("</section>")[0].split())


def noted(person: User, title: str = "Dawn", **arguments: Any) -> Run:
    """A run of one stage that made files."""
    step = {"id": "shots", "title": "Shots", "toolName": NOTE}
    run = start(person, [step | {"arguments": {"text": "a private prompt", **arguments}}])
    work_off()
    Run.objects.filter(pk=run.pk).update(title=title)
    return run


def test_what_a_zip_holds(alice: User, bob: User) -> None:
    key = make_key(alice, "my agent")
    run = noted(alice, "../Dawn: over/the harbor", copies=2)
    make_upload(alice, make_blob(jpeg_with_place()), filename="my holiday.jpg")
    make_template(alice, name="Mine")
    noted(bob, "Of bob")
    ask(alice)
    make_exports()
    answer = download(alice)
    assert answer.header("content-type") == "application/zip"
    assert answer.header("cache-control") == "private, no-store"
    head = download(alice, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.header("content-length") == str(len(answer.body))
    folder = "media/00001 -Dawn- over-the harbor"
    assert [name.replace("..", "") for name in names_in(answer)] == [
        "account.json",
        "runs/00001-00001.json",
        f"templates/mine-{alice.templates.get().pk}.json",
        f"{folder}/-Dawn- over-the harbor - Shots 1.png",
        f"{folder}/-Dawn- over-the harbor - Shots 2.png",
        "uploads/00001 my holiday.jpg",
    ]
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        data = json.loads(archive.read("account.json"))
        [document] = json.loads(archive.read("runs/00001-00001.json"))
        files = {row["url"]: row["id"] for row in document["artifacts"]}
        for artifact in run.artifacts.all():
            [name] = [name for name, public_id in files.items() if public_id == artifact.public_id]
            assert archive.read(name) == path_of(artifact.blob_id).read_bytes()
        [upload] = data["uploads"]
        assert archive.read(upload["file"]) == jpeg_with_place()
        assert key.encode() not in b"".join(archive.read(name) for name in archive.namelist())
    [step] = document["steps"]
    assert step["arguments"]["text"] == "a private prompt"
    assert step["result"]["resultUrls"] == list(files)
    assert (document["workflowId"], document["answers"]) == (run.public_id, [])
    assert data["profile"]["username"] == "alice"
    assert [one["id"] for one in data["runs"]] == [run.public_id]
    for one in (*data["templates"], *data["runs"]):
        assert Client().get(urlsplit(one["url"]).path, headers={"api-key": key}).status_code == 200
    assert {(one["kind"], one["runId"]) for one in data["ledger"]} >= {("reserve", run.public_id)}
    assert [one["event"] for one in data["securityEvents"]] == ["API key created"]
    assert b"Of bob" not in answer.body
    [notice] = Notice.objects.filter(person=alice, url="/me#data")
    assert notice.text == f"Your data is ready to download until {_day_of(alice)}."


def _day_of(person: User) -> str:
    return f"{person.export.ends_at:%-d %b %Y}"


@pytest.mark.slow
def test_a_template_is_taken_in_again_without_links_that_end(
    alice: User, bob: User, settings: Settings
) -> None:
    settings.PUBLIC_URL = "http://testserver"
    make_template(alice, name="Inner")
    picture = make_upload(alice, make_blob(jpeg_with_place()))
    link = "http://testserver" + signing.signed_path(picture.public_id, "holiday.jpg")
    outer = make_template(
        alice,
        name="Outer",
        previewArtifacts=[
            {"stageId": "clip", "label": "A look", "mediaType": "image", "url": link}
        ],
        thumbnailUrl=link,
    )
    files = {name: text for name, text in export_of(alice).items() if name[:10] == "templates/"}
    assert [json.loads(text)["name"] for text in files.values()] == ["Inner", "Outer"]
    assert picture.public_id in json.dumps(outer.head.spec)
    assert b"/media/" not in b"".join(files.values())
    for text in files.values():
        made = Client().post(
            "/v1/creative-agent/workflows/templates",
            text,
            "application/json",
            headers={"api-key": make_key(bob)},
        )
        assert made.status_code == 201, made.content


@pytest.mark.slow
def test_parts_are_of_limited_size_and_none_is_broken_by_what_went(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [noted(alice, f"Run {number}", copies=2) for number in range(3)]
    sizes = [row.blob.size for run in runs for row in run.artifacts.select_related("blob")]
    monkeypatch.setattr(account_export, "PART_BYTES", 2 * max(sizes))
    ask(alice)
    make_exports()
    assert len(alice.export.parts) == 3
    assert [len(names_in(download(alice, part))) for part in (2, 3)] == [2, 2]
    assert download(alice, 4).status == download(alice, 0).status == 404
    hidden, kept = runs[2].artifacts.order_by("id")
    Blob.objects.filter(pk=runs[1].artifacts.first().blob_id).update(blocked_at=clock.now())
    path_of(runs[1].artifacts.last().blob_id).unlink()
    runs[2].artifacts.filter(pk=hidden.pk).update(hidden_at=clock.now())
    assert names_in(download(alice, 2)) == ["left out.txt"]
    third = download(alice, 3)
    [_, _] = names_in(third)
    with zipfile.ZipFile(io.BytesIO(third.body)) as archive:
        assert "media/00003 Run 2/Run 2 - Shots 1.png" in archive.read("left out.txt").decode()
    Run.objects.filter(pk=runs[2].pk).delete()
    assert names_in(download(alice, 3)) == ["left out.txt"]
    assert kept


def test_it_is_its_persons_alone(alice: User, bob: User, settings: Settings) -> None:
    noted(alice)
    ask(alice)
    make_exports()
    key = make_key(alice, scope="all")
    assert request_app("GET", "/me/export/1").status == 401
    assert request_app("GET", "/me/export/1", {"api-key": key}).status == 403
    assert download(bob).status == 404
    page = request_app("GET", "/me/export/1", {"accept": "text/html"})
    assert (page.status, page.header("location")) == (302, "/me#data")
    assert Client().post("/me/export", headers={"api-key": key}).status_code == 302
    assert not AccountExport.objects.filter(person=bob).exists()
    # A restored server has the row alone.
    shutil.rmtree(Path(settings.MEDIA_DIR, "exports"))
    assert download(alice).status == 404


@pytest.mark.slow
def test_the_page_says_how_far_it_is(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "PART_S", 0.0)
    monkeypatch.setattr(account_data, "RUNS_AT_ONCE", 2)
    for _ in range(3):
        start(alice, [{"toolName": "noop"}])
    work_off()
    assert "Prepare my data" in page_of(alice)
    ask(alice)
    task = PeriodicExports()
    assert task() == 0
    assert "2 of 3 runs" in page_of(alice)
    assert "Prepare" not in page_of(alice)
    # Asked once more, it isn't begun again.
    again = signed_in(alice).post("/me/export", follow=True).content.decode()
    assert "Your data is being prepared already." in again
    while task() == 0:
        pass
    assert f"until <strong>{_day_of(alice)}</strong>" in page_of(alice)
    assert 'href="/me/export/1"' in page_of(alice)
    first = alice.export.public_id
    ask(alice)
    alice.export.refresh_from_db()
    assert alice.export.public_id != first
    assert "0 of 3 runs" in page_of(alice)


@pytest.mark.slow
def test_a_failure_is_told_and_can_be_tried_again(
    alice: User, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    noted(alice)
    ask(alice)

    def break_off(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "runs_step"' in sql:
            raise ValueError("a secret of the database")
        return execute(sql, *rest)

    with connection.execute_wrapper(break_off):
        make_exports()
    assert "a secret" not in page_of(alice)
    assert account_export.PROBLEM.partition("'")[0] in page_of(alice)
    assert "Try again" in page_of(alice)
    assert download(alice).status == 404
    assert folders(settings) == []
    ask(alice)
    make_exports()
    assert download(alice).status == 200
    assert Notice.objects.filter(person=alice, url="/me#data").count() == 2


@pytest.mark.slow
def test_an_interrupted_one_is_made_again_by_another_worker(
    alice: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "PART_S", 0.0)
    noted(alice)
    ask(alice)
    first, second = PeriodicExports(), PeriodicExports()
    assert first() == 0
    # It has it, and is heard of.
    assert second() == making.LOOK_S
    AccountExport.objects.update(leased_until=clock.now() - timedelta(seconds=1))
    assert second() == 0
    # The one that was taken for dead leaves it alone.
    assert first() == 0
    assert first() == making.LOOK_S
    while second() == 0:
        pass
    assert len(names_in(download(alice))) == 3
    assert folders(settings) == [f"exports/{alice.export.public_id}"]
    # One that no worker survives isn't begun for ever.
    ask(alice)
    AccountExport.objects.update(asked_at=clock.now() - timedelta(days=2))
    make_exports()
    assert "Try again" in page_of(alice)


@pytest.mark.slow
def test_an_outage_costs_no_more_than_time(alice: User, settings: Settings) -> None:
    noted(alice)
    ask(alice)
    task = PeriodicExports()

    def fill_the_disk(execute: Any, sql: str, *rest: Any) -> Any:
        if 'FROM "media_upload"' in sql:
            raise OperationalError("disk I/O error") from OSError(28, "No space left on device")
        return execute(sql, *rest)

    with connection.execute_wrapper(fill_the_disk), pytest.raises(OperationalError):
        task()
    assert folders(settings) == []
    make_exports()
    assert download(alice).status == 200


@pytest.mark.slow
def test_it_is_gone_after_a_week_and_with_its_person(
    alice: User, bob: User, settings: Settings
) -> None:
    for person in (alice, bob):
        noted(person)
        ask(person)
    make_exports()
    assert len(folders(settings)) == 2
    AccountExport.objects.filter(person=alice).update(ends_at=clock.now())
    assert download(alice).status == 404
    assert "Prepare my data" in page_of(alice)
    make_exports()
    assert folders(settings) == [f"exports/{bob.export.public_id}"]
    assert not AccountExport.objects.filter(person=alice).exists()
    assert signed_in(bob).post("/me/delete", {"proof": "bob"}).status_code == 302
    assert not AccountExport.objects.exists()
    finish_deletions()
    assert folders(settings) == []


@pytest.mark.slow
def test_queries_do_not_grow_with_the_runs(alice: User, bob: User) -> None:
    def count(person: User, runs: int) -> int:
        template = make_public(person, name=f"Of {person.username}", stages=[STAGE])
        for _ in range(runs):
            start_template(person, template, brief="x")
            noted(person)
        ask(person)
        with CaptureQueriesContext(connection) as queries:
            make_exports()
        return len(queries)

    # A folder that is looked for from now on.
    ask(alice)
    make_exports()
    assert count(alice, 2) == count(bob, 6)
