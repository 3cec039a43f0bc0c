"""Limits and pauses hold for every claim; a step they are in the way of waits and loses nothing."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.auth import Principal
from accounts.models import ApiKey, User
from core import clock, errors
from runs import states
from runs.admission.start import start_run
from runs.dispatch import dispatch
from runs.engine import claims, limit_settings, limits, reclaiming, sweep
from runs.engine.claims import Claim
from runs.engine.worker import Worker
from runs.models import Attempt, QueueLimit, Run, Step
from tests.support.builders.factories import make_key
from tests.support.builders.running import USUAL, chain, finish, start, status_of, take, work_off
from tests.support.effort import effort, is_read
from tests.support.fakes.maker import Maker
from tests.support.faults.stopped_clock import stopped_clock
from tests.support.waiting import WAIT_S, promised, wait_for
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)
NOTES = "provider:test"
MAKER = "provider:maker"


def parallel(count: int, tool: str = "say") -> list[dict[str, Any]]:
    return [{"id": f"p{place}", "toolName": tool, "arguments": {}} for place in range(count)]


def prompts(count: int) -> list[dict[str, Any]]:
    arguments = {"prompt": "x", "every": 60}
    return [
        {"id": f"m{place}", "toolName": "made", "arguments": arguments} for place in range(count)
    ]


def start_with(key: ApiKey, steps: list[dict[str, Any]]) -> Run:
    principal = Principal(user=key.user, api_key=key, via="api_key")
    return start_run(actor=principal, body={"input": {"steps": steps}}).run


def a_key(user: User, name: str) -> ApiKey:
    make_key(user, name)
    return ApiKey.objects.get(name=name)


def ready(run: Run) -> list[Step]:
    return list(run.steps.filter(status=states.READY).order_by("id"))


def claimed(run: Run) -> Claim | None:
    return claims.claim(ready(run)[0].id, run.id, "one")


def next_one(worker: str = "one") -> Claim | None:
    return Worker(worker)._claim_one()


def waited(name: str, seconds: float) -> None:
    """So much time has passed for a limit's rate."""
    row = QueueLimit.objects.get(name=name)
    assert row.counted_at is not None
    row.counted_at -= timedelta(seconds=seconds)
    row.save()


def test_no_more_are_at_work_than_the_limit(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 2})
    run = start(alice, parallel(5))
    first, second = next_one("one"), next_one("two")
    assert first is not None
    assert second is not None
    before = list(run.steps.filter(status=states.READY).values())
    # Neither a look nor someone who looked a moment ago gets a third.
    assert next_one("three") is None
    assert claimed(run) is None
    assert list(run.steps.filter(status=states.READY).values()) == before
    finish(first)
    assert next_one("three") is not None
    assert next_one("four") is None


def test_the_chain_of_a_step_asks_too(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"per_minute": 1})
    run = start(alice, chain("say", 2))
    assert finish(take(run), take_next=True) is None
    assert len(ready(run)) == 1
    waited(NOTES, 62)
    assert work_off() == 1
    assert status_of(run) == states.COMPLETED


def test_a_paused_provider_begins_nothing_and_loses_nothing(alice: User) -> None:
    run = start(alice, parallel(6))
    at_work = take(run)
    limit_settings.pause(NOTES, "Repairs")
    assert claimed(run) is None
    assert work_off() == 0
    finish(at_work)
    assert work_off() == 0
    assert limit_settings.resume(NOTES)
    assert work_off() == 5
    assert status_of(run) == states.COMPLETED
    assert set(run.steps.values_list("attempt", "failures", "lost_leases")) == {(1, 0, 0)}


def test_a_closed_provider_is_in_no_ones_way(alice: User, bob: User) -> None:
    limit_settings.pause(NOTES, "Repairs")
    for _ in range(3):
        start(alice, parallel(12))
    other = start(alice, [{"id": "a", "toolName": "paid", "arguments": {"seconds": 0}}])
    bobs = start(bob, [{"id": "a", "toolName": "paid", "arguments": {"seconds": 0}}])
    assert work_off() == 2
    for run in (other, bobs):
        assert status_of(run) == states.COMPLETED


def test_a_look_at_a_closed_provider_writes_nothing(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 1})
    for _ in range(3):
        start(alice, parallel(12))
    with stopped_clock():
        assert next_one() is not None
        with CaptureQueriesContext(connection) as seen:
            assert next_one("two") is None
    assert all(is_read(one["sql"]) for one in seen)
    assert len(seen) <= 5


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="counts what SQLite's machine does")
def test_a_look_costs_the_same_however_many_wait_for_a_closed_provider(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 1})
    run = start(alice, parallel(2))
    assert next_one() is not None

    def look() -> None:
        assert next_one("two") is None

    few = effort(look).work
    (waiting,) = ready(run)
    Step.objects.bulk_create(
        Step(
            run=run, owner=alice, key=f"w{place}", sequence=100 + place, tool="say",
            wire_tool="say", status=states.READY, label=waiting.label,
            assigned_provider=waiting.assigned_provider,
        )
        for place in range(500)
    )  # fmt: skip
    assert effort(look).work <= 1.2 * few


def test_steps_without_limits_ask_nothing(alice: User) -> None:
    def statements_of_a_claim() -> int:
        run = start(alice, parallel(2))
        with stopped_clock():
            take(run)
            with CaptureQueriesContext(connection) as seen:
                take(run)
        return len(seen)

    without = statements_of_a_claim()
    limit_settings.set_numbers("provider:paid-service", {"at_once": 1})
    assert statements_of_a_claim() == without
    limit_settings.set_numbers(NOTES, {"at_once": 99})
    assert statements_of_a_claim() > without


def test_numbers_of_the_settings_hold_and_the_row_wins(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry.provider_named("test"), "at_once", 1)
    limits.forget_names()
    run = start(alice, parallel(5))
    assert next_one() is not None
    assert next_one() is None
    limit_settings.set_numbers(NOTES, {"at_once": 2})
    assert next_one() is not None
    assert next_one() is None
    limit_settings.set_numbers(NOTES, {"at_once": None})
    assert next_one() is None
    (state,) = [one for one in limit_settings.limit_states() if one.name == NOTES]
    assert (state.at_once, state.at_work, state.waiting) == (1, 2, 3)
    assert (state.own, state.is_full) == (frozenset(), True)
    assert run.steps.filter(status=states.READY).count() == 3


def test_a_minute_has_no_more_starts_than_the_limit(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"per_minute": 20})
    run = start(alice, parallel(8))
    assert work_off() == 2
    assert claimed(run) is None
    (state,) = [one for one in limit_settings.limit_states() if one.name == NOTES]
    assert 0 < state.next_token_s < 62 / 19
    waited(NOTES, 62 / 19)
    assert work_off() == 1
    waited(NOTES, 3600)
    assert work_off() == 2


def test_a_claim_that_fails_spends_no_start(alice: User, bob: User) -> None:
    limit_settings.set_numbers(NOTES, {"per_minute": 20})
    run = start(alice, chain("say", 2))
    first = take(run)
    start(bob, parallel(1))
    # bob waits, so the chain is not gone on with.
    assert finish(first, take_next=True) is None
    assert work_off() == 1


def test_one_person_has_their_share_only_while_another_waits(alice: User, bob: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 4, "person_share": 0.5})
    alices = start(alice, parallel(12))
    held = [next_one() for _ in range(4)]
    assert all(held)
    bobs = start(bob, parallel(12))
    assert next_one() is None
    owners = []
    for claim in held:
        assert claim is not None
        finish(claim)
        following = next_one()
        assert following is not None
        owners.append(following.owner_id)
    # bob's first step waited for one slot; then each has half.
    assert owners == [bob.pk, bob.pk, alice.pk, alice.pk]
    for run, count in ((alices, 2), (bobs, 2)):
        assert run.steps.filter(status=states.RUNNING).count() == count


def test_a_share_is_one_step_at_least_and_leaves_no_slot_empty(alice: User, bob: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 3, "person_share": 0.1})
    start(alice, parallel(5))
    assert [bool(next_one()) for _ in range(4)] == [True, True, True, False]


def test_two_who_have_their_share_leave_no_slot_empty(alice: User, bob: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 4, "person_share": 0.25})
    for person in (alice, bob):
        start(person, parallel(5))
    assert [bool(next_one()) for _ in range(5)] == [True, True, True, True, False]


@pytest.mark.parametrize("is_key", [False, True])
def test_jobs_that_may_have_been_lost_do_not_wait_for_each_other(
    alice: User, maker: Maker, is_key: bool
) -> None:
    key = a_key(alice, "batch")
    run = start_with(key, prompts(3))
    for name in ("one", "two", "three"):
        claim = next_one(name)
        assert claim is not None
        Attempt.objects.filter(id=claim.attempt_id).update(
            submitting_at=clock.now(), provider="maker"
        )
    for name in ("one", "two", "three"):
        assert reclaiming.release_worker(name) == 1
    limit_settings.set_numbers(limits.of_key(key.pk) if is_key else MAKER, {"at_once": 1})
    assert next_one() is not None
    assert next_one() is None
    assert run.steps.filter(status=states.RUNNING).count() == 1


@pytest.mark.parametrize("what", ["paused", "full"])
def test_a_key_counts_what_was_left_at_a_provider_and_goes_on_with_it(
    alice: User, maker: Maker, what: str
) -> None:
    key = a_key(alice, "batch")
    limit_settings.set_numbers(limits.of_key(key.pk), {"at_once": 1})
    run = start_with(key, prompts(2))
    claim = next_one("dead")
    assert claim is not None
    job = maker.submit(claim.provider_key, -1)
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=clock.now(), provider="maker", job_ref={"id": job.id}
    )
    assert reclaiming.release_worker("dead") == 1
    other = run.steps.exclude(id=claim.step.id).get()
    assert claims.claim(other.id, run.id, "two") is None
    if what == "paused":
        limit_settings.pause(limits.of_key(key.pk), "Too many")
    again = next_one("two")
    assert again is not None
    assert again.step.id == claim.step.id


def test_the_limit_of_a_key_is_in_the_way_of_its_runs_alone(alice: User) -> None:
    batch, other = a_key(alice, "batch"), a_key(alice, "other")
    limit_settings.set_numbers(limits.of_key(batch.pk), {"at_once": 1})
    limited = [start_with(batch, parallel(12)) for _ in range(2)]
    free = start_with(other, parallel(2))
    mine = start(alice, parallel(2))
    taken = [next_one() for _ in range(5)]
    assert all(taken)
    assert next_one() is None
    assert claimed(limited[0]) is None
    assert claimed(limited[1]) is None
    for run in (free, mine):
        assert run.steps.filter(status=states.RUNNING).count() == 2


def test_a_key_has_one_name(alice: User) -> None:
    batch = a_key(alice, "batch")
    with pytest.raises(errors.NotFound):
        limit_settings.check(f"key:0{batch.pk}")


def test_a_paused_key_waits_and_goes_on(alice: User) -> None:
    batch = a_key(alice, "batch")
    run = start_with(batch, parallel(2))
    limit_settings.pause(limits.of_key(batch.pk), "Too many")
    assert claimed(run) is None
    assert work_off() == 0
    limit_settings.resume(limits.of_key(batch.pk))
    assert work_off() == 2


def test_the_limits_of_a_key_go_with_it(alice: User) -> None:
    names = []
    for _ in range(2):
        make_key(alice)
        names.append(limits.of_key(ApiKey.objects.latest("id").pk))
        limit_settings.pause(names[-1], "too many runs")
    ApiKey.objects.latest("id").delete()
    sweep.prune()
    assert list(QueueLimit.objects.values_list("name", flat=True)) == names[:1]


@pytest.mark.parametrize("is_number", [False, True])
def test_workers_hear_at_once_that_steps_may_begin(
    alice: User, is_number: bool, settings: Any
) -> None:
    # Who is not hinted looks after an hour.
    settings.POLL_S = 3_600.0
    if is_number:
        limit_settings.set_numbers(NOTES, {"at_once": 1})
    else:
        limit_settings.pause(NOTES, "Repairs")
    run = start(alice, parallel(2))
    if is_number:
        assert claimed(run)
    with closing(dispatch()), closing(dispatch().listen("waits", sorted(USUAL))) as subscription:
        # It has looked, and nothing was for it.
        while subscription.wait(1.0):
            pass
        if is_number:
            limit_settings.set_numbers(NOTES, {"at_once": 2})
        else:
            limit_settings.resume(NOTES)
        assert subscription.wait(WAIT_S)
    assert claimed(run)


def test_a_pause_made_elsewhere_holds_within_a_second(alice: User) -> None:
    run = start(alice, parallel(3))
    take(run)
    # As another process does it: this one is not told.
    QueueLimit.objects.create(name=NOTES, paused_at=clock.now(), reason="Repairs")
    with promised(1):
        wait_for(lambda: limits.is_limited("test"), "the pause to be known")
    assert claimed(run) is None


def test_parked_jobs_hold_their_slots_and_are_watched(alice: User, maker: Maker) -> None:
    limit_settings.set_numbers(MAKER, {"at_once": 2, "per_minute": 100})
    run = start(alice, [
        {"id": f"m{place}", "toolName": "made", "arguments": {"prompt": "x", "every": 60}}
        for place in range(4)
    ])  # fmt: skip
    assert work_off() == 2
    assert len(maker.jobs) == 2
    spent = QueueLimit.objects.get(name=MAKER).tokens
    due = run.steps.filter(status=states.PARKED)
    due.update(not_before=clock.now() - timedelta(seconds=1))
    # A look begins nothing, though the provider is full.
    assert work_off() == 2
    assert QueueLimit.objects.get(name=MAKER).tokens == spent
    for job in list(maker.jobs.values()):
        maker.finish(job)
    due.update(not_before=clock.now() - timedelta(seconds=1))
    assert work_off() == 4
    assert run.steps.filter(status=states.COMPLETED).count() == 2
    assert len(maker.jobs) == 4


def test_a_pause_lets_jobs_that_are_there_end(alice: User, maker: Maker) -> None:
    run = start(alice, [{"id": "a", "toolName": "made", "arguments": {"prompt": "x"}}])
    assert work_off() == 1
    limit_settings.pause(MAKER, "Repairs")
    maker.finish(maker.job_of(run.public_id))
    run.steps.update(not_before=clock.now() - timedelta(seconds=1))
    assert work_off() == 1
    assert status_of(run) == states.COMPLETED


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("is_paused", [True, False])
def test_a_job_whose_worker_died_keeps_its_slot(
    alice: User, bob: User, maker: Maker, is_known: bool, is_paused: bool
) -> None:
    limit_settings.set_numbers(MAKER, {"at_once": 1})
    steps = [{"id": "a", "toolName": "made", "arguments": {"prompt": "x", "every": 60}}]
    run = start(alice, steps)
    claim = next_one("dead")
    assert claim is not None
    job = maker.submit(claim.provider_key, -1)
    known = {"job_ref": {"id": job.id}} if is_known else {}
    Attempt.objects.filter(id=claim.attempt_id).update(
        submitting_at=clock.now(), provider="maker", **known
    )
    assert reclaiming.release_worker("dead") == 1
    # Another person's step comes first by its turn, but there is no slot for it.
    others = start(bob, steps)
    assert claimed(others) is None
    if is_paused:
        limit_settings.pause(MAKER, "Repairs")
    claim = next_one("two")
    if is_paused and not is_known:
        # It may have to be submitted again.
        assert claim is None
        limit_settings.resume(MAKER)
        claim = next_one("two")
    assert claim is not None
    assert claim.step.run_id == run.id
    assert claim.attempt == 2
    assert len(maker.jobs) == 1
    finish(claim)
    assert ready(others)
    assert claimed(others) is None


def test_a_step_whose_provider_is_another_asks_that_ones_limits(alice: User) -> None:
    limit_settings.set_numbers(NOTES, {"at_once": 1})
    run = start(alice, parallel(2))
    take(run)
    # As if it had been stored before it could be told who does it.
    run.steps.filter(status=states.READY).update(assigned_provider="", label="", preferred_label="")
    work_off()
    (step,) = ready(run)
    assert (step.assigned_provider, step.failures, step.lost_leases) == ("test", 0, 0)
    assert not run.steps.filter(status=states.COMPLETED).exists()
