"""Hints on Postgres: jobs of Procrastinate wake workers, and nothing depends on them.

Workers here would look by themselves only after an hour: what comes sooner was hinted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from runs import states
from runs.dispatch import Subscription, dispatch, hint_sender
from runs.dispatch.jobs import parameters
from runs.models import QueueLimit, Run, Step
from tests.support.builders.plans import run_plan, step
from tests.support.waiting import WAIT_S, wait_for

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.ON_POSTGRES, reason="Procrastinate is on Postgres only."),
]
# Longer than a test may take.
FAR_S = 3_600.0
COMMIT = "synchronous_commit"
# The advisory lock that a fetch waits for.
HELD = 1_700_001

Listen = Callable[..., Subscription]


@pytest.fixture(autouse=True)
def _no_jobs(db: None) -> None:
    """Its tables are not Django's to empty between tests."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def listen(settings: Any) -> Iterator[Listen]:
    """`listen("gpu")`: a worker that waits, with nothing left to look at."""
    settings.POLL_S = FAR_S
    with ExitStack() as stack:

        def begin(*labels: str) -> Subscription:
            found = stack.enter_context(closing(dispatch().listen("listener", labels)))
            # The first look of each worker, when it listens.
            assert found.wait(WAIT_S)
            return found

        yield begin


def ready(person: User, label: str) -> Run:
    """A step with this label becomes due, and its transaction ends with a hint."""
    with transaction.atomic():
        run = run_plan(person, step("only"))
        Step.objects.filter(run=run).update(label=label, assigned_provider=label and "far-away")
    return run


def jobs() -> list[tuple[str, str]]:
    """What Procrastinate holds, as (queue, status)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, status FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def end_other_sessions() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


def hears(subscription: Subscription) -> threading.Thread:
    """A worker that waits, as its main thread does."""
    waiting = threading.Thread(target=subscription.wait, args=(FAR_S,), daemon=True)
    waiting.start()
    return waiting


def heard(subscription: Subscription) -> None:
    """The worker takes every job there is, and has nothing left to look at. Its first look and a
    job may be one hint. It waits as its main thread does: one that only looks in and is away when
    the job comes is busy, and passes it on."""
    wait_for(lambda: not subscription.wait(1) and not jobs(), "the end of jobs")


def test_a_step_of_its_label_wakes_a_worker(alice: User, listen: Listen) -> None:
    # Both wait. The other may look by itself at any time, as when its connection was away.
    gpu, _ = listen("gpu"), hears(listen("cpu"))
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)
    # No job is for the other.
    wait_for(jobs, "a job")
    assert {queue for queue, _ in jobs()} == {"gpu"}
    # It goes when there is nothing left to take.
    heard(gpu)


def test_a_job_at_a_paused_provider_wakes_a_worker_when_there_is_news(
    alice: User, listen: Listen
) -> None:
    gpu = listen("gpu")
    with transaction.atomic():
        QueueLimit.objects.create(name="provider:far-away", paused_at=clock.now())
        run = run_plan(alice, step("only"))
        Step.objects.filter(run=run).update(
            label="gpu", assigned_provider="far-away", status=states.PARKED
        )
    assert gpu.wait(WAIT_S)


def test_a_step_that_has_no_label_yet_wakes_any_worker(alice: User, listen: Listen) -> None:
    gpu = listen("gpu")
    ready(alice, "")
    assert gpu.wait(WAIT_S)


def test_a_busy_worker_leaves_the_hint_to_another(alice: User, listen: Listen) -> None:
    listen("gpu")  # It has looked, and does not wait.
    idle = listen("gpu")
    ready(alice, "gpu")
    assert idle.wait(WAIT_S)


def test_a_worker_passes_the_hint_on_before_it_works(alice: User, listen: Listen) -> None:
    first, second = listen("gpu"), listen("gpu")
    run = ready(alice, "gpu")
    ready(alice, "gpu")
    assert first.wait(WAIT_S)
    other = hears(second)
    # As the first worker's claim leaves it.
    run.steps.update(status="running", lease_until=clock.now() + timedelta(hours=1))
    first.pass_on()
    other.join(WAIT_S)
    assert not other.is_alive()


def test_many_ready_steps_of_a_label_are_one_waiting_job(alice: User) -> None:
    for _ in range(5):
        ready(alice, "gpu")
    wait_for(jobs, "a job")
    dispatch().close()
    assert jobs() == [("gpu", "todo")]


def test_jobs_wait_for_no_disk(alice: User) -> None:
    """What a crash of the server takes back of them, or brings back, costs a look."""
    with psycopg.connect(**parameters()) as own:
        answer = own.execute("SELECT setting, source FROM pg_settings WHERE name = %s", [COMMIT])
        assert answer.fetchone() == ("off", "client")
    ready(alice, "gpu")
    wait_for(jobs, "its job")
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    with CaptureQueriesContext(connection) as sent:
        hint_sender.send()
        # Of that transaction alone.
        with connection.cursor() as cursor:
            cursor.execute("SELECT source FROM pg_settings WHERE name = %s", [COMMIT])
            assert cursor.fetchone() != ("session",)
    begin, setting = (one["sql"] for one in sent.captured_queries[1:3])
    assert (begin, setting) == ("BEGIN", f"SET LOCAL {COMMIT} = off")
    assert [queue for queue, _ in jobs()] == ["gpu"]


def test_hints_that_were_sent_before_a_worker_listened_are_heard(
    alice: User, listen: Listen
) -> None:
    ready(alice, "gpu")
    wait_for(jobs, "a job")
    late = listen("gpu")
    heard(late)


def test_hints_are_heard_again_when_the_connection_was_lost(alice: User, listen: Listen) -> None:
    gpu = listen("gpu")
    end_other_sessions()
    # It looks once as soon as it listens again: what was sent meanwhile is found.
    assert gpu.wait(WAIT_S)
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)


def test_emptied_tables_lose_nothing_but_a_hint(alice: User, listen: Listen) -> None:
    gpu = listen("gpu")
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    # The worker has no row any more; it registers again and looks.
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)
    heard(gpu)
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)


def test_a_step_starts_though_the_tables_are_gone(
    alice: User, listen: Listen, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO elsewhere")
    try:
        for _ in range(3):
            ready(alice, "gpu")
            dispatch().close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO procrastinate_jobs")
    assert Step.objects.filter(label="gpu", status="ready").count() == 3
    said = [
        one.message for one in caplog.records if "Hints to workers can't be sent" in one.message
    ]
    assert len(said) == 1
    gpu = listen("gpu")
    ready(alice, "gpu")
    assert gpu.wait(WAIT_S)


@pytest.fixture
def let_fetch() -> Iterator[Callable[[], None]]:
    """Procrastinate's fetch answers half a second after this is called, though it has looked."""
    signature = "(target_queue_names varchar[], p_worker_id bigint)"
    with connection.cursor() as cursor:
        cursor.execute("ALTER FUNCTION procrastinate_fetch_job_v2 RENAME TO quick_fetch")
        cursor.execute(
            f"CREATE FUNCTION procrastinate_fetch_job_v2{signature} RETURNS procrastinate_jobs"
            " LANGUAGE plpgsql AS $$ DECLARE job procrastinate_jobs; BEGIN"
            " SELECT * INTO job FROM quick_fetch(target_queue_names, p_worker_id);"
            f" PERFORM pg_advisory_xact_lock_shared({HELD});"
            " PERFORM pg_sleep(0.5); RETURN job; END $$"
        )
        cursor.execute("SELECT pg_advisory_lock(%s)", [HELD])

    def let() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock_all()")

    yield let
    let()
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION procrastinate_fetch_job_v2")
        cursor.execute("ALTER FUNCTION quick_fetch RENAME TO procrastinate_fetch_job_v2")


def fetches() -> bool:
    """Return whether a worker looks for a job at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active'"
            " AND query LIKE '%%procrastinate_fetch_job%%' AND wait_event = 'advisory'"
        )
        return cursor.fetchone() is not None


def test_a_hint_during_a_fetch_is_not_lost(
    alice: User, let_fetch: Callable[[], None], listen: Listen
) -> None:
    """Procrastinate forgets it, and would sleep until its next poll."""
    gpu = listen("gpu")
    waiting = hears(gpu)
    wait_for(fetches, "a fetch")
    ready(alice, "gpu")
    wait_for(jobs, "its job")
    let_fetch()
    waiting.join(WAIT_S)
    assert not waiting.is_alive()


def test_no_hint_is_lost_between_two_labels(alice: User, listen: Listen) -> None:
    """Each worker hints the other, as steps do that change their label: 300 hops."""
    gpu, cpu = listen("gpu"), listen("cpu")
    ready(alice, "gpu")
    for hop in range(300):
        waiting, following = (gpu, "cpu") if hop % 2 == 0 else (cpu, "gpu")
        assert waiting.wait(WAIT_S), f"hop {hop}: {jobs()}"
        with transaction.atomic():
            Step.objects.update(label=following)
            dispatch().hint([])
        assert not waiting.wait(0)


def test_what_killed_workers_leave_is_swept(alice: User, listen: Listen) -> None:
    listen("gpu")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 min')"
            " RETURNING id"
        )
        dead = cursor.fetchone()[0]
        for queue, status, age in (
            ("dead", "doing", "1 sec"),
            ("orphan", "doing", "1 sec"),
            ("deaf", "todo", "11 min"),
            ("new", "todo", "9 min"),
            ("broken", "failed", "1 sec"),
        ):
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id)"
                " VALUES (%s, 'look', %s, %s) RETURNING id",
                (queue, status, dead if queue == "dead" else None),
            )
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - %s::interval WHERE job_id = %s",
                (age, cursor.fetchone()[0]),
            )
    # Importable only where Procrastinate is installed.
    from runs.dispatch import stale_jobs

    stale_jobs.sweep()
    assert jobs() == [("new", "todo")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_workers")
        assert cursor.fetchone()[0] == 1


def test_a_plain_worker_of_procrastinate_says_what_to_run_instead() -> None:
    with pytest.raises(CommandError, match=r"manage\.py worker"):
        call_command("procrastinate", "worker")
