"""A worker that stands still inside a transaction must not hold its run, or the sweeper, for ever.

On Postgres only: SQLite's one write lock is in the frozen process, and all wait until it wakes.
"""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from runs.changes import changing
from runs.engine import lease
from tests.support.running import chain, start, statuses, take, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def test_idle_transactions_are_ended_by_the_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone() == ("10s",)


def test_frozen_transaction_lets_go_of_its_run(alice: User) -> None:
    run = start(alice, chain("noop", 1))
    take(run, "frozen")
    locked, wakes = threading.Event(), threading.Event()
    ended: list[Exception] = []

    def freeze() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET idle_in_transaction_session_timeout = '300ms'")
            with changing(run.id) as change:
                change.set(title="never")
                locked.set()
                wakes.wait(30)
        except DatabaseError as problem:
            ended.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=freeze)
    thread.start()
    try:
        assert locked.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            # So that a mistake fails here instead of waiting for ever.
            cursor.execute("SET LOCAL lock_timeout = '10s'")
            assert lease.release_worker("frozen") == 1
    finally:
        wakes.set()
        thread.join(20)
    assert ended
    assert statuses(run) == {"s0": "ready"}
    work_off()
    run.refresh_from_db()
    assert (run.status, run.title == "never") == ("completed", False)
