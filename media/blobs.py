"""Bytes on disk, addressed by their SHA-256.

The order keeps one promise: an artifact never lacks its bytes. The file is hashed, fsynced, renamed
into place and its folder fsynced *before* a transaction inserts the row. A crash in between leaves
an orphan file, which the sweep of blobs removes later.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from media.models import Blob

CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a medium. width and height in pixels."""

    kind: str
    mime: str
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is safely in place but may have no row yet. size in bytes."""

    sha256: str
    size: int
    mime: str
    kind: str
    width: int | None
    height: int | None
    duration_ms: int | None


def path_of(sha256: str) -> Path:
    """Where the bytes with this hash live. Raises ValueError for anything but 64 hex digits."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("A blob is named by 64 lower-case hex digits.")
    return Path(settings.MEDIA_DIR) / "blobs" / sha256[:2] / sha256[2:4] / sha256


def store(path: Path, facts: Facts) -> StoredFile:
    """Move a finished file into the store and answer how it is addressed. No database is touched.

    path: on the volume of MEDIA_DIR, as everything below `attempt_dir` is; it is gone afterwards.
    Storing equal bytes again changes nothing. Raises OSError when it is no regular file.
    """
    # A sandboxed decoder may have been taken over by what it decoded: never follow a link it left,
    # nor block on a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path.name} is not a regular file.")
        sha256 = _hash(descriptor)
        os.fchmod(descriptor, 0o444)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    target = path_of(sha256)
    _make_folders(target.parent)
    # Also when the target exists: the rename is atomic, heals a damaged copy, and its fresh time
    # keeps a sweep of old orphans from taking the file before its row is there.
    os.utime(path)
    os.replace(path, target)
    _sync_folder(target.parent)
    return StoredFile(
        sha256=sha256,
        size=status.st_size,
        mime=facts.mime,
        kind=facts.kind,
        width=facts.width,
        height=facts.height,
        duration_ms=facts.duration_ms,
    )


def record(stored: StoredFile) -> Blob:
    """Insert the row for stored bytes, or fetch the one that is there.

    For use inside the caller's transaction: a clash is ignored in the statement itself, because on
    Postgres an IntegrityError would end the whole transaction.
    """
    Blob.objects.bulk_create(
        [
            Blob(
                sha256=stored.sha256,
                size=stored.size,
                mime=stored.mime,
                kind=stored.kind,
                width=stored.width,
                height=stored.height,
                duration_ms=stored.duration_ms,
            )
        ],
        ignore_conflicts=True,
    )
    return Blob.objects.get(sha256=stored.sha256)


def attempt_dir(name: str) -> Path:
    """A fresh folder for the files of one attempt, on the volume of the blobs.

    name: anything; it only helps people who look at the folder.
    """
    readable = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:80]
    folder = _tmp() / f"{readable}-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700, parents=True)
    return folder


def discard(folder: Path) -> None:
    """Remove an attempt's folder with all it holds. A folder that is gone already is fine.

    Raises ValueError for a folder that `attempt_dir` did not make.
    """
    if folder.parent != _tmp():
        raise ValueError(f"{folder} is not an attempt's folder.")
    shutil.rmtree(folder, ignore_errors=True)


def sweep_tmp(older_than_s: float) -> int:
    """Remove attempts' folders nothing was written into for so long; how many went.

    A worker killed with -9 leaves its folder behind. older_than_s must exceed the longest step.
    """
    removed = 0
    limit = time.time() - older_than_s
    try:
        folders = list(os.scandir(_tmp()))
    except FileNotFoundError:
        return 0
    for entry in folders:
        if entry.is_dir(follow_symlinks=False) and _last_touched(entry.path) < limit:
            shutil.rmtree(entry.path, ignore_errors=True)
            removed += 1
    return removed


def _tmp() -> Path:
    return Path(settings.MEDIA_DIR) / "tmp"


def _hash(descriptor: int) -> str:
    digest = hashlib.sha256()
    offset = 0
    while chunk := os.pread(descriptor, CHUNK, offset):
        digest.update(chunk)
        offset += len(chunk)
    return digest.hexdigest()


def _make_folders(folder: Path) -> None:
    """Make the folders of a blob, each on disk before anything is put into it."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        _sync_folder(new.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _last_touched(folder: str) -> float:
    """The newest change in a folder: a long render writes into a file, not into its folder."""
    newest = 0.0
    for path, _folders, files in os.walk(folder):
        for name in (path, *(os.path.join(path, file) for file in files)):
            try:
                newest = max(newest, os.lstat(name).st_mtime)
            except FileNotFoundError:
                continue
    return newest
