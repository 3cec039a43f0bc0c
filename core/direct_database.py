"""Connections of our own to Postgres, beside Django's: those that LISTEN or hold a session's lock.

They are direct ones where DATABASE_URL names a pooler: it shares sessions between transactions, and
what a session listens to or holds is lost.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# Options of Django's connections that are for its cursors.
_DJANGOS = ("context", "cursor_factory", "prepare_threshold")
# What PgBouncer says to the options that only sessions of one's own take.
REFUSAL = "unsupported startup parameter"
# Identifies a database, by whichever address it is reached.
IDENTITY = "SELECT pg_postmaster_start_time(), current_database()"
# A server may end idle sessions. Those before 14 take no such setting, so this waits for an answer.
STAY = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'
"""


def direct_parameters(purpose: str) -> dict[str, Any]:
    """Return psycopg's parameters for REELGRAPH_DIRECT_DATABASE_URL, else for Django's database.

    purpose: how the server's list of sessions names it.
    """
    parameters = direct_session(purpose).get_connection_params()
    own_parameters = {name: value for name, value in parameters.items() if name not in _DJANGOS}
    return {**own_parameters, "autocommit": True}


def direct_session(purpose: str) -> BaseDatabaseWrapper:
    """A connection like Django's to the same database as `direct_parameters`, that is no thread's.
    It opens with its first cursor. The caller closes it."""
    session = connections[DEFAULT_DB_ALIAS].copy()
    session.settings_dict.update(settings.DIRECT_DATABASE)
    options = session.settings_dict["OPTIONS"]
    session.settings_dict["OPTIONS"] = {**options, "application_name": purpose}
    return session


def is_pooled(session: BaseDatabaseWrapper | None = None) -> bool:
    """Return whether something between Django and Postgres shares sessions, such as PgBouncer.

    PgBouncer reports a process id of its own to each client; the server knows the one that answers.
    session: to the Postgres to check; by default Django's.
    """
    with (session or connection).cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        answering = int(cursor.fetchone()[0])
        # The driver's connection below Django's.
        backend_pid = int(cursor.connection.info.backend_pid)
    return answering != backend_pid
