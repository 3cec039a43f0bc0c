"""What is made when, and how a backup that was stopped, or is of the original, ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from backups import folders, nightly
from core import clock, installation
from core.models import BackupAttempt, Installation
from notices.models import Notice

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
