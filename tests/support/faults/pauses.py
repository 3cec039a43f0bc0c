"""A Postgres of a test's own, and a product on it whose processes all stand still for a while."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import psutil
import psycopg
import pytest

from tests.support.postgres_server import PostgresServer, template
from tests.support.server import Site
from tests.support.waiting import wait_for


@contextmanager
def postgres(env: Mapping[str, str] | None = None) -> Iterator[str]:
    """The DATABASE_URL of a fresh server that is gone afterwards. Skips where there is none.

    env: added to the environment of the server alone.
    """
    server = PostgresServer(options="-c synchronous_commit=off -c max_connections=200")
    # Made by the clock of this machine, if need be.
    template()
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            stack.enter_context(server)
        yield server.url


class Standstill:
    """All processes of a product, to be stopped together in the middle of a transaction."""

    def __init__(self, site: Site) -> None:
        assert site.program is not None
        self.root = psutil.Process(site.program.process.pid)
        self.url = site.env["DATABASE_URL"]

    def stop(self, last_said: str = "") -> None:
        """Stop all of them, once one of them is in a transaction that has written.

        last_said: a part of what it last asked the database in there.
        """

        def stopped() -> bool:
            self._send(signal.SIGSTOP)
            if self._stands_in_a_transaction(last_said):
                return True
            self.go_on()
            return False

        wait_for(stopped, "a standstill in a transaction", 60)

    def go_on(self) -> None:
        self._send(signal.SIGCONT)

    def _send(self, number: signal.Signals) -> None:
        # From the top, so that no new one is started.
        for process in [self.root, *self.root.children(recursive=True)]:
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue

    def _stands_in_a_transaction(self, last_said: str) -> bool:
        with psycopg.connect(self.url, autocommit=True) as server:
            return all(self._idle_writers(server, last_said) for _ in range(2))

    def _idle_writers(self, server: psycopg.Connection[tuple[int]], last_said: str = "") -> int:
        # What was sent before the stop may still be at work.
        time.sleep(0.02)
        (row,) = server.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            " AND backend_xid IS NOT NULL AND query LIKE %s",
            [f"%{last_said}%"],
        ).fetchall()
        return row[0]

    def until_the_server_ended_it(self) -> None:
        """Wait until no session is in a transaction any more."""

        def ended() -> bool:
            with psycopg.connect(self.url, autocommit=True) as server:
                return not self._idle_writers(server)

        wait_for(ended, "the server to end the session")
