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
from tests.support import template_database

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
    """`with PostgresServer() as server:` runs one of its own; `server.url` is its DATABASE_URL.

    started False: everything is there but the running server. has_tables False: its database is
    empty; otherwise all tables are there, without rows. options: further ones of its command line.
    """

    def __init__(self, *, started: bool = True, has_tables: bool = True, options: str = "") -> None:
        self._has_tables = has_tables
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
    def _data(self) -> Path:
        return Path(self._home) / "data"

    @property
    def socket_url(self) -> str:
        """The same server by its Unix socket, with a name and a password."""
        folder = self._home.replace("/", "%2F")
        return f"postgres://reelgraph:{PASSWORD}@{folder}:{self.port}/postgres"

    def __enter__(self) -> PostgresServer:
        if self._has_tables:
            copy_folder(template()[0], self._data)
        else:
            how = ("-U", "reelgraph", "-A", "trust", "-E", "UTF8", "--no-sync")
            self._call("initdb", "-D", str(self._data), *how)
        if self._started:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def start(self) -> None:
        options = f"-p {self.port} -k {self._home} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += f" {self._options}"
        self._control("-l", f"{self._home}/log", "-o", options, "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """At once, as when its machine loses power: every session is broken off."""
        self._control("-m", mode, "-w", "stop")

    def save(self, folder: Path) -> None:
        """Copy all databases of this server, which stops, into a new folder."""
        self.stop("fast")
        copy_folder(self._data, folder)

    def _control(self, *arguments: str) -> None:
        self._call("pg_ctl", "-D", str(self._data), *arguments)

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


def template() -> tuple[Path, str]:
    """The folder of a server whose database `postgres` has all tables, and what the copy of that
    is called that test databases are made from."""
    folder = template_database.folder_of("postgres", _migrate)
    return folder, template_database.postgres_name()


def copy_folder(source: Path, target: Path) -> None:
    # With its owner: Postgres refuses a folder of another account.
    subprocess.run(["cp", "-a", str(source), str(target)], check=True)


def _migrate(folder: Path) -> None:
    """Make a folder of databases in which all tables are there."""
    with PostgresServer(has_tables=False) as server:
        template_database.migrate({"DATABASE_URL": server.url})
        server.save(folder)
