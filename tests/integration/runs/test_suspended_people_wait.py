"""Steps of suspended people wait, lose nothing, and go on when the suspension is over."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import User
from core import clock
from runs import states
from runs.engine import claims, queue_order, queue_reasons, reclaiming
from runs.engine.worker import Worker
from runs.models import Attempt, Run, Step
from runs.models import Worker as WorkerRow
from tests.support.builders.factories import make_user
from tests.support.builders.moderation import forget_the_log
from tests.support.builders.running import USUAL, chain, finish, start, status_of, take, work_off
from tests.support.builders.suspending import lift, suspend
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_log() -> Iterator[None]:
    yield
    forget_the_log()


def ready(run: Run) -> list[Step]:
    return list(run.steps.filter(status=states.READY).order_by("id"))


def test_no_step_begins_while_it_lasts_and_all_go_on_afterwards(alice: User, bob: User) -> None:
    queued, under_way = start(alice, chain("say", 2)), start(alice, chain("say", 3))
    at_work = take(under_way)
    suspend(alice)
    before = list(Step.objects.filter(run=queued).order_by("id").values())
    assert claims.claim(ready(queued)[0].id, queued.id, "one") is None
    assert work_off() == 0
    # What has begun ends, and its chain rests.
    assert finish(at_work, take_next=True) is None
    assert [step.status for step in under_way.steps.order_by("id")] == [
        states.COMPLETED,
        states.READY,
        states.PENDING,
    ]
    assert work_off() == 0
    assert list(Step.objects.filter(run=queued).order_by("id").values()) == before
    assert (status_of(queued), status_of(under_way)) == (states.QUEUED, states.RUNNING)
    lift(alice)
    assert work_off() == 4
    assert (status_of(queued), status_of(under_way)) == (states.COMPLETED, states.COMPLETED)
    tried = Step.objects.values_list("attempt", "failures", "lost_leases")
    assert set(tried) == {(1, 0, 0)}


def test_they_go_on_when_the_time_is_over(alice: User) -> None:
    run = start(alice, chain("say", 2))
    suspend(alice)
    assert work_off() == 0
    suspend(alice, lasts=timedelta(seconds=-1))
    assert work_off() == 2
    assert status_of(run) == states.COMPLETED


def test_other_people_wait_for_none_of_it(alice: User, bob: User) -> None:
    for _ in range(3):
        start(alice, chain("say", 2))
    suspend(alice)
    theirs = start(bob, chain("say", 3))
    # A chain of bob's goes on: alice, who may take nothing, is no one to make room for.
    following = finish(take(theirs), take_next=True)
    assert following is not None
    finish(following)
    assert work_off() == 1
    assert status_of(theirs) == states.COMPLETED
    assert not queue_order.people_are_waiting()
    lift(alice)
    assert queue_order.people_are_waiting()


def test_a_chain_still_yields_to_people_who_may_act(alice: User, bob: User) -> None:
    carol = User.objects.create(username="carol")
    theirs = start(bob, chain("say", 2))
    start(alice, chain("say", 1))
    suspend(alice)
    start(carol, chain("say", 1))
    assert finish(take(theirs), take_next=True) is None


def test_what_is_at_a_provider_is_watched_to_its_end(alice: User) -> None:
    run = start(alice, chain("say", 2))
    claim = take(run)
    lost = Attempt.objects.filter(id=claim.attempt_id)
    lost.update(provider="test", submitting_at=clock.now(), job_ref={"id": "7"})
    suspend(alice)
    # Its worker is gone, its job is not: it is taken again to be watched.
    reclaiming.release_worker(claim.worker, handed_back=True)
    assert run.steps.get(key="s0").status == states.READY
    again = Worker("two")._claim_one()
    assert again is not None
    assert again.step.key == "s0"
    assert finish(again, take_next=True) is None
    assert run.steps.get(key="s0").status == states.COMPLETED
    assert work_off() == 0
    assert run.steps.get(key="s1").status == states.READY


def test_a_job_that_may_be_lost_is_not_asked_for_again_while_it_lasts(alice: User) -> None:
    run = start(alice, chain("say", 1))
    claim = take(run)
    lost = Attempt.objects.filter(id=claim.attempt_id)
    lost.update(provider="test", submitting_at=clock.now())
    suspend(alice)
    reclaiming.release_worker(claim.worker, handed_back=True)
    assert Worker("two")._claim_one() is None
    lift(alice)
    assert work_off() == 1
    assert status_of(run) == states.COMPLETED


def test_they_may_cancel_them_and_are_told_why_they_wait(alice: User) -> None:
    run = start(alice, chain("say", 2))
    WorkerRow.objects.create(name="one", host="here", labels=sorted(USUAL))
    until = suspend(alice)
    told = queue_reasons.reasons_of_run(run)["s0"]
    assert (told.code, told.owners_text) == ("account_suspended", "Held: the account is suspended")
    client = signed_in(alice)
    page = client.get(f"/runs/{run.public_id}").content.decode()
    assert f"suspended until {until.day} {until:%b %Y}" in page
    assert "Held: the account is suspended" in page
    steps = client.get(f"/v1/creative-agent/workflows/{run.public_id}").json()["data"]
    assert "account_suspended" in str(steps)
    assert client.post(f"/app/runs/{run.public_id}/cancel").status_code == 302
    assert status_of(run) == states.CANCELLED
    assert Client().get(f"/runs/{run.public_id}").status_code != 200


def test_a_claim_costs_no_statement_more_while_no_one_is_suspended(alice: User) -> None:
    run = start(alice, chain("say", 1))
    queue_order.pick(USUAL)
    step = ready(run)[0]
    with CaptureQueriesContext(connection) as asked:
        assert claims.claim(step.id, run.id, "one", USUAL) is not None
    assert "suspended" not in str([query["sql"] for query in asked])


def test_runs_of_a_deactivated_account_wait_and_go_on_when_it_is_activated(
    alice: User, bob: User
) -> None:
    operator = signed_in(make_user("ona", is_staff=True))
    ask = f"/admin/people/{alice.public_id}/do"
    queued, under_way = start(alice, chain("say", 2)), start(alice, chain("say", 3))
    at_work = take(under_way)
    assert operator.post(f"{ask}/deactivate").status_code == 302
    assert not User.objects.get(pk=alice.pk).is_active
    assert claims.claim(ready(queued)[0].id, queued.id, "one") is None
    # What has begun ends, and its chain rests; it keeps no one else waiting.
    assert finish(at_work, take_next=True) is None
    theirs = start(bob, chain("say", 1))
    assert work_off() == 1
    assert not queue_order.people_are_waiting()
    assert status_of(theirs) == states.COMPLETED
    assert (status_of(queued), status_of(under_way)) == (states.QUEUED, states.RUNNING)
    WorkerRow.objects.create(name="one", host="here", labels=sorted(USUAL))
    assert queue_reasons.reasons_of_run(queued)["s0"].text == "Held: the account is deactivated"
    page = operator.get(f"/admin/runs/{queued.public_id}").content.decode()
    assert "Held: the account is deactivated" in page
    assert operator.post(f"{ask}/activate").status_code == 302
    assert work_off() == 4
    assert (status_of(queued), status_of(under_way)) == (states.COMPLETED, states.COMPLETED)
    tried = Step.objects.values_list("attempt", "failures", "lost_leases")
    assert set(tried) == {(1, 0, 0)}


def test_runs_of_the_samples_account_which_is_closed_always_are_not_held(alice: User) -> None:
    samples = services.ensure_system_user()
    run = start(samples, chain("say", 1))
    # Nor while someone else is.
    suspend(alice)
    assert work_off() == 1
    assert status_of(run) == states.COMPLETED
