"""What is made when, how a backup that was stopped, or is of the original, ends, and what the look
at each of them finds."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from backups import config_files, folders, making, nightly, verifying
from backups.folders import Backup, BackupProblem
from backups.media_pool import Transfer
from core import clock, installation
from core.models import BackupAttempt, Installation
from notices.models import Notice
from tests.support.builders.blobs import make_blob

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.BACKUP_DIR = str(tmp_path)
    return tmp_path


def started(minutes: float) -> BackupAttempt:
    at = clock.now() - timedelta(minutes=minutes)
    return BackupAttempt.objects.create(is_nightly=True, asked_at=at, started_at=at)


def test_one_that_was_stopped_is_told_of_and_tried_again(mo: User) -> None:
    row = started(5)
    nightly.Nightly()()
    row.refresh_from_db()
    assert (row.is_open, row.problem) == (None, "It was stopped before it was done.")
    assert Notice.objects.get(person=mo).url == "/admin/backups"


def test_one_that_is_at_work_is_left_to_its_process(store: Path, mo: User) -> None:
    row = started(5)
    with folders.held(store, nightly.ATTEMPT):
        nightly.Nightly()()
    row.refresh_from_db()
    assert row.is_open
    # Its process may not have begun yet.
    BackupAttempt.objects.update(started_at=clock.now())
    nightly.Nightly()()
    row.refresh_from_db()
    assert row.is_open
    assert not Notice.objects.exists()


def test_the_attempt_that_made_a_backup_ends_silently_in_its_copy(mo: User) -> None:
    row = started(5)
    installation.ensure_installation()
    Installation.objects.update(restored_from="another", media_marked_at=clock.now())
    nightly.Nightly()()
    row.refresh_from_db()
    assert (row.is_open, row.problem) == (None, "")
    assert not Notice.objects.exists()


def test_only_one_is_asked_for_at_a_time() -> None:
    assert nightly.ask()
    assert not nightly.ask()
    assert not nightly.ask(is_nightly=True)
    assert BackupAttempt.objects.count() == 1


@pytest.fixture
def backup(store: Path, transactional_db: None, alice: User) -> Backup:
    """One of a person and two files, whole."""
    for data in (b"one", b"two"):
        make_blob(data)
    backup = making.make(store, copies=True)
    assert verifying.verify(backup, hashes=True).problems == []
    return backup


def test_a_row_that_changed_in_a_backup_is_noticed(backup: Backup, store: Path) -> None:
    User.objects.update(display_name="Mallory")
    shutil.copyfile(making.make(store).database, backup.database)
    problem = f"{backup.database.name} isn't what was written"
    assert verifying.verify(backup).problems == [problem]
    with pytest.raises(BackupProblem, match=problem):
        verifying.check(backup)


def test_bytes_that_changed_in_a_backup_are_noticed_within_a_week(backup: Backup) -> None:
    (sha256, size, _), _ = backup.media()
    path = folders.path_in(backup.pool, sha256)
    path.unlink()
    path.write_bytes(b"x" * size)
    # Else it would not be linked.
    path.chmod(0o444)
    problems = [verifying.verify(backup, seventh=day).problems for day in range(7)]
    assert sorted(problems) == [*[[]] * 6, [f"the file {sha256} is missing or damaged"]]
    # A restore doesn't take them either.
    for copies in (False, True):
        target = backup.folder / str(copies) / sha256
        with pytest.raises(BackupProblem, match=f"{sha256} is damaged"):
            Transfer(copies=copies, origin=backup.folder.parent).put(path, target, size)


def test_a_configuration_file_that_changed_in_a_backup_is_noticed(
    store: Path, settings: Any, alice: User
) -> None:
    settings.HOME = str(store / "home")
    (store / "home/models.d").mkdir(parents=True)
    (store / "home/models.d/mine.toml").write_text("price = 1")
    backup = making.make(store / "backups")
    assert verifying.verify(backup).problems == []
    (backup.folder / "config/models.d/mine.toml").write_text("price = 2")
    problem = "config/models.d/mine.toml is missing or damaged"
    assert verifying.verify(backup).problems == [problem]
    # A restore doesn't take it either, also where it changes between the look and the copy.
    with pytest.raises(BackupProblem, match=problem):
        config_files.check_room(backup)
    with pytest.raises(BackupProblem, match=r"mine\.toml has changed"):
        config_files.restore(backup)
