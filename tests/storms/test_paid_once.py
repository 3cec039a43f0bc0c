"""Each paid request is paid for once, wherever it is when the process that sends it ends.

Each provider's journal says what it took. After a storm every job in it belongs to a step that
wanted it, or to a question that a person answered with yes; no result of a finished job is lost
without a word; no step is stuck. By hand, so many kills for each kind of submit:
`REELGRAPH_KILLS=1000 REELGRAPH_SEED=7 pytest -n 0 -s tests/storms/test_paid_once.py`
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.fakes.makers.bill import Bill, bill_of
from tests.support.fakes.makers.crash_rounds import KIND_BY_NAME, moments_of
from tests.support.fakes.makers.media_storm import MediaStorm
from tests.support.fakes.makers.programs import ProviderPrograms
from tests.support.faults.workers import rows
from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.server import Site
from tests.support.template_database import bring_tables

KILLS = int(os.environ.get("REELGRAPH_KILLS", "0"))
SEED = int(os.environ.get("REELGRAPH_SEED", "1"))
# Of each kind, in the suite, anywhere.
CRASHES = 4
# Of all kinds together.
REAL_KILLS = 12
# A kill takes about 3 s of a machine that does other work, too.
CRASHES_LAST_S = 500 + 8 * KILLS
SETTINGS = "tests.support.settings.paid_media"


pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(CRASHES_LAST_S + 100),
]
on_each_database = pytest.mark.parametrize("database", ["sqlite", "postgres"])


@contextmanager
def environment(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a product on a new database of this kind."""
    if database == "sqlite":
        yield {"DATABASE_URL": ""}
        return
    with PostgresServer() as server:
        yield {"DATABASE_URL": server.url}


def checked(site: Site, providers: ProviderPrograms) -> Bill:
    bill = bill_of(lambda sql: rows(site, sql), providers.entries())
    assert not bill.problems, "\n".join(
        f"{kind}: {about}" for kind, several in bill.problems.items() for about in several
    )
    return bill


@on_each_database
def test_processes_end_at_each_moment_and_anywhere(tmp_path: Path, database: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with (
        environment(database) as env,
        ProviderPrograms(tmp_path / "providers") as providers,
    ):
        env |= providers.environment(home, "http://127.0.0.1:9")
        site = Site(home, settings=SETTINGS, env=env)
        bring_tables(home, site.env)
        command = [sys.executable, "-m", "tests.support.fakes.makers.crash_rounds"]
        with Program([*command, str(SEED), str(KILLS or CRASHES)], site.env) as program:
            assert program.wait(CRASHES_LAST_S) == 0, program.text()
            lines = [json.loads(line) for line in program.lines if line.startswith('{"killed"')]
        bill = checked(site, providers)
        print(f"seed {SEED}: {lines}; {bill}")
        killed = {line["kind"]: line["killed"] for line in lines}
        assert list(killed) == list(KIND_BY_NAME)
        assert not any("broken" in counts for counts in killed.values())
        # The table: of each kind a process has ended at each moment that the kind has.
        missed = [
            f"{kind}: {moment}"
            for kind, counts in killed.items()
            for moment in moments_of(kind)
            if not counts.get(moment)
        ]
        assert not missed
        assert bill.accepted
        assert not bill.errors


@on_each_database
def test_real_kills(tmp_path: Path, database: str) -> None:
    """Each storm is on a new product: a supervisor pauses ever longer between kills."""
    for number in range(max(1, KILLS // REAL_KILLS)):
        folder = tmp_path / str(number)
        with (
            environment(database) as env,
            ProviderPrograms(folder / "providers") as providers,
        ):
            site = Site(folder / "home", settings=SETTINGS, web=2, env=env)
            site.env |= providers.environment(site.home, site.url)
            with site:
                storm = MediaStorm(site, providers, site.key("alice"), SEED + number)
                storm.blow(REAL_KILLS, 100)
                bill = checked(site, providers)
        print(f"seed {SEED + number}: {dict(storm.kills)} killed; {bill}", flush=True)
        assert bill.accepted
