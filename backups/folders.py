"""Places of a backup's parts, and its manifest.

A backup may be from anyone: what it says is checked when it is read, and no link in it is followed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BufferedReader
from pathlib import Path, PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

FORMAT: Final = 1
SQLITE, POSTGRES = "sqlite", "postgresql"
FILES: Final = {SQLITE: "database.sqlite3", POSTGRES: "database.dump"}
REMEDY: Final = "The backup was changed or damaged: use another copy of it, or another backup."
# In bytes. A manifest names the files that a sweep took while it was written.
LONGEST_FILE: Final = 16_000_000
LONGEST_LINE: Final = 1000
# The operator's own files: these, and in any folder but the server's own what ends like them.
CONFIG_NAMES: Final = {"providers.toml", "marks/ca.pem"}
CONFIG_SUFFIXES: Final = {".cer", ".crt", ".json", ".key", ".pem", ".token", ".txt"}
SERVER_FOLDERS: Final = {"backups", "logs", "marks", "media", "run"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z(-\d+)?")
_SECRET = re.compile(rb"[!-~]{1,500}\s*")
_MEDIA_LINE = re.compile(rb"([0-9a-f]{64}) ([0-9]{1,18}) ([01])\n?")


class BackupProblem(Exception):
    """A backup can't be made, read or restored. The message is for an operator, with the remedy."""


def is_config_name(name: str) -> bool:
    """Return whether a file of this name in the data folder is the operator's own."""
    path = PurePosixPath(name)
    if str(path) != name or not name.isprintable() or any(part[0] in "./" for part in path.parts):
        return False
    folder = path.parts[0].casefold() if len(path.parts) > 1 else ""
    return (
        name in CONFIG_NAMES
        or (folder == "models.d" and len(path.parts) == 2)
        or (folder not in SERVER_FOLDERS and path.suffix.casefold() in CONFIG_SUFFIXES)
    )


def _config_name(name: str) -> str:
    if not is_config_name(name):
        raise ValueError(
            f"{ascii(name)[:200]} leads out of the data folder, or no file of an operator is"
            " called so"
        )
    return name


def _moment(text: str) -> str:
    if text:
        datetime.fromisoformat(text)
    return text


def _moment_with_zone(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("the moment has no zone")
    return text


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, lt=2**63)]


class _Part(BaseModel):
    # A newer release may write more.
    model_config = ConfigDict(extra="ignore", frozen=True)


class DatabaseFacts(_Part):
    """rows: by table. last_event_at: ISO 8601, "" without events."""

    kind: Literal["sqlite", "postgresql"]
    sha256: Sha256
    bytes: Count
    rows: dict[str, Count]
    migrations: list[str]
    last_event_at: Annotated[str, AfterValidator(_moment)] = ""


class MediaFacts(_Part):
    """Figures of the media in the database. written: bytes that were copied; is_linked: some are
    hard links.

    swept: unused files that were deleted while the backup was made.
    """

    count: Count
    bytes: Count
    written: Count
    is_linked: bool
    swept: list[Sha256] = []


class Manifest(_Part):
    """manifest.json. at: when the backup began; installation: whose it is. seconds: by part.
    is_nightly: made by the schedule, which removes it again. config: SHA-256 of the operator's own
    files by their names in the data folder; none in backups of a release before they were kept."""

    format: int
    at: Annotated[str, AfterValidator(_moment_with_zone)]
    release: Annotated[str, Field(pattern=r"^[\w.+-]{1,64}$")]
    installation: Annotated[str, Field(pattern=r"^[\w-]{1,40}$")]
    has_secret: bool
    is_nightly: bool = False
    config: dict[Annotated[str, AfterValidator(_config_name)], Sha256] = {}
    database: DatabaseFacts
    media: MediaFacts
    seconds: dict[str, float] = {}


class Check(_Part):
    """checked.json: the last look at a backup. hashed: so many of its files were read whole."""

    at: Annotated[str, AfterValidator(_moment_with_zone)]
    files: Count
    hashed: Count
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
    def secret(self) -> bytes | None:
        """The key that it holds, None for none. Raises BackupProblem."""
        if not self.manifest.has_secret:
            return None
        try:
            content = read_file(self.folder, "secret_key")
        except FileNotFoundError:
            content = b""
        if not _SECRET.fullmatch(content):
            raise BackupProblem(
                f"{self.folder / 'secret_key'} is missing, or is no line of letters. {REMEDY}"
            )
        return content

    @property
    def check(self) -> Check | None:
        """The last look at it, None for none."""
        try:
            return Check.model_validate_json(read_file(self.folder, "checked.json"))
        except (OSError, BackupProblem, ValidationError):
            return None

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.manifest.at)

    def media(self) -> Iterator[tuple[str, int, bool]]:
        """Yield the files that it holds as (SHA-256, bytes, whether nothing used it), sorted.

        Raises BackupProblem.
        """
        sha256, number = "", 0
        with self.open("media.txt") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                match = _MEDIA_LINE.fullmatch(line)
                if match is None or match[1].decode() <= sha256:
                    raise BackupProblem(
                        f"{self.folder / 'media.txt'}, line {number} isn't a SHA-256 of 64"
                        " lower-case hex digits after that of the line before, the file's bytes,"
                        f" and 0 or 1. {REMEDY}"
                    )
                sha256 = match[1].decode()
                yield sha256, int(match[2]), match[3] == b"1"
        if number != self.manifest.media.count:
            raise BackupProblem(
                f"{self.folder / 'media.txt'} ends after line {number}, and the manifest counts"
                f" {self.manifest.media.count}. {REMEDY}"
            )

    def open(self, name: str) -> BufferedReader:
        """Open one of its parts for reading. Raises BackupProblem."""
        try:
            return open_file(self.folder, name)
        except FileNotFoundError:
            raise BackupProblem(f"{self.folder / name} is missing. {REMEDY}") from None


def path_in(pool: Path, sha256: str) -> Path:
    return pool / sha256[:2] / sha256[2:4] / sha256


def open_file(root: Path, name: str) -> BufferedReader:
    """Open a file below a folder for reading. No link on the way is followed.

    Raises FileNotFoundError, NotADirectoryError where there is no such folder, and BackupProblem
    where something else is in its place.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in PurePosixPath(name).parts:
            # A pipe must not keep us waiting.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            inner = os.open(part, flags, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = inner
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is no file")
    except OSError as problem:
        os.close(descriptor)
        if isinstance(problem, FileNotFoundError):
            raise
        raise BackupProblem(
            f"{root / name} can't be read: {problem.strerror}. A backup holds files and folders,"
            " no links or devices, and this account must be allowed to read them."
        ) from problem
    return os.fdopen(descriptor, "rb")


def read_file(root: Path, name: str) -> bytes:
    """Return the content of a file that `open_file` opens, of LONGEST_FILE at most."""
    with open_file(root, name) as file:
        content = file.read(LONGEST_FILE + 1)
    if len(content) > LONGEST_FILE:
        raise BackupProblem(f"{root / name} has more than {LONGEST_FILE / 1e6:.0f} MB. {REMEDY}")
    return content


def holds(root: Path, name: str, sha256: str) -> bool:
    """Return whether a file below a folder is there and has this SHA-256."""
    try:
        with open_file(root, name) as file:
            return digest_of(file) == sha256
    except (OSError, BackupProblem):
        return False


def digest_of(file: BufferedReader) -> str:
    """Return the SHA-256 of what is left to read of a file."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def write_private(target: Path, content: bytes) -> None:
    """Write a file that this account alone reads; whole, or not at all."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = target.with_name(f"{target.name}.new")
    scratch.touch(mode=0o600)
    scratch.write_bytes(content)
    scratch.replace(target)


def read(folder: Path) -> Backup:
    """Return the backup in a folder. Raises BackupProblem."""
    try:
        text = read_file(folder, "manifest.json")
    except OSError:
        raise BackupProblem(
            f"{folder} is no backup: manifest.json is missing. Name the folder of one moment;"
            " backup --list shows them."
        ) from None
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as problem:
        reason = _reason(problem, text)
        raise BackupProblem(
            f"{folder / 'manifest.json'} can't be read: {reason}. {REMEDY}"
        ) from problem
    if manifest.format != FORMAT:
        raise BackupProblem(
            f"{folder} has format {manifest.format}, and this release reads {FORMAT}. Use the"
            f" release that made it, {manifest.release}, or a later one."
        )
    return Backup(folder, manifest)


def _reason(problem: ValidationError, text: bytes) -> str:
    """Describe the first fault of a manifest, with its line. Text of the manifest is escaped."""
    fault = problem.errors(include_url=False, include_input=False)[0]
    if fault["type"] == "json_invalid":
        return fault["msg"]
    position = 0
    for part in fault["loc"][:-1] if fault["type"] == "missing" else fault["loc"]:
        position = max(position, text.find(f'"{part}"'.encode(errors="replace"), position))
    field = ascii(".".join(map(str, fault["loc"])))[1:-1][:100]
    line = text.count(b"\n", 0, position) + 1
    return f"line {line}, {field}: {fault['msg']}"


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
