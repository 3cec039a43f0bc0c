"""Backups into REELGRAPH_BACKUP_DIR: each day at an hour of the server's settings, and whenever an
operator asks for one on the page. A worker starts a process of its own for each.

A row says what was asked for and how it ended, so that a process that is killed is told of, and
tried again an hour later.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction

from backups import folder_mark, folders, making, pruning, verifying
from backups.folders import Backup, BackupProblem
from core import clock, installation, server_settings
from core.models import BackupAttempt
from notices import create_notice

LOOK_S: Final = 5.0
AGAIN_AFTER: Final = timedelta(hours=1)
# A process that was started holds this lock file of the folder until it ends, soon after its start.
ATTEMPT: Final = ".attempt"
BEGINS_WITHIN: Final = timedelta(seconds=60)


def store() -> Path | None:
    """Return where the backups of this server go; None where none is set."""
    return store_and_backups()[0]


def store_and_backups() -> tuple[Path | None, list[Backup]]:
    """Return the same with the backups in it, each read once.

    A server that was made of a backup has a folder of its own beside those of the original.
    """
    if not settings.BACKUP_DIR:
        return None, []
    folder = Path(settings.BACKUP_DIR).expanduser().absolute()
    own = installation.installation_id()
    backups = folders.listed(folder)
    owners = {folder_mark.text_in(folder), *(backup.manifest.installation for backup in backups)}
    if owners - {own, ""}:
        return folder / own, folders.listed(folder / own)
    return folder, backups


def last_elsewhere(backups: list[Backup]) -> str:
    """Return the name of the last backup, or "" where it or a later one is among these."""
    last = folder_mark.last_made()
    newest = backups[-1].folder.name if backups else ""
    return last.name if last is not None and last.name > newest else ""


def next_at(now: datetime) -> datetime:
    """Return when the next one is due."""
    today = now.replace(hour=server_settings.value("BACKUP_AT"), minute=0, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


def ask(*, is_nightly: bool = False) -> bool:
    """Have one made now. False: one is asked for already, or being made."""
    try:
        with transaction.atomic():
            BackupAttempt.objects.create(is_nightly=is_nightly)
    except IntegrityError:
        return False
    return True


class Nightly:
    """Starts what is due: a periodic task of workers whose machine has the folder."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self) -> float:
        if self._process is not None:
            if self._process.poll() is None:
                return LOOK_S
            self._process = None
        now = clock.now()
        row = BackupAttempt.objects.filter(is_open=True).first()
        if row is not None and row.started_at is not None:
            # Its process may be another worker's, and is gone with the machine at the latest.
            _end_if_stopped(row)
        elif row is not None or (_is_due(now) and ask(is_nightly=True)):
            self._process = _start(row or BackupAttempt.objects.get(is_open=True))
        return LOOK_S


def run(attempt_id: int) -> None:
    """Make what a row asks for, in the process that was started for it."""
    row = BackupAttempt.objects.get(id=attempt_id)
    try:
        folder = store()
        if folder is None:
            raise BackupProblem("REELGRAPH_BACKUP_DIR isn't set.")
        folder_mark.check(folder)
        with folders.held(folder, ATTEMPT):
            backup = making.make(folder, is_nightly=row.is_nightly)
            row.name = backup.folder.name
            verifying.check(backup, seventh=clock.now().toordinal() % 7)
            pruning.prune(folder)
    except (BackupProblem, OSError) as problem:
        _end(row, str(problem))
    else:
        _end(row, "")


def _is_due(now: datetime) -> bool:
    """Return whether none was asked for since the hour, or the last one failed an hour ago."""
    last = BackupAttempt.objects.filter(is_nightly=True).order_by("-id").first()
    if last is None or last.asked_at < next_at(now) - timedelta(days=1):
        return True
    return bool(last.problem) and last.ended_at is not None and now - last.ended_at > AGAIN_AFTER


def _start(row: BackupAttempt) -> subprocess.Popen[bytes]:
    """Start the process of an attempt, which outlives a worker that is stopped."""
    BackupAttempt.objects.filter(id=row.id).update(started_at=clock.now())
    program = [sys.executable, os.fspath(settings.BASE_DIR / "manage.py"), "backup"]
    return subprocess.Popen(  # noqa: S603  our own program
        [*program, settings.BACKUP_DIR, "--attempt", str(row.id)],
        cwd=settings.BASE_DIR,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )


def _end_if_stopped(row: BackupAttempt) -> None:
    """End an attempt whose process is gone."""
    if row.started_at is None or clock.now() - row.started_at < BEGINS_WITHIN:
        return
    here = installation.ensure_installation()
    if here.restored_from and here.media_marked_at and row.asked_at < here.media_marked_at:
        # Each backup has the row of the attempt that made it: that one is the original's.
        BackupAttempt.objects.filter(id=row.id).update(is_open=None, ended_at=clock.now())
        return
    try:
        folder = store()
        # Without the file its process is gone, or the disk is, and `held` would make a folder.
        if folder is not None and (folder / ATTEMPT).exists():
            with folders.held(folder, ATTEMPT):
                pass
    except BackupProblem:
        # It is at work, or can't be told: its own process says how it ends.
        return
    _end(row, "It was stopped before it was done.")


def _end(row: BackupAttempt, problem: str) -> None:
    attempts = BackupAttempt.objects.filter(id=row.id, is_open=True)
    with transaction.atomic():
        fields = {"is_open": None, "ended_at": clock.now(), "name": row.name, "problem": problem}
        if attempts.update(**fields) and problem:
            create_notice.tell_operators(
                about=f"backup:{clock.now():%Y-%m-%d}",
                text=f"No backup was made: {problem}",
                url="/admin/backups",
            )
