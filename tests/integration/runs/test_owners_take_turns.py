"""Owners take turns from the first step on, however much one of them has ready."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from runs import states
from runs.engine import claims, queue_order
from runs.engine.attempt_context import LeaseRenewer
from runs.engine.claims import Claim
from runs.engine.execute import execute
from runs.engine.worker import Worker
from runs.models import Attempt, Run
from tests.support.builders.factories import make_user
from tests.support.builders.plans import run_plan, step
from tests.support.builders.running import USUAL, chain, finish, start, take, work_off
from tests.support.waiting import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
NOOP = [{"id": "a", "toolName": "noop", "arguments": {}}]


def parallel(count: int) -> list[dict[str, Any]]:
    return [{"id": f"p{place}", "toolName": "noop", "arguments": {}} for place in range(count)]


def much_of(alice: User, how: str) -> None:
    """More than alice's limits let her run at once, ready or becoming so."""
    if how == "parallel steps":
        run_plan(alice, *(step(f"p{place}", "noop") for place in range(300)))
    else:
        for _ in range(20):
            start(alice, chain("noop", 8))


class Shift:
    """Workers that each end one step and take the next, one after the other."""

    def __init__(self, *names: str) -> None:
        self.hands: dict[str, Claim | None] = dict.fromkeys(names)
        self.claimed: list[int] = []

    def go_round(self) -> None:
        for name, claim in self.hands.items():
            following = (
                None if claim is None else execute(claim, LeaseRenewer(name), take_next=True)
            )
            self.hands[name] = following or Worker(name)._claim_one()
            if (held := self.hands[name]) is not None:
                self.claimed.append(held.owner_id)


@pytest.mark.parametrize("how", ["parallel steps", "chains"])
def test_a_second_person_waits_for_one_step_of_each_worker_at_most(
    alice: User, bob: User, how: str
) -> None:
    much_of(alice, how)
    shift = Shift("one", "two")
    for _ in range(6):
        shift.go_round()
    start(bob, NOOP)
    before = len(shift.claimed)
    shift.go_round()
    assert bob.pk in shift.claimed[before : before + 1]


def test_two_people_alternate_step_by_step(alice: User, bob: User) -> None:
    start(alice, chain("noop", 6))
    start(bob, parallel(6))
    shift = Shift("one")
    for _ in range(12):
        shift.go_round()
    assert shift.claimed == [alice.pk, bob.pk] * 6


def test_the_owner_counts_and_not_the_key_they_used(alice: User, bob: User) -> None:
    for _ in range(4):
        start(alice, NOOP)
    start(bob, NOOP)
    take(Run.objects.filter(owner=alice)[0], "one")
    first, second = queue_order.pick(USUAL)
    assert owners_of([first, second]) == [bob, alice]


def test_steps_that_wait_for_a_person_take_no_turn(alice: User, bob: User) -> None:
    run = run_plan(alice, step("held", "held"), step("other", "noop"))
    held = run.steps.get(key="held")
    claim = claims.claim(held.id, run.id, "one")
    assert claim is not None
    finish(claim)
    assert run.steps.get(key="held").status == states.WAITING
    start(bob, NOOP)
    assert owners_of(queue_order.pick(USUAL)) == [bob, alice]


def test_steps_that_are_not_due_hold_up_no_one(alice: User, bob: User) -> None:
    start(bob, [{"id": "a", "toolName": "fail", "arguments": {"times": 1}}])
    work_off()
    run = start(alice, chain("noop", 2))
    following = finish(take(run), take_next=True)
    assert following is not None
    assert following.step.key == "s1"


def test_a_run_that_cannot_go_on_hides_nothing_of_its_owner(alice: User) -> None:
    stuck, able = start(alice, NOOP), start(alice, NOOP)
    Run.objects.filter(id=stuck.id).update(status=states.WAITING_FOR_USER)
    assert [run for _, run in queue_order.pick(USUAL)] == [able.id]


def test_looking_takes_one_statement_however_many_wait(alice: User) -> None:
    people = [alice, *(make_user(f"person-{number}") for number in range(20))]
    for person in people:
        start(person, parallel(5))
    with CaptureQueriesContext(connection) as seen:
        assert len(queue_order.pick(USUAL)) == 8
    # Which limits and cooldowns there are, who is suspended and whose account is closed is read
    # twice a second at most.
    known = ('"runs_queuelimit"', '"runs_cooldown"', '"suspended_until" >', '"is_active"')
    looks = [one["sql"] for one in seen if not any(name in one["sql"] for name in known)]
    assert len(looks) == 1, looks


def test_a_worker_follows_a_chain_alone_and_leaves_it_for_others(alice: User, bob: User) -> None:
    run = start(alice, chain("noop", 3))
    second = finish(take(run), take_next=True)
    assert second is not None
    start(bob, NOOP)
    assert finish(second, take_next=True) is None
    assert owners_of(queue_order.pick(USUAL)) == [bob, alice]
    work_off()
    wait_for(lambda: not Run.objects.filter(finished_at=None).exists(), "the end of both")
    order = Attempt.objects.order_by("id").values_list("step__run__owner__username", flat=True)
    assert list(order) == ["alice", "alice", "bob", "alice"]


def owners_of(picked: list[tuple[int, int]]) -> list[User]:
    return [Run.objects.get(id=run).owner for _, run in picked]
