"""Bytes that nothing needs go after a day; whatever anything needs stays, anyone who is quicker."""

from __future__ import annotations

import itertools
import os
import threading
import time
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from media import blobs, resolvers, sweeping
from media.blobs import FileFacts, StoredFile
from media.models import Blob
from runs.models import Run
from templates_app.models import Document, Template, TemplateVersion
from tests.support.builders.blobs import make_blob, make_upload
from tests.support.builders.running import start, work_off
from tests.support.waiting import WAIT_S, Late

pytestmark = pytest.mark.django_db
DAYS = timedelta(days=3)


@pytest.fixture(autouse=True)
def _an_empty_store(tmp_path: object, settings: object) -> None:
    settings.MEDIA_DIR = tmp_path  # type: ignore[attr-defined]
    blobs.check_folder()


def stored(data: bytes) -> StoredFile:
    folder = blobs.attempt_dir("test")
    path = folder / "file"
    path.write_bytes(data)
    return blobs.store(path, FileFacts("image", "image/jpeg"))


def age(sha256: str) -> None:
    """As if it had been marked, and its file stored, days ago."""
    Blob.objects.filter(sha256=sha256).update(unused_since=clock.now() - DAYS)
    long_ago = time.time() - DAYS.total_seconds()
    os.utime(blobs.path_of(sha256), (long_ago, long_ago))


def test_all_runs_are_read_once_however_many_blobs_may_be_unused() -> None:
    Blob.objects.bulk_create(
        Blob(sha256=f"{number:064x}", size=1, mime="image/png", kind="image")
        for number in range(2 * sweeping.AT_ONCE + 1)
    )
    with CaptureQueriesContext(connection) as asked:
        assert sweeping.sweep().unused == 2 * sweeping.AT_ONCE + 1
    assert sum('FROM "runs_run"' in query["sql"] for query in asked) == 1


def test_what_nothing_needs_goes_a_day_after_it_was_noticed() -> None:
    blob = make_blob(b"left over")
    assert (sweeping.sweep().unused, sweeping.sweep().deleted_blobs) == (1, 0)
    blob.refresh_from_db()
    assert blob.unused_since is not None
    assert sweeping.unused_count() == (1, len(b"left over"))
    age(blob.sha256)
    counted = sweeping.sweep(dry_run=True)
    assert (counted.deleted_blobs, counted.freed_bytes) == (1, len(b"left over"))
    assert Blob.objects.filter(pk=blob.pk).exists()
    assert sweeping.sweep() == counted
    assert not Blob.objects.filter(pk=blob.pk).exists()
    assert not blobs.path_of(blob.sha256).exists()


def test_every_place_that_keeps_a_blob_keeps_it(alice: User) -> None:
    upload = make_upload(alice, make_blob(b"an upload"))
    run = start(alice, [{"toolName": "note", "arguments": {"text": "a result"}}])
    work_off()
    result = run.artifacts.get().blob_id
    given = make_blob(b"given to a run")
    Run.objects.filter(pk=run.pk).update(media=[{"asset": f"blob:{given.sha256}"}])
    held, named = make_blob(b"shown by a version"), make_blob(b"named by a document")
    template = Template.objects.create(public_id="t", owner=alice, name="T", category="other")
    version = TemplateVersion.objects.create(
        template=template, number=1, semver="0.0.1", spec={}, cause="create", created_by=alice
    )
    version.media.create(blob=held, role="preview")
    state = {"previews": [f"reelgraph:blob/{named.sha256}/a.jpg"]}
    Document.objects.create(template=template, state=state, base=version)
    hidden = make_blob(b"taken down")
    Blob.objects.filter(pk=hidden.pk).update(blocked_at=clock.now())
    hashes = {upload.blob_id, result, given.sha256, held.sha256, named.sha256}
    assert resolvers.needed(hashes) == hashes
    for sha256 in (*hashes, hidden.sha256):
        age(sha256)
    assert sweeping.sweep().unused == 0
    assert not Blob.objects.filter(sha256__in=hashes).exclude(unused_since=None).exists()
    assert Blob.objects.filter(sha256__in=[*hashes, hidden.sha256]).count() == 6


def test_bytes_that_are_made_again_begin_again(alice: User) -> None:
    blob = make_blob(b"again")
    age(blob.sha256)
    with transaction.atomic():
        again = blobs.record(stored(b"again"))
    assert again.unused_since is None
    assert sweeping.sweep().deleted_blobs == 0


def test_a_sweep_killed_between_row_and_file_leaves_a_file_for_the_next() -> None:
    blob = make_blob(b"half gone")
    age(blob.sha256)
    assert sweeping._delete_row(blob.sha256, clock.now() - sweeping.GRACE)
    assert blobs.path_of(blob.sha256).exists()
    swept = sweeping.sweep()
    assert (swept.deleted_blobs, swept.deleted_files) == (0, 1)
    assert not blobs.path_of(blob.sha256).exists()


def test_a_file_stored_again_between_row_and_file_stays(alice: User) -> None:
    blob = make_blob(b"in between")
    age(blob.sha256)
    limit = clock.now() - sweeping.GRACE
    assert sweeping._delete_row(blob.sha256, limit)
    kept = stored(b"in between")
    assert blobs.remove_older(blob.sha256, limit.timestamp()) is None
    assert sweeping.sweep().deleted_files == 0
    with transaction.atomic():
        make_upload(alice, blobs.record(kept))
    assert blobs.path_of(blob.sha256).read_bytes() == b"in between"


def test_a_young_file_without_a_row_and_a_strange_one_stay() -> None:
    young = stored(b"on its way")
    strange = blobs.path_of(young.sha256).with_name("README")
    strange.write_text("not ours")
    os.utime(strange, (0, 0))
    assert sweeping.sweep().deleted_files == 0
    assert strange.exists()


def test_an_idle_worker_sweeps_in_steps_and_then_rests(capsys: pytest.CaptureFixture[str]) -> None:
    make_blob(b"one")
    tend = sweeping.PeriodicSweep()
    assert tend() == sweeping.FIRST_AFTER_S
    assert tend() == 0
    while (pause := tend()) == 0:
        pass
    assert pause == sweeping.EVERY_S
    call_command("sweep", dry_run=True)
    said = capsys.readouterr().out
    assert "Would delete 0 blobs" in said
    assert "1 more are unused" in said


@pytest.mark.django_db(transaction=True)
def test_a_sweep_never_takes_what_another_connection_records(alice: User) -> None:
    """One makes the same bytes over and over, days old in between; the other sweeps all along."""
    end, took = threading.Event(), threading.Event()
    problems: list[BaseException] = []
    deleted = 0

    def sweeps() -> None:
        nonlocal deleted
        try:
            while not end.is_set():
                if gone := sweeping.sweep().deleted_blobs:
                    deleted += gone
                    took.set()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    others = [threading.Thread(target=sweeps) for _ in range(2)]
    for other in others:
        other.start()
    try:
        until = time.monotonic() + WAIT_S
        for rounds in itertools.count():
            if problems or (rounds >= 20 and deleted >= 3):
                break
            if time.monotonic() > until:
                raise Late(f"{deleted} of 3 were deleted in {rounds} rounds")
            with transaction.atomic():
                upload = make_upload(alice, blobs.record(stored(b"contested")))
            assert upload.blob_id is not None
            assert Blob.objects.filter(pk=upload.blob_id).exists()
            assert blobs.path_of(upload.blob_id).read_bytes() == b"contested"
            upload.delete()
            took.clear()
            with transaction.atomic():
                if Blob.objects.filter(pk=upload.blob_id).exists():
                    age(upload.blob_id)
            # Sometimes they get as far as the file, sometimes the next round is quicker.
            took.wait(0.05 * (rounds % 4))
    finally:
        end.set()
        for other in others:
            other.join(WAIT_S)
    assert not problems
