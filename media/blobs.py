"""Bytes on disk, addressed by their SHA-256.

The order keeps one promise: an artifact never lacks its bytes. The file is hashed, fsynced, renamed
into place and its folder fsynced *before* a transaction inserts the row. A crash in between leaves
an orphan file, which the sweep of blobs removes later.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from errno import ENOLCK, EOPNOTSUPP
from pathlib import Path

from django.conf import settings
from django.db import connection

from core import durable, errors, media_folder
from media import folder_mark
from media.models import Blob
from media.origin import Origin
from media.origin_records import keep_origin

CHUNK = 1 << 20
# Folders whose names are on the disk, as far as this process knows.
_synced_folders: set[Path] = set()
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """The facts about a file. width and height in pixels."""

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


class BlockedFile(errors.InvalidInput):
    """A moderator blocked exactly these bytes: nothing new is made to refer to them."""

    code = "media.blocked"
    message = "This file was blocked by a moderator. It can't be uploaded, made or shared here."
    person = message


def check_folder() -> None:
    """Raise MediaFolderAway unless media can be read and written now."""
    with _folder():
        pass


def _folder() -> AbstractContextManager[int]:
    """The media folder, open; marked now where that is due."""
    return media_folder.open_own(on_missing_mark=folder_mark.ensure_marked)


def path_of(sha256: str) -> Path:
    """Return where the bytes with this hash live. Raises ValueError for anything but 64 hex
    digits."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("A blob is named by 64 lower-case hex digits.")
    return Path(settings.MEDIA_DIR) / "blobs" / sha256[:2] / sha256[2:4] / sha256


def store(path: Path, facts: FileFacts) -> StoredFile:
    """Move a finished file into the store and answer how it is addressed. No database is touched.

    path: on the volume of MEDIA_DIR, as everything below `attempt_dir` is; it is gone afterwards.
    Storing equal bytes again changes nothing. Raises OSError when it is no regular file;
    MediaFolderAway when the media folder isn't there, or goes away before the file is in place.
    """
    with _folder() as folder:
        return _store(path, facts, folder)


def _store(path: Path, facts: FileFacts, folder: int) -> StoredFile:
    # A sandboxed decoder may have been taken over by what it decoded: never follow a link it left,
    # nor block on a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(f"{path.name} is not a regular file.")
        sha256 = _hash(descriptor)
        os.fchmod(descriptor, 0o444)
        durable.to_disk(descriptor)
    finally:
        os.close(descriptor)
    target = path_of(sha256)
    _make_folders(target.parent)
    # By the descriptor of the folder with the mark: the path may lead elsewhere for a moment. The
    # inode behind the name proves nothing, as another process may store equal bytes right after.
    own_folder = os.open(
        target.parent.relative_to(settings.MEDIA_DIR),
        os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC,
        dir_fd=folder,
    )
    try:
        # Also when the target exists: the rename is atomic, heals a damaged copy, and its fresh
        # time keeps a sweep of old orphans from taking the file before its row is there.
        with placing():
            os.utime(path)
            os.replace(path, target.name, dst_dir_fd=own_folder)
        durable.to_disk(own_folder)
    finally:
        os.close(own_folder)
    return StoredFile(
        sha256=sha256,
        size=status.st_size,
        mime=facts.mime,
        kind=facts.kind,
        width=facts.width,
        height=facts.height,
        duration_ms=facts.duration_ms,
    )


def facts_of(blob: Blob) -> FileFacts:
    """Return the facts of a blob that has its row."""
    return FileFacts(blob.kind, blob.mime, blob.width, blob.height, blob.duration_ms)


def file_of(blob: Blob) -> StoredFile:
    """Return a blob that has its row as one to record again."""
    return StoredFile(blob.sha256, blob.size, **asdict(facts_of(blob)))


def record(file: StoredFile, origin: Origin = "unknown") -> Blob:
    """Insert the row for stored bytes, or fetch the one that is there.

    origin: what made them, which is kept with them.

    For use inside the caller's transaction: a clash is ignored in the statement itself, because on
    Postgres an IntegrityError would end the whole transaction. Raises BlockedFile: every way in
    passes here, however long ago the file set out.
    """
    while True:
        row = Blob(
            sha256=file.sha256,
            size=file.size,
            mime=file.mime,
            kind=file.kind,
            width=file.width,
            height=file.height,
            duration_ms=file.duration_ms,
            origin=None if origin == "unknown" else origin,
        )
        Blob.objects.bulk_create([row], ignore_conflicts=True)
        blob = _hold(file.sha256)
        # None: the row was there to clash with, and a sweep took it before we held it.
        if blob is not None:
            break
    if blob.blocked_at is not None:
        # The file in the store is the one that was there: moderators may have to look at it.
        raise BlockedFile
    if blob.unused_since is not None:
        Blob.objects.filter(sha256=file.sha256).update(unused_since=None)
        blob.unused_since = None
    # Which of two rows it is, this one or one that was there, the moment tells.
    keep_origin(blob, origin, row.created_at)
    return blob


def _hold(sha256: str) -> Blob | None:
    """The row, which no one can delete before the transaction around this ends."""
    # As a foreign key holds its target: those who only refer to it do not wait for each other.
    hold = "FOR KEY SHARE" if connection.vendor == "postgresql" else ""
    rows = Blob.objects.raw(f"SELECT * FROM media_blob WHERE sha256 = %s {hold}", [sha256])  # noqa: S608
    return next(iter(rows), None)


@contextmanager
def placing() -> Iterator[None]:
    """While a file is put into place no sweep removes one; any number may be put at once."""
    with _turn(fcntl.LOCK_SH):
        yield


def remove_older(sha256: str, limit: float) -> int | None:
    """Remove a blob's file unless it was put there since `limit` (Unix seconds). Returns its size.

    For files without a row. None: it stays, or was gone. A file that is being stored again is
    younger than any limit: its time is set in the moment it is put into place.
    """
    path = path_of(sha256)
    with _folder(), _turn(fcntl.LOCK_EX):
        try:
            status = path.lstat()
            if status.st_mtime >= limit:
                return None
            path.unlink()
        except FileNotFoundError:
            return None
    return status.st_size


def verify(sha256: str, pace: Callable[[int], object] | None = None) -> bool | None:
    """Return whether the file holds what its name says; None when there is none.

    pace: told of each number of bytes, to keep a pace.
    """
    try:
        descriptor = os.open(path_of(sha256), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return _hash(descriptor, pace) == sha256
    except OSError:
        # A sector that cannot be read is as lost as one that changed.
        return False
    finally:
        os.close(descriptor)


def set_aside(sha256: str) -> bool:
    """Move a damaged blob's file to `damaged/`. False: it has been stored again meanwhile."""
    path = path_of(sha256)
    aside = Path(settings.MEDIA_DIR) / "damaged"
    with _folder(), _turn(fcntl.LOCK_EX):
        aside.mkdir(mode=0o700, exist_ok=True)
        if verify(sha256) is not False:
            return False
        path.replace(aside / sha256)
    return True


def stored_files() -> Iterator[list[tuple[str, float, int]]]:
    """All files of the store, folder by folder, as (sha256, modified in Unix seconds, size)."""
    check_folder()
    root = Path(settings.MEDIA_DIR) / "blobs"
    for outer in sorted(root.glob("[0-9a-f][0-9a-f]")):
        files = []
        for path in outer.glob("[0-9a-f][0-9a-f]/*"):
            try:
                status = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode) and _HASH.fullmatch(path.name):
                files.append((path.name, status.st_mtime, status.st_size))
        yield files


@contextmanager
def _turn(operation: int) -> Iterator[None]:
    """Hold the store's lock, which the kernel drops with the process."""
    with (Path(settings.MEDIA_DIR) / "blobs.lock").open("a") as file:
        try:
            fcntl.flock(file, operation)
        except OSError as problem:
            # A volume without locks keeps what it is given, and is never swept.
            if operation != fcntl.LOCK_SH or problem.errno not in (ENOLCK, EOPNOTSUPP):
                raise
        yield


# Of this process, at most one.
_spare_folders: list[Path] = []


def attempt_dir(name: str) -> Path:
    """A fresh folder for the files of one attempt, on the volume of the blobs.

    name: anything; it only helps people who look at the folder. Raises MediaFolderAway.
    """
    with _folder():
        with suppress(IndexError, OSError):
            spare = _spare_folders.pop()
            # Also against the sweep, which looks at the time.
            os.utime(spare)
            if spare.parent == _tmp():
                return spare
        readable = "".join(c if c.isalnum() or c in "-_" else "-" for c in name)[:80]
        folder = _tmp() / f"{readable}-{secrets.token_hex(6)}"
        _tmp().mkdir(exist_ok=True)
        folder.mkdir(mode=0o700)
        return folder


def discard(folder: Path) -> None:
    """Remove an attempt's folder with all it holds. A folder that is gone already is fine.

    Raises ValueError for a folder that `attempt_dir` did not make.
    """
    if folder.parent != _tmp():
        raise ValueError(f"{folder} is not an attempt's folder.")
    shutil.rmtree(folder, ignore_errors=True)


def give_back(folder: Path) -> None:
    """As `discard`, of an attempt that went well: where nothing was written into its folder, the
    next one has it. Making and removing one waits for the disk: 0.3 ms or more while it is busy,
    of which 0.02 are CPU time."""
    with suppress(OSError), os.scandir(folder) as entries:
        if not _spare_folders and next(entries, None) is None:
            _spare_folders.append(folder)
            return
    discard(folder)


def sweep_tmp(older_than_s: float) -> int:
    """Remove attempts' folders nothing was written into for so long; how many went.

    A worker killed with -9 leaves its folder behind. older_than_s must exceed the longest step.
    """
    count = 0
    limit = time.time() - older_than_s
    check_folder()
    try:
        folders = list(os.scandir(_tmp()))
    except FileNotFoundError:
        return 0
    for entry in folders:
        if entry.is_dir(follow_symlinks=False) and _last_touched(entry.path) < limit:
            shutil.rmtree(entry.path, ignore_errors=True)
            count += 1
    return count


def _tmp() -> Path:
    return Path(settings.MEDIA_DIR) / "tmp"


def _hash(descriptor: int, pace: Callable[[int], object] | None = None) -> str:
    digest = hashlib.sha256()
    offset = 0
    while chunk := os.pread(descriptor, CHUNK, offset):
        digest.update(chunk)
        offset += len(chunk)
        if pace is not None:
            pace(len(chunk))
    return digest.hexdigest()


def _make_folders(folder: Path) -> None:
    """Make the folders of a blob, each on disk before anything is put into it.

    One that is there may have been made by another process that has not synced its name yet. So
    each process syncs each name once.
    """
    unknown = []
    # Not itself: where it is missing, a volume may not be mounted.
    top = Path(settings.MEDIA_DIR)
    while folder != top and not (folder in _synced_folders and folder.exists()):
        unknown.append(folder)
        folder = folder.parent
    for one in reversed(unknown):
        one.mkdir(exist_ok=True)
        durable.folder_to_disk(one.parent)
        _synced_folders.add(one)


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
