"""Why a step waits is told for any number of steps at once, in words and as a code."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import clock
from runs.engine import blocked_owners, cooldowns, limit_settings, limits, queue_reasons
from runs.models import Attempt, QueueLimit, Run, Step, Worker
from tests.support.builders.running import start, take

pytestmark = pytest.mark.django_db
NOOP = {"toolName": "noop"}


def online(name: str, *labels: str) -> None:
    Worker.objects.create(name=name, host="here", labels=list(labels))


def waiting(owner: User, count: int = 1, **fields: object) -> Run:
    run = start(owner, [NOOP] * count)
    run.steps.update(label="cpu", assigned_provider="bookkeeping")
    run.steps.update(**fields)
    return run


def parked(run: Run, **fields: object) -> None:
    """As a worker leaves a step whose provider will report back."""
    claim = take(run)
    since = clock.now() - timedelta(minutes=5)
    Attempt.objects.filter(id=claim.attempt_id).update(parked_at=since)
    Step.objects.filter(id=claim.step.id).update(
        status="parked",
        lease_owner="",
        lease_until=None,
        not_before=clock.now() + timedelta(minutes=1),
    )
    Step.objects.filter(id=claim.step.id).update(**fields)


def only(run: Run) -> queue_reasons.Reason:
    [reason] = queue_reasons.reasons(list(run.steps.all())).values()
    return reason


def test_without_a_worker_none_is_online(alice: User) -> None:
    reason = only(waiting(alice))
    assert reason.code == "label_missing"
    assert reason.text == "Waiting for a worker: none is online"


def test_a_label_that_no_worker_has_is_named(alice: User) -> None:
    online("one", "cpu", "remote")
    reason = only(waiting(alice, label="gpu"))
    assert (reason.code, reason.params["label"]) == ("label_missing", "gpu")
    assert reason.text == "Waiting for a worker with label gpu"
    online("two", "gpu")
    assert only(waiting(alice, label="gpu")).code == "next"


def test_a_pause_says_the_operators_reason(alice: User) -> None:
    online("one", "cpu")
    pause = QueueLimit.objects.create(
        name="provider:bookkeeping", paused_at=clock.now(), reason="Their invoice is late."
    )
    run = waiting(alice)
    assert only(run).code == "provider_paused"
    assert only(run).text == "Paused by the operator: Their invoice is late."
    pause.reason = ""
    pause.save()
    assert only(run).text == "Paused by the operator"
    pause.delete()
    assert only(run).code == "next"


def test_a_paused_key_holds_its_own_runs(alice: User) -> None:
    online("one", "cpu")
    run, other = waiting(alice), waiting(alice)
    key = alice.api_keys.create(name="k", lookup="k", secret_sha256=b"0" * 32)
    Run.objects.filter(pk=run.pk).update(api_key=key)
    QueueLimit.objects.create(name=f"key:{key.pk}", paused_at=clock.now(), reason="Too many.")
    assert only(run).code == "key_paused"
    assert only(run).text == "API key paused by the operator: Too many."
    assert only(other).code == "next"


def test_a_step_that_retries_says_when(alice: User) -> None:
    online("one", "cpu")
    when = clock.now() + timedelta(hours=1)
    reason = only(waiting(alice, not_before=when))
    assert (reason.code, reason.params["at"]) == ("retry_at", when)
    assert reason.text == f"Retries at {when:%H:%M:%S} UTC"


def test_busy_workers_are_told_from_idle_ones(alice: User) -> None:
    online("one", "cpu")
    run = waiting(alice)
    assert only(run).code == "next"
    take(waiting(alice), "one")
    assert only(run).code == "workers_busy"
    assert only(run).text == "Waiting for a free worker"


def test_a_job_at_its_provider_says_since_when_and_how_far(alice: User) -> None:
    online("one", "cpu")
    run = waiting(alice)
    parked(run, progress=0.4)
    reason = only(run)
    since = Attempt.objects.get(step__run=run).parked_at
    assert since is not None
    assert reason.code == "at_provider"
    assert reason.text.startswith("At the provider since ")
    assert reason.text.endswith(f"{since:%H:%M} UTC, 40%")
    assert reason.params["since"] == since
    # Nothing is to be done about it until it is due, whoever is online.
    Worker.objects.all().delete()
    assert only(run).code == "at_provider"
    run.steps.update(not_before=clock.now())
    assert only(run).code == "label_missing"


def test_what_runs_or_is_done_has_no_reason(alice: User) -> None:
    run = waiting(alice, 2)
    take(run)
    steps = list(run.steps.all())
    assert set(queue_reasons.reasons(steps)) == {one.id for one in steps if one.status == "ready"}


def test_its_queries_are_as_many_for_one_step_as_for_hundreds(alice: User, bob: User) -> None:
    online("one", "cpu")
    few, many = waiting(alice, 2), waiting(alice, 12)
    for run in (few, many):
        parked(run)
    for place in range(10):
        # Other people's steps in the queue and at work change nothing.
        take(waiting(bob, 2), f"worker-{place}")
    QueueLimit.objects.create(name="provider:bookkeeping", paused_at=clock.now())
    QueueLimit.objects.create(name="key:1", paused_at=clock.now())

    def count(run: Run) -> int:
        steps = list(run.steps.all())
        # Which limits and cooldowns there are, and whose account is closed, is known for half a
        # second.
        limits.forget_names()
        cooldowns.forget()
        blocked_owners.forget_closed_accounts()
        with CaptureQueriesContext(connection) as found:
            assert len(queue_reasons.reasons(steps)) == len(steps)
        return len(found)

    # Settings and services are read again now and then, by the first that needs them.
    few_queries, many_queries = (min(count(run), count(run)) for run in (few, many))
    assert few_queries == many_queries <= 12


def test_a_reached_limit_names_its_provider_or_the_key(alice: User) -> None:
    online("one", "cpu")
    online("two", "cpu")
    run = waiting(alice, 2)
    take(run, "one")
    key = alice.api_keys.create(name="k", lookup="k", secret_sha256=b"0" * 32)
    Run.objects.filter(pk=run.pk).update(api_key=key)
    assert only(run).code == "next"
    limit_settings.set_numbers(f"key:{key.pk}", {"at_once": 1})
    assert (only(run).code, only(run).params) == ("key_full", {"key": key.pk})
    limit_settings.set_numbers("provider:bookkeeping", {"at_once": 1})
    assert only(run).code == "provider_full"
    assert only(run).text.endswith(" is at its limit")
    limit_settings.set_numbers("provider:bookkeeping", {"at_once": 5})
    limit_settings.set_numbers(f"key:{key.pk}", {"at_once": None})
    assert only(run).code == "next"
