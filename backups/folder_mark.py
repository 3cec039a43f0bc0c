"""The mark of a backup folder, which the first backup into it makes: backups go where they went
before.

A disk that isn't mounted leaves an empty folder behind. What went there would be hidden once the
disk is back, or lost with the machine. So REELGRAPH_BACKUP_DIR without the mark takes no backup, as
soon as one was made, until an operator accepts it. A folder of an earlier release is known by the
last backup, which lies in it.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from django.conf import settings

from backups.folders import BackupProblem
from core import folder_marks, installation
from core.command_names import command
from core.models import BackupAttempt

MARK: Final = "reelgraph-backups"


def check(store: Path, *, accept: bool = False) -> None:
    """Raise BackupProblem where no backup of this server may go into a folder. Makes nothing.

    accept: it may be another one than before.
    """
    mark = text_in(store)
    if mark == installation.installation_id():
        return
    if mark:
        raise BackupProblem(
            f"{store} belongs to another server, by the file {MARK} in it. Name another folder."
        )
    last = last_made()
    if accept or last is None or not _is_configured(store) or (store / last.name).is_dir():
        return
    words = command(f"backup {shlex.quote(str(store))} --accept")
    raise BackupProblem(
        f"{store} isn't the folder of earlier backups: the file {MARK} is missing in it, and so is"
        f" the last backup, {last.name}. Mount its disk. If backups go here from now on: {words}"
    )


def ensure(store: Path) -> None:
    """Put the mark into a folder that is there, and was checked. Raises BackupProblem."""
    if not text_in(store):
        try:
            folder_marks.write(store / MARK, installation.installation_id())
        except OSError as problem:
            raise BackupProblem(f"{store} can't be written: {problem.strerror}.") from problem


def text_in(store: Path) -> str:
    """Return what the mark of a folder says, "" without one. Raises BackupProblem."""
    try:
        return folder_marks.text_of(store / MARK)
    except OSError as problem:
        raise BackupProblem(f"{store / MARK} can't be read: {problem.strerror}.") from problem


def last_made() -> BackupAttempt | None:
    """Return the last attempt that made a backup, not one of the original of a restored copy."""
    attempts = BackupAttempt.objects.exclude(name="").order_by("-id")
    here = installation.ensure_installation()
    if here.restored_from and here.media_marked_at:
        attempts = attempts.filter(asked_at__gte=here.media_marked_at)
    return attempts.first()


def _is_configured(store: Path) -> bool:
    """Return whether this is the folder of the daily backups, or the copy's own one in it."""
    if not settings.BACKUP_DIR:
        return False
    folder = Path(settings.BACKUP_DIR).expanduser().resolve()
    return store.resolve() in (folder, folder / installation.installation_id())
