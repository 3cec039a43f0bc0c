"""Making a server of a backup: into an empty data folder and an empty database only.

The database comes last and whole, so a restore that was killed can simply be repeated. It is quiet
from its first moment on, see `core.installation`. A restore that fails leaves the data folder as it
was: the backup may be from anyone.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, connections

from backups import config_files, databases, folders, left_accounts
from backups.folders import Backup, BackupProblem, holds
from backups.media_pool import Transfer
from core import clock, ids, media_folder, releases
from core.releases import RELEASE
from media import folder_mark

# Written first and removed last: no server starts beside it.
UNFINISHED_NOTE = "restore-unfinished"
# Each counts what would let a restored copy call services before it takes over.
_NOT_QUIET: Final = {
    "other than one row in core_installation": "SELECT count(*) <> 1 FROM core_installation",
    "a trigger that may change core_installation": """
        SELECT count(*) FROM sqlite_master
        WHERE type IN ('trigger', 'view') AND sql LIKE '%core_installation%'
    """,
}


def restore(folder: Path, *, copies: bool = False) -> Backup:
    """Restore a backup into this data folder and database. Raises BackupProblem.

    copies: no hard links, so that the backup is independent of the server's disk.
    """
    backup = folders.read(folder)
    note = Path(settings.HOME) / UNFINISHED_NOTE
    try:
        _check(backup)
        with ExitStack() as undo:
            _put_back(undo, note)
            note.write_text(f"{folder}\n")
            id = ids.installation_id()
            _restore_files(backup, id, undo, copies=copies)
            folders.sync(Path(settings.HOME))
            _restore_database(backup, id)
            undo.pop_all()
    except OSError as problem:
        place = problem.filename or settings.HOME
        raise BackupProblem(
            f"{place}: {problem.strerror or problem}. Nothing was restored; correct that, then"
            " restore again."
        ) from problem
    note.unlink()
    folders.sync(Path(settings.HOME))
    return backup


def _restore_files(backup: Backup, id: str, undo: ExitStack, *, copies: bool) -> None:
    """Put all but the database into place. undo: takes it away again."""
    media = Path(settings.MEDIA_DIR)
    for path in (
        left_accounts.replay_path(),
        *(Path(settings.HOME, name) for name in backup.manifest.config),
        *([settings.SECRET_KEY_FILE] if settings.SECRET_KEY_FILE else []),
        media / media_folder.MARK,
    ):
        _put_back(undo, Path(path))
    left_accounts.keep_after_restore(backup.folder.parent, backup.at)
    config_files.restore(backup)
    pool = media / "blobs"
    if not _has_files(pool):
        # What a killed restore has left stays.
        undo.callback(shutil.rmtree, pool, ignore_errors=True)
    transfer = Transfer(copies=copies, origin=backup.folder.parent)
    swept_hashes = set(backup.manifest.media.swept)
    for sha256, size, _ in backup.media():
        source = folders.path_in(backup.pool, sha256)
        if sha256 not in swept_hashes and not transfer.put(
            source, folders.path_in(pool, sha256), size
        ):
            raise BackupProblem(f"{source} is missing. backup --verify lists all such files.")
    folder_mark.write_mark(id)
    _restore_secret(backup)


def _restore_database(backup: Backup, id: str) -> None:
    facts = {
        "id": id,
        "now": _as_stored(clock.now().isoformat()),
        "source": backup.manifest.installation,
        "moment": _as_stored(backup.manifest.database.last_event_at or backup.manifest.at),
    }
    connections.close_all()
    if backup.manifest.database.kind == folders.SQLITE:
        databases.restore_sqlite(backup.database, _sqlite_file(), **facts)
    else:
        databases.restore_postgres(backup.database, **facts)


def _put_back(undo: ExitStack, path: Path) -> None:
    """Have a small file be as it is now, where the restore fails."""
    if path.exists():
        undo.callback(folders.write_private, path, path.read_bytes())
        return
    undo.callback(path.unlink, missing_ok=True)
    new_folders = [folder for folder in path.parents if not folder.exists()]
    if new_folders:
        undo.callback(shutil.rmtree, new_folders[-1], ignore_errors=True)


def _has_files(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def unfinished() -> str:
    """Return the folder of the backup that was half restored here, "" without one."""
    try:
        return (Path(settings.HOME) / UNFINISHED_NOTE).read_text().strip()
    except OSError:
        return ""


def _check(backup: Backup) -> None:
    facts = backup.manifest.database
    if facts.kind != connection.vendor:
        raise BackupProblem(
            f"This backup is of {_NAMES[facts.kind]}, and DATABASE_URL names"
            f" {_NAMES.get(connection.vendor, connection.vendor)}. Restore it there, then use"
            " move-database."
        )
    unknown = sorted(set(facts.migrations) - releases.known_migrations())
    if unknown:
        raise BackupProblem(
            f"This backup was made by a newer release, {backup.manifest.release}; this is"
            f" {RELEASE}. Restore it with that release or a later one."
        )
    if not databases.is_empty():
        raise BackupProblem(
            "The database isn't empty. A backup is restored into a new data folder (--home DIR)"
            " and an empty database."
        )
    blobs = Path(settings.MEDIA_DIR) / "blobs"
    if _has_files(blobs) and not unfinished():
        raise BackupProblem(f"{blobs} isn't empty. Restore into a new data folder (--home DIR).")
    backup.open(backup.database.name).close()
    if not holds(backup.folder, backup.database.name, facts.sha256):
        raise BackupProblem(f"{backup.database} is damaged: its hash isn't the manifest's.")
    if facts.kind == folders.SQLITE:
        _check_sqlite(backup)
    _ = backup.secret
    config_files.check_room(backup)


def _check_sqlite(backup: Backup) -> None:
    """Raise BackupProblem where a copied database is damaged, or isn't that of the backup.

    Postgres says so while it restores a dump, which is one transaction.
    """
    with databases.opened(backup.database) as reader:
        answer = reader.value("PRAGMA quick_check")
        faults = [] if answer == "ok" else [f"damage ({answer})"]
        faults += [name for name, sql in _NOT_QUIET.items() if not faults and reader.value(sql)]
        pairs = zip_longest(reader.rows(databases.MEDIA), backup.media()) if not faults else ()
        if any(row is None or line is None or tuple(row) != line for row, line in pairs):
            faults.append("other files than media.txt")
    if faults:
        raise BackupProblem(f"{backup.database} has {faults[0]}. {folders.REMEDY}")


_NAMES = {folders.SQLITE: "SQLite", folders.POSTGRES: "Postgres"}


def _sqlite_file() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _restore_secret(backup: Backup) -> None:
    """The key that signed sessions and addresses, and opens sealed keys, comes along."""
    if settings.SECRET_KEY_FILE is not None and (secret := backup.secret) is not None:
        folders.write_private(Path(settings.SECRET_KEY_FILE), secret)


def _as_stored(moment: str) -> str:
    """Write a moment as both databases store it: UTC, without a zone on SQLite."""
    at = datetime.fromisoformat(moment)
    at = at.astimezone(UTC) if at.tzinfo else at
    return at.replace(tzinfo=None).isoformat(sep=" ")
