"""Whether what LISTENs has a direct way to Postgres."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from builder.ops.doctor import Checks, fault, ok, warning
from core.direct_database import IDENTITY, direct_parameters, is_pooled
from core.logs import scrubbed

DIRECT = "REELGRAPH_DIRECT_DATABASE_URL"
REMEDY = f"Set {DIRECT} to the database's own address: see docs/reference/settings.md."


def checks() -> Checks:
    """A line where DATABASE_URL names a pooler, or a direct address is set. Needs Postgres."""
    # Only installations on Postgres have the driver.
    import psycopg

    if not settings.DIRECT_DATABASE:
        if is_pooled():
            says = "DATABASE_URL names a pooler: hints between processes get lost in it"
            yield warning("pooler", says, REMEDY)
        return
    try:
        with psycopg.connect(**direct_parameters("reelgraph doctor")) as direct:
            row = direct.execute("SELECT pg_backend_pid()").fetchone()
            is_direct = row is not None and row[0] == direct.info.backend_pid
            listened_to = direct.execute(IDENTITY).fetchone()
    except psycopg.Error as problem:
        reason = scrubbed(" ".join(str(problem).split()))[:300]
        yield fault("pooler", f"{DIRECT} can't be reached: {reason}", f"Fix {DIRECT}.")
        return
    if not is_direct:
        yield warning("pooler", f"{DIRECT} names a pooler, too", REMEDY)
        return
    with connection.cursor() as cursor:
        cursor.execute(IDENTITY)
        if cursor.fetchone() != listened_to:
            # As after `move-database`.
            yield fault("pooler", f"{DIRECT} names another database than DATABASE_URL", REMEDY)
            return
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        patience = cursor.fetchone()[0]
    if patience == "0":
        yield warning(
            "pooler",
            "a process that stops inside a transaction keeps its locks for ever",
            "Run ALTER ROLE … SET idle_in_transaction_session_timeout = '10s' for the role of"
            " DATABASE_URL.",
        )
    else:
        yield ok("pooler", "what listens has a direct way")
