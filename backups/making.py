"""Making a backup while the server runs.

No lock against the sweep of unused files is held: workers would stand still for the whole copying.
A file that is gone while it is copied was swept if nothing referred to it; else the backup fails.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from backups import config_files, databases, folder_mark, folders
from backups.folders import Backup, BackupProblem, DatabaseFacts, Manifest, MediaFacts
from backups.media_pool import Transfer
from core import database, durable, installation, media_folder, releases
from core.errors import MediaFolderAway
from media import blobs

# Of a database before a release changed it.
COPIES_KEPT: Final = 3


def make(
    store: Path,
    *,
    copies: bool = False,
    with_secret: bool = True,
    is_nightly: bool = False,
    accept: bool = False,
) -> Backup:
    """Make a backup in DIR and return it. Raises BackupProblem; what is unfinished doesn't count.

    copies: no hard links, also where they are possible. with_secret: with the keys of
    services: their file, and what opens the sealed ones, where it is a file of the data folder.
    is_nightly: see `Manifest`. accept: see `folder_mark.check`.
    """
    if not durable.is_sound():
        raise BackupProblem(
            "The disk lost a write: the database may not be what people were told. Look at the"
            " disk, then restart the server."
        )
    databases.check_session()
    try:
        media_folder.check()
    except MediaFolderAway as problem:
        raise BackupProblem(f"The media can't be read: {problem.reason}.") from problem
    folder_mark.check(store, accept=accept)
    with folders.sole(store):
        _check_owner(store)
        folder_mark.ensure(store)
        scratch = folders.new_folder(store)
        _fill(scratch, Transfer(copies=copies), with_secret=with_secret, is_nightly=is_nightly)
        folders.sync(store)
        folder = folders.finish(scratch)
        folders.sync(store)
    return folders.read(folder)


def _check_owner(store: Path) -> None:
    """Raise BackupProblem where DIR holds the backups of another server."""
    others = {one.manifest.installation for one in folders.listed(store)}
    if others - {installation.installation_id()}:
        raise BackupProblem(
            f"{store} holds backups of another server, or of the one that this was restored from."
            " Name another folder."
        )


def _fill(scratch: Path, transfer: Transfer, *, with_secret: bool, is_nightly: bool) -> None:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    seconds: dict[str, float] = {}
    database = scratch / folders.FILES[_kind()]
    with _timer(seconds, "database"), databases.frozen(database) as reader:
        lines = [(str(one), int(size), bool(is_unused)) for one, size, is_unused in reader.rows(
            databases.MEDIA
        )]  # fmt: skip
        facts = DatabaseFacts.model_validate(databases.facts_of(database, reader))
        if broken := reader.broken_promises():
            raise BackupProblem(f"The database has {'; '.join(broken)}. Run doctor.")
    with (scratch / "media.txt").open("w") as file:
        file.writelines(f"{one} {size} {int(is_unused)}\n" for one, size, is_unused in lines)
    with _timer(seconds, "media"):
        swept_hashes = list(_missing(lines, scratch.parent / "blobs", transfer))
    has_secret = with_secret and _copy_secret(scratch)
    config = config_files.copy(scratch / "config", with_secret=with_secret)
    media = MediaFacts(
        count=len(lines),
        bytes=sum(size for _, size, _ in lines),
        written=transfer.written,
        is_linked=transfer.is_linked,
        swept=swept_hashes,
    )
    manifest = Manifest(
        format=folders.FORMAT,
        at=at,
        release=releases.RELEASE,
        installation=installation.installation_id(),
        has_secret=has_secret,
        is_nightly=is_nightly,
        config=config,
        database=facts,
        media=media,
        seconds=seconds,
    )
    (scratch / "manifest.json").write_text(manifest.model_dump_json(indent=1))


def _kind() -> str:
    engine = settings.DATABASES["default"]["ENGINE"]
    return folders.SQLITE if engine.endswith("sqlite3") else folders.POSTGRES


def _missing(lines: list[tuple[str, int, bool]], pool: Path, transfer: Transfer) -> Iterator[str]:
    """Put all files into the pool; yield those that a sweep has taken."""
    for sha256, size, is_unused in lines:
        if transfer.put(blobs.path_of(sha256), folders.path_in(pool, sha256), size):
            continue
        if not is_unused:
            raise BackupProblem(
                f"The file {sha256} is missing in {settings.MEDIA_DIR}. check-media lists all such"
                " files."
            )
        yield sha256


def _copy_secret(scratch: Path) -> bool:
    source = settings.SECRET_KEY_FILE
    if source is None:
        return False
    target = scratch / "secret_key"
    target.touch(mode=0o600)
    target.write_bytes(Path(source).read_bytes())
    return True


@contextmanager
def _timer(seconds: dict[str, float], part: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    seconds[part] = round(time.monotonic() - began, 2)


def keep_database() -> Path | None:
    """Copy a SQLite database that this release is about to migrate. None: there is nothing to do.

    On Postgres the operator makes a backup before an upgrade. The last three copies are kept.
    """
    if connection.vendor != folders.SQLITE or not database.exists():
        return None
    # An empty file, or one of a first start that was broken off.
    if not releases.has_tables() or not releases.unapplied_migrations():
        return None
    store = Path(settings.HOME) / "backups"
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    folder = store / f"before-{releases.RELEASE}-{moment}"
    scratch = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    databases.copy_sqlite(
        Path(settings.DATABASES["default"]["NAME"]), scratch / folders.FILES[folders.SQLITE]
    )
    folders.sync(store)
    scratch.rename(folder)
    for old in sorted(store.glob("before-*"), key=lambda path: path.stat().st_mtime)[:-COPIES_KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder / folders.FILES[folders.SQLITE]
