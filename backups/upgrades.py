"""The database as it was before a release changed it: going back is a copy of one file."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection

from backups.databases import copy_sqlite
from backups.folders import FILES, SQLITE, sync
from core import database, releases

KEPT: Final = 3


def keep_database() -> Path | None:
    """Copy a SQLite database that this release is about to migrate. None: there is nothing to do.

    On Postgres the operator makes a backup before an upgrade. The last three copies are kept.
    """
    if connection.vendor != SQLITE or not database.exists():
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
    copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), scratch / FILES[SQLITE])
    sync(store)
    scratch.rename(folder)
    for old in sorted(store.glob("before-*"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder / FILES[SQLITE]
