"""PgBouncer in transaction mode before a test's own Postgres."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import pytest

from scripts.ports import free_port
from tests.support.postgres_server import PostgresServer
from tests.support.waiting import wait_for


class PgBouncer:
    """`with PgBouncer(server) as pooler:` lends the server's sessions for single transactions.

    pooler.url is the DATABASE_URL of that way. sessions: how many there are in all.
    takes_options: it drops the options that it refuses by default, as hosted ones do.
    """

    def __init__(
        self, server: PostgresServer, *, sessions: int = 8, takes_options: bool = False
    ) -> None:
        program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            pytest.skip("PgBouncer is not installed here.")
        self._program = program
        self.port = free_port()
        self.url = f"postgres://reelgraph@127.0.0.1:{self.port}/postgres"
        self._home = Path(tempfile.mkdtemp(prefix="rg-pgbouncer-"))
        # Its own defaults but for these: as an operator would write it.
        (self._home / "pgbouncer.ini").write_text(
            f"""
            [databases]
            * = host=127.0.0.1 port={server.port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {self.port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {self._home}/users
            pool_mode = transaction
            default_pool_size = {sessions}
            max_client_conn = 200
            ignore_startup_parameters = {"options" if takes_options else ""}
            """
        )
        (self._home / "users").write_text('"reelgraph" ""\n')
        self._account: str | None = None
        if os.getuid() == 0:
            # It refuses to run as root.
            self._account = "postgres"
            entry = pwd.getpwnam(self._account)
            for path in (self._home, *self._home.iterdir()):
                os.chown(path, entry.pw_uid, entry.pw_gid)

    def __enter__(self) -> PgBouncer:
        log = (self._home / "log").open("wb")
        command = [self._program, str(self._home / "pgbouncer.ini")]
        self._process = subprocess.Popen(
            command, cwd=self._home, user=self._account, stdout=log, stderr=log
        )
        wait_for(self._answers, "PgBouncer's first answer")
        return self

    def _answers(self) -> bool:
        with socket.socket() as asking:
            return asking.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._home, ignore_errors=True)
