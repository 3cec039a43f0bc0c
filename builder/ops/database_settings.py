"""The database of DATABASE_URL, or SQLite in the data folder, and what comes with each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from builder.ops.environment import database, database_at, text_of

# SQLite: IMMEDIATE takes the write lock when a transaction begins, so a read that turns into a
# write cannot fail half-way. Measured: 0 of 1,600 lock errors, against 128 with the defaults.
_SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
        "PRAGMA foreign_keys=ON;"
        # macOS: also through the drive's own cache, as core.durable does.
        "PRAGMA checkpoint_fullfsync=ON;"
    ),
}


# The same database without a pooler, where DATABASE_URL names one.
DIRECT = "REELGRAPH_DIRECT_DATABASE_URL"
_POSTGRES_OPTIONS = {
    # A server that disappeared must not block a worker or a request for minutes.
    "connect_timeout": 5,
    # A link that was cut without a word is noticed within 25 s, also by a session that only
    # listens, or that waits for its last words to arrive.
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# A worker whose machine was suspended inside a transaction keeps a run locked, and the sweeper
# would wait for it. Ours last milliseconds: the server ends it.
_PATIENCE = "-c idle_in_transaction_session_timeout=10s"


def read(home: Path) -> dict[str, Any]:
    """The entry of settings.DATABASES. home: the data folder."""
    if text_of("DATABASE_URL"):
        entry = database("DATABASE_URL")
    else:
        entry = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(home / "reelgraph.sqlite3"),
            # As on Postgres: threads that answer requests keep their connection.
            "CONN_MAX_AGE": 60,
        }
    return _complete(entry, is_pooled=bool(text_of("REELGRAPH_DIRECT_DATABASE_URL")))


def read_target(url: str) -> dict[str, Any]:
    """The same of another database, which `move-database` names. Raises ImproperlyConfigured.

    Never a pooler's: what fills it has to keep its session.
    """
    entry = database_at(url, "--to")
    if not is_postgres(entry) and not entry["ENGINE"].endswith("sqlite3"):
        raise ImproperlyConfigured("Reelgraph works on Postgres and SQLite: name one of these.")
    if entry["NAME"] in ("", ":memory:") and "service" not in entry.get("OPTIONS", {}):
        raise ImproperlyConfigured(
            "--to names no database: write it like postgres://user:password@host:5432/name, or"
            " write the path of a file."
        )
    return _complete(entry, is_pooled=False)


def _complete(entry: dict[str, Any], *, is_pooled: bool) -> dict[str, Any]:
    if entry["ENGINE"].endswith("sqlite3"):
        entry["OPTIONS"] = _SQLITE_OPTIONS
    elif is_postgres(entry):
        options = entry["OPTIONS"] = {**_POSTGRES_OPTIONS, **entry.get("OPTIONS", {})}
        if is_pooled:
            # Another session may answer each transaction. PgBouncer refuses options at the start,
            # and a cursor of the server would be gone with its session.
            entry["DISABLE_SERVER_SIDE_CURSORS"] = True
        else:
            options["options"] = f"{_PATIENCE} {options.get('options', '')}".strip()
            # Hot statements are parsed once for a connection, see core.raw_sql. Another session
            # behind a pooler would not know them.
            options.setdefault("prepare_threshold", 1)
    return {**entry, "ATOMIC_REQUESTS": False}


def direct(main_entry: dict[str, Any]) -> dict[str, Any]:
    """Return what sessions that LISTEN have instead of the entry of settings.DATABASES.

    Nothing where that is direct itself. Raises ImproperlyConfigured.
    """
    if not text_of("REELGRAPH_DIRECT_DATABASE_URL"):
        return {}
    entry = database("REELGRAPH_DIRECT_DATABASE_URL")
    if not (is_postgres(main_entry) and is_postgres(entry) and entry["NAME"]):
        raise ImproperlyConfigured(
            f"{DIRECT} is for a DATABASE_URL that names a pooler of a Postgres: both are written"
            " like postgres://user:password@host:5432/name."
        )
    options = {**_POSTGRES_OPTIONS, **entry.get("OPTIONS", {})}
    options["options"] = f"{_PATIENCE} {options.get('options', '')}".strip()
    names = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    return {**{name: entry[name] for name in names}, "OPTIONS": options}


def is_postgres(entry: dict[str, Any]) -> bool:
    return str(entry["ENGINE"]).endswith("postgresql")


def cache(entry: dict[str, Any], run_dir: Path) -> dict[str, Any]:
    """The entry of settings.CACHES: what all web processes must agree on, such as rates. Never in
    the memory of one of them."""
    if is_postgres(entry):
        return {"BACKEND": "core.shared_cache.TableCache", "LOCATION": "shared_cache"}
    return {
        "BACKEND": "core.shared_cache.FileCache",
        "LOCATION": str(run_dir / "shared_cache.sqlite3"),
    }
