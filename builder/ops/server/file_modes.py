"""The data folder is for its owner only: the database holds sessions, the key signs them.

Files that Reelgraph makes are private by the umask of its processes. Those that were there before,
from an older release or a restored backup, are made so at each start.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from media import credentials

OTHERS = 0o077
# What SQLite keeps beside a database.
_BESIDE_DATABASE = ("", "-wal", "-shm", "-journal")


def make_private() -> None:
    """Take the rights of group and others from what is ours, where that can be done."""
    for path in open_paths():
        try:
            path.chmod(stat.S_IMODE(path.lstat().st_mode) & ~OTHERS)
        except OSError:
            continue


def open_paths() -> list[Path]:
    """Folders and files of ours that group or others may read, write or search."""
    return [path for path in _ours() if _is_open(path)]


def _is_open(path: Path) -> bool:
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return not stat.S_ISLNK(mode) and bool(mode & OTHERS)


def _ours() -> Iterator[Path]:
    home = Path(settings.HOME)
    if not _is_shared(home):
        yield home
    # Blobs and results lie deeper: no other user gets past these folders.
    yield from (Path(settings.RUN_DIR), Path(settings.LOG_DIR), Path(settings.MEDIA_DIR))
    yield home / "secret_key"
    yield credentials.folder()
    if connection.vendor == "sqlite":
        database = str(connection.settings_dict["NAME"])
        yield from (Path(database + suffix) for suffix in _BESIDE_DATABASE)
    for folder in (settings.RUN_DIR, settings.LOG_DIR, credentials.folder()):
        try:
            yield from (Path(entry.path) for entry in os.scandir(folder))
        except OSError:
            continue


def _is_shared(folder: Path) -> bool:
    """Return whether others rely on it, as on `/tmp`: its rights are not ours to change."""
    try:
        is_sticky = bool(folder.stat().st_mode & stat.S_ISVTX)
    except OSError:
        return True
    return is_sticky or folder in (Path("/"), Path.home())
