"""Nightly backups that are kept, and the files of those that aren't."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backups import folders, pruning
from backups.folders import Backup, BackupProblem, DatabaseFacts, Manifest, MediaFacts

NEWEST = datetime(2026, 11, 26, 2, tzinfo=UTC)


def made(store: Path, at: datetime, *files: str, is_nightly: bool = True) -> Backup:
    """Write the parts of a backup that pruning looks at. files: names of 64 digits."""
    folder = store / at.strftime("%Y-%m-%dT%H%M%SZ")
    folder.mkdir(parents=True)
    manifest = Manifest(
        format=folders.FORMAT,
        at=at.isoformat(),
        release="1.0.0",
        installation="one",
        has_secret=False,
        is_nightly=is_nightly,
        database=DatabaseFacts(kind="sqlite", sha256="0" * 64, bytes=0, rows={}, migrations=[]),
        media=MediaFacts(count=len(files), bytes=0, written=0, is_linked=False),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    (folder / "media.txt").write_text("".join(f"{one} 1 0\n" for one in sorted(files)))
    for one in files:
        path = folders.path_in(store / "blobs", one)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folders.read(folder)


def stored(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "blobs").rglob("*") if path.is_file())


def test_of_two_years_the_newest_days_weeks_and_months_are_kept(tmp_path: Path) -> None:
    for days in range(730):
        made(tmp_path, NEWEST - timedelta(days=days))
    pruning.prune(tmp_path)
    kept = [one.at.date().isoformat() for one in folders.listed(tmp_path)]
    assert kept[-7:] == [f"2026-11-{day}" for day in range(20, 27)]
    # The Sundays before, and the last day of each month.
    assert kept[:-7] == [
        "2025-12-31", "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31",
        "2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31", "2026-11-08",
        "2026-11-15",
    ]  # fmt: skip
    assert pruning.prune(tmp_path) == []


def test_of_several_on_a_day_the_last_is_kept_and_what_an_operator_made_stays(
    tmp_path: Path,
) -> None:
    made(tmp_path, NEWEST - timedelta(days=900), is_nightly=False)
    first, last = made(tmp_path, NEWEST), made(tmp_path, NEWEST + timedelta(hours=3))
    assert [one.folder for one in pruning.prune(tmp_path)] == [first.folder]
    assert [one.manifest.is_nightly for one in folders.listed(tmp_path)] == [False, True]
    assert folders.listed(tmp_path)[-1].folder == last.folder


def test_files_go_with_the_last_backup_that_names_them(tmp_path: Path) -> None:
    old, both, new = ("0a" * 32, "0b" * 32, "ff" * 32)
    removed = made(tmp_path, NEWEST, old, both)
    made(tmp_path, NEWEST + timedelta(hours=1), both, new)
    assert stored(tmp_path) == [old, both, new]
    pruning.prune(tmp_path)
    assert not removed.folder.exists()
    assert stored(tmp_path) == [both, new]


def test_a_kill_between_leaves_nothing_that_counts_or_stays(tmp_path: Path) -> None:
    removed = made(tmp_path, NEWEST, "0a" * 32)
    made(tmp_path, NEWEST + timedelta(hours=1))
    removed.folder.rename(tmp_path / f".{removed.folder.name}.partial")
    assert len(folders.listed(tmp_path)) == 1
    pruning.prune(tmp_path)
    assert [path.name for path in tmp_path.glob(".*.partial")] == []


def test_nothing_is_removed_while_a_backup_is_made(tmp_path: Path) -> None:
    made(tmp_path, NEWEST)
    made(tmp_path, NEWEST + timedelta(hours=1))
    with folders.sole(tmp_path), pytest.raises(BackupProblem, match="is running"):
        pruning.prune(tmp_path)
    assert len(folders.listed(tmp_path)) == 2
