"""POST …/cancel: once it moves the run, twice it says so, and nothing follows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import LedgerEntry, User
from runs.engine import cancelling, lease, sweep
from runs.models import Attempt
from tests.support.builders.running import chain, events_of, finish, start, statuses, take, work_off
from tests.support.clients.api import Api
from tests.support.fakes import tools

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]


def test_cancel_twice(api: ApiFactory, alice: User, alice_key: str) -> None:
    run = start(alice, chain("noop", 2))
    path = f"{PATH}/{run.public_id}/cancel"
    first = api(alice_key).post(path).json()["data"]
    assert (first["transitioned"], first["cancelled"]) == (True, True)
    assert first["workflow"]["status"] == "cancelled"
    assert [step["status"] for step in first["workflow"]["steps"]] == ["cancelled", "cancelled"]
    second = api(alice_key).post(path, {"reason": "again"}).json()["data"]
    assert second["transitioned"] is False
    assert second["workflow"]["events"] == first["workflow"]["events"]


def test_cancel_of_a_finished_run_changes_nothing(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = start(alice, chain("noop", 1))
    work_off()
    answer = api(alice_key).post(f"{PATH}/{run.public_id}/cancel", b"")
    assert answer.status_code == 200
    assert answer.json()["data"]["transitioned"] is False
    assert answer.json()["data"]["workflow"]["status"] == "completed"


def test_outsiders_cannot_cancel(api: ApiFactory, alice: User, bob_key: str) -> None:
    run = start(alice, chain("noop", 1))
    assert api(bob_key).post(f"{PATH}/{run.public_id}/cancel").status_code == 404
    run.refresh_from_db()
    assert run.status == "queued"


def test_running_step_is_fenced_and_appends_nothing(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "note", "arguments": {}}])
    claim = take(run)
    assert cancelling.cancel_run(run=run)
    log = events_of(run)
    assert log[-1] == "workflow_cancelled"
    assert not lease.renew(claim)
    finish(claim)
    assert events_of(run) == log
    assert statuses(run) == {"a": "cancelled"}
    assert not run.artifacts.exists()


def test_cancel_gives_back_what_was_reserved(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "note", "arguments": {"copies": 3}}])
    cancelling.cancel_run(run=run)
    assert sum(LedgerEntry.objects.values_list("milli", flat=True)) == 0


def test_services_job_is_asked_to_stop_once(alice: User) -> None:
    run = start(alice, [{"id": "a", "toolName": "paid", "arguments": {}}])
    claim = take(run)
    Attempt.objects.filter(id=claim.attempt_id).update(
        job_ref={"job": "cancel-me"}, provider="paid-service"
    )
    cancelling.cancel_run(run=run)
    sweep.sweep()
    sweep.sweep()
    stops = [entry for entry in tools.asked() if entry.get("cancelled") == {"job": "cancel-me"}]
    assert len(stops) == 1


def test_reason_too_long_is_400(api: ApiFactory, alice: User, alice_key: str) -> None:
    run = start(alice, chain("noop", 1))
    answer = api(alice_key).post(f"{PATH}/{run.public_id}/cancel", {"reason": "x" * 501})
    assert answer.status_code == 400
