"""Where rows are measured: fresh servers on SQLite, and on a throw-away Postgres if there is one.

The Postgres keeps its promises (fsync and synchronous commit are on), unlike the one for tests.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import pytest

from tests.bench.wire import Line
from tests.support.program import ROOT, Program
from tests.support.server import Site
from tests.support.waiting import wait_for

# The scripts import each other by their bare names.
sys.path.insert(0, str(ROOT / "scripts"))

SETTINGS = "tests.bench.settings"
DATABASES = ("SQLite", "Postgres")
# How the names of data folders begin.
HOME_PREFIX = "rg-bench-"


class NotHere(Exception):
    """A row cannot be measured on this machine. The message says why."""


class Ground:
    """Opens servers and closes what is left of them at the end."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._postgres: str | None = None

    def __enter__(self) -> Ground:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @contextmanager
    def site(
        self,
        database: str = "SQLite",
        *,
        workers: int = 2,
        settings: str = SETTINGS,
        env: Mapping[str, str] | None = None,
    ) -> Iterator[Site]:
        """The whole product, with an empty database. Raises NotHere without that database."""
        url = {} if database == "SQLite" else {"DATABASE_URL": self._fresh_postgres()}
        env = {**url, **(env or {})}
        with (
            tempfile.TemporaryDirectory(prefix=HOME_PREFIX) as home,
            Site(Path(home), workers=workers, settings=settings, env=env) as site,
        ):
            yield site

    @contextmanager
    def postgres(self, tuning: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
        """The URL of a server of its own. env: of its processes. Raises NotHere."""
        _postgres_binaries()
        from test_postgres import throw_away_server

        with pytest.MonkeyPatch.context() as patch:
            for name, value in env.items():
                patch.setenv(name, value)
            server = throw_away_server(tuning=tuning)
            url = server.__enter__()
        try:
            yield url
        finally:
            server.__exit__(None, None, None)

    def _fresh_postgres(self) -> str:
        """The URL of an empty database on the one throw-away server."""
        folder = _postgres_binaries()
        if self._postgres is None:
            self._postgres = self._stack.enter_context(self.postgres(("max_connections=200",), {}))
        name = f"bench_{os.urandom(4).hex()}"
        server = self._postgres.rpartition("/")[0]
        subprocess.run(
            [str(folder / "psql"), "-q", self._postgres, "-c", f"CREATE DATABASE {name}"],
            check=True,
            capture_output=True,
            text=True,
        )
        return f"{server}/{name}"


def _postgres_binaries() -> Path:
    """The folder of Postgres's programs. Raises NotHere."""
    from test_postgres import binaries

    folder = binaries()
    if folder is None:
        raise NotHere("no Postgres here")
    if importlib.util.find_spec("psycopg") is None:
        raise NotHere("no Postgres driver installed (requirements/scale.txt)")
    return folder


def web_pids(site: Site, count: int = 1) -> list[int]:
    """Process ids of the web processes. Raises NotHere unless there are `count`."""
    paths = sorted((site.home / "run").glob("web*.pid"))
    pids = [pid for pid in (site.pid(path.stem) for path in paths) if pid]
    if len(pids) != count:
        raise NotHere(f"{count} web processes were asked for and {len(pids)} run")
    return pids


@contextmanager
def beside_each_other(ground: Ground, database: str = "SQLite") -> Iterator[dict[int, Site]]:
    """The product with one web process, and beside it with two, by their number; no workers.

    Measured by turns, both meet the same load of the machine. Without the latter where the product
    does not know several web processes.
    """
    with ExitStack() as stack:
        sites = {}
        for count in (1, 2):
            env = {"REELGRAPH_WEB": str(count)}
            site = stack.enter_context(ground.site(database, workers=0, env=env))
            if count == 1 or (site.home / "run" / "web-2.pid").exists():
                sites[count] = site
        yield sites


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds these processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(time.user + time.system for time in times))


def person(site: Site, name: str = "alice") -> Line:
    """A keep-alive connection of one person with a new key."""
    return Line(site.url, site.key(name))


@contextmanager
def lone_worker(site: Site, name: str) -> Iterator[Program]:
    """One more worker, outside the supervisor's care."""
    command = [sys.executable, "-u", "manage.py", "worker", "--name", name]
    with Program(command, site.env) as program:
        program.line_with(f"{name} is ready", 60)
        yield program
        program.process.terminate()
        program.wait(15)


def asked(site: Site) -> list[dict[str, Any]]:
    """What the server's test tools wrote down: each entry has the step's key, pid and time."""
    path = site.home / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def taken_up(site: Site, run_id: str, times: int = 1, within_s: float = 60) -> dict[str, Any]:
    """The entry of the `times`-th worker that began the run's `sleep` or `note` step."""

    def look() -> list[dict[str, Any]]:
        mine = [entry for entry in asked(site) if entry.get("key", "").startswith(f"{run_id}:")]
        return mine[times - 1 : times]

    return wait_for(look, f"start {times} of {run_id}", within_s)[0]


def steps(*calls: tuple[str, Mapping[str, Any]], title: str = "Bench") -> dict[str, Any]:
    """The body of a start with explicit steps."""
    listed = [{"toolName": tool, "arguments": dict(arguments)} for tool, arguments in calls]
    return {"input": {"title": title, "steps": listed}}


def chain(tool: str, count: int, **arguments: Any) -> list[dict[str, Any]]:
    """Stages that each wait for the one before."""
    return [
        {
            "id": f"s{place}",
            "type": "fixed",
            "tool": tool,
            "args": arguments,
            "produces": [f"a{place}"],
            **({"requiredArtifactsIn": [f"a{place - 1}"]} if place else {}),
        }
        for place in range(count)
    ]
