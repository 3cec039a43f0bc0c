"""The bytes that a person's rows and files take, and whether there is room for more.

Each writer adds what it writes in its own transaction, and gives back what it deletes, so that
nothing is counted that is not there. `recount` fixes what drifted all the same.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from django.conf import settings
from django.db import transaction

from accounts import person_limits
from accounts.models import StorageUse, User
from accounts.names import SYSTEM
from core import errors
from core.raw_sql import Statement

logger = logging.getLogger(__name__)

# Everyone's storage is counted again so often; a worker that starts first does other things.
RECOUNT_EVERY_S: Final = 7 * 86_400.0
FIRST_RECOUNT_S: Final = 3_600.0
VERSIONS: Final = "versions"
CHANGES: Final = "changes"
CREATIONS: Final = "creations"
ARTIFACTS: Final = "artifacts"
UPLOADS: Final = "uploads"
TABLES: Final = "tables"
PROPOSALS: Final = "proposals"
# Kind → what people call it, and how to make room.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    UPLOADS: ("uploads", "Remove uploads you no longer need."),
    ARTIFACTS: ("results of runs", "Delete runs at /me/runs/delete."),
    CREATIONS: ("creations", "Stop sharing creations you no longer need."),
    VERSIONS: ("versions of templates", "Delete templates you no longer need."),
    CHANGES: ("edits of templates", "Delete templates you no longer need."),
    TABLES: ("tables", "Delete table runs at /run-sets."),
    PROPOSALS: ("proposals", "Accept or refuse proposals at /me/templates."),
}
# A disk is asked how much room it has at most so often, in seconds.
DISK_LOOK_S = 1.0
# Of a small disk, this share is enough of a reserve.
DISK_SHARE = 0.05

# What a person's rows of one kind take now, in bytes, by the rows themselves.
Counter: TypeAlias = Callable[[int], int]
_counters: dict[str, Counter] = {}

_ADD = Statement(
    """
    INSERT INTO accounts_storageuse (owner_id, kind, bytes)
    VALUES (%(owner)s, %(kind)s, %(size)s)
    ON CONFLICT (owner_id, kind) DO UPDATE
        SET bytes = accounts_storageuse.bytes + excluded.bytes
    """
)

_SUMS = Statement("SELECT kind, bytes FROM accounts_storageuse WHERE owner_id = %(owner)s")


def register(kind: str, counter: Counter) -> None:
    """Have `recount` count rows of this kind so. Call it in `AppConfig.ready`."""
    _counters[kind] = counter


def add(owner_id: int, kind: str, size: int) -> None:
    """Note bytes written, or, below zero, bytes given back. Part of the writer's transaction.

    Call it as late in the transaction as possible: writers of one person wait for each other here.
    """
    if size:
        _ADD.run(owner=owner_id, kind=kind, size=size)


def used(owner_id: int) -> dict[str, int]:
    """Bytes by kind, every kind named."""
    by_kind = dict.fromkeys(KINDS, 0)
    rows = _SUMS.rows(owner=owner_id)
    by_kind.update((kind, max(size, 0)) for kind, size in rows if kind in KINDS)
    return by_kind


def check_room(owner: User, size: int = 0, *, limits: person_limits.Limits | None = None) -> None:
    """Before a write of so many bytes. Raises DiskFull, and StorageFull for the person over theirs.

    limits: the person's, where the caller has read them. Deleting, reading and cancelling are never
    checked. The server's own account has no limit.
    """
    check_disk()
    if owner.username == SYSTEM:
        return
    limit = (limits or person_limits.limits_of(owner)).storage_bytes
    if limit is None:
        return
    by_kind = used(owner.pk)
    total = sum(by_kind.values())
    if total + size <= limit:
        return
    by_size = sorted(by_kind.items(), key=lambda item: -item[1])
    parts = [f"{readable(amount)} {KINDS[kind][0]}" for kind, amount in by_size if amount]
    breakdown = f" ({', '.join(parts)})" if parts else ""
    more = f", and this needs {readable(size)} more" if size else ""
    raise errors.StorageFull(
        f"You're using {readable(total)} of {readable(limit)} of storage{breakdown}{more}."
        f" {KINDS[by_size[0][0]][1]}",
        details={"usedBytes": total, "limitBytes": limit, "byKind": by_kind},
    )


_looked_at, _has_room = float("-inf"), True


def check_disk() -> None:
    """Raise DiskFull when the disk of the data folder or of the media is nearly full."""
    global _looked_at, _has_room
    if not settings.DISK_RESERVE_BYTES:
        return
    if time.monotonic() - _looked_at > DISK_LOOK_S:
        _has_room, _looked_at = full_disk() is None, time.monotonic()
    if not _has_room:
        raise errors.DiskFull(
            "This server's disk is nearly full, so nothing new is saved. Reading, stopping and"
            " deleting still work. Ask the operator to free up space.",
            retry_after_s=60,
        )


def full_disk() -> Path | None:
    """The folder whose disk has less free than its reserve: the data folder or that of the media,
    which several machines keep on a volume of its own. None: both have room."""
    for folder in (settings.HOME, settings.MEDIA_DIR):
        try:
            disk = shutil.disk_usage(folder)
        except OSError:
            # A volume that is not mounted: writing into it says more than its size.
            continue
        if disk.free < disk_reserve(disk.total):
            return Path(folder)
    return None


def disk_reserve(total: int) -> float:
    """Return how many bytes of a disk of so many stay free: nothing new is saved below that."""
    return min(settings.DISK_RESERVE_BYTES, total * DISK_SHARE)


def recount(owner: User) -> dict[str, tuple[int, int]]:
    """Set what is noted to what the rows take. Returns, by kind, what was noted and what is true.

    Safe beside writers: they add to the row that is locked here after they have written theirs.
    """
    corrections = {}
    with transaction.atomic():
        for kind in sorted(_counters):
            _ADD.run(owner=owner.pk, kind=kind, size=0)
            row = StorageUse.objects.select_for_update().get(owner=owner, kind=kind)
            true = _counters[kind](owner.pk)
            if row.bytes != true:
                corrections[kind] = (row.bytes, true)
                StorageUse.objects.filter(pk=row.pk).update(bytes=true)
    return corrections


def size_of(value: Any) -> int:
    """Bytes that a JSON value takes when it is stored."""
    return len(json.dumps(value, separators=(",", ":")))


def readable(size: int) -> str:
    """`34 KB`, `5.0 GB`."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1e6:.0f} MB" if size < 1_000_000_000 else f"{size / 1e9:.1f} GB"


class Recounts:
    """Counts each person's storage again once a week, one person in a turn: a periodic task."""

    def __init__(self) -> None:
        self._left: list[int] | None = None
        self._is_first = True

    def __call__(self) -> float:
        if self._is_first:
            self._is_first = False
            return FIRST_RECOUNT_S
        if self._left is None:
            self._left = list(User.objects.order_by("-pk").values_list("pk", flat=True))
        if not self._left:
            self._left = None
            return RECOUNT_EVERY_S
        person = User.objects.filter(pk=self._left.pop()).first()
        for kind, (before, true) in (recount(person) if person else {}).items():
            logger.warning("storage of person %s corrected: %s %s → %s", person, kind, before, true)
        return 0
