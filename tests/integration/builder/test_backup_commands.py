"""`backup`, `restore` and what they refuse, by the commands as an operator types them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.operator_commands import environment, manage
from tests.support.program import Program
from tests.support.template_database import DATABASE, bring_tables

pytestmark = pytest.mark.slow


def value(home: Path, sql: str) -> object:
    with closing(sqlite3.connect(home / DATABASE)) as file:
        return file.execute(sql).fetchone()[0]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server with a person and a file."""
    home = tmp_path_factory.mktemp("original")
    bring_tables(home, {})
    manage(home, "prepare")
    manage(home, "key", "--new", "--user", "alice")
    return home


@pytest.fixture(scope="module")
def store(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "store"
    assert "Opened and checked." in manage(original, "backup", str(folder))
    return folder


def moment(store: Path) -> Path:
    return max(path for path in store.glob("2*"))


def test_restored_copy_is_quiet_until_it_takes_over(
    original: Path, store: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    said = manage(copy, "restore", str(moment(store)))
    assert "0 runs, " in said
    assert f"Start it: REELGRAPH_HOME={copy} make run\n" in said
    assert f"REELGRAPH_HOME={copy} manage.py take-over" in said
    assert "It is a quiet copy" in said
    assert (copy / "secret_key").read_text() == (original / "secret_key").read_text()
    people = "SELECT count(*) FROM accounts_user WHERE username = 'alice'"
    assert value(copy, people) == 1
    own, others = (value(home, "SELECT id FROM core_installation") for home in (copy, original))
    assert own != others
    assert value(copy, "SELECT restored_from FROM core_installation") == others
    assert (copy / "media/reelgraph-media").read_text().strip() == own
    # It belongs to another server now.
    assert "another server" in manage(copy, "backup", str(store), code=1)
    assert "isn't empty" in manage(copy, "restore", str(moment(store)), code=1)
    assert "This is the server now" in manage(copy, "take-over", "--yes")
    assert value(copy, "SELECT quiet_since IS NULL FROM core_installation") == 1
    assert "nothing to take over" in manage(copy, "take-over", "--yes")


def test_who_left_since_the_backup_is_deleted_from_what_is_restored(
    store: Path, original: Path, tmp_path: Path
) -> None:
    alice = value(original, "SELECT public_id FROM accounts_user WHERE username = 'alice'")
    lines = [
        {"person": alice, "at": "2999-01-01T00:00:00+00:00"},
        {"person": "usr_left_before", "at": "2001-01-01T00:00:00+00:00"},
    ]
    (store / "deletions.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    copy = tmp_path / "copy"
    manage(copy, "restore", str(moment(store)))
    (store / "deletions.jsonl").unlink()
    manage(copy, "prepare")
    for _ in range(2):
        name = value(copy, f"SELECT username FROM accounts_user WHERE public_id = '{alice}'")
        assert name == f"deleted-{alice}"
        manage(copy, "prepare")
    assert not (copy / "deletions.jsonl").exists()
    assert value(copy, "SELECT count(*) FROM accounts_accountdeletion") == 1


def test_second_backup_adds_only_what_is_new(original: Path, store: Path) -> None:
    files = sorted(path for path in (store / "blobs").rglob("*") if path.is_file())
    said = manage(original, "backup", str(store), "--copy", "--without-secret")
    # As they were after the first one.
    assert "The media are links on the same disk" in said
    assert sorted(path for path in (store / "blobs").rglob("*") if path.is_file()) == files
    newest = moment(store)
    assert not (newest / "secret_key").exists()
    assert json.loads((newest / "manifest.json").read_text())["media"]["written"] == 0
    assert manage(original, "backup", "--list", str(store)).count("release 1.") == 2
    assert "Whole" in manage(original, "backup", "--verify", "--hash", str(newest))
    assert stat_mode(newest) == 0o700
    shutil.rmtree(newest)


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_damage_is_named_and_nothing_is_restored(store: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "store"
    shutil.copytree(store, damaged)
    backup = moment(damaged)
    sha256 = (backup / "media.txt").read_text().split()[0]
    blob = damaged / "blobs" / sha256[:2] / sha256[2:4] / sha256
    blob.chmod(0o600)
    blob.write_bytes(b"x" * blob.stat().st_size)
    copy = tmp_path / "copy"
    assert f"{sha256} is damaged" in manage(copy, "restore", str(backup), code=1)
    assert not (copy / DATABASE).exists()
    assert not (copy / "media/blobs").exists()
    # A server doesn't start beside what a killed restore has left; the same restore goes on.
    (copy / "restore-unfinished").write_text(f"{moment(store)}\n")
    path = copy / "media/blobs" / blob.relative_to(damaged / "blobs")
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    with Program([sys.executable, "manage.py", "serve"], environment(copy)) as serving:
        assert serving.wait() == 1
    assert "restore into" in serving.text()
    assert "damaged" in manage(copy, "restore", str(backup), code=1)
    assert (copy / "restore-unfinished").exists()
    assert "Restored" in manage(copy, "restore", str(moment(store)))
    assert path.read_bytes() != b"half"


def test_no_backup(tmp_path: Path, original: Path) -> None:
    assert "is no backup" in manage(original, "backup", "--verify", str(tmp_path), code=1)
    assert "holds no backup" in manage(original, "backup", "--list", str(tmp_path))


def test_database_is_kept_before_a_release_changes_it(original: Path, tmp_path: Path) -> None:
    home = tmp_path / "older"
    shutil.copytree(original / "media", home / "media")
    shutil.copyfile(original / DATABASE, home / DATABASE)
    with closing(sqlite3.connect(home / DATABASE)) as file:
        file.execute("DELETE FROM django_migrations WHERE name = '0004_backup_attempts'")
        file.execute("DROP TABLE core_backupattempt")
        file.commit()
    # A database that exists isn't prepared early: before an update it is copied.
    manage(home, "prepare", "--new")
    code = "from backups import making; print(making.keep_database())"
    kept = Path(manage(home, "shell", "-v", "0", "-c", code).strip().splitlines()[-1])
    assert kept.parent.parent == home / "backups"
    with closing(sqlite3.connect(kept)) as copy:
        names = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
    assert "core_installation" in names
    assert "core_backupattempt" not in names
    manage(home, "prepare")
    assert manage(home, "shell", "-v", "0", "-c", code).strip().splitlines()[-1] == "None"


def test_compact_gives_the_room_of_deleted_rows_back(original: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(original, home)
    with closing(sqlite3.connect(home / DATABASE)) as file:
        file.execute("CREATE TABLE filler (data BLOB)")
        file.executemany("INSERT INTO filler VALUES (randomblob(1000))", [()] * 2000)
        file.commit()
        file.execute("DROP TABLE filler")
        file.commit()
    people = value(home, "SELECT count(*) FROM accounts_user")
    big = (home / DATABASE).stat().st_size
    said = manage(home, "compact")
    small = (home / DATABASE).stat().st_size
    assert small < big - 1_500_000
    assert f"{big / 1e6:.1f} MB before, {small / 1e6:.1f} MB now" in said
    assert value(home, "SELECT count(*) FROM accounts_user") == people
    assert value(home, "PRAGMA quick_check") == "ok"
    assert not list(home.glob("*.compact"))


def test_compact_leaves_a_file_that_is_in_use(original: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    shutil.copytree(original, home)
    before = (home / DATABASE).read_bytes()
    with closing(sqlite3.connect(home / DATABASE, isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("BEGIN")
        file.execute("SELECT count(*) FROM accounts_user").fetchall()
        with closing(sqlite3.connect(home / DATABASE)) as other:
            other.execute("UPDATE accounts_user SET first_name = 'A'")
            other.commit()
        assert "in use" in manage(home, "compact", code=1)
    assert len(before) <= (home / DATABASE).stat().st_size
    assert not (home / f"{DATABASE}.compact").exists()
