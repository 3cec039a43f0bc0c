"""What pytest's time-out leaves behind on Postgres.

A test that is ended in the middle of a statement leaves its connection at work: each later test of
its process would fail, as the connection can be neither used nor rolled back.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from django.db import connections


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    report = yield
    if call.excinfo is not None and str(call.excinfo.value).startswith("Timeout"):
        drop_connections()
    return report


def drop_connections() -> None:
    """Close the sockets of this thread's connections to Postgres, and forget their transactions."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor != "postgresql" or connection.connection is None:
            continue
        connection.connection.pgconn.finish()
        connection.connection = None
        connection.in_atomic_block = connection.needs_rollback = False
        connection.closed_in_transaction = False
        connection.savepoint_ids, connection.atomic_blocks = [], []
        connection.run_on_commit = []
