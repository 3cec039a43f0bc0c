"""The check that a backup could be restored: its database opens and its files are there."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from backups import config_files, databases, folders
from backups.folders import Backup, BackupProblem, Check, holds


@dataclass(frozen=True, slots=True)
class Verdict:
    """problems: a line each; none in a whole backup. unfinished: runs that were under way. hashed:
    so many of the files were read whole. postgres: the oldest version that it can be restored on; 0
    in a backup of SQLite."""

    problems: list[str]
    files: int
    hashed: int
    unfinished: int | None
    postgres: int = 0


def verify(backup: Backup, *, hashes: bool = False, seventh: int | None = None) -> Verdict:
    """Look at a backup, and note in its folder what was seen.

    hashes: read all files, instead of their sizes alone; seventh: those of one of the seven parts,
    so that a look each day reads everything in a week.
    """
    problems: list[str] = []
    facts = backup.manifest.database
    open_runs: int | None = None
    postgres = 0
    try:
        if not holds(backup.folder, backup.database.name, facts.sha256):
            problems.append(f"{backup.database.name} isn't what was written")
        elif facts.kind == folders.SQLITE:
            with databases.opened(backup.database) as reader:
                problems += reader.faults() + reader.broken_promises()
                open_runs = int(
                    reader.value("SELECT count(*) FROM runs_run WHERE finished_at IS NULL")
                )
                if reader.counts() != facts.rows:
                    problems.append("its tables don't have the rows of the manifest")
        else:
            postgres = databases.check_dump(backup.database)
    except BackupProblem as problem:
        problems.append(f"{backup.database.name} can't be restored: {problem}")
    bad, hash_count = [], 0
    for sha256, size in _files(backup):
        is_read = hashes or int(sha256[:8], 16) % 7 == seventh
        hash_count += is_read
        if not _is_whole(backup, sha256, size, is_read):
            bad.append(sha256)
    problems += [f"the file {sha256} is missing or damaged" for sha256 in bad[:10]]
    if len(bad) > 10:
        problems.append(f"{len(bad) - 10} other files are missing or damaged")
    try:
        _ = backup.secret
    except BackupProblem as problem:
        problems.append(str(problem))
    problems += config_files.problems(backup)
    files = backup.manifest.media.count
    _note(
        backup,
        Check(
            at=datetime.now(UTC).isoformat(timespec="seconds"),
            files=files,
            hashed=hash_count,
            problems=problems,
        ),
    )
    return Verdict(problems, files, hash_count, open_runs, postgres)


def check(backup: Backup, *, seventh: int | None = None) -> None:
    """Verify a backup that was just made. Raises BackupProblem where it isn't whole."""
    if problems := verify(backup, seventh=seventh).problems:
        raise BackupProblem(f"{backup.folder} isn't whole: {'; '.join(problems)}.")


def _note(backup: Backup, check: Check) -> None:
    with suppress(OSError):  # It may be on a disk that can only be read.
        scratch = backup.folder / "checked.new"
        # A backup from elsewhere may have a link to another file in its place.
        scratch.unlink(missing_ok=True)
        with scratch.open("x") as file:
            file.write(check.model_dump_json(indent=1))
        scratch.replace(backup.folder / "checked.json")


def _files(backup: Backup) -> list[tuple[str, int]]:
    swept_hashes = set(backup.manifest.media.swept)
    return [(sha256, size) for sha256, size, _ in backup.media() if sha256 not in swept_hashes]


def _is_whole(backup: Backup, sha256: str, size: int, hashes: bool) -> bool:
    store = backup.folder.parent
    name = str(folders.path_in(backup.pool, sha256).relative_to(store))
    if hashes and not holds(store, name, sha256):
        return False
    try:
        with folders.open_file(store, name) as file:
            return os.fstat(file.fileno()).st_size == size
    except (OSError, BackupProblem):
        return False
