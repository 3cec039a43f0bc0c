"""A Postgres server of a test's own, that it may stop and start again."""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

import pytest

from scripts.ports import free_port

PASSWORD = "open-sesame-9"


def programs() -> Path:
    """The folder of initdb and pg_ctl. Skips the test where there is none."""
    versions = glob.glob("/usr/lib/postgresql/*/bin")
    folders = [*sorted(versions, reverse=True), str(Path(shutil.which("pg_ctl") or "/").parent)]
    for folder in map(Path, folders):
        if (folder / "initdb").exists():
            return folder
    pytest.skip("Postgres is not installed here.")


class PostgresServer:
    """`with PostgresServer() as server:` runs an empty one; `server.url` is its DATABASE_URL.

    started False: everything is there but the running server. options: further ones of its
    command line.
    """

    def __init__(self, *, started: bool = True, options: str = "") -> None:
        self._programs = programs()
        self._started = started
        self._options = options
        self.port = free_port()
        self.url = f"postgres://reelgraph@127.0.0.1:{self.port}/postgres"
        self._home = tempfile.mkdtemp(prefix="rg-postgres-")
        self._account: str | None = None
        if os.getuid() == 0:
            # Postgres refuses to run as root; its package brings a user for it.
            self._account = "postgres"
            entry = pwd.getpwnam(self._account)
            os.chown(self._home, entry.pw_uid, entry.pw_gid)

    @property
    def socket_url(self) -> str:
        """The same server by its Unix socket, with a name and a password."""
        folder = self._home.replace("/", "%2F")
        return f"postgres://reelgraph:{PASSWORD}@{folder}:{self.port}/postgres"

    def __enter__(self) -> PostgresServer:
        how = ("-U", "reelgraph", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._call("initdb", "-D", f"{self._home}/data", *how)
        if self._started:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if (Path(self._home) / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        options = f"-p {self.port} -k {self._home} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += f" {self._options}"
        self._control("-l", f"{self._home}/log", "-o", options, "-w", "start")

    def stop(self) -> None:
        """At once, as when its machine loses power: every session is broken off."""
        self._control("-m", "immediate", "-w", "stop")

    def _control(self, *arguments: str) -> None:
        self._call("pg_ctl", "-D", f"{self._home}/data", *arguments)

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), *arguments]
        # The server inherits what this writes to: a pipe would stay open for as long as it lives.
        subprocess.run(
            command,
            cwd=self._home,
            user=self._account,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
