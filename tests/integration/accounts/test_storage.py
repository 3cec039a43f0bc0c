"""Bytes of a person: counted by their writers, given back, limited, counted again."""

from __future__ import annotations

import io
import shutil
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts import storage
from accounts.auth import Principal
from accounts.models import StorageUse, User
from core import clock
from media import services as uploads
from media.models import Upload
from runs.admission.run_again import run_again
from runs.engine.retention import delete_runs, purge_old_runs
from runs.models import Run
from templates_app.documents import pruning
from templates_app.documents import services as documents
from templates_app.lifecycle import forking
from templates_app.lifecycle import services as templates
from templates_app.lifecycle.purging import delete_private
from templates_app.models import Change, TemplateVersion
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.running import start, start_template, work_off
from tests.support.builders.templates import TEMPLATES, make_template
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)

RUNS = "/v1/creative-agent/workflows"
NOTE = [{"id": "a", "toolName": "note", "arguments": {"text": "x" * 2000}}]


@pytest.fixture(autouse=True)
def _looks_at_the_disk_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))


def bring(owner: User, tmp_path: Any, colour: str = "teal") -> Upload:
    path = tmp_path / f"{colour}-{uuid.uuid4().hex}.jpg"
    path.write_bytes(jpeg_with_place(colour))
    return uploads.keep_upload(owner=owner, path=path, filename="a.jpg")


def edit(owner: User, public_id: str, text: str) -> None:
    opened = documents.open_document(viewer=owner, public_id=public_id)
    assert opened.document is not None
    done = documents.append_changes(
        actor=owner,
        document=opened.document,
        client_id=str(uuid.uuid4()),
        changes=[
            {
                "id": str(uuid.uuid4()),
                "label": "Words",
                "ops": [{"op": "put", "table": "seeds", "key": "a", "value": {"note": text}}],
            }
        ],
    )
    assert done.accepted, done.rejected


def is_right(person: User) -> bool:
    """Whether what is noted is what the rows take."""
    return storage.recount(person) == {}


def test_every_kind_is_counted_by_its_writer_and_given_back(alice: User, tmp_path: Any) -> None:
    upload = bring(alice, tmp_path)
    template = make_template(alice, id="mine")
    edit(alice, "mine", "words " * 100)
    run = start(alice, NOTE)
    work_off()
    used = storage.used(alice.pk)
    assert upload.blob is not None
    assert used["uploads"] == upload.blob.size
    assert used["versions"] == template.head.bytes > 0
    assert used["changes"] > 600
    assert used["artifacts"] > 0
    assert is_right(alice)
    # What is deleted is given back.
    uploads.delete_upload(owner=alice, public_id=upload.public_id)
    assert storage.used(alice.pk)["uploads"] == 0
    long_ago = clock.now() - timedelta(days=30)
    Run.objects.filter(pk=run.pk).update(created_at=long_ago, finished_at=long_ago)
    assert list(purge_old_runs(days=7)) == [True]
    assert storage.used(alice.pk)["artifacts"] == 0
    pruning.prune_changes(older_than_days=-1, keep=0)
    assert storage.used(alice.pk)["changes"] == 0
    assert is_right(alice)


def test_nothing_is_noted_of_an_account_whose_rows_are_gone(alice: User, tmp_path: Any) -> None:
    bring(alice, tmp_path)
    make_template(alice, id="mine")
    edit(alice, "mine", "words")
    start(alice, NOTE)
    work_off()
    delete_runs(owner=alice)
    delete_private(owner=alice)
    uploads.forget_uploads(alice.pk, Upload.objects.filter(owner=alice))
    assert set(storage.used(alice.pk).values()) == {0}
    assert is_right(alice)


def test_a_reused_result_is_counted_once(alice: User) -> None:
    first = start(alice, NOTE)
    work_off()
    once = storage.used(alice.pk)["artifacts"]
    actor = Principal(user=alice, api_key=None, via="session")
    run_again(run=first, actor=actor, options={"reuse": True})
    work_off()
    assert storage.used(alice.pk)["artifacts"] == once
    assert is_right(alice)


def test_the_person_over_their_storage_is_told_what_fills_it(
    alice: User,
    alice_key: str,
    bob_key: str,
    api: Callable[[str], Api],
    tmp_path: Any,
    settings: Any,
) -> None:
    bring(alice, tmp_path)
    make_template(alice, id="mine")
    settings.STORAGE_PER_USER_BYTES = storage.used(alice.pk)["uploads"] + 10
    body = {"input": {"steps": NOTE}}
    for answer in (
        api(alice_key).post(RUNS, body),
        api(alice_key).post(TEMPLATES, {"name": "More", "stages": []}),
        api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "more"}),
        api(alice_key).post(f"{TEMPLATES}/mine/fork", {}),
    ):
        assert answer.status_code == 507, answer.content
        said = answer.json()
        assert said["error"]["code"] == "storage.full"
        assert "uploads" in said["message"]
        assert "Remove uploads" in said["message"]
        assert said["details"]["byKind"]["uploads"] > 0
    assert api(alice_key).get(f"{TEMPLATES}/mine").status_code == 200
    assert api(bob_key).post(RUNS, body).status_code == 201
    # Room is made by deleting.
    for upload in Upload.objects.filter(owner=alice):
        uploads.delete_upload(owner=alice, public_id=upload.public_id)
    assert api(alice_key).post(RUNS, body).status_code == 201


def test_edits_count_and_are_refused_without_being_dropped(
    alice: User, client: Client, settings: Any
) -> None:
    """Thousands of edits grew the database without a limit."""
    make_template(alice, id="mine")
    client.force_login(alice)
    opened = documents.open_document(viewer=alice, public_id="mine")
    settings.STORAGE_PER_USER_BYTES = sum(storage.used(alice.pk).values()) + 5000

    def send(change_id: str) -> Any:
        change = {
            "id": change_id,
            "label": "Words",
            "ops": [{"op": "put", "table": "seeds", "key": "a", "value": {"note": "x" * 2000}}],
        }
        body = {"base": opened.rev, "clientId": str(uuid.uuid4()), "changes": [change]}
        path = "/app/documents/mine/changes"
        return client.post(path, body, content_type="application/json")

    names = [str(uuid.uuid4()) for _ in range(4)]
    assert [send(name).status_code for name in names] == [200, 200, 507, 507]
    # The answer was lost: what is saved already is acknowledged all the same.
    again = send(names[1])
    assert again.status_code == 200
    assert [one["id"] for one in again.json()["accepted"]] == [names[1]]
    assert Change.objects.count() == 2
    assert sum(storage.used(alice.pk).values()) <= settings.STORAGE_PER_USER_BYTES


def test_nothing_new_is_saved_while_the_disk_is_nearly_full(
    alice: User,
    alice_key: str,
    api: Callable[[str], Api],
    tmp_path: Any,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
) -> None:
    template = make_template(alice, id="mine")
    run = start(alice, NOTE)
    upload = bring(alice, tmp_path)
    disk = shutil.disk_usage(settings.HOME)
    full = type(disk)(100 * 2**30, 100 * 2**30 - 2**20, 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    monkeypatch.setattr(storage, "_looked_at", float("-inf"))
    for answer in (
        api(alice_key).post(RUNS, {"input": {"steps": NOTE}}),
        api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "more"}),
        api(alice_key).get("/v1/image/uploadUrl?jobId=1&id=2&type=referenceImage"),
    ):
        assert answer.status_code == 507, answer.content
        assert answer.json()["error"]["code"] == "disk.full"
        assert "disk is nearly full" in answer.json()["message"]
    assert api(alice_key).get(f"{TEMPLATES}/mine").status_code == 200
    assert api(alice_key).post(f"{RUNS}/{run.public_id}/cancel").status_code == 200
    assert api(alice_key).delete(f"{TEMPLATES}/{template.public_id}").status_code == 200
    uploads.delete_upload(owner=alice, public_id=upload.public_id)
    settings.DISK_RESERVE_BYTES = 0
    assert api(alice_key).post(RUNS, {"input": {"steps": NOTE}}).status_code == 201


def test_the_account_page_shows_what_is_used_and_recount_fixes_what_drifted(
    alice: User, client: Client, tmp_path: Any
) -> None:
    bring(alice, tmp_path)
    client.force_login(alice)
    page = client.get("/me").content.decode()
    assert "used of 5.0 GB" in page
    assert '<th scope="row">Uploads</th>' in page
    true = storage.used(alice.pk)
    StorageUse.objects.filter(owner=alice, kind="uploads").update(bytes=7)
    StorageUse.objects.create(owner=alice, kind="changes", bytes=99)
    said = io.StringIO()
    call_command("recount", "alice", stdout=said)
    assert f"alice: uploads 7 → {true['uploads']} bytes" in said.getvalue()
    assert "Corrected 2 numbers." in said.getvalue()
    assert storage.used(alice.pk) == true
    said = io.StringIO()
    call_command("recount", stdout=said)
    assert "All numbers are correct." in said.getvalue()


# -- versions --------------------------------------------------------------------------------------


def test_quick_patches_of_one_person_are_one_version(
    alice: User, alice_key: str, api: Callable[[str], Api]
) -> None:
    make_template(alice, id="mine")
    for number in range(8):
        answer = api(alice_key).patch(f"{TEMPLATES}/mine", {f"field{number}": "x" * 1000})
        assert answer.json()["data"]["template"]["version"] == f"0.0.{number + 2}"
    rows = list(TemplateVersion.objects.order_by("number"))
    assert [row.semver for row in rows] == ["0.0.1", "0.0.9"]
    shown = api(alice_key).get(f"{TEMPLATES}/mine").json()["data"]["template"]
    assert all(shown[f"field{number}"] == "x" * 1000 for number in range(8))
    assert storage.used(alice.pk)["versions"] == sum(row.bytes for row in rows)
    stale = api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "b"}, if_match='"0.0.8"')
    assert stale.status_code == 409
    right = api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "b"}, if_match='"0.0.9"')
    assert right.status_code == 200


def test_a_version_that_a_run_or_a_fork_rests_on_stays(
    alice: User, bob: User, alice_key: str, api: Callable[[str], Api]
) -> None:
    stages = [{"id": "a", "type": "fixed", "label": "A", "tool": "note", "args": {}}]
    template = make_template(alice, id="mine", stages=stages)
    api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "one"})
    template.refresh_from_db()
    start_template(alice, template, brief="words")
    api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "two"})
    forking.fork_template(actor=alice, public_id="mine")
    api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": "three"})
    rows = TemplateVersion.objects.filter(template=template).order_by("number")
    assert [row.semver for row in rows] == ["0.0.1", "0.0.2", "0.0.3", "0.0.4"]


def test_later_patches_are_versions_of_their_own(
    alice: User, alice_key: str, api: Callable[[str], Api]
) -> None:
    make_template(alice, id="mine")
    for words in ("one", "two"):
        api(alice_key).patch(f"{TEMPLATES}/mine", {"brief": words})
        long_ago = clock.now() - timedelta(seconds=6)
        TemplateVersion.objects.filter(semver="0.0.2").update(created_at=long_ago)
    assert TemplateVersion.objects.count() == 3


def test_the_oldest_versions_go_but_those_that_something_rests_on(
    alice: User, settings: Any
) -> None:
    settings.VERSIONS_KEPT, settings.PATCHES_JOINED_S = 4, 0
    stages = [{"id": "a", "type": "fixed", "label": "A", "tool": "note", "args": {}}]
    template = make_template(alice, id="mine", stages=stages)
    start_template(alice, template, brief="words")
    edit(alice, "mine", "labelled")
    templates.save_version(actor=alice, public_id="mine", label="Keep me")
    for number in range(10):
        changes = {"brief": f"{number}"}
        templates.patch_template(actor=alice, public_id="mine", changes=changes, own_hosts=())
    rows = list(TemplateVersion.objects.filter(template=template).order_by("number"))
    assert [row.number for row in rows] == [1, 2, 11, 12]
    assert storage.used(alice.pk)["versions"] == sum(row.bytes for row in rows)


def test_deleting_a_template_gives_its_versions_back(alice: User, settings: Any) -> None:
    settings.PATCHES_JOINED_S = 0
    make_template(alice, id="mine")
    for number in range(5):
        changes = {"brief": f"{number}" * 1000}
        templates.patch_template(actor=alice, public_id="mine", changes=changes, own_hosts=())
    before = storage.used(alice.pk)["versions"]
    templates.delete_template(actor=alice, public_id="mine")
    assert storage.used(alice.pk)["versions"] < before / 2
    assert is_right(alice)


def test_writers_at_once_lose_no_bytes(alice: User, tmp_path: Any, settings: Any) -> None:
    """Uploads, versions and results of one person, written and deleted by several threads."""
    settings.PATCHES_JOINED_S = 0
    for number in range(2):
        make_template(alice, id=f"t{number}")
        start(alice, [{"id": "a", "toolName": "note", "arguments": {"text": f"{number}"}}])
    problems: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(2):
                upload = bring(alice, tmp_path, ("teal", "navy")[number])
                changes = {"brief": f"{number} {turn}" * 50}
                templates.patch_template(
                    actor=alice, public_id=f"t{number}", changes=changes, own_hosts=()
                )
                work_off()
                if turn:
                    uploads.delete_upload(owner=alice, public_id=upload.public_id)
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert Upload.objects.filter(owner=alice).count() == 2
    assert is_right(alice)
