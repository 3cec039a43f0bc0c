"""A database, its data folder and a paid service, for processes that end anywhere.

`checks.check_tables` says from outside what became of the runs.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.support.faults import workers
from tests.support.faults.hosts.service import PaidService
from tests.support.faults.hosts.tools import PATIENCE_S, SERVICE_URL
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.server import Site
from tests.support.template_database import bring_tables


class CrashSite:
    """What checks.check_tables looks at: the tables and the paid service.

    `with CrashSite(home, "sqlite") as site:` has a database with all tables. home: the data folder.
    database: "postgres" or "sqlite".
    """

    def __init__(self, home: Path, database: str) -> None:
        self.workers: dict[str, tuple[str, ...]] = {}
        self.service = PaidService()
        self._home, self._database = home, database
        self._opened = ExitStack()

    def __enter__(self) -> CrashSite:
        self._opened.enter_context(self.service)
        url = ""
        if self._database == "postgres":
            url = self._opened.enter_context(PostgresServer()).url
        env = {
            "DATABASE_URL": url,
            "REELGRAPH_WORKER_LABELS": "cpu,remote,gpu",
            SERVICE_URL: self.service.origin,
            # Every job that is not done at once.
            PATIENCE_S: "0",
        }
        self._site = Site(self._home, settings="tests.support.faults.hosts.settings", env=env)
        bring_tables(self._home, env)
        return self

    def __exit__(self, *problem: Any) -> None:
        self._opened.close()

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        return workers.rows(self._site, sql.replace("%s", "?"), *values)

    def crash(
        self, seed: int, rounds: int, within_s: float, *, shapes: str = "flat"
    ) -> dict[str, int]:
        """Have so many runs of each shape worked on by processes that end at some point. Counts by
        kind.

        shapes: "flat" for runs of steps, "nested" for stages and templates inside stages.
        """
        return self._counted_by("crash_points", str(seed), str(rounds), shapes, within_s=within_s)

    def crash_guests(self, within_s: float) -> dict[str, int]:
        """Have a guest's start end at each of its points, and sent again. Counts the points."""
        return self._counted_by("guest_points", within_s=within_s)

    def _counted_by(self, program: str, *arguments: str, within_s: float) -> dict[str, int]:
        module = f"tests.support.faults.hosts.{program}"
        command = [sys.executable, "-m", module, *arguments]
        with Program(command, self._site.env) as running:
            line = running.line_with('{"counted"', within_s)
            running.wait()
        found: dict[str, int] = json.loads(line)["counted"]
        return found
