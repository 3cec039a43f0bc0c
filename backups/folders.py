"""Places of a backup's parts, and its manifest."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

FORMAT: Final = 1
SQLITE, POSTGRES = "sqlite", "postgresql"
FILES: Final = {SQLITE: "database.sqlite3", POSTGRES: "database.dump"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?")


class BackupProblem(Exception):
    """A backup can't be made, read or restored. The message is for an operator, with the remedy."""


class _Part(BaseModel):
    # A newer release may write more.
    model_config = ConfigDict(extra="ignore", frozen=True)


class DatabaseFacts(_Part):
    """rows: by table. last_event_at: ISO 8601, "" without events."""

    kind: Literal["sqlite", "postgresql"]
    sha256: str
    bytes: int
    rows: dict[str, int]
    migrations: list[str]
    last_event_at: str = ""


class MediaFacts(_Part):
    """Figures of the media in the database. written: bytes that were copied; is_linked: some are
    hard links.

    swept: unused files that were deleted while the backup was made.
    """

    count: int
    bytes: int
    written: int
    is_linked: bool
    swept: list[str] = []


def _below_the_folder(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name} leads out of the data folder")
    return name


class Manifest(_Part):
    """manifest.json. at: when the backup began; installation: whose it is. seconds: by part.
    is_nightly: made by the schedule, which removes it again. config: SHA-256 of the operator's own
    files by their names in the data folder; none in backups of a release before they were kept."""

    format: int
    at: str
    release: str
    installation: str
    has_secret: bool
    is_nightly: bool = False
    config: dict[Annotated[str, AfterValidator(_below_the_folder)], str] = {}
    database: DatabaseFacts
    media: MediaFacts
    seconds: dict[str, float] = {}


class Check(_Part):
    """checked.json: the last look at a backup. hashed: so many of its files were read whole."""

    at: str
    files: int
    hashed: int
    problems: list[str] = []


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup, whole. folder: DIR/<moment>."""

    folder: Path
    manifest: Manifest

    @property
    def pool(self) -> Path:
        return self.folder.parent / "blobs"

    @property
    def database(self) -> Path:
        return self.folder / FILES[self.manifest.database.kind]

    @property
    def secret(self) -> Path:
        return self.folder / "secret_key"

    @property
    def config(self) -> Path:
        return self.folder / "config"

    @property
    def check(self) -> Check | None:
        """The last look at it, None for none."""
        try:
            return Check.model_validate_json((self.folder / "checked.json").read_text())
        except (OSError, ValidationError):
            return None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.manifest.at)

    def media(self) -> Iterator[tuple[str, int, bool]]:
        """Yield the files that it holds as (SHA-256, bytes, whether nothing used it), sorted."""
        with (self.folder / "media.txt").open() as file:
            for line in file:
                sha256, size, flag = line.split()
                yield sha256, int(size), flag == "1"


def path_in(pool: Path, sha256: str) -> Path:
    return pool / sha256[:2] / sha256[2:4] / sha256


def read(folder: Path) -> Backup:
    """Return the backup in a folder. Raises BackupProblem."""
    try:
        text = (folder / "manifest.json").read_text()
    except OSError:
        raise BackupProblem(
            f"{folder} is no backup: manifest.json is missing. Name the folder of one moment;"
            " backup --list shows them."
        ) from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as problem:
        raise BackupProblem(f"{folder / 'manifest.json'} can't be read: {problem}.") from problem
    if manifest.format != FORMAT:
        raise BackupProblem(
            f"{folder} has format {manifest.format}, and this release reads {FORMAT}. Use the"
            f" release that made it, {manifest.release}, or a later one."
        )
    return Backup(folder, manifest)


def listed(store: Path) -> list[Backup]:
    """Return all backups in DIR, the newest last."""
    if not store.is_dir():
        return []
    names = sorted(path for path in store.iterdir() if _MOMENT.fullmatch(path.name))
    return [read(path) for path in names if (path / "manifest.json").exists()]


def new_folder(store: Path) -> Path:
    """Make the folder that a new backup is written in; `finish` gives it its name."""
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%SZ")
    name, number = moment, 1
    while (store / name).exists():
        number += 1
        name = f"{moment}-{number}"
    scratch = store / f".{name}.partial"
    scratch.mkdir(mode=0o700)
    return scratch


def finish(scratch: Path) -> Path:
    """Give a backup whose parts are on the disk its name: from then on it counts."""
    folder = scratch.with_name(scratch.name.removeprefix(".").removesuffix(".partial"))
    scratch.rename(folder)
    return folder


@contextmanager
def held(store: Path, name: str) -> Iterator[None]:
    """Hold a lock file of DIR, which a process loses with its life. Raises BackupProblem."""
    try:
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (store / name).open("a")
    except OSError as problem:
        raise BackupProblem(
            f"{store} can't be written: {problem.strerror}. Name a folder that this account may"
            " write."
        ) from problem
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupProblem(f"Another backup into {store} is running.") from None
        yield


@contextmanager
def sole(store: Path) -> Iterator[None]:
    """Hold DIR: one backup is made in it at a time. What a killed one left is removed.

    Raises BackupProblem.
    """
    with held(store, ".lock"):
        for scratch in store.glob(".*.partial"):
            shutil.rmtree(scratch, ignore_errors=True)
        yield


def sync(folder: Path) -> None:
    """Return when all that was written is on the disk. Once for a backup: 60,000 files with a
    flush each took 497 s, all together 106."""
    os.sync()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
