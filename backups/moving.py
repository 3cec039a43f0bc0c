"""Moving a whole database to another one, which is empty: all of it in one transaction, or nothing.

The source is read at one moment and stays as it is. Every table's rows are counted and row_hash on
both sides before anything is committed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.utils import load_backend

from backups import table_rows, value_checks
from backups.folders import POSTGRES, SQLITE, BackupProblem
from backups.id_sequences import last_numbers, set_last_numbers
from backups.row_hashes import Digest, RowHash
from core.database import first_line
from core.direct_database import IDENTITY, REFUSAL, STAY, is_pooled

SOURCE, TARGET = "move_source", "move_target"
_UNREACHABLE: Final = {
    SOURCE: "The database that is moved doesn't answer: {}. Check DATABASE_URL, or"
    " REELGRAPH_DIRECT_DATABASE_URL where that is set.",
    TARGET: "The database at the given URL doesn't answer: {}. Check the URL, and that this machine"
    " may connect.",
}
# One transaction and what is set for its session: a pooler gives a session to others between.
_POOLER_REFUSALS: Final = {
    SOURCE: "The database that is moved is reached by a pooler. Set REELGRAPH_DIRECT_DATABASE_URL"
    " to the Postgres server's own address, then run this again.",
    TARGET: "--to names a pooler. Name the Postgres server's own address; DATABASE_URL may name the"
    " pooler afterwards.",
}
# What migrations put into an empty database. The source's rows take their place.
BORN_TABLES: Final = (
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
    "auth_group",
    "core_installation",
)
# Not moved: what a database knows of itself, and counters of the last minutes.
_OWN: Final = ("django_migrations", "shared_cache")
_MIGRATIONS: Final = "SELECT app, name FROM django_migrations"
_MOST_FAULTS: Final = 1_000

Say = Callable[[str], None]


class ValuesRefused(BackupProblem):
    """Some values can't be stored in the other database. lines: each with table, column and row."""

    def __init__(self, lines: list[str], count: int) -> None:
        more = f"\n… and {count - len(lines)} more" if count > len(lines) else ""
        super().__init__(
            "\n".join(lines) + f"{more}\nNothing was moved: {count} values can't be stored there."
            " Correct these rows in the database that you move from, then run this again."
        )
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Move:
    """The rows that were moved. digests: by table. left_out: tables that aren't of this release."""

    digests: dict[str, Digest]
    left_out: list[str]
    seconds: float

    @property
    def rows(self) -> int:
        return sum(digest.count for digest in self.digests.values())

    @property
    def sha256(self) -> str:
        """Hash all tables: the same where all rows are the same, on either database."""
        lines = (f"{table} {digest.sha256}\n" for table, digest in sorted(self.digests.items()))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@contextmanager
def opened(alias: str, entry: dict[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """Open a database beside those of the settings. entry: as in settings.DATABASES.

    Raises BackupProblem where it doesn't answer, and where a pooler does.
    """
    entry = {**entry, "ATOMIC_REQUESTS": False, "DISABLE_SERVER_SIDE_CURSORS": False}
    complete = connections.configure_settings({DEFAULT_DB_ALIAS: entry})[DEFAULT_DB_ALIAS]
    try:
        connection = load_backend(complete["ENGINE"]).DatabaseWrapper(complete, alias)
        connections[alias] = connection
        connection.ensure_connection()
        if connection.vendor == POSTGRES and is_pooled(connection):
            raise BackupProblem(_POOLER_REFUSALS[alias])
        _be_patient(connection)
        if connection.vendor == SQLITE:
            # A file is read no sooner than it's asked for something.
            connection.introspection.table_names()
    except (DatabaseError, InterfaceError) as problem:
        text = _POOLER_REFUSALS[alias] if REFUSAL in str(problem) else _UNREACHABLE[alias]
        raise BackupProblem(text.format(first_line(problem))) from None
    try:
        yield connection
    finally:
        connection.close()
        del connections[alias]


def only_looking(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry that leaves the file of another program as it is: without its own journal."""
    options = {name: one for name, one in entry["OPTIONS"].items() if name != "init_command"}
    return {**entry, "OPTIONS": options}


def check_target(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, migrations: set[str]
) -> None:
    """Raise BackupProblem where anything is there, other than what our migrations make, and where
    tables can't be made.

    migrations: those of this release, as `app.name`.
    """
    if _identity(source) == _identity(target):
        raise BackupProblem(f"The target is the database that is moved. {_EMPTY}")
    if target.vendor == POSTGRES:
        with target.cursor() as cursor:
            cursor.execute(_MAY_MAKE_TABLES)
            may_make_tables, name, role = cursor.fetchone()
        if not may_make_tables:
            raise BackupProblem(
                f"{role} may not make tables in {name}. Run ALTER DATABASE {name} OWNER TO {role}"
                " as an administrator of that Postgres, then run this again."
            )
    tables = _tables(target)
    if tables and "django_migrations" not in tables:
        raise BackupProblem(f"The target isn't empty: it has the table {tables[0]}. {_EMPTY}")
    with target.cursor() as cursor:
        if tables:
            cursor.execute(_MIGRATIONS)
            there = {f"{app}.{name}" for app, name in cursor.fetchall() if app != _PROCRASTINATE}
            if unknown := sorted(there - migrations):
                raise BackupProblem(
                    "A newer release, or another program, has made the target's tables"
                    f" ({unknown[0]}). {_EMPTY}"
                )
        for table in tables:
            if table in (*BORN_TABLES, *_OWN):
                continue
            cursor.execute(f'SELECT 1 FROM "{table}" LIMIT 1')  # noqa: S608
            if cursor.fetchone():
                raise BackupProblem(f"The target isn't empty: {table} has rows. {_EMPTY}")


_PROCRASTINATE = table_rows.LEFT_OUT
_EMPTY = "Name an empty database, or a file that doesn't exist yet."
_MAY_MAKE_TABLES: Final = """
    SELECT has_schema_privilege(current_schema(), 'CREATE'), quote_ident(current_database()),
        quote_ident(current_user)
"""


def _identity(connection: BaseDatabaseWrapper) -> object:
    """Identify a database, by whichever address it is reached."""
    if connection.vendor == SQLITE:
        return Path(connection.settings_dict["NAME"]).resolve()
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        return cursor.fetchone()


def move(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, say: Say) -> Move:
    """Move all rows into the target, whose tables are there and empty. Raises BackupProblem.

    say: hears a line for each table with rows.
    """
    began = time.monotonic()
    models = table_rows.ordered_models()
    with _frozen(source):
        say("Checking all values…")
        digests = _check_values(source, target, models)
        say(f"All of them can be stored there. {time.monotonic() - began:.1f} s")
        with _filling(target):
            with target.cursor() as cursor:
                for table in BORN_TABLES:
                    cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608
            for model in models:
                _copy(source, target, model, digests[model], say)
            say("Checking references, then comparing both sides…")
            with _naming("references"):
                target.check_constraints()
            set_last_numbers(target, last_numbers(source, models))
            for model in models:
                _compare(target, model, digests[model])
            if target.vendor == POSTGRES:
                # Else the first hours are slow, until Postgres counts by itself.
                with target.cursor() as cursor:
                    cursor.execute("ANALYZE")
    by_table = {model._meta.db_table: digest for model, digest in digests.items()}
    left_out = [table for table in _tables(source) if table not in (*by_table, *_OWN)]
    return Move(by_table, left_out, time.monotonic() - began)


@contextmanager
def _frozen(source: BaseDatabaseWrapper) -> Iterator[None]:
    """See one moment of it. SQLite lets no one else write until the block ends."""
    value_checks.keep_bad_text(source)
    with transaction.atomic(using=SOURCE):
        if source.vendor == POSTGRES:
            with source.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


@contextmanager
def _filling(target: BaseDatabaseWrapper) -> Iterator[None]:
    if target.vendor == SQLITE:
        with target.cursor() as cursor:
            # The source may be deleted next: the commit waits for the disk.
            cursor.execute("PRAGMA synchronous=FULL")
    with _naming("the end"), transaction.atomic(using=TARGET):
        yield


def _be_patient(connection: BaseDatabaseWrapper) -> None:
    """Let each side wait while the other works, as long as that takes."""
    if connection.vendor != POSTGRES:
        return
    with connection.cursor() as cursor:
        cursor.execute(STAY)
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
        cursor.execute("SET statement_timeout = 0")


def _check_values(
    source: BaseDatabaseWrapper, target: BaseDatabaseWrapper, models: list[type[Model]]
) -> dict[type[Model], Digest]:
    """Return the digest of each table. Raises ValuesRefused."""
    faults: list[str] = []
    count = 0

    def note(line: str) -> None:
        nonlocal count
        count += 1
        if count <= _MOST_FAULTS:
            faults.append(line)

    digests = {}
    for model in models:
        row_hash = RowHash(model)
        with _naming(model._meta.db_table):
            for row in value_checks.checked_rows(source, target, model, note):
                row_hash.add(row)
        digests[model] = row_hash.digest()
    for line in value_checks.broken_references(source):
        note(line)
    if count:
        raise ValuesRefused(faults, count)
    return digests


def _copy(
    source: BaseDatabaseWrapper,
    target: BaseDatabaseWrapper,
    model: type[Model],
    digest: Digest,
    say: Say,
) -> None:
    if not digest.count:
        return
    began = time.monotonic()
    table = model._meta.db_table
    with _naming(table):
        table_rows.write(target, model, table_rows.rows_of(source, model))
    say(f"{table:<34} {digest.count:>12,} rows {time.monotonic() - began:>7.1f} s")


def _compare(target: BaseDatabaseWrapper, model: type[Model], digest: Digest) -> None:
    row_hash, table = RowHash(model), model._meta.db_table
    with _naming(table):
        for row in table_rows.rows_of(target, model):
            row_hash.add(row)
    actual = row_hash.digest()
    if actual.count != digest.count:
        raise BackupProblem(
            f"{table} has {actual.count} rows there and {digest.count} here. Nothing was moved."
        )
    if actual != digest:
        raise BackupProblem(f"{table} isn't the same there as here. Nothing was moved.")


@contextmanager
def _naming(what: str) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError) as problem:
        raise BackupProblem(f"{what}: {first_line(problem)}. Nothing was moved.") from None


def _tables(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of tables, without those that a database fills by itself."""
    own = [_PROCRASTINATE]
    with connection.cursor() as cursor:
        if connection.vendor == SQLITE:
            cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL%'")
            own += ["sqlite_", *(name for (name,) in cursor.fetchall())]
        names: list[str] = connection.introspection.table_names(cursor)
    return [name for name in names if not name.startswith(tuple(own))]
