"""Requirements of SQLite and of the disk under it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

# RETURNING and other things the ORM and our own SQL lean on.
OLDEST_SQLITE = (3, 35, 0)
# Write-ahead logging needs shared memory and honest locks, which these do not promise.
DOUBTFUL_FILESYSTEMS = (
    "nfs", "cifs", "smb", "9p", "afs", "overlay", "aufs", "fuse", "ceph", "glusterfs", "lustre",
    "virtiofs", "vboxsf",
)  # fmt: skip
MOUNTS = Path("/proc/self/mountinfo")


def missing_features(version: tuple[int, ...]) -> list[str]:
    """List what this SQLite lacks, as the ends of sentences."""
    missing = []
    if version < OLDEST_SQLITE:
        missing.append("is older than " + ".".join(str(part) for part in OLDEST_SQLITE))
    connection = sqlite3.connect(":memory:")
    try:
        for statement, name in (
            ("CREATE VIRTUAL TABLE probe USING fts5(words)", "full-text search (FTS5)"),
            ("""SELECT json_extract('{"a": 1}', '$.a')""", "JSON functions"),
        ):
            try:
                connection.execute(statement)
            except sqlite3.OperationalError:
                missing.append(f"was built without {name}")
    finally:
        connection.close()
    return missing


def filesystem_of(folder: Path, mountinfo: str) -> str:
    """The type of the file system that holds a folder, such as `ext4`; empty when unknown.

    mountinfo: the text of Linux's /proc/self/mountinfo; see proc(5) for its columns.
    """
    best, best_length = "", -1
    for line in mountinfo.splitlines():
        name, separator, right = line.partition(" - ")
        columns = name.split()
        if not separator or len(columns) < 5 or not right:
            continue
        mount_point = Path(columns[4].replace("\\040", " "))
        length = len(mount_point.parts)
        # The later of two mounts on one point hides the earlier.
        if folder.is_relative_to(mount_point) and length >= best_length:
            best, best_length = right.split()[0], length
    return best


def is_doubtful(kind: str) -> bool:
    """Tell whether SQLite's write-ahead log may misbehave there."""
    return kind.startswith(DOUBTFUL_FILESYSTEMS)


def mounts() -> str:
    """Read the mounts of this machine; "" where they can't be read."""
    try:
        return MOUNTS.read_text(errors="replace")
    except OSError:  # not Linux
        return ""
