"""The nightly backups that stay: of the last 7 days, 4 weeks and 12 months the newest each.

Backups that an operator made stay. A file goes from the pool when no backup names it any more.
"""

from __future__ import annotations

import heapq
import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from backups import folders
from backups.folders import Backup

DAYS, WEEKS, MONTHS = 7, 4, 12


def prune(store: Path) -> list[Backup]:
    """Remove the nightly backups of DIR that aren't kept, and the files that only they had.

    Returns what was removed. Raises BackupProblem while another backup is made.
    """
    with folders.sole(store):
        backups = folders.listed(store)
        retained_folders = {one.folder for one in kept_of(backups)}
        surplus = [one for one in backups if one.folder not in retained_folders]
        for one in surplus:
            # From here on it isn't there: what a kill leaves is removed by the next `sole`.
            scratch = one.folder.with_name(f".{one.folder.name}.partial")
            one.folder.rename(scratch)
            shutil.rmtree(scratch)
        if surplus:
            folders.sync(store)
            _sweep(store / "blobs", [one for one in backups if one.folder in retained_folders])
    return surplus


def kept_of(backups: Iterable[Backup]) -> list[Backup]:
    """Return those that stay, in the same order."""
    backups = list(backups)
    nightly = sorted(
        (one for one in backups if one.manifest.is_nightly), key=lambda one: one.at, reverse=True
    )
    retained_folders = {one.folder for one in backups if not one.manifest.is_nightly}
    for count, period in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        newest: dict[tuple[int, ...], Path] = {}
        for one in nightly:
            newest.setdefault(period(one.at), one.folder)
        retained_folders.update(list(newest.values())[:count])
    return [one for one in backups if one.folder in retained_folders]


def _day(at: datetime) -> tuple[int, ...]:
    return at.year, at.month, at.day


def _week(at: datetime) -> tuple[int, ...]:
    return tuple(at.isocalendar())[:2]


def _month(at: datetime) -> tuple[int, ...]:
    return at.year, at.month


def _sweep(pool: Path, backups: Iterable[Backup]) -> None:
    """Remove the files that no backup names. Both sides are sorted: no list is held in memory."""
    hashes = heapq.merge(*((sha256 for sha256, _, _ in one.media()) for one in backups))
    next_hash = next(hashes, "")
    for path in _files(pool):
        while next_hash and next_hash < path.name:
            next_hash = next(hashes, "")
        if path.name != next_hash:
            path.unlink(missing_ok=True)


def _files(pool: Path) -> Iterator[Path]:
    for first in sorted(pool.iterdir()) if pool.is_dir() else ():
        for second in sorted(first.iterdir()):
            yield from sorted(second.iterdir())
