"""A person's export: its row, asked for, being made, ready or failed, and its folder.

A folder has the public id of its row, and is put beside the media whole: documents, and a list of
the files of each part. Of media an export holds names and hashes: the bytes stay where they are.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts import storage
from accounts.models import AccountExport, User
from core import clock, durable, errors, ids, jsonsafe
from core.database import db_now, read_db_now
from media import blobs
from media.models import Blob
from notices import create_notice
from runs import selectors as runs

# How long it can be downloaded, and how long a failure is shown.
KEPT_FOR: Final = timedelta(days=7)
# Without a sign of its worker for so long, another one starts over.
LEASE: Final = timedelta(seconds=60)
# An export that isn't ready after this long fails: it may crash each worker that takes it.
PATIENCE: Final = timedelta(days=1)
PAGE: Final = "/me#data"
PROBLEM: Final = "Something went wrong on our side, so your data couldn't be prepared."
# What a zip holds at most of media: its bytes, and files, each of which takes memory to send.
PART_BYTES: Final = 2_000_000_000
PART_FILES: Final = 5_000
DOCUMENTS: Final = "documents"
_IN_PROGRESS: Final = Q(ready_at=None, problem="")


class LeaseLost(Exception):
    """Another worker has it, or its person has left."""


@dataclass(slots=True)
class Lease:
    """An export that a worker makes. until: then another may take it."""

    public_id: str
    person_id: int
    until: datetime

    def renew(self, runs_written: int) -> None:
        """Keep it for a while, and show how far it is. Raises LeaseLost."""
        until = read_db_now() + LEASE
        self._change(leased_until=until, runs_written=runs_written)
        self.until = until

    def finish(self, parts: list[dict[str, int]]) -> None:
        """Make it ready, and tell its person. Raises LeaseLost."""
        now = clock.now()
        ends_at = now + KEPT_FOR
        text = f"Your data is ready to download until {ends_at:%-d %b %Y}."
        with transaction.atomic():
            self._change(parts=parts, leased_until=None, ready_at=now, ends_at=ends_at)
            self._tell("run_done", text)

    def fail(self) -> None:
        """Have its person ask again. Raises LeaseLost."""
        with transaction.atomic():
            ends_at = clock.now() + KEPT_FOR
            self._change(problem=PROBLEM, leased_until=None, ends_at=ends_at)
            self._tell("run_failed", PROBLEM)

    def give_back(self) -> None:
        """Let any worker start over at once. Raises LeaseLost."""
        self._change(leased_until=None)

    def _change(self, **values: Any) -> None:
        rows = AccountExport.objects.filter(
            _IN_PROGRESS, public_id=self.public_id, leased_until=self.until
        )
        if not rows.update(**values):
            raise LeaseLost

    def _tell(self, kind: str, text: str) -> None:
        about = f"export:{self.public_id}"
        create_notice.tell(self.person_id, kind, about=about, text=text, url=PAGE)


def ask(person: User) -> None:
    """Have workers make an export, in place of an earlier one. Raises Conflict while they do so."""
    _, is_new = AccountExport.objects.get_or_create(person=person)
    if is_new:
        return
    over = AccountExport.objects.filter(~_IN_PROGRESS, person=person)
    if not over.update(
        public_id=ids.export_id(),
        asked_at=clock.now(),
        leased_until=None,
        runs_written=0,
        ready_at=None,
        ends_at=None,
        parts=[],
        problem="",
    ):
        raise errors.Conflict("Your data is being prepared already.", code="export.unfinished")


def take() -> Lease | None:
    """Take the export that has waited longest, if there is one. Of several workers, one has it."""
    free = _IN_PROGRESS & (Q(leased_until=None) | Q(leased_until__lt=db_now()))
    row = AccountExport.objects.filter(free).order_by("asked_at").first()
    if row is None:
        return None
    until = read_db_now() + LEASE
    rows = AccountExport.objects.filter(free, public_id=row.public_id)
    if not rows.update(leased_until=until, runs_written=0):
        return None
    lease = Lease(row.public_id, row.person_id, until)
    if row.asked_at < clock.now() - PATIENCE:
        lease.fail()
        return None
    return lease


def ready_of(person: User) -> AccountExport | None:
    """Return the export that a person can download now."""
    rows = AccountExport.objects.filter(person=person, ready_at__isnull=False)
    return rows.filter(ends_at__gt=clock.now()).first()


def shown_to(person: User) -> dict[str, Any] | None:
    """Return the state of a person's export for their page; None without one."""
    row = AccountExport.objects.filter(person=person).first()
    if row is None or (row.ends_at is not None and row.ends_at <= clock.now()):
        return None
    total = 0 if row.ready_at or row.problem else runs.summaries_of(person).count()
    return {
        "problem": row.problem,
        "ready_at": row.ready_at,
        "ends_at": row.ends_at,
        "parts": [
            {
                "size": storage.readable(part["bytes"]),
                "files": f"{part['files']:,} file{'' if part['files'] == 1 else 's'}",
            }
            for part in row.parts
        ],
        "written": row.runs_written,
        "total": total,
        "progress": f"{row.runs_written:,} of {total:,} run{'' if total == 1 else 's'}",
    }


def delete_over() -> None:
    """Delete the rows of exports whose time is over."""
    rows = AccountExport.objects.filter(ends_at__lte=clock.now())
    # A server at rest writes nothing.
    if rows.exists():
        rows.delete()


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of a part. name: in the zip. object_id: of the result or the upload that it is."""

    name: str
    object_id: str
    sha256: str
    size: int


class PartLists:
    """The lists of files, written one after the other into a folder that is being filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: BinaryIO | None = None
        self.parts: list[dict[str, int]] = [{"bytes": 0, "files": 0}]

    def add(self, name: str, object_id: str, blob: Blob) -> None:
        """Put a file into the part, or into the next one where it would be too large."""
        part = self.parts[-1]
        is_full = part["bytes"] + blob.size > PART_BYTES or part["files"] >= PART_FILES
        if part["files"] and is_full:
            self.close()
            part = {"bytes": 0, "files": 0}
            self.parts.append(part)
        if self._file is None:
            self._file = _list_path(self._folder, len(self.parts)).open("wb")
        line = ListedFile(name, object_id, blob.sha256, blob.size)
        self._file.write(jsonsafe.dumps(asdict(line)) + b"\n")
        part["bytes"] += blob.size
        part["files"] += 1

    def close(self) -> None:
        if self._file is not None:
            sync(self._file)
            self._file.close()
            self._file = None


def sync(file: BinaryIO) -> None:
    """Return when what was written is on the disk."""
    file.flush()
    durable.to_disk(file.fileno())


def put(folder: Path, public_id: str) -> None:
    """Put a folder that is complete into its place, where an interrupted worker may have put one.

    Raises MediaFolderAway.
    """
    blobs.check_folder()
    _root().mkdir(mode=0o700, exist_ok=True)
    shutil.rmtree(_root() / public_id, ignore_errors=True)
    durable.folder_to_disk(folder)
    folder.rename(_root() / public_id)
    durable.folder_to_disk(_root())


def remove_unknown_folders() -> None:
    """Remove the folders of exports that are over, and of people who left."""
    try:
        # Before the rows are read: a folder whose row isn't there afterwards has lost it.
        names = os.listdir(_root())
    except FileNotFoundError:
        return
    if not names:
        return
    blobs.check_folder()
    rows = AccountExport.objects.filter(public_id__in=names)
    for name in set(names) - set(rows.values_list("public_id", flat=True)):
        shutil.rmtree(_root() / name, ignore_errors=True)


def documents_of(public_id: str) -> list[tuple[str, Path]]:
    """Return the name in the zip and the place of each document, and none of a folder that is
    gone."""
    folder = _root() / public_id / DOCUMENTS
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(str(path.relative_to(folder)), path) for path in paths]


def files_of(public_id: str, part: int) -> list[ListedFile]:
    """Return what a part lists. Part 1 may have no list."""
    try:
        with _list_path(_root() / public_id, part).open("rb") as file:
            return [ListedFile(**jsonsafe.loads(line)) for line in file]
    except FileNotFoundError:
        return []


def _list_path(folder: Path, part: int) -> Path:
    return folder / f"part-{part}.jsonl"


def _root() -> Path:
    return Path(settings.MEDIA_DIR) / "exports"
