"""Where rows are measured: fresh servers on SQLite, or each on a Postgres of its own.

That Postgres keeps its promises (fsync and synchronous commit are on), unlike those of tests.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

from tests.bench.wire import Line
from tests.support.postgres_server import PostgresServer
from tests.support.program import ROOT
from tests.support.server import Site

SETTINGS = "tests.bench.settings"
DATABASES = ("SQLite", "Postgres")
# The first one takes back what a server of tests does without.
LASTING = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c max_connections=200"


class NotHere(Exception):
    """A row cannot be measured on this machine. The message says why."""


@contextmanager
def serving(database: str = "SQLite", *, workers: int = 2) -> Iterator[Site]:
    """The whole product, with a new database. Raises NotHere without that database."""
    with ExitStack() as stack:
        url = ""
        if database == "Postgres":
            if importlib.util.find_spec("psycopg") is None:
                raise NotHere("no Postgres driver installed (requirements/scale.txt)")
            url = stack.enter_context(PostgresServer(options=LASTING)).url
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rg-bench-")))
        env = {"DATABASE_URL": url}
        yield stack.enter_context(Site(home, workers=workers, settings=SETTINGS, env=env))


def output_of(env: Mapping[str, str], module: str, *arguments: object) -> str:
    """The last line that a module of this package prints. env: such as a server's."""
    done = subprocess.run(
        [sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip().rpartition("\n")[2]


def cpu_s(pids: Iterable[int]) -> float:
    """CPU seconds these processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(time.user + time.system for time in times))


def person(site: Site) -> Line:
    """A keep-alive connection of one person with a new key."""
    return Line(site.url, site.key("alice"))


def steps(*calls: tuple[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The body of a start with explicit steps."""
    listed = [{"toolName": tool, "arguments": dict(arguments)} for tool, arguments in calls]
    return {"input": {"title": "Bench", "steps": listed}}


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


ONE_NOOP = steps(("noop", {}))
