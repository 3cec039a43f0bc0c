"""`manage.py serve`, for real: its lines, its children, its end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.recorder import MigrationRecorder

from scripts.ports import free_port
from tests.support.commands import Commands, manage
from tests.support.program import Program, pid_of
from tests.support.template_database import DATABASE, bring_tables, template_file
from tests.support.waiting import WAIT_S, family, promised, wait_for

Start = Callable[..., Program]
NEWER = "A newer release of Reelgraph has changed this database (runs.0999_parked)"


@pytest.fixture
def serve(home: Path, launch: Start) -> Start:
    def run(port: int, command: str = "serve", **environment: str) -> Program:
        settings = {
            "DJANGO_SETTINGS_MODULE": "builder.settings",
            "REELGRAPH_HOME": str(home),
            # The supervisor is the same on both databases; each test has a fresh one this way.
            "DATABASE_URL": "",
            "PORT": str(port),
            **environment,
        }
        return launch([sys.executable, "manage.py", command], settings)

    return run


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=WAIT_S) as answer:
            return int(answer.status)
    except OSError:
        return 0


@pytest.mark.slow
def test_a_new_database_is_as_migrations_leave_it(home: Path) -> None:
    plain = {"DJANGO_SETTINGS_MODULE": "builder.settings", "DATABASE_URL": ""}
    manage({**plain, "REELGRAPH_HOME": str(home)}, "prepare", "--new")
    with (
        contextlib.closing(sqlite3.connect(home / DATABASE)) as made,
        contextlib.closing(sqlite3.connect(template_file())) as migrated,
    ):
        tables = schema_of(migrated)
        assert schema_of(made) == tables
        for table in [name for name in tables if "TABLE" in tables[name][0]]:
            # Preparing adds people and samples, takes nothing away.
            assert rows_of(migrated, table) <= rows_of(made, table), table


def schema_of(database: sqlite3.Connection) -> dict[str, tuple[str, list[str]]]:
    """What made each table, index and trigger: the words before its columns, and its clauses.

    The order of columns is left out.
    """
    schema = {}
    for name, sql in database.execute("SELECT name, sql FROM sqlite_master"):
        head, _, clauses = (sql or "").partition("(")
        schema[name] = head, sorted(clauses.removesuffix(")").split(", "))
    return schema


def rows_of(database: sqlite3.Connection, table: str) -> Counter[tuple[object, ...]]:
    """The rows, without what is of each database alone: times, its id, inner pages of an index."""
    if re.search("_fts_(data|idx|docsize|config)$|^sqlite_sequence$", table):
        return Counter()
    cursor = database.execute(f'SELECT * FROM "{table}"')
    own = {"applied", "made_at", "media_marked_at"}
    if table == "core_installation":
        own.add("id")
    names = [column[0] for column in cursor.description]
    return Counter(
        tuple(sorted((name, row[at]) for at, name in enumerate(names) if name not in own))
        for row in cursor
    )


@pytest.mark.slow
def test_a_first_start_keeps_its_promises(serve: Start, home: Path) -> None:
    port = free_port()
    program = serve(port, REELGRAPH_WORKERS="1")

    # Ready, with a link that opens.
    program.line_with(f"Reelgraph is ready: http://127.0.0.1:{port}/", within_s=300)
    link = program.line_with("/sign-in/").split()[-1]
    assert program.lines.index(program.line_with(link)) == 1
    assert open_to_others(home) == []
    assert status(f"http://127.0.0.1:{port}/") == 200
    assert status(link) == 200

    # A second start on the same data folder is refused in one line.
    second = serve(free_port())
    assert second.wait(90) == 1
    assert [str(home) in line for line in second.lines] == [True]

    # Killed children come back with new numbers.
    worker, web = pid_of(home, "worker-1"), pid_of(home, "web")
    psutil.Process(worker).kill()
    psutil.Process(web).kill()
    assert pid_of(home, "worker-1", other_than=worker)
    assert pid_of(home, "web", other_than=web)
    wait_for(lambda: status(f"http://127.0.0.1:{port}/") == 200, "the page again")
    assert "killed by SIGKILL" in program.line_with("web crashed")
    assert "killed by SIGKILL" in program.line_with("worker-1 crashed")

    # Ctrl-C ends it in time, with nothing left.
    children = psutil.Process(program.process.pid).children(recursive=True)
    with promised(5, of=family(program.process.pid)):
        program.send(signal.SIGINT)
        assert program.wait() == 0
    _, alive = psutil.wait_procs(children, timeout=WAIT_S)
    assert alive == []
    assert list((home / "run").glob("*.pid")) == []


@pytest.mark.slow
def test_commands_print_the_address_of_the_server_that_runs(home: Path, serve: Start) -> None:
    elsewhere = {"REELGRAPH_HOME": str(home), "DATABASE_URL": "", "PORT": str(free_port())}
    port = free_port()
    bring_tables(home, {"DATABASE_URL": ""})
    (home / "logs").mkdir()
    (home / "logs" / "web.log").write_text("a line")
    (home / "marks").mkdir()
    (home / "marks" / "ca.pem").write_text("a key")
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    program = serve(port, command="studio", REELGRAPH_WORKERS="0")
    program.line_with("Reelgraph is ready", within_s=90)
    # What others could read, as in a restored backup, is private after a start.
    assert open_to_others(home) == []
    assert "`manage.py serve`" in program.line_with("`manage.py studio` is now")
    with Commands(elsewhere) as commands:
        link = commands.run("signin-link", "alice", "--new").split()[-1]
        assert link.startswith(f"http://127.0.0.1:{port}/sign-in/")
        assert status(link) == 200
        assert f"at http://127.0.0.1:{port}," in commands.run("key", "--user", "alice")
        # Stopped in order, it has no address; then it's the one that a start would have.
        program.send(signal.SIGINT)
        assert program.wait() == 0
        assert f":{elsewhere['PORT']}/sign-in/" in commands.run("signin-link", "alice")


@pytest.mark.slow
def test_a_machine_of_workers_alone_needs_no_port(serve: Start, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        program = serve(
            taken.getsockname()[1],
            REELGRAPH_WEB="0",
            REELGRAPH_WORKERS="1",
            REELGRAPH_WORKER_LABELS="gpu",
        )
        program.line_with("1 worker is running here, for gpu. REELGRAPH_WEB=0: no web process.", 90)
        first = pid_of(home, "worker-1")
        os.kill(first, signal.SIGKILL)
        pid_of(home, "worker-1", other_than=first)
        assert not (home / "run" / "web.pid").exists()
        assert not (home / "run" / "address").exists()
        program.send(signal.SIGTERM)
        assert program.wait() == 0


def test_says_in_one_line_that_nothing_is_to_run(serve: Start, home: Path) -> None:
    home.chmod(0o700)
    program = serve(free_port(), REELGRAPH_WEB="0", REELGRAPH_WORKERS="0")
    assert program.wait(90) == 1
    assert program.lines == [
        "There is nothing to run: REELGRAPH_WEB and REELGRAPH_WORKERS are both 0."
    ]
    # What it made is private, whatever the umask of who started it.
    assert (home / "secret_key").exists()
    assert open_to_others(home) == []


def test_says_in_one_line_that_the_port_is_taken(serve: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        program = serve(port)
        assert program.wait(90) == 1
        (line,) = program.lines
        assert line.startswith(f"Port {port} is in use. Use another one: PORT=")
        assert line.endswith(" make run")


PUBLIC = {"REELGRAPH_PUBLIC_URL": "https://studio.example"}


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"REELGRAPH_WORKERS": "many"}, "REELGRAPH_WORKERS=many can't be used: write a whole"),
        ({**PUBLIC, "REELGRAPH_BIND": "lan"}, "REELGRAPH_BIND=lan can't be used: write an IP add"),
        ({"REELGRAPH_BIND": "0.0.0.0"}, "REELGRAPH_BIND=0.0.0.0 lets other machines in, so it n"),
        ({**PUBLIC, "REELGRAPH_BIND": "203.0.113.9"}, "REELGRAPH_BIND=203.0.113.9 is no address"),
    ],
)
def test_says_in_one_line_that_a_setting_cannot_be_used(
    serve: Start, variables: dict[str, str], line: str
) -> None:
    program = serve(free_port(), **variables)
    assert program.wait(90) == 1
    assert [one[: len(line)] for one in program.lines] == [line]


def test_waits_in_one_line_for_a_database_that_is_not_there_yet(serve: Start) -> None:
    url = f"postgres://no_one@127.0.0.1:{free_port()}/none"
    program = serve(free_port(), DATABASE_URL=url)
    line = program.line_with("The database isn't answering yet: ", within_s=90)
    assert line.endswith("Waiting…")
    program.send(signal.SIGTERM)
    assert program.wait(90) == 0
    assert program.lines == [line, "Stopped."]


# One process for all: their settings end each of them before anything is imported.
EACH = """
import sys, manage
for command in ("serve", "studio", "prepare", "key", "doctor"):
    sys.argv = ["manage.py", command]
    try:
        manage.main()
    except SystemExit as end:
        print(end.code)
"""


def test_says_in_one_line_that_the_folder_of_the_database_is_missing(launch: Start) -> None:
    program = launch([sys.executable, "-c", EACH], {"DATABASE_URL": "sqlite:////no/dir/x.db"})
    assert program.wait(90) == 0
    assert program.lines == 5 * [
        "DATABASE_URL names a file in /no/dir, which doesn't exist. Create that folder, or write"
        " the path of one that exists."
    ]


@pytest.mark.django_db
def test_nothing_works_on_the_database_of_a_newer_release() -> None:
    MigrationRecorder.Migration.objects.create(app="runs", name="0999_parked")
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        for command in ("prepare", "worker"):
            with pytest.raises(CommandError, match=re.escape(NEWER)):
                call_command(command)
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


@pytest.mark.thorough
def test_refuses_the_database_of_a_newer_release(serve: Start, launch: Start, home: Path) -> None:
    bring_tables(home, {"DATABASE_URL": ""})
    database = sqlite3.connect(home / "reelgraph.sqlite3")
    with contextlib.closing(database), database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('runs', '0999_parked', '2031-01-01')"
        )
    program = serve(free_port())
    assert program.wait(80) == 1
    (line,) = program.lines
    assert line.startswith(NEWER)
    environment = {"REELGRAPH_HOME": str(home), "DATABASE_URL": ""}
    worker = launch([sys.executable, "manage.py", "worker", "--name", "worker-old"], environment)
    assert worker.wait(80) == 1
    assert NEWER in worker.text()


def open_to_others(home: Path) -> list[Path]:
    """No other user gets past the folder of the media to what is in it."""
    media = home / "media"
    ours = [home, *(path for path in home.rglob("*") if media not in path.parents)]
    return [path for path in ours if not path.is_socket() and path.stat().st_mode & 0o077]
