"""The media folder is recognized by its mark before anything is written into it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from core import clock, media_folder
from core.errors import MediaFolderAway
from core.models import Installation
from media import blobs, folder_mark
from media.blobs import FileFacts
from media.models import Upload
from media.signing import signed_path
from runs.engine.worker import Worker
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.running import start
from tests.support.checks import only_check, readiness
from tests.support.clients.media_requests import request_media

pytestmark = pytest.mark.django_db(transaction=True)

FACTS = FileFacts("image", "image/jpeg", 32, 18)
FOX = {"prompt": "a fox", "width": 64, "height": 64}


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MEDIA_DIR = tmp_path / "media"
    return Path(settings.MEDIA_DIR)


def keep(width: int = 32) -> str:
    """Store a picture and its row; its hash."""
    attempt = blobs.attempt_dir("test")
    path = attempt / "file"
    path.write_bytes(jpeg_with_place(size=(width, 18)))
    return blobs.record(blobs.store(path, FACTS)).sha256


def test_a_new_installation_marks_the_folder_it_begins_with(folder: Path):
    assert not folder.exists()
    keep()
    row = Installation.objects.get()
    assert (folder / media_folder.MARK).read_text().strip() == row.id
    assert row.media_marked_at is not None


@pytest.mark.parametrize("what", ["renamed", "emptied"])
def test_a_folder_that_went_away_is_not_made_again(folder: Path, what: str):
    sha256 = keep()
    folder.rename(folder.with_name("elsewhere"))
    if what == "emptied":
        folder.mkdir()
    with pytest.raises(MediaFolderAway):
        keep(33)
    with pytest.raises(MediaFolderAway):
        next(blobs.stored_files())
    assert not folder.exists() or not list(folder.iterdir())

    if what == "emptied":
        folder.rmdir()
    folder.with_name("elsewhere").rename(folder)
    keep(33)
    assert blobs.verify(sha256)


def test_another_installations_folder_is_refused(folder: Path):
    keep()
    (folder / media_folder.MARK).write_text("ins_another\n")
    with pytest.raises(MediaFolderAway):
        keep(33)


@pytest.mark.parametrize("files", ["all", "most", "few"])
def test_a_folder_of_an_earlier_release_is_marked_once_by_its_newest_files(
    folder: Path, files: str
):
    stored = [keep(32 + place) for place in range(5)]
    (folder / media_folder.MARK).unlink()
    Installation.objects.update(media_marked_at=None)
    for sha256 in stored[: {"all": 0, "most": 1, "few": 3}[files]]:
        blobs.path_of(sha256).unlink()
    if files == "few":
        with pytest.raises(MediaFolderAway):
            folder_mark.ensure_marked()
        assert not (folder / media_folder.MARK).exists()
        return
    folder_mark.ensure_marked()
    (folder / media_folder.MARK).unlink()
    with pytest.raises(MediaFolderAway):
        folder_mark.ensure_marked()


def test_doctor_knows_another_s_folder_where_none_was_marked_yet(folder: Path):
    """As after going back to a release without marks, and forward again."""
    keep()
    (folder / media_folder.MARK).write_text("ins_another\n")
    Installation.objects.update(media_marked_at=None)
    found = only_check("media folder")
    assert (found.level, found.remedy.split(": ")[-1]) == (
        "fault",
        "`manage.py media-folder --accept`",
    )


def test_an_operator_may_accept_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]):
    keep()
    folder.rename(folder.with_name("lost"))
    folder.mkdir()
    call_command("media-folder")
    assert "0 of the newest 1" in capsys.readouterr().out
    call_command("media-folder", "--accept")
    keep(33)


@pytest.mark.parametrize("is_away", [True, False])
def test_a_file_in_a_folder_that_is_away_is_not_said_to_be_gone(
    folder: Path, alice: User, is_away: bool
):
    sha256 = keep()
    upload = Upload.objects.create(
        owner=alice, slot="x", blob_id=sha256, expires_at=clock.now(), completed_at=clock.now()
    )
    if is_away:
        folder.rename(folder.with_name("elsewhere"))
    else:
        blobs.path_of(sha256).unlink()

    answer = request_media(signed_path(upload.public_id, "a.jpg"))
    if is_away:
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "media.folder_away")
        assert str(folder) not in answer.text
    else:
        assert answer.status_code == 404


def test_readiness_and_the_doctor_name_the_folder(folder: Path):
    keep()
    assert only_check("media folder").level == "ok"
    folder.rename(folder.with_name("elsewhere"))
    check = only_check("media folder")
    assert (check.level, check.says) == ("fault", f"{folder}: No such file or directory")
    answer = readiness()
    assert answer.status_code == 503
    assert answer.json()["checks"]["media_folder"] == {"ok": False}


def test_a_worker_waits_for_the_folder_and_loses_nothing(folder: Path, alice: User):
    keep()
    run = start(alice, [{"id": "a", "toolName": "generate_image", "arguments": FOX}])
    folder.rename(folder.with_name("elsewhere"))
    worker = Worker("one")
    assert worker.run_until_idle() == 0
    run.refresh_from_db()
    assert run.status == "queued"
    folder.with_name("elsewhere").rename(folder)
    worker.run_until_idle()
    run.refresh_from_db()
    assert (run.status, run.steps.get().attempt) == ("completed", 1)
    [artifact] = run.artifacts.all()
    assert blobs.verify(artifact.blob_id)
