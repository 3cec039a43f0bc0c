"""Backups of a server whose workers are killed while it pays providers, each restored.

A restored copy asks no provider for anything. Once it takes over, its unfinished steps end, and
nothing that the original asked for after the backup is paid for twice without a person's yes. By
hand, so many: `REELGRAPH_BACKUPS=200 REELGRAPH_SEED=7 pytest -n 0 -s tests/storms/test_backups.py`
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from backups.databases import PROMISES
from tests.support.fakes.makers.bill import bill_of
from tests.support.fakes.makers.media_storm import MediaStorm
from tests.support.fakes.makers.programs import ProviderPrograms
from tests.support.faults.workers import rows
from tests.support.operator_commands import manage
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.server import Site
from tests.support.waiting import wait_for

BACKUPS = int(os.environ.get("REELGRAPH_BACKUPS", "0"))
SEED = int(os.environ.get("REELGRAPH_SEED", "1"))
# In the suite.
FEW = 2
SETTINGS = "tests.support.settings.paid_media"
# Of the backups, so many are killed while they are made.
KILLED = 0.3
# How long the original goes on after the last backup, and how long the copy is watched.
AFTER_S, WATCHED_S = 3.0, 4.0

pytestmark = [
    pytest.mark.slow,
    # 200 took 605 s on SQLite; with Postgres, on a busy machine, more than an hour.
    pytest.mark.timeout(max(600, 60 * BACKUPS)),
    pytest.mark.parametrize("database", ["sqlite", "postgres"]),
]


@contextmanager
def server_of(database: str) -> Iterator[PostgresServer | None]:
    if database == "sqlite":
        yield None
        return
    with PostgresServer() as server:
        yield server


def url_of(server: PostgresServer | None, name: str) -> str:
    """Make an empty database on the server; its URL, "" for SQLite."""
    if server is None:
        return ""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.url.rpartition('/')[0]}/{name}"


@dataclass
class Backups(threading.Thread):
    """Makes one after the other; kills some. made: folders, with the runs that had ended before."""

    site: Site
    store: Path
    wanted: int
    made: dict[Path, set[str]] = field(default_factory=dict)
    killed: int = 0
    problem: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self._chance = random.Random(SEED)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            while len(self.made) < self.wanted:
                time.sleep(self._chance.uniform(0, 0.5))
                self.make(is_killed=self._chance.random() < KILLED)
        except BaseException as problem:
            self.problem = repr(problem)
            raise

    def make(self, *, is_killed: bool = False) -> None:
        ended = {row["public_id"] for row in rows(self.site, _ENDED)}
        if is_killed:
            words = [sys.executable, "manage.py", "backup", str(self.store)]
            with Program(words, self.site.env) as program:
                time.sleep(self._chance.uniform(0.3, 2))
                program.process.kill()
            self.killed += 1
            return
        manage(self.site.home, "backup", str(self.store), **self.site.env)
        newest = max(path for path in self.store.glob("2*") if path.is_dir())
        self.made[newest] = ended


_ENDED = "SELECT public_id FROM runs_run WHERE finished_at IS NOT NULL"
_FILES = "SELECT DISTINCT blob_id FROM runs_artifact WHERE blob_id IS NOT NULL"


def check_restored(site: Site, ended: set[str]) -> None:
    """What the engine promises holds, and nothing that had ended before is missing."""
    for about, sql in PROMISES.items():
        (row,) = rows(site, sql)
        assert [*row.values()] == [0], about
    assert ended <= {row["public_id"] for row in rows(site, _ENDED)}
    for row in rows(site, _FILES):
        sha256 = row["blob_id"]
        path = site.home / "media" / "blobs" / sha256[:2] / sha256[2:4] / sha256
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256


def test_each_backup_is_restored_and_the_last_takes_over(tmp_path: Path, database: str) -> None:
    store = tmp_path / "backups"
    with (
        server_of(database) as server,
        ProviderPrograms(tmp_path / "providers") as providers,
    ):
        home = tmp_path / "home"
        site = Site(home, settings=SETTINGS, env={"DATABASE_URL": server.url if server else ""})
        site.env |= providers.environment(home, "http://127.0.0.1:9")
        with site:
            storm = MediaStorm(site, providers, site.key("alice"), SEED)
            backups = Backups(site, store, BACKUPS or FEW)
            backups.start()
            while backups.is_alive():
                storm.blow(storm.kills.total() + 3, 100)
            assert not backups.problem, backups.problem
            # The last one has runs at work, which ask for more after it.
            for name in ("router", "fal", "runway"):
                providers.control(name, script={"looks": 6})
            storm.begin_of_each(3)
            backups.make()
            time.sleep(AFTER_S)
        print(f"{len(backups.made)} backups, {backups.killed} killed, {dict(storm.kills)} killed")
        for number, (folder, ended) in enumerate(backups.made.items()):
            copy = copy_of(tmp_path / f"copy-{number}", url_of(server, f"copy{number}"))
            copy.env |= providers.environment(copy.home, "http://127.0.0.1:9")
            manage(copy.home, "restore", str(folder), **copy.env)
            check_restored(copy, ended)
        check_quiet_and_taking_over(copy, providers)


def copy_of(home: Path, url: str) -> Site:
    home.mkdir()
    return Site(home, settings=SETTINGS, env={"DATABASE_URL": url})


def check_quiet_and_taking_over(copy: Site, providers: ProviderPrograms) -> None:
    def calls() -> int:
        return sum(providers.control(name)["asked"] for name in ("router", "fal", "runway"))

    for name in ("router", "fal", "runway"):
        providers.control(name, script={"looks": 1})
    before, journal = calls(), providers.entries()
    with copy:
        time.sleep(WATCHED_S)
        assert calls() == before
        assert providers.entries() == journal
        storm = MediaStorm(copy, providers, copy.key("alice"), SEED)
        assert storm.unfinished()
        copy.manage("take-over", "--yes")
        wait_for(storm.is_over, "the end of all runs", 100)
        bill = bill_of(lambda sql: rows(copy, sql), providers.entries())
        print(f"taken over: {bill}")
        # What the original made after the backup is lost to the copy, and said by its question.
        problems = {what: about for what, about in bill.problems.items() if what != "lost"}
        assert not problems, json.dumps(problems)
        assert bill.asked
