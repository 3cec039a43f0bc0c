"""What a server has used so far: CPU time, ours and that of Postgres, statements and flushes."""

from __future__ import annotations

import sqlite3
import struct
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from tests.bench.ground import HOME_PREFIX, Ground, NotHere, cpu_s
from tests.support.faults.powercuts import compiled
from tests.support.faults.workers import on_postgres
from tests.support.server import Site

COUNTED = "tests.bench.counted"
# A server for people, that counts statements. Not for CPU time: counting takes some.
COUNTING = (
    "max_connections=200",
    "shared_preload_libraries=pg_stat_statements",
    "pg_stat_statements.track_utility=on",
)


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of CPU time, user and system, by who used them; statements and flushes.

    server: the database, or what keeps the work of a peer.
    """

    web: float = 0.0
    workers: float = 0.0
    server: float = 0.0
    statements: int = 0
    flushes: int = 0

    @property
    def cpu_s(self) -> float:
        """Measure the processes that do the work, not the web process."""
        return self.workers + self.server

    def __sub__(self, before: Used) -> Used:
        return Used(*(getattr(self, one.name) - getattr(before, one.name) for one in fields(self)))

    def __add__(self, more: Used) -> Used:
        return Used(*(getattr(self, one.name) + getattr(more, one.name) for one in fields(self)))


class Meter:
    """Reads what one site has used.

    flushes: the log that a preloaded library writes, where flushes and statements are counted.
    """

    def __init__(self, site: Site, flushes: Path | None = None) -> None:
        self.site = site
        self._flushes = flushes
        self._postgres: psutil.Process | None = None
        if on_postgres(site):
            # One connection, kept: a new one for each look would be work of Postgres, too.
            self._database = psycopg.connect(site.env["DATABASE_URL"], autocommit=True)
            self._postgres = psutil.Process(self._database.info.backend_pid).parent()
            if flushes is not None:
                self._database.execute("CREATE EXTENSION pg_stat_statements")

    def read(self) -> Used:
        """What has been used since the server was started."""
        counts = self._flushes is not None
        return Used(
            web=cpu_s(self.site.webs()),
            workers=cpu_s(self.site.workers()),
            server=family_cpu_s(self._postgres) if self._postgres else 0.0,
            statements=self._statements() if counts else 0,
            flushes=flushes_of(self._flushes) if self._flushes is not None else 0,
        )

    def is_idle(self) -> bool:
        """Whether every run is over."""
        sql = "SELECT COUNT(*) FROM runs_run WHERE finished_at IS NULL"
        return self.value(sql) == 0

    def value(self, sql: str) -> float:
        """The one number that a statement selects."""
        return float(self._selected(sql) or 0)

    def text(self, sql: str) -> str:
        """The one text that a statement selects."""
        return str(self._selected(sql))

    def _selected(self, sql: str) -> Any:
        if self._postgres is not None:
            row = self._database.execute(sql).fetchone()
            assert row is not None
            return row[0]
        path = f"file:{self.site.home}/reelgraph.sqlite3?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=20)) as file:
            return file.execute(sql).fetchone()[0]

    def _statements(self) -> int:
        if self._postgres is not None:
            return int(
                self.value(
                    "SELECT SUM(calls) FROM pg_stat_statements WHERE dbid ="
                    " (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        files = self.site.home.glob("statements-*")
        return sum(struct.unpack("<q", file.read_bytes())[0] for file in files)


@contextmanager
def metered(
    ground: Ground, database: str, *, workers: int, counts: bool = False
) -> Iterator[Meter]:
    """A server and its meter. counts: statements and flushes, too, which costs CPU time.

    Raises NotHere.
    """
    if not counts:
        with ground.site(database, workers=workers) as site:
            yield Meter(site)
        return
    begins = "rg-postgres-" if database == "Postgres" else HOME_PREFIX
    with flushes_logged(begins) as (log, env):
        if database == "SQLite":
            with ground.site(workers=workers, settings=COUNTED, env=env) as site:
                yield Meter(site, log)
            return
        with (
            ground.postgres(COUNTING, env) as url,
            ground.site(workers=workers, env={"DATABASE_URL": url}) as site,
        ):
            yield Meter(site, log)


@contextmanager
def flushes_logged(begins: str) -> Iterator[tuple[Path, dict[str, str]]]:
    """A log, and the environment that has a server write a line into it for each flush.

    begins: how the name of the server's folder, a temporary one, begins. Raises NotHere.
    """
    with tempfile.TemporaryDirectory(prefix="rg-meter-") as home:
        folder = Path(home)
        # Postgres writes there, too, as another user.
        folder.chmod(0o777)
        log = folder / "flushes"
        log.touch()
        log.chmod(0o666)
        try:
            library = compiled(folder)
        except pytest.skip.Exception as problem:
            raise NotHere(str(problem)) from problem
        yield (
            log,
            {
                "LD_PRELOAD": str(library),
                "POWERCUT_ROOT": str(Path(tempfile.gettempdir()) / begins),
                "POWERCUT_LOG": str(log),
            },
        )


def flushes_of(log: Path) -> int:
    """How many a log of `flushes_logged` holds; of Postgres only those of its write-ahead log.

    Checkpoints of Postgres come when they come, and no one waits for them.
    """
    lines = log.read_text().splitlines()
    return sum("/pg_wal/" in line or "rg-postgres-" not in line for line in lines)


def family_cpu_s(parent: psutil.Process) -> float:
    """CPU seconds of a process and of all its children, those that have ended included."""
    own = parent.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in parent.children():
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return float(total)
