"""Taking away bytes that nothing needs: mark, wait a day, look again, then row first, file last.

A blob is marked when no place that keeps blobs refers to it. From then on a new reference can only
come from `blobs.record`, which takes the mark away, or from an earlier transaction; a day is
longer than any. The row goes before the file, and the file only if it was not stored again
meanwhile. So a sweep may be killed anywhere, run twice at once, and meet a worker that makes the
same bytes: what is left over is a file without a row, and the next sweep takes that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from core import clock
from media import blobs, resolvers
from media.models import Blob
from media.origin_records import keep_of_blob

GRACE = timedelta(hours=24)
# One bite: some milliseconds.
AT_ONCE = 200
# So many are looked for at once in the slow places, which read all they have.
SUSPECTS = 5_000
# Between the ends of two sweeps; and before the first, which would compete with the first run.
EVERY_S = 3600.0
FIRST_AFTER_S = 600.0


@dataclass(frozen=True, slots=True)
class Swept:
    """The findings of a sweep, or what it would do. sizes in bytes.

    unused: blobs nothing refers to, of any age. deleted: those, and files without a row, that were
    so for longer than the grace, with their bytes.
    """

    looked_at: int = 0
    unused: int = 0
    deleted_blobs: int = 0
    deleted_files: int = 0
    freed_bytes: int = 0


def sweep(*, dry_run: bool = False, grace: timedelta = GRACE) -> Swept:
    """One whole sweep. dry_run: change nothing, count what is due now."""
    *_, totals = (Swept(), *steps(dry_run=dry_run, grace=grace))
    return totals


def steps(*, dry_run: bool = False, grace: timedelta = GRACE) -> Iterator[Swept]:
    """A sweep in small steps; yields the sums so far after each."""
    totals = Swept()
    limit = clock.now() - grace
    last, suspects = "", list[Blob]()
    while True:
        blobs.check_folder()
        rows = Blob.objects.filter(sha256__gt=last, blocked_at=None).order_by("sha256")
        batch = list(rows.only("sha256", "size", "unused_since")[:AT_ONCE])
        needed_hashes = resolvers.needed([blob.sha256 for blob in batch], quickly=True)
        suspects += [one for one in batch if one.sha256 not in needed_hashes or one.unused_since]
        totals = replace(totals, looked_at=totals.looked_at + len(batch))
        if len(suspects) >= SUSPECTS or not batch:
            needed_hashes = resolvers.needed([one.sha256 for one in suspects])
            for start in range(0, len(suspects), AT_ONCE):
                some = suspects[start : start + AT_ONCE]
                totals = _look_at(some, needed_hashes, totals, limit, dry_run)
                yield totals
            suspects.clear()
        if not batch:
            break
        last = batch[-1].sha256
        yield totals
    oldest = time.time() - grace.total_seconds()
    for files in blobs.stored_files():
        totals = _orphans([file for file in files if file[1] < oldest], totals, oldest, dry_run)
        yield totals


def unused_count() -> tuple[int, int]:
    """Count how many blobs are marked, and how many bytes they take. One cheap query."""
    # As the index says it: excluding those without it, SQLite would read every blob.
    rows = Blob.objects.filter(unused_since__isnull=False)
    sizes = list(rows.values_list("size", flat=True))
    return len(sizes), sum(sizes)


class PeriodicSweep:
    """A sweep spread over many calls, for `runs.engine.periodic`."""

    def __init__(self) -> None:
        self._sweep: Iterator[Swept] | None = None
        self._is_first = True

    def __call__(self) -> float:
        """Take one step. Returns in how many seconds to ask again, 0 at once."""
        if self._is_first:
            self._is_first = False
            return FIRST_AFTER_S
        if self._sweep is None:
            self._sweep = steps()
        try:
            next(self._sweep)
        except StopIteration:
            self._sweep = None
            return EVERY_S
        except BaseException:
            # A generator that broke is over; the next call begins again.
            self._sweep = None
            raise
        return 0


def _look_at(
    batch: Sequence[Blob], needed_hashes: Set[str], totals: Swept, limit: datetime, dry_run: bool
) -> Swept:
    """Mark and unmark a batch, and delete what was marked long enough ago."""
    by_hash = {blob.sha256: blob for blob in batch}
    unused_hashes = by_hash.keys() - needed_hashes
    due = sorted(
        sha256
        for sha256 in unused_hashes
        if (since := by_hash[sha256].unused_since) is not None and since < limit
    )
    if not dry_run:
        to_unmark = [
            sha for sha in by_hash.keys() & needed_hashes if by_hash[sha].unused_since is not None
        ]
        if to_unmark:
            Blob.objects.filter(sha256__in=to_unmark).update(unused_since=None)
        fresh = [sha256 for sha256 in unused_hashes if by_hash[sha256].unused_since is None]
        if fresh:
            Blob.objects.filter(sha256__in=fresh, unused_since=None).update(
                unused_since=clock.now()
            )
        due = [sha256 for sha256 in due if _delete_row(sha256, limit)]
        for sha256 in due:
            blobs.remove_older(sha256, limit.timestamp())
    return replace(
        totals,
        unused=totals.unused + len(unused_hashes),
        deleted_blobs=totals.deleted_blobs + len(due),
        freed_bytes=totals.freed_bytes + sum(by_hash[sha256].size for sha256 in due),
    )


def _delete_row(sha256: str, limit: datetime) -> bool:
    """Delete a blob's row if it is still marked and nothing took it up meanwhile."""
    try:
        with transaction.atomic():
            # Anyone who records the same bytes holds the row, and takes the mark away.
            rows = Blob.objects.select_for_update().filter(
                sha256=sha256, unused_since__lt=limit, blocked_at=None
            )
            blob = rows.first()
            if blob is None or resolvers.needed([sha256], quickly=True):
                return False
            keep_of_blob(blob)
            Blob.objects.filter(sha256=sha256).delete()
    except (IntegrityError, ProtectedError):
        # Taken up in the moment between: the database has the last word.
        return False
    return True


def _orphans(
    files: Sequence[tuple[str, float, int]], totals: Swept, oldest: float, dry_run: bool
) -> Swept:
    """Remove files that have no row and are older than the grace."""
    for start in range(0, len(files), AT_ONCE):
        batch = {sha256: size for sha256, _, size in files[start : start + AT_ONCE]}
        rows = set(Blob.objects.filter(sha256__in=batch).values_list("sha256", flat=True))
        for sha256 in sorted(batch.keys() - rows):
            size = batch[sha256] if dry_run else blobs.remove_older(sha256, oldest)
            if size is not None:
                totals = replace(
                    totals,
                    deleted_files=totals.deleted_files + 1,
                    freed_bytes=totals.freed_bytes + size,
                )
    return totals
