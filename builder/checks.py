"""System checks: what would break later is said at the start, in one line with its remedy."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

# Write-ahead logging needs shared memory, which these file systems do not give between machines.
NETWORK_FILE_SYSTEMS = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p")
OLDEST_SQLITE = (3, 35, 0)


def sqlite_problems(version: tuple[int, ...], lacking: Sequence[str]) -> list[CheckMessage]:
    """What stops this SQLite from being the database.

    version: of the library. lacking: names of the features it was built without.
    """
    remedy = "Use a Python with a newer SQLite, or set DATABASE_URL to a Postgres server."
    if version < OLDEST_SQLITE:
        shown = ".".join(map(str, version))
        return [
            Error(f"SQLite {shown} is too old; 3.35 is needed.", hint=remedy, id="builder.E001")
        ]
    if lacking:
        names = " and ".join(lacking)
        return [Error(f"SQLite was built without {names}.", hint=remedy, id="builder.E002")]
    return []


def file_system_problems(home: Path, kind: str) -> list[CheckMessage]:
    """A warning when the SQLite file would lie on a file system that cannot hold it safely."""
    if kind not in NETWORK_FILE_SYSTEMS:
        return []
    return [
        Warning(
            f"{home} is on {kind}: SQLite can lose data there.",
            hint="Set REELGRAPH_HOME to a folder on a local disk, or DATABASE_URL to Postgres.",
            id="builder.W001",
        )
    ]


def missing_features() -> list[str]:
    """JSON and full-text search, where this SQLite lacks them."""
    lacking = []
    connection = sqlite3.connect(":memory:")
    try:
        for name, statement in (
            ("JSON", "SELECT json('{}')"),
            ("FTS5", "CREATE VIRTUAL TABLE t USING fts5(words)"),
        ):
            try:
                connection.execute(statement)
            except sqlite3.OperationalError:
                lacking.append(name)
    finally:
        connection.close()
    return lacking


def file_system_of(path: Path) -> str:
    """The type of the file system that holds this path, "" when it cannot be told."""
    mounts = [
        (mount.mountpoint, mount.fstype)
        for mount in psutil.disk_partitions(all=True)
        if path.is_relative_to(mount.mountpoint)
    ]
    return max(mounts, key=lambda mount: len(mount[0]), default=("", ""))[1]


@register("builder")
def check_sqlite(
    app_configs: Sequence[AppConfig] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    if not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return []
    return [
        *sqlite_problems(sqlite3.sqlite_version_info, missing_features()),
        *file_system_problems(settings.HOME, file_system_of(settings.HOME)),
    ]
