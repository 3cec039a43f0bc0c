"""`move-database`: to Postgres and back, and what it refuses, as an operator types it."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support import operator_commands
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres_server import PASSWORD, PostgresServer
from tests.support.program import ROOT
from tests.support.template_database import DATABASE, bring_tables, template_file
from tests.support.waiting import wait_for

pytestmark = [pytest.mark.slow]

MOVED = "Count and hash of every table are the same on both sides"
# Odd values, a run that refers to a later one, and numbers of rows that are gone.
FILL = r"""
from django.db import connection
from django.db.models import JSONField, Value
from datetime import UTC, datetime
from accounts.models import User
from moderation.models import AuditEntry
from runs.models import Event, Run

ada = User.objects.create(username="ada", display_name="Ada \\N \t \u00e9 \U0001f680 \"'")
born = datetime(1900, 2, 3, 4, 5, 6, 789, UTC)
bob = User.objects.create(username="bob", date_joined=born)
odd = {"z": 1, "a": [1e22, -0.0, 1e-7, 0.1, 1.0, True, None, "\u2028 \\u0000"], "": {"\u00e9": {}}}
for data in (odd, Value(None, JSONField()), [], "text", 1e300, False):
    AuditEntry.objects.create(action="run.cancel", subject_kind="run", subject_id="x", data=data)
fields = {"owner": ada, "kind": "steps", "title": "t", "request": {}, "plan": {}, "last_seq": 0}
first = Run.objects.create(public_id="wf_1", error=Value(None, JSONField()), **fields)
second = Run.objects.create(public_id="wf_2", error=None, **fields)
Run.objects.filter(pk=first.pk).update(cloned_from=second)
gone = Run.objects.create(public_id="wf_3", **fields)
gone.delete()
print(gone.pk or 0)
"""
SEARCH = """
from templates_app.search import search_templates
from moderation.models import AuditEntry
from runs.models import Run
from accounts.models import User
print([one.template.pk for one in search_templates(query="portrait", sort="newest").found])
made = Run.objects.create(public_id="wf_4", owner=User.objects.get(username="ada"), kind="steps",
    title="t", request={}, plan={})
print("numbered on", made.pk > 3)
made.delete()
print([one.data for one in AuditEntry.objects.order_by("pk")][0]["a"][2:5])
print([run.public_id for run in Run.objects.filter(error__isnull=True)])
try:
    AuditEntry.objects.first().delete()
except Exception as problem:
    print("refused", problem)
"""


def manage(home: Path, *words: str, code: int = 0, url: str = "", direct: str = "") -> str:
    named = {"DATABASE_URL": url, "REELGRAPH_DIRECT_DATABASE_URL": direct}
    return operator_commands.manage(home, *words, code=code, **named)


def environment(home: Path, url: str = "") -> dict[str, str]:
    return {**os.environ, **operator_commands.environment(home, DATABASE_URL=url)}


@contextmanager
def edited(home: Path) -> Iterator[sqlite3.Connection]:
    """Open a server's file past the ORM, without its foreign keys."""
    with closing(sqlite3.connect(home / DATABASE)) as file:
        yield file
        file.commit()


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hash_of_all(said: str) -> str:
    match = re.search(r"; of all: (\w+)", said)
    assert match, said
    return match[1]


def with_password(server: PostgresServer) -> str:
    return server.url.replace("reelgraph@", f"reelgraph:{PASSWORD}@")


def rows_of(url: str) -> dict[str, int]:
    """Count the rows of people and runs; none where there are no tables."""
    with psycopg.connect(url) as connection:
        tables = ("accounts_user", "runs_run", "runs_event", "templates_app_template")
        there = connection.execute("SELECT tablename FROM pg_tables").fetchall()
        found = {}
        for table in tables:
            if (table,) in there:
                (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
                found[table] = int(count)
        return {table: count for table, count in found.items() if count}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server with people, samples, a key and odd values."""
    home = tmp_path_factory.mktemp("original")
    bring_tables(home, {})
    manage(home, "prepare")
    manage(home, "key", "--new", "--user", "alice")
    manage(home, "shell", "-v", "0", "-c", FILL)
    return home


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    copy = tmp_path / "home"
    copy.mkdir()
    shutil.copyfile(original / DATABASE, copy / DATABASE)
    shutil.copyfile(original / "secret_key", copy / "secret_key")
    return copy


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def pooler(postgres: PostgresServer) -> Iterator[PgBouncer]:
    with PgBouncer(postgres, takes_options=True) as pooler:
        yield pooler


@pytest.fixture
def empty(postgres: PostgresServer, request: pytest.FixtureRequest) -> str:
    """The URL of a database without rows, with a password that the server doesn't ask for."""
    return new_database(postgres, re.sub(r"\W", "_", request.node.name)[:40])


def new_database(postgres: PostgresServer, name: str) -> str:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE postgres")
    return f"{with_password(postgres).rpartition('/')[0]}/{name}"


def through(pooler: PgBouncer, url: str) -> str:
    """Return the address of the same database at a pooler, which asks for no password."""
    return f"{pooler.url.rpartition('/')[0]}/{url.rpartition('/')[2]}"


def test_to_postgres_on_to_another_and_back(
    original: Path, empty: str, postgres: PostgresServer, pooler: PgBouncer, tmp_path: Path
) -> None:
    there = manage(original, "move-database", "--to", empty)
    assert MOVED in there
    assert f"start the server with REELGRAPH_HOME={original} make run" in there
    assert PASSWORD not in there
    # The old one serves no more, and deletes nothing of the folder that the new one has.
    target = empty.replace(PASSWORD, "…")
    once_more = ("move-database", "--to", str(tmp_path / "more.sqlite3"))
    for words in (("sweep",), ("worker",), ("prepare",), once_more):
        says = manage(original, *words, code=1)
        assert f"This database was moved to {target} on " in says, says
        assert "Set DATABASE_URL to it." in says
    assert f"DATABASE_URL={empty.replace(PASSWORD, '…')}" in there
    another = new_database(postgres, "another")
    pooled = {"url": through(pooler, empty), "direct": empty}
    on = manage(original, "move-database", "--to", another, **pooled)
    assert "REELGRAPH_DIRECT_DATABASE_URL still names the database that was moved" in on
    file = tmp_path / "back.sqlite3"
    back = manage(original, "move-database", "--to", str(file), url=another)
    assert f"DATABASE_URL=sqlite:///{file}" in back
    assert file.stat().st_mode & 0o077 == 0
    # Each move has compared its two sides.
    assert hash_of_all(there) == hash_of_all(on) == hash_of_all(back)
    # Its searches, its numbers, its odd values and what guards the audit log are the same.
    ask = ("shell", "-v", "0", "-c", SEARCH)
    here = manage(original, *ask)
    assert "numbered on True" in here
    assert "refused" in here
    assert "append-only" in here
    assert here.splitlines()[0] not in ("", "[]")
    on_postgres = manage(original, *ask, url=another)
    assert on_postgres.splitlines()[:4] == here.splitlines()[:4]
    assert "append-only" in on_postgres
    assert manage(original, *ask, url=f"sqlite:///{file}") == here
    # To go back takes a confirmation.
    words = [sys.executable, "manage.py", "take-over"]
    env = environment(original)
    answer = subprocess.run(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True)
    assert (answer.returncode, b"Say it with --yes" in answer.stderr) == (1, True), answer.stderr
    assert "This is the server now" in manage(original, "take-over", "--yes")
    manage(original, "sweep")
    assert "nothing to take over" in manage(original, "take-over", "--yes")


def test_values_that_postgres_cannot_hold_are_all_named(home: Path, empty: str) -> None:
    with edited(home) as file:
        file.execute("UPDATE accounts_user SET display_name = 'a' || char(0) WHERE username='ada'")
        file.execute("UPDATE accounts_user SET email = hex(zeroblob(200)) WHERE username = 'bob'")
        file.execute("UPDATE runs_run SET resume_count = 1.5 WHERE public_id = 'wf_1'")
        file.execute("UPDATE runs_run SET created_at = 'soon' WHERE public_id = 'wf_1'")
        file.execute("UPDATE runs_run SET last_seq = 'many' WHERE public_id = 'wf_2'")
        file.execute("UPDATE runs_run SET priority = 40000 WHERE public_id = 'wf_2'")
        file.execute("""UPDATE runs_run SET request = '["\\u0000"]' WHERE public_id = 'wf_2'""")
        file.execute("UPDATE runs_run SET title = CAST(x'ff' AS TEXT) WHERE public_id = 'wf_2'")
        file.execute("UPDATE runs_run SET cloned_from_id = 99 WHERE public_id = 'wf_2'")
        file.execute(
            "INSERT INTO django_session VALUES ('secretsecretsecretsecretsecret12', 'x', 'never')"
        )
    said = manage(home, "move-database", "--to", empty, code=1)
    for words in (
        "accounts_user.display_name, row ",
        "holds NUL, which Postgres refuses in text",
        "accounts_user.email, row ",
        "has 400 characters; the column holds 254",
        "runs_run.resume_count, row 1: is a float, and an integer is meant",
        "runs_run.created_at, row 1: is text that can't be read",
        "runs_run.last_seq, row 2: is text, and an integer is meant",
        "runs_run.priority, row 2: is outside -32768 to 32767",
        "runs_run.request, row 2: holds NUL",
        "runs_run.title, row 2: isn't valid UTF-8",
        "runs_run.cloned_from_id, row 2: refers to a row of runs_run that isn't there",
        "django_session.expire_date, row secretse…: is text that can't be read",
        "Nothing was moved: 10 values can't be stored there",
    ):
        assert words in said, said
    assert "secretsecretsecret" not in said
    assert rows_of(empty) == {}


# In one process: each starts for seconds.
TRY_EACH = """
import sqlite3
from django.core.management import CommandError, call_command
from django.db import connection
def tell(to):
    try:
        call_command("move-database", to=to)
    except CommandError as problem:
        print(problem)
for to in {targets!r}:
    tell(to)
with sqlite3.connect({target!r}) as file:
    file.execute("CREATE TABLE shopping (id)")
tell({target!r})
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM django_migrations WHERE name = '0003_quiet_copies'")
    tell({target!r})
    cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('core', '9', '')")
    tell({target!r})
"""


def test_refused(
    home: Path,
    original: Path,
    empty: str,
    postgres: PostgresServer,
    pooler: PgBouncer,
    tmp_path: Path,
) -> None:
    with psycopg.connect(empty, autocommit=True) as connection:
        connection.execute("CREATE ROLE guest LOGIN")
    (tmp_path / "words").write_text("not a database, in more than a hundred letters" * 3)
    with closing(sqlite3.connect(tmp_path / "theirs")) as file:
        file.execute("CREATE TABLE django_migrations AS SELECT 'shop' AS app, '0001_first' AS name")
    (tmp_path / "link").symlink_to(home / DATABASE)
    with PgBouncer(postgres) as strict:
        targets = {
            f"postgres://a:{PASSWORD}@127.0.0.1:9/x": "at the given URL doesn't answer",
            f"{empty}_not": 'database "test_refused_not" does not exist',
            "mars://x:y": "--to can't be read",
            "mysql://ada@db/x": "Reelgraph works on Postgres and SQLite",
            empty.rpartition("/")[0]: "--to names no database",
            "sqlite://:memory:": "--to names no database",
            str(tmp_path / "words"): "doesn't answer: file is not a database",
            str(tmp_path / "theirs"): "has made the target's tables (shop.0001_first)",
            str(tmp_path / "link"): "The target is the database that is moved",
            str(original / DATABASE): "The target isn't empty: accounts_apikey has rows",
            empty.replace("reelgraph:", "guest:"): "Run ALTER DATABASE test_refused OWNER TO guest",
            through(strict, empty): "--to names a pooler. Name the Postgres server's own address",
            through(pooler, empty): "--to names a pooler. Name the Postgres server's own address",
        }
        target = tmp_path / "new.sqlite3"
        words = TRY_EACH.format(targets=list(targets), target=str(target))
        said = manage(home, "shell", "-v", "0", "-c", words)
    lines = [line for line in said.splitlines() if line]
    expected = (
        *targets.values(),
        "The target isn't empty: it has the table shopping",
        "hasn't updated the database yet",
        "A newer release of Reelgraph has changed this database",
    )
    assert len(lines) == len(expected), said
    for line, part in zip(lines, expected, strict=True):
        assert part in line, said
    assert PASSWORD not in said
    assert rows_of(empty) == {}
    with closing(sqlite3.connect(target)) as file:
        # Also not the journal of another program's file.
        assert file.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    nothing = ("move-database", "--to", str(tmp_path / "other.sqlite3"))
    assert "There is no database" in manage(tmp_path / "nothing", *nothing, code=1)
    assert not (tmp_path / "other.sqlite3").exists()


def test_a_source_is_named_by_its_own_address(
    original: Path, empty: str, pooler: PgBouncer, tmp_path: Path
) -> None:
    move = ("move-database", "--to", str(tmp_path / "new.sqlite3"))
    pooled = through(pooler, empty)
    said = manage(original, *move, code=1, url=pooled)
    assert "Set REELGRAPH_DIRECT_DATABASE_URL to the Postgres server's own address" in said
    same = ("move-database", "--to", empty.replace("127.0.0.1", "localhost"))
    said = manage(original, *same, code=1, url=pooled, direct=empty)
    assert "The target is the database that is moved" in said
    assert not (tmp_path / "new.sqlite3").exists()


def test_refused_while_it_runs(home: Path, empty: str, tmp_path: Path) -> None:
    move = ("move-database", "--to", str(tmp_path / "new.sqlite3"))
    sleeper = [sys.executable, "manage.py", "worker", "--name", "by-hand"]
    with subprocess.Popen(sleeper, cwd=ROOT, env=environment(home)) as worker:
        with edited(home) as file:
            wait_for(lambda: file.execute("SELECT 1 FROM runs_worker").fetchone(), "it", 60)
        said = manage(home, *move, code=1)
        worker.kill()
    assert "Workers of this server run: by-hand" in said
    with edited(home) as file:
        file.execute("DELETE FROM runs_worker")
    manage(home, "move-database", "--to", empty)
    with psycopg.connect(empty):
        assert "connected to this database (1 sessions)" in manage(home, *move, code=1, url=empty)
    assert not (tmp_path / "new.sqlite3").exists()


def kill_after(home: Path, line: bytes, target: str, url: str = "") -> None:
    """Begin a move, and kill it when it has said this line."""
    words = [sys.executable, "manage.py", "move-database", "--to", target]
    env = environment(home, url)
    with subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.PIPE) as moving:
        assert moving.stdout is not None
        while not (said := moving.stdout.readline()).startswith(line):
            assert said, f"it ended without saying {line!r}"
        time.sleep(0.2)
        moving.send_signal(signal.SIGKILL)


def test_killed_at_any_moment(home: Path, empty: str, tmp_path: Path) -> None:
    with edited(home) as file:
        file.execute("CREATE TABLE shopping (id)")
        file.execute(
            "INSERT INTO runs_event (run_id, seq, name, generation, run_status, payload,"
            " created_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE"
            " i < 40000) SELECT 1, i, 'step_progress', 0, 'running', '{}',"
            " '2026-01-01 00:00:00' FROM n"
        )
    before = hash_of(home / DATABASE)
    # While the events are written; when only the comparison is left.
    for line in (b"runs_run ", b"Checking references"):
        kill_after(home, line, empty)
        assert rows_of(empty) == {}
        assert hash_of(home / DATABASE) == before
    there = manage(home, "move-database", "--to", empty)
    assert MOVED in there
    assert "Not moved, as this release has no such tables: shopping." in there
    assert rows_of(empty)["runs_event"] == 40_000
    back = tmp_path / "back.sqlite3"
    shutil.copyfile(template_file(), back)
    kill_after(home, b"runs_run ", str(back), url=empty)
    with closing(sqlite3.connect(back)) as file:
        assert file.execute("SELECT count(*) FROM runs_run").fetchone() == (0,)
        assert file.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    assert MOVED in manage(home, "move-database", "--to", str(back), url=empty)
