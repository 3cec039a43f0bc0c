"""A worker that stands still inside a transaction must not hold its run, or the sweeper, for ever.

On Postgres only: SQLite's one write lock is in the frozen process, and all wait until it wakes.
"""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from core.database import is_away
from runs.engine import reclaiming
from runs.engine.attempt_context import AttemptContext
from runs.engine.worker import Worker
from runs.log.changes import changing
from runs.models import Attempt
from tests.support.builders.running import (
    chain,
    start,
    status_after_work,
    status_of,
    statuses,
    take,
)
from tests.support.clients.api import Api
from tests.support.fakes.maker import Maker
from tests.support.waiting import WAIT_S, wait_for

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
            with changing(run.id) as change:
                change.set(title="never")
                with connection.cursor() as cursor:
                    cursor.execute("SET idle_in_transaction_session_timeout = '300ms'")
                locked.set()
                wakes.wait(WAIT_S)
        except DatabaseError as problem:
            ended.append(problem)
        finally:
            connection.close()

    thread = threading.Thread(target=freeze)
    thread.start()
    try:
        assert locked.wait(WAIT_S)
        with transaction.atomic(), connection.cursor() as cursor:
            # So that a mistake fails here instead of waiting for ever.
            cursor.execute(f"SET LOCAL lock_timeout = '{WAIT_S:.0f}s'")
            assert reclaiming.release_worker("frozen") == 1
    finally:
        wakes.set()
        thread.join(WAIT_S)
    assert ended
    assert statuses(run) == {"s0": "ready"}
    assert (status_after_work(run), run.title == "never") == ("completed", False)


def standing_still_at(fragment: str) -> Callable[..., Any]:
    """For `execute_wrapper`: once, before such a statement, the process pauses in its transaction
    until the server has ended the session."""
    paused: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if fragment in sql and connection.in_atomic_block and not paused:
            paused.append(sql)
            with connection.connection.cursor() as cursor:
                cursor.execute("SET idle_in_transaction_session_timeout = '50ms'")
            # It says so, and closes.
            select.select([connection.connection.fileno()], [], [], WAIT_S)
        return execute(sql, params, many, context)

    return watch


@pytest.mark.parametrize(
    "at",
    [
        "UPDATE runs_step SET attempt",
        "INSERT INTO runs_attempt",
        "UPDATE runs_step SET status = 'completed'",
        "UPDATE runs_attempt",
        "INSERT INTO runs_event",
        "UPDATE runs_run",
    ],
)
def test_machine_that_stood_still_in_a_transaction_fails_no_run(alice: User, at: str) -> None:
    run = start(alice, chain("noop", 3))
    worker = Worker("paused")
    with connection.execute_wrapper(standing_still_at(at)):
        assert worker.run_until_idle() < 3
    worker.run_until_idle()
    assert (status_of(run), set(statuses(run).values())) == ("completed", {"completed"})
    assert not run.steps.filter(lost_leases__gt=0).exists()


def test_request_that_stood_still_in_a_transaction_is_told_to_come_again(
    alice: User, alice_key: str
) -> None:
    run = start(alice, chain("sleep", 1))
    with connection.execute_wrapper(standing_still_at("UPDATE")):
        answer = Api(alice_key).post(f"/v1/creative-agent/workflows/{run.public_id}/cancel", {})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_mistakes_in_a_statement_are_not_taken_for_an_outage() -> None:
    with pytest.raises(DatabaseError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")
    assert not is_away(caught.value)


def test_a_job_is_noted_while_its_step_is_taken_back(alice: User, maker: Maker) -> None:
    """Its worker stood still after it submitted, and wakes in the middle of the sweep."""
    step = {"id": "a", "toolName": "made", "arguments": {"prompt": "x"}}
    claim = take(start(alice, [step]), "frozen")
    context = AttemptContext(claim)
    context.provider = "maker"
    context.submitting()

    def in_thread(work: Callable[[], object]) -> threading.Thread:
        def call() -> None:
            try:
                work()
            finally:
                connection.close()

        thread = threading.Thread(target=call)
        thread.start()
        return thread

    # Both want the attempt's row, first the worker.
    with transaction.atomic():
        Attempt.objects.select_for_update(no_key=True).get(id=claim.attempt_id)
        remembers = in_thread(lambda: context.remember({"id": "job-1"}))
        wait_for(lambda: waiting_for_locks() == 1, "the worker to wait")
        sweeps = in_thread(lambda: reclaiming.release_worker("frozen"))
        wait_for(lambda: waiting_for_locks() == 2, "the sweeper to wait")
    for thread in (remembers, sweeps):
        thread.join(WAIT_S)
    attempt = Attempt.objects.get(id=claim.attempt_id)
    assert (attempt.job_ref, attempt.outcome) == ({"id": "job-1"}, "lost")
    # Its job is known: it goes on with it, and nobody is asked.
    assert statuses(claim.step.run) == {"a": "ready"}


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        # Else a transaction sees what it saw at first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return int(cursor.fetchone()[0])
