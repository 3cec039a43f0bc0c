"""A backup that someone else made or changed is refused in a sentence, and harms nothing."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.builder.test_backup_commands import moment
from tests.support.operator_commands import manage
from tests.support.template_database import DATABASE, bring_tables

pytestmark = pytest.mark.slow

# In one process: each starts for seconds. It writes a line of JSON for each try: the name of the
# case, the command, what was said, and whether the data folder or the folder outside has changed.
TRY_EACH: Final = """
import json, os, pathlib
from django.conf import settings
from django.core.management import CommandError, call_command

home = pathlib.Path(settings.HOME)
outside = home.parent / "outside"
own = (settings.RUN_DIR, settings.LOG_DIR)

def contents(name):
    paths = [*sorted(home.rglob("*")), *sorted((outside / name).rglob("*"))]
    return [
        (str(path), path.lstat().st_mode, path.is_file() and path.read_bytes())
        for path in paths if not any(path.is_relative_to(one) for one in own)
    ]

def try_it(name, command, *words):
    before, message = contents(name), ""
    try:
        call_command(command, *words, stdout=open(os.devnull, "w"))
    except CommandError as problem:
        message = str(problem)
    except Exception as problem:
        message = f"TRACEBACK {problem!r}"
    print(json.dumps([name, command, message, contents(name) != before]))

for folder in sorted((home.parent / "cases").iterdir()):
    backup, is_file = str(next(folder.glob("2*"))), folder.name.startswith("file")
    try_it(folder.name, "backup", backup, "--verify", *["--hash"] * is_file)
    try_it(folder.name, "restore", backup)
    if is_file:
        try_it(folder.name, "restore", backup, "--copy")
try_it("good", "restore", str((home.parent / "good").resolve()))
"""


def write(path: Path, content: bytes | str) -> None:
    """Replace a file. It may be a link to that of the good backup."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def move_out(path: Path) -> Path:
    """Move a file or folder to where only a link leads, and put the link in its place."""
    target = outside_of(path) / path.name
    path.rename(target)
    path.symlink_to(target)
    return target


def outside_of(path: Path) -> Path:
    (store,) = (one for one in path.parents if one.parent.name == "cases")
    folder = store.parent.parent / "outside" / store.name
    folder.mkdir(exist_ok=True)
    return folder


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def blob(backup: Path) -> Path:
    sha256 = (backup / "media.txt").read_text().split()[0]
    return backup.parent / "blobs" / sha256[:2] / sha256[2:4] / sha256


def manifest(**fields: Any) -> Callable[[Path], None]:
    """Change fields of the manifest; `database__kind` is one of a part."""

    def change(backup: Path) -> None:
        path = backup / "manifest.json"
        document = json.loads(path.read_text())
        for name, new in fields.items():
            *parts, last = name.split("__")
            place = document[parts[0]] if parts else document
            place[last] = new
            if new is GONE:
                del place[last]
        write(path, json.dumps(document, indent=1))

    return change


GONE: Final = object()


def config(name: str, text: str = "{}") -> Callable[[Path], None]:
    """Add a file of the operator's, with its right hash."""

    def change(backup: Path) -> None:
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        manifest(config={name: sha256})(backup)
        path = os.path.normpath(f"{backup}/config/{name}")
        if "\0" not in name and path.startswith(f"{backup}/config/"):
            write(Path(path), text)

    return change


def media_line(number: int, text: str | bytes) -> Callable[[Path], None]:
    """Put another line, without its end, into the place of one of the list of media."""

    def change(backup: Path) -> None:
        lines = (backup / "media.txt").read_bytes().splitlines()
        lines[number - 1] = text.encode() if isinstance(text, str) else text
        write(backup / "media.txt", b"\n".join([*lines, b""]))

    return change


def database(*statements: str) -> Callable[[Path], None]:
    """Change the database; the manifest has its right hash."""

    def change(backup: Path) -> None:
        path = backup / "database.sqlite3"
        write(path, path.read_bytes())
        with closing(sqlite3.connect(path)) as file:
            for statement in statements:
                file.execute(statement)
            file.commit()
        manifest(database__sha256=hashlib.sha256(path.read_bytes()).hexdigest())(backup)

    return change


def bytes_of_database(change_bytes: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def change(backup: Path) -> None:
        path = backup / "database.sqlite3"
        content = change_bytes(path.read_bytes())
        write(path, content)
        manifest(database__sha256=hashlib.sha256(content).hexdigest())(backup)

    return change


def linked_config(backup: Path) -> None:
    config("keys/x.key", "secret of another")(backup)
    move_out(backup / "config/keys/x.key")


def linked_config_folder(backup: Path) -> None:
    config("keys/x.key", "secret of another")(backup)
    move_out(backup / "config/keys")


HASH: Final = "0" * 64
LINE: Final = "media.txt, line 2 isn't a SHA-256"
NAME: Final = "leads out of the data folder, or no file of an operator is called so"
NO_LINK: Final = "A backup holds files and folders, no links or devices"
TRIGGER: Final = """
    CREATE TRIGGER loud AFTER UPDATE ON core_installation
    BEGIN UPDATE core_installation SET quiet_since = NULL; END
"""
# Each: a change to a good backup, and words of the sentence that refuses it.
CASES: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "list: a path": (media_line(2, "../../../../etc/passwd 5 0"), LINE),
    "list: not sorted": (media_line(2, f"{HASH} 5 0"), LINE),
    "list: another file": (media_line(1, f"{HASH} 5 0"), "other files than media.txt"),
    "list: empty": (lambda one: write(one / "media.txt", ""), "media.txt ends after line 0"),
    "list: gone": (lambda one: (one / "media.txt").unlink(), "media.txt is missing"),
    "list: a link": (lambda one: move_out(one / "media.txt"), NO_LINK),
    "list: a pipe": (lambda one: pipe(one / "media.txt"), NO_LINK),
    "manifest: no JSON": (
        lambda one: write(one / "manifest.json", '{\n "format": 1,\n "at": \n}'),
        "manifest.json can't be read: Invalid JSON: expected value at line 4",
    ),
    "manifest: a list": (lambda one: write(one / "manifest.json", "[]"), "can't be read: line 1"),
    "manifest: long": (lambda one: write(one / "manifest.json", " " * 16_000_001), "has more than"),
    "manifest: a link": (lambda one: move_out(one / "manifest.json"), NO_LINK),
    "manifest: no media": (manifest(media=GONE), "line 1, media: Field required"),
    "manifest: its line": (manifest(format="x"), "line 2, format: Input should be a valid int"),
    "manifest: huge": (manifest(database__bytes=10**400), "database.bytes: Input should be"),
    "manifest: no zone": (manifest(at="2026-11-25T02:00:00"), "at: Value error"),
    "manifest: no last moment": (manifest(database__last_event_at="'; DROP"), "last_event_at"),
    "manifest: another format": (manifest(format=2), "has format 2"),
    "manifest: a later release": (
        manifest(database__migrations=["core.9999_later"]),
        "a newer release",
    ),
    "manifest: Postgres": (manifest(database__kind="postgresql"), "This backup is of Postgres"),
    "manifest: another hash": (manifest(database__sha256=HASH), "its hash isn't the manifest's"),
    "manifest: a quote": (manifest(installation="ins_'; DROP TABLE x"), "installation: String"),
    "manifest: an escape": (manifest(release="1.0\x1b[31m"), "release: String should match"),
    "manifest: a path as hash": (manifest(media__swept=["../x"]), "media.swept.0: String"),
    "manifest: a hash and an end": (manifest(media__swept=[f"{HASH}\n"]), "media.swept.0"),
    "config: above": (config("../outside.json"), NAME),
    "config: a detour": (config("keys/./x.key"), NAME),
    "config: an escape": (config("keys/\x1b[31m.key"), NAME),
    "config: the secret": (config("secret_key"), NAME),
    "config: in capitals": (config("MEDIA/x.json"), NAME),
    "config: deep": (config("models.d/x/y.toml"), NAME),
    "config: no hash": (manifest(config={"keys/x.key": "../x"}), "config.keys/x.key: String"),
    "config: missing": (manifest(config={"keys/x.key": HASH}), "keys/x.key is missing or damaged"),
    "config: a link": (linked_config, "config/keys/x.key is missing or damaged"),
    "config: a linked folder": (linked_config_folder, "config/keys/x.key is missing or damaged"),
    "file: other bytes": (
        lambda one: write(blob(one), b"x" * blob(one).stat().st_size),
        "is damaged: its bytes aren't what its name says",
    ),
    # What is read-only would be linked.
    "file: other bytes, read-only": (
        lambda one: (write(blob(one), b"x" * blob(one).stat().st_size), blob(one).chmod(0o444)),
        "is damaged: its bytes aren't what its name says",
    ),
    "file: gone": (lambda one: blob(one).unlink(), "is missing. backup --verify lists"),
    "file: a link": (lambda one: move_out(blob(one)), NO_LINK),
    "file: a linked folder": (lambda one: move_out(blob(one).parent), NO_LINK),
    "file: a linked pool": (lambda one: move_out(one.parent / "blobs"), NO_LINK),
    "secret: gone": (lambda one: (one / "secret_key").unlink(), "is missing, or is no line"),
    "secret: binary": (lambda one: write(one / "secret_key", b"\xff\0"), "is no line of letters"),
    "secret: a link": (lambda one: move_out(one / "secret_key"), NO_LINK),
    "database: a link": (lambda one: move_out(one / "database.sqlite3"), NO_LINK),
    "database: text": (bytes_of_database(lambda _: b"text" * 999), "file is not a database"),
    "database: cut off": (bytes_of_database(lambda all: all[:500_000]), "database.sqlite3"),
    "database: empty": (bytes_of_database(lambda _: b""), "no such table"),
    "database: no row": (
        database("DELETE FROM core_installation"),
        "other than one row in core_installation",
    ),
    "database: a trigger": (database(TRIGGER), "a trigger that may change core_installation"),
    "database: a path": (
        database("UPDATE media_blob SET sha256 = '../../x' WHERE rowid = 1"),
        "other files than media.txt",
    ),
    "who left: no zone": (
        lambda one: write(
            one.parent / "deletions.jsonl", '{"person": "usr_x", "at": "2999-01-01T00:00:00"}\n'
        ),
        "deletions.jsonl, line 1",
    ),
    "who left: text": (lambda one: write(one.parent / "deletions.jsonl", "\nx\n"), "line 2"),
    "who left: a link": (
        lambda one: (
            write(one.parent / "deletions.jsonl", ""),
            move_out(one.parent / "deletions.jsonl"),
        ),
        NO_LINK,
    ),
}
# `backup --verify` looks at the backup, not at the folder that it lies in, nor at how a copy of it
# would start.
NOT_OF_VERIFY: Final = {
    *(name for name in CASES if name.startswith("who left")),
    "list: another file",
    "manifest: a later release",
    "database: no row",
    "database: a trigger",
    "database: a path",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("original")
    bring_tables(home, {})
    manage(home, "prepare")
    folder = tmp_path_factory.mktemp("backups") / "store"
    manage(home, "backup", str(folder), "--copy")
    return folder


def test_each_hostile_change_is_refused_and_the_good_backup_is_restored(
    store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    (tmp_path / "outside").mkdir()
    for name, (change, _) in CASES.items():
        case = tmp_path / "cases" / name
        shutil.copytree(store, case, copy_function=os.link)
        change(moment(case))
        # A check of the backup must not write through this link either.
        (outside_of(case / "x") / "note").write_text("of another")
        (moment(case) / "checked.new").symlink_to(outside_of(case / "x") / "note")
    (tmp_path / "good").symlink_to(moment(store))
    said = manage(copy, "shell", "-v", "0", "-c", TRY_EACH)
    tries = [json.loads(line) for line in said.splitlines() if line.startswith("[")]
    assert {name for name, *_ in tries} == {*CASES, "good"}
    faults = []
    for name, command, text, is_changed in tries[:-1]:
        if is_changed or "TRACEBACK" in text or "\n" in text or len(text) > 800:
            faults.append((name, command, text[:300], is_changed))
        elif command == "restore" and CASES[name][1] not in text:
            faults.append((name, command, text[:300], CASES[name][1]))
        elif command == "backup" and not text and name not in NOT_OF_VERIFY:
            faults.append((name, command, text, "was taken"))
    assert not faults, "\n".join(map(str, faults))
    assert tries[-1] == ["good", "restore", "", True]
    check_whole(copy, store)


def check_whole(copy: Path, store: Path) -> None:
    """Everything of the backup is in the data folder."""
    names = {path.name for path in (store / "blobs").rglob("*") if path.is_file()}
    assert names == {p.name for p in (copy / "media/blobs").rglob("*") if p.is_file()}
    assert (copy / "secret_key").read_text() == (moment(store) / "secret_key").read_text()
    assert not (copy / "restore-unfinished").exists()
    with closing(sqlite3.connect(copy / DATABASE)) as file:
        (is_quiet,) = file.execute("SELECT quiet_since IS NOT NULL FROM core_installation")
    assert is_quiet == (1,)


def test_only_read_only_files_are_linked(store: Path, tmp_path: Path) -> None:
    case = tmp_path / "store"
    shutil.copytree(store, case)
    open_file = blob(moment(case))
    open_file.chmod(0o644)
    copy = tmp_path / "copy"
    manage(copy, "restore", str(moment(case)))
    check_whole(copy, store)
    for path in (copy / "media/blobs").rglob("*"):
        if path.is_file():
            assert path.stat().st_mode & 0o777 == 0o444
            assert path.stat().st_nlink == (1 if path.name == open_file.name else 2)
