"""Making a server of a backup: into an empty data folder and an empty database only.

The database comes last and whole, so a restore that was killed can simply be repeated. It is quiet
from its first moment on, see `core.installation`.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import connection, connections

from backups import config_files, databases, folders, left_accounts
from backups.folders import Backup, BackupProblem
from backups.media_pool import Transfer, digest_of
from core import clock, ids, releases
from core.releases import RELEASE
from media import folder_mark

# Written first and removed last: no server starts beside it.
UNFINISHED_NOTE = "restore-unfinished"


def restore(folder: Path, *, copies: bool = False) -> Backup:
    """Restore a backup into this data folder and database. Raises BackupProblem.

    copies: no hard links, so that the backup is independent of the server's disk.
    """
    backup = folders.read(folder)
    _check(backup)
    note = Path(settings.HOME) / UNFINISHED_NOTE
    note.write_text(f"{folder}\n")
    transfer = Transfer(copies=copies, checks=True)
    swept_hashes = set(backup.manifest.media.swept)
    pool = Path(settings.MEDIA_DIR) / "blobs"
    for sha256, size, _ in backup.media():
        source = folders.path_in(backup.pool, sha256)
        if sha256 not in swept_hashes and not transfer.put(
            source, folders.path_in(pool, sha256), size
        ):
            raise BackupProblem(f"{source} is missing. backup --verify lists all such files.")
    id = ids.installation_id()
    folder_mark.write_mark(id)
    _restore_secret(backup)
    left_accounts.keep_after_restore(folder.parent, backup.at)
    config_files.restore(backup)
    facts = {
        "id": id,
        "now": _as_stored(clock.now().isoformat(sep=" ")),
        "source": backup.manifest.installation,
        "moment": _as_stored(backup.manifest.database.last_event_at or backup.manifest.at),
    }
    folders.sync(Path(settings.HOME))
    connections.close_all()
    if backup.manifest.database.kind == folders.SQLITE:
        databases.restore_sqlite(backup.database, _sqlite_file(), **facts)
    else:
        databases.restore_postgres(backup.database, **facts)
    note.unlink()
    folders.sync(Path(settings.HOME))
    return backup


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
    if blobs.exists() and any(blobs.iterdir()) and not unfinished():
        raise BackupProblem(f"{blobs} isn't empty. Restore into a new data folder (--home DIR).")
    if digest_of(backup.database) != facts.sha256:
        raise BackupProblem(f"{backup.database} is damaged: its hash isn't the manifest's.")
    config_files.check_room(backup)


_NAMES = {folders.SQLITE: "SQLite", folders.POSTGRES: "Postgres"}


def _sqlite_file() -> Path:
    return Path(settings.DATABASES["default"]["NAME"])


def _restore_secret(backup: Backup) -> None:
    """The key that signed sessions and addresses, and opens sealed keys, comes along."""
    if settings.SECRET_KEY_FILE is None or not backup.manifest.has_secret:
        return
    target = Path(settings.SECRET_KEY_FILE)
    scratch = target.with_name("secret_key.restoring")
    scratch.touch(mode=0o600)
    scratch.write_bytes(backup.secret.read_bytes())
    scratch.replace(target)


def _as_stored(moment: str) -> str:
    """Write a moment as both databases store it: UTC, without a zone on SQLite."""
    return moment.replace("T", " ").removesuffix("+00:00").removesuffix("Z")
