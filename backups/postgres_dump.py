"""The dump of a Postgres database: `pg_dump` makes it, `pg_restore` and `psql` put it back.

Client programs of the server's own version are used where they are installed. Newer ones write
settings that the server doesn't know (`transaction_timeout` from 17 on), which are left out.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from backups.folders import LONGEST_LINE, BackupProblem
from core.direct_database import direct_parameters

# Debian's packages of several versions are beside each other.
VERSIONS: Final = Path("/usr/lib/postgresql")
PROGRAMS: Final = ("pg_dump", "pg_restore", "psql")
# What a dump begins with: settings among comments, empty lines and commands of psql.
_SETTING: Final = re.compile(rb"SET (\w+) = ")
_BEFORE_ROWS: Final = (b"SET ", b"--", b"\n", b"\\", b"SELECT pg_catalog.set_config(")
_SERVER: Final = re.compile(rb"^;\s+Dumped from database version: (\d+)", re.MULTILINE)


def make(target: Path, snapshot: str, server: int) -> None:
    """Dump a snapshot of a server of this version to a file. Raises BackupProblem."""
    version, folder = _tools(server)[0]
    if version < server:
        raise BackupProblem(
            f"pg_dump {version} can't read Postgres {server}. Install the client programs of"
            f" Postgres {server} on this machine (postgresql-client-{server})."
        )
    source, environment = _connection_of("backup")
    options = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
    command = (folder / "pg_dump", *options, f"--file={target}", f"--dbname={source}")
    _run(command, environment)
    target.chmod(0o600)


def check(dump: Path) -> int:
    """Read all rows of a dump. Returns the version of the server that it is of.

    That one and later ones can restore it. Raises BackupProblem where none can.
    """
    folder, server = _reader_of(dump)
    _run([folder / "pg_restore", "--file=/dev/null", dump])
    return server


def restore(dump: Path, server: int, settings: Collection[str], last: str) -> None:
    """Put a dump into the empty database, in one transaction that ends with the SQL `last`.

    server: its version; settings: the names of those that it knows. Raises BackupProblem.
    """
    folder, _ = _reader_of(dump, server)
    source = (folder / "pg_restore", "--no-owner", "--no-privileges", "--file=-", dump)
    target, environment = _connection_of("restore")
    # Of the same release: it has to know the commands for itself that the other one writes.
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")
    command = (folder / "psql", *options, f"--dbname={target}")
    # The dump leaves the session without a search path.
    end = f"\nRESET search_path;\n{last}\nCOMMIT;\n".encode()
    with TemporaryFile() as read_said, TemporaryFile() as write_said:
        with (
            suppress(BrokenPipeError),
            subprocess.Popen(source, stdout=subprocess.PIPE, stderr=read_said) as reader,  # noqa: S603
            subprocess.Popen(  # noqa: S603
                command,
                stdin=subprocess.PIPE,
                stderr=write_said,
                env={**os.environ, **environment},
            ) as writer,
        ):
            assert reader.stdout is not None  # noqa: S101  piped
            assert writer.stdin is not None  # noqa: S101  piped
            writer.stdin.write(b"BEGIN;\n")
            _copy(reader.stdout, writer.stdin, settings)
            # Not after half a text, also when this process is killed.
            if reader.wait() == 0:
                writer.stdin.write(end)
        # Where the second ended early, the first could write no further.
        for words, process, errors in (
            (command, writer, write_said),
            (source, reader, read_said),
        ):
            errors.seek(0)
            _check(words, process.returncode, errors.read())


def _copy(source: IO[bytes], target: IO[bytes], settings: Collection[str]) -> None:
    """Pass a dump on without the settings at its beginning that aren't among these.

    Memory holds little of it. A row may read as a setting does: it stays.
    """
    while line := source.readline(LONGEST_LINE):
        match = _SETTING.match(line)
        if match is None or match[1].decode() in settings:
            target.write(line)
        if not line.startswith(_BEFORE_ROWS):
            break
    shutil.copyfileobj(source, target)


def _reader_of(dump: Path, server: int = 0) -> tuple[Path, int]:
    """Return the folder of programs that can read a dump, and the version of the server that it is
    of. server: who is to restore it. Raises BackupProblem."""
    problems = []
    for _, folder in _tools(server):
        try:
            match = _SERVER.search(_run([folder / "pg_restore", "--list", dump]))
        except BackupProblem as problem:
            # One of an older release can't read it.
            problems.append(problem)
            continue
        return folder, int(match[1]) if match else 0
    raise BackupProblem(
        f"{problems[0]}. If newer client programs made {dump.name}, install those of their version."
    )


def _tools(server: int) -> list[tuple[int, Path]]:
    """List the client programs of this machine as (version, folder): the server's own version
    first, then newer ones, then older ones. Raises BackupProblem where there are none."""
    folders = {
        int(folder.parent.name): folder
        for folder in VERSIONS.glob("*/bin")
        if folder.parent.name.isdigit() and all((folder / name).exists() for name in PROGRAMS)
    }
    if server not in folders and (path := shutil.which("pg_restore")):
        version = int(_run([path, "--version"]).split()[2].partition(b".")[0])
        folders.setdefault(version, Path(path).parent)
    if not folders:
        raise BackupProblem(
            f"{', '.join(PROGRAMS)} aren't installed here: backups of Postgres need its client"
            " programs (postgresql-client)."
        )
    return sorted(folders.items(), key=lambda tool: (tool[0] < server, abs(tool[0] - server)))


def _connection_of(purpose: str) -> tuple[str, dict[str, str]]:
    """Return the address of the database without its password, and the environment with it."""
    from psycopg.conninfo import make_conninfo

    parameters = direct_parameters(purpose)
    options = {
        name: str(value)
        for name, value in parameters.items()
        if isinstance(value, (str, int)) and name not in ("autocommit", "password", "options")
    }
    password = str(parameters.get("password") or "")
    return make_conninfo(**options), {"PGPASSWORD": password} if password else {}


def _run(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> bytes:
    process = subprocess.run(  # noqa: S603
        command, capture_output=True, env={**os.environ, **(environment or {})}, check=False
    )
    _check(command, process.returncode, process.stderr)
    return process.stdout


def _check(command: Sequence[str | Path], code: int, errors: bytes) -> None:
    if code:
        lines = errors.decode(errors="replace").strip().splitlines()
        raise BackupProblem(f"{Path(command[0]).name} failed: {lines[0] if lines else code}")
