"""A backup of Postgres is read whole before it counts as good."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backups.postgres_dump import PROGRAMS
from tests.integration.builder.test_backup_commands import moment
from tests.support.operator_commands import environment, manage
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres_server import PostgresServer, programs
from tests.support.program import Program
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow

# Most of the dump: its middle is rows, and not the list of what it holds.
_FILLER = "CREATE TABLE filler AS SELECT md5(i::text) FROM generate_series(1, 300000) numbers(i)"


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute(_FILLER)
        yield server


@pytest.fixture(scope="module")
def url(server: PostgresServer) -> str:
    return server.url


@pytest.fixture(scope="module")
def home(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    manage(folder, "prepare", DATABASE_URL=url)
    return folder


def test_damage_in_the_middle_of_a_dump_is_seen(home: Path, url: str, tmp_path: Path) -> None:
    manage(home, "backup", str(tmp_path / "store"), DATABASE_URL=url)
    backup = moment(tmp_path / "store")
    assert "Whole" in manage(home, "backup", "--verify", str(backup), DATABASE_URL=url)
    # As a disk or a program may leave it that damaged the rows before they were hashed.
    content = bytearray((backup / "database.dump").read_bytes())
    content[len(content) // 2] ^= 0xFF
    put_dump(backup, bytes(content))
    said = manage(home, "backup", "--verify", str(backup), code=1, DATABASE_URL=url)
    assert "database.dump can't be restored: pg_restore failed" in said
    assert "can't be restored as it is" in said
    copy = empty(url, "damaged")
    said = manage(tmp_path / "copy", "restore", str(backup), code=1, DATABASE_URL=copy)
    assert "pg_restore failed" in said
    assert tables(copy) == 0


def test_a_dump_from_elsewhere_is_refused_and_leaves_nothing(
    home: Path, url: str, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    manage(home, "backup", str(store), DATABASE_URL=url)
    backup, copy, database = moment(store), tmp_path / "copy", empty(url, "elsewhere")
    good = (backup / "database.dump").read_bytes()
    with psycopg.connect(url) as connection:
        # A copy would make another row for itself, which isn't quiet.
        connection.execute("DELETE FROM core_installation")
        connection.commit()
        parts = ["pg_dump", "--format=custom", "--no-owner", f"--dbname={url}"]
        without_row = subprocess.run(parts, capture_output=True, check=True).stdout
    manage(home, "prepare", DATABASE_URL=url)
    for content, words in ((b"text", "pg_restore failed"), (without_row, "must have one row")):
        put_dump(backup, content)
        output = manage(copy, "restore", str(backup), code=1, DATABASE_URL=database)
        assert words in output
        assert "Traceback" not in output
        assert tables(database) == 0
        assert not list((copy / "media").rglob("*"))
        assert not (copy / "restore-unfinished").exists()
    put_dump(backup, good)
    assert "Restored" in manage(copy, "restore", str(backup), DATABASE_URL=database)


def test_a_database_that_is_away_is_one_sentence(home: Path, url: str, tmp_path: Path) -> None:
    words = ("backup", str(tmp_path / "store"))
    away = {"DATABASE_URL": f"{url}_not"}
    said = manage(home, *words, code=1, **away)
    assert 'database "postgres_not" does not exist. Start it, correct DATABASE_URL' in said
    assert "Traceback" not in said
    with PostgresServer(has_tables=False) as server, PgBouncer(server) as pooler:
        said = manage(home, *words, code=1, DATABASE_URL=pooler.url)
    assert said.startswith("DATABASE_URL names a pooler. Set REELGRAPH_DIRECT_DATABASE_URL")


def test_no_backup_is_made_through_a_pooler(
    home: Path, url: str, server: PostgresServer, tmp_path: Path
) -> None:
    """Also through one that lets in who asks for a session of its own, and gives none."""
    store = tmp_path / "store"
    words = ("backup", str(store))
    direct = "REELGRAPH_DIRECT_DATABASE_URL"
    with PgBouncer(server, takes_options=True) as pooler:
        pooled = {"DATABASE_URL": pooler.url}
        said = manage(home, *words, code=1, **pooled)
        assert f"DATABASE_URL names a pooler. Set {direct} to the Postgres server's own" in said
        said = manage(home, *words, code=1, **pooled, **{direct: pooler.url})
        assert f"{direct} names a pooler. Set it to the Postgres server's own address" in said
        assert not store.exists()
        manage(home, *words, **pooled, **{direct: url})
    assert moment(store).is_dir()


def test_a_restore_that_was_killed_leaves_nothing_and_is_repeated(
    home: Path, url: str, tmp_path: Path
) -> None:
    manage(home, "backup", str(tmp_path / "store"), DATABASE_URL=url)
    words = ("restore", str(moment(tmp_path / "store")))
    copy = empty(url, "killed")
    env = environment(tmp_path / "copy", DATABASE_URL=copy)
    with (
        psycopg.connect(url, autocommit=True) as watching,
        Program([sys.executable, "manage.py", *words], env) as restoring,
    ):

        def is_at(query: str) -> bool:
            return watching.execute(_SESSIONS, ["killed", query]).fetchone() != (0,)

        wait_for(lambda: is_at("COPY%filler%"), "its rows", 60)
        restoring.process.kill()
        wait_for(lambda: not is_at("%"), "the end of its session", 60)
    assert tables(copy) == 0
    assert "Restored" in manage(tmp_path / "copy", *words, DATABASE_URL=copy)


# Programs of a release to come, made of those that are here.
_NEWER = """#!/bin/bash
set -o pipefail
[[ $1 == --version ]] && echo "{name} (PostgreSQL) {version}.1" && exit
{real} "$@" | /bin/sed '/^SET lock_timeout = /a SET setting_of_99 = 0;'
"""
# Of a release that can't read what the newer one wrote.
_OLDER = """#!/bin/bash
[[ $1 == --version ]] && echo "{name} (PostgreSQL) {version}.1" && exit
echo "{name}: error: unsupported version (1.99) in file header" >&2
exit 1
"""
# In one process: what is installed is replaced.
_WITH_PROGRAMS = """
import os, pathlib
from backups import postgres_dump
from tests.support.operator_commands import AS_TYPED
postgres_dump.VERSIONS = pathlib.Path({folder!r})
os.environ["PATH"] = {path!r}
exec(AS_TYPED.format(words={words!r}))
"""


def install(folder: Path, version: int, script: str = "") -> None:
    """Have client programs of a version; without a script those that are here."""
    real = programs()
    target = folder / str(version) / "bin"
    target.mkdir(parents=True)
    for name in PROGRAMS:
        if not script:
            (target / name).symlink_to(real / name)
            continue
        text = script.format(name=name, version=version, real=real / name)
        (target / name).write_text(text)
        (target / name).chmod(0o755)


def manage_with(
    folder: Path, home: Path, *words: str, url: str, path: str = "", code: int = 0
) -> str:
    """Carry out a command on a machine with the client programs of a folder alone."""
    text = _WITH_PROGRAMS.format(folder=str(folder), path=path, words=words)
    env = {"DATABASE_URL": url}
    return manage(home, "shell", "-v", "0", "-c", text, code=code, **env)


@pytest.fixture
def version(url: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.info.server_version // 10_000


def test_newer_programs_than_the_server_leave_its_unknown_settings_out(
    home: Path, url: str, version: int, tmp_path: Path
) -> None:
    newer, store = tmp_path / "newer", tmp_path / "store"
    install(newer, 99, _NEWER)
    row = "SET setting_of_99 = 0;"
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE words AS SELECT %s::text AS word", [row])
    manage_with(newer, home, "backup", str(store), url=url)
    output = manage_with(newer, home, "backup", "--verify", str(moment(store)), url=url)
    assert f"It can be restored on Postgres {version} and later." in output
    copy = empty(url, "newer")
    words = ("restore", str(moment(store)))
    assert "Restored" in manage_with(newer, tmp_path / "copy", *words, url=copy)
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT word FROM words").fetchall() == [(row,)]
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE words")


def test_programs_of_the_servers_own_version_come_first(
    home: Path, url: str, version: int, tmp_path: Path
) -> None:
    installed, store = tmp_path / "installed", tmp_path / "store"
    install(installed, version)
    for other in (version - 1, version + 1, 99):
        install(installed, other, _OLDER)
    manage_with(installed, home, "backup", str(store), url=url)
    words = ("restore", str(moment(store)))
    copy = empty(url, "own")
    assert "Restored" in manage_with(installed, tmp_path / "copy", *words, url=copy)


def test_a_dump_that_they_cannot_read_is_read_by_newer_ones(
    home: Path, url: str, version: int, tmp_path: Path
) -> None:
    installed, store = tmp_path / "installed", tmp_path / "store"
    install(installed, version, _OLDER)
    install(installed, 99, _NEWER)
    manage(home, "backup", str(store), DATABASE_URL=url)
    words = ("backup", "--verify", str(moment(store)))
    assert "Whole" in manage_with(installed, home, *words, url=url)
    words = ("restore", str(moment(store)))
    copy = empty(url, "readable")
    older = tmp_path / "older"
    install(older, version, _OLDER)
    output = manage_with(older, tmp_path / "copy", *words, url=copy, code=1)
    assert "unsupported version (1.99) in file header. If newer client programs made" in output
    assert "Restored" in manage_with(installed, tmp_path / "copy", *words, url=copy)


def test_programs_that_are_too_old_or_missing_are_named(
    home: Path, url: str, version: int, tmp_path: Path
) -> None:
    installed, words = tmp_path / "installed", ("backup", str(tmp_path / "store"))
    output = manage_with(installed, home, *words, url=url, code=1)
    assert "pg_dump, pg_restore, psql aren't installed here" in output
    install(tmp_path / "path", 12, _OLDER)
    path = str(tmp_path / "path/12/bin")
    output = manage_with(installed, home, *words, url=url, path=path, code=1)
    assert f"pg_dump 12 can't read Postgres {version}" in output
    assert f"postgresql-client-{version}" in output


_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND query LIKE %s"


def put_dump(backup: Path, content: bytes) -> None:
    """Replace the dump of a backup; the manifest has its right hash."""
    manifest = backup / "manifest.json"
    (backup / "database.dump").write_bytes(content)
    facts = json.loads(manifest.read_text())
    facts["database"]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest.write_text(json.dumps(facts))


def empty(url: str, name: str) -> str:
    """Make an empty database on the server; return its URL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{url.rpartition('/')[0]}/{name}"


def tables(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        return int(next(row)[0])
