"""`make test-postgres`: the integration tests once more, on a throw-away Postgres server.

`make test-all` ends with it.

The server lives in a temporary folder, listens on a free local port, keeps nothing and is gone
afterwards. Where `DATABASE_URL` already names a Postgres, that one is used.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bootstrap import ROOT, ensure_or_exit
from ports import free_port
from suite import Result, exit_code, requested_arguments, run_tests

NOT_HERE = (
    "Postgres is not installed here. Run: sudo apt install postgresql"
    " (macOS: brew install postgresql), or set DATABASE_URL to a server for tests."
)
# Tests that open no database would show the same once more: tests.support.required leaves them out.
PARTS = ["-m", "not thorough", "tests/integration"]
# What makes a test database quick, and is wrong for any other: nothing is flushed to disk.
HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


def binaries() -> Path | None:
    """The folder that holds `initdb` and `pg_ctl`; Debian keeps it off the PATH."""
    versions = glob.glob("/usr/lib/postgresql/*/bin")
    folders = sorted(versions, key=lambda path: int(Path(path).parent.name), reverse=True)
    on_path = shutil.which("pg_ctl")
    if on_path:
        folders.append(str(Path(on_path).resolve().parent))
    folders_with_initdb = [Path(folder) for folder in folders if (Path(folder) / "initdb").exists()]
    return folders_with_initdb[0] if folders_with_initdb else None


@contextmanager
def throw_away_server(
    tuning: Sequence[str] = HASTE, *, has_template: bool = False
) -> Iterator[str]:
    """A fresh Postgres on a local port; yields its DATABASE_URL and removes it afterwards.

    tuning: server settings, each `name=value`. has_template: has a migrated database to copy,
    under the name that tests.support.template_database looks for.
    """
    folder = binaries()
    if folder is None:
        sys.exit(NOT_HERE)
    home = tempfile.mkdtemp(prefix="rg-postgres-")
    data = f"{home}/data"
    account: str | None = None
    if os.getuid() == 0:
        # Postgres refuses to run as root; its package brings a user for it.
        account = "postgres"
        entry = pwd.getpwnam(account)
        os.chown(home, entry.pw_uid, entry.pw_gid)

    def call(*command: str) -> None:
        process = subprocess.run(command, cwd=home, user=account, capture_output=True, text=True)
        if process.returncode:
            sys.exit(f"{Path(command[0]).name} failed: {(process.stdout + process.stderr).strip()}")

    port = free_port()
    options = " ".join(
        [f"-p {port} -k {home} -c listen_addresses=127.0.0.1", *(f"-c {one}" for one in tuning)]
    )
    control = str(folder / "pg_ctl")
    try:
        template = migrated_folder() if has_template else None
        if template is None:
            initdb = str(folder / "initdb")
            call(initdb, "-D", data, "-U", "reelgraph", "-A", "trust", "-E", "UTF8", "--no-sync")
        else:
            subprocess.run(["cp", "-a", template.path, data], check=True)
        call(control, "-D", data, "-l", f"{home}/log", "-o", options, "-w", "start")
        try:
            if template is not None:
                createdb = [str(folder / "createdb"), "-h", home, "-p", str(port)]
                # Not from `postgres`: it can't be copied while someone is connected to it.
                createdb += ["-U", "reelgraph", "--maintenance-db=template1", "-T", "postgres"]
                call(*createdb, template.database)
            yield f"postgres://reelgraph@127.0.0.1:{port}/postgres"
        finally:
            call(control, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Template:
    """A server's folder, whose database `postgres` has all tables. database: what a copy of that
    is called in it."""

    path: str
    database: str


def migrated_folder() -> Template:
    """Return the folder that the storms' servers are copies of, made first if need be."""
    program = "from tests.support import postgres_server as s; print(*s.template(), sep='\\n')"
    python = ensure_or_exit("runtime", "dev")
    command = [python, "-c", program]
    process = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if process.returncode:
        sys.exit("No database for tests could be migrated; the reason is above.")
    return Template(*process.stdout.splitlines())


def run_on_postgres(arguments: list[str], *, tries_again: bool = True) -> Result:
    """Run these tests on the server that `DATABASE_URL` names, or on one of their own.

    arguments: pytest's. tries_again: as in `run_tests`.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        return run_tests(arguments, tries_again=tries_again, DATABASE_URL=url)
    with throw_away_server(has_template=True) as url:
        print("Running the integration tests on a throw-away Postgres.", flush=True)
        return run_tests(arguments, tries_again=tries_again, DATABASE_URL=url)


if __name__ == "__main__":
    sys.exit(exit_code(run_on_postgres(sys.argv[1:] or requested_arguments() or PARTS)))
