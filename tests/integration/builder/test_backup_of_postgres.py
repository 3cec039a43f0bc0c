"""A backup of Postgres is read whole before it counts as good."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.builder.test_backup_commands import manage, moment
from tests.support.postgres_server import PostgresServer

# Each command is a process of its own, for its own data folder.
pytestmark = pytest.mark.slow

# Most of the dump: its middle is rows, and not the list of what it holds.
_FILLER = "CREATE TABLE filler AS SELECT md5(i::text) FROM generate_series(1, 50000) numbers(i)"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with PostgresServer() as server:
        with psycopg.connect(server.url) as connection:
            connection.execute(_FILLER)
        yield server.url


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
    dump, manifest = backup / "database.dump", backup / "manifest.json"
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 0xFF
    dump.write_bytes(content)
    facts = json.loads(manifest.read_text())
    facts["database"]["sha256"] = hashlib.sha256(content).hexdigest()
    manifest.write_text(json.dumps(facts))
    said = manage(home, "backup", "--verify", str(backup), code=1, DATABASE_URL=url)
    assert "database.dump can't be restored: pg_restore failed" in said
    assert "can't be restored as it is" in said
