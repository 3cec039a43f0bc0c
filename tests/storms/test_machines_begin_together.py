"""Two machines that begin on one empty Postgres at the same moment: one of them makes the tables.

Each has a data folder of its own, so no lock on a file is common to both.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres_server import PostgresServer
from tests.support.program import Program
from tests.support.waiting import wait_for

pytestmark = pytest.mark.slow
WITHIN_S = 120.0
WAITS = "Another machine is preparing the database. Waiting"


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    with PostgresServer(has_tables=False) as running:
        yield running


@pytest.fixture
def prepare(server: PostgresServer, tmp_path: Path) -> Iterator[list[Program]]:
    """`manage.py prepare` on two machines, started together."""
    common = {
        "DJANGO_SETTINGS_MODULE": "builder.settings",
        "DATABASE_URL": server.url,
        "REELGRAPH_MEDIA_DIR": str(tmp_path / "media"),
        "REELGRAPH_SECRET_KEY": secrets.token_hex(32),
    }
    command = [sys.executable, "-u", "manage.py", "prepare"]
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                Program(command, {**common, "REELGRAPH_HOME": str(tmp_path / name)})
            )
            for name in ("one", "two")
        ]


def test_both_end_well_and_one_says_that_it_waits(
    prepare: list[Program], server: PostgresServer
) -> None:
    codes = [one.wait(WITHIN_S) for one in prepare]
    assert codes == [0, 0], "\n".join(one.text() for one in prepare)
    assert sum(WAITS in one.text() for one in prepare) == 1
    with psycopg.connect(server.url) as asking:
        twice = asking.execute(
            "SELECT app, name FROM django_migrations GROUP BY app, name HAVING count(*) > 1"
        ).fetchall()
        assert not twice
        owners = asking.execute(
            "SELECT count(*) FROM accounts_user WHERE username = 'owner'"
        ).fetchone()
        assert owners == (1,)


def test_the_other_goes_on_when_the_first_is_killed(
    prepare: list[Program], server: PostgresServer
) -> None:
    waiting = wait_for(
        lambda: next((one for one in prepare if WAITS in one.text()), None), "one waits", WITHIN_S
    )
    first = next(one for one in prepare if one is not waiting)
    first.process.kill()
    assert waiting.wait(WITHIN_S) == 0, waiting.text()
