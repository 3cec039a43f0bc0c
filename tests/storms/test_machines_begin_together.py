"""Machines that begin on one empty Postgres at the same moment: one of them makes the tables.

Each has a data folder of its own, so no lock on a file is common to both.
"""

from __future__ import annotations

import secrets
import signal
import sys
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


def test_both_end_well_and_the_other_goes_on_when_the_first_is_killed(tmp_path: Path) -> None:
    with PostgresServer(has_tables=False) as server, ExitStack() as stack:
        env = {
            "DJANGO_SETTINGS_MODULE": "builder.settings",
            "DATABASE_URL": server.url,
            "REELGRAPH_MEDIA_DIR": str(tmp_path / "media"),
            "REELGRAPH_SECRET_KEY": secrets.token_hex(32),
        }

        def prepare(name: str) -> Program:
            command = [sys.executable, "-u", "manage.py", "prepare"]
            home = {"REELGRAPH_HOME": str(tmp_path / name)}
            return stack.enter_context(Program(command, {**env, **home}))

        both = [prepare("one"), prepare("two")]
        waiting = wait_for(lambda: [one for one in both if WAITS in one.text()], "a wait", WITHIN_S)
        (first,) = (one for one in both if one not in waiting)
        # It stands still with the database in hand until a third one waits, too.
        first.send(signal.SIGSTOP)
        again = prepare("three")
        again.line_with(WAITS, WITHIN_S)
        assert WAITS not in first.text()
        first.process.kill()
        for one in (*waiting, again):
            assert one.wait(WITHIN_S) == 0, one.text()
        with psycopg.connect(server.url) as asking:
            twice = asking.execute(
                "SELECT app, name FROM django_migrations GROUP BY app, name HAVING count(*) > 1"
            ).fetchall()
            assert not twice
            owners = asking.execute(
                "SELECT count(*) FROM accounts_user WHERE username = 'owner'"
            ).fetchone()
            assert owners == (1,)
