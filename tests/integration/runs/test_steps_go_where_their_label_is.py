"""A step goes to workers that have its provider's label, and to no others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import User
from core import clock
from runs import states
from runs.engine import claims, clock_changes, queue_order, rerouting, sweep, worker_registry
from runs.engine.checks import label_warnings
from runs.engine.worker import Worker
from runs.engine.worker_registry import Registration
from runs.models import Attempt, Event, Run, Step
from tests.support.builders.plans import batch, late, run_plan, step
from tests.support.builders.running import USUAL, finish, start, status_of, statuses, take, work_off
from tests.support.checks import checks_of, readiness
from tests.support.fakes import labelled
from tests.support.fakes.tools import asked
from tools import registry

pytestmark = pytest.mark.django_db(transaction=True)
GPU = frozenset({"gpu"})


@pytest.fixture(autouse=True)
def _two_labels(settings: Any) -> Iterator[None]:
    settings.EXTRA_TOOL_MODULES = [*settings.EXTRA_TOOL_MODULES, "tests.support.fakes.labelled"]
    registry.rebuild()
    yield
    settings.EXTRA_TOOL_MODULES = settings.EXTRA_TOOL_MODULES[:-1]
    registry.rebuild()


def drawn(model: str, key: str = "a", **fields: Any) -> dict[str, Any]:
    return {"id": key, "toolName": "drawn", "arguments": {"model": model}, **fields}


def routes(run: Run) -> dict[str, tuple[str, str]]:
    rows = run.steps.values_list("key", "label", "assigned_provider")
    return {key: (label, provider) for key, label, provider in rows}


def asked_for(run: Run) -> list[str]:
    """Which of the two drew for this run, in order."""
    return [one["by"] for one in asked() if "by" in one and one["key"].startswith(run.public_id)]


def test_a_step_is_stored_with_its_provider_and_label(alice: User) -> None:
    run = start(alice, [drawn("oil"), drawn("pencil", "b"), drawn("", "c")])
    assert routes(run) == {
        "a": ("gpu", "graphics-card"),
        "b": ("cpu", "desk"),
        "c": ("cpu", "desk"),
    }


def test_only_a_worker_with_the_label_takes_it(alice: User) -> None:
    run = start(alice, [drawn("oil"), drawn("pencil", "b")])
    first, second = run.steps.order_by("sequence")
    assert queue_order.pick(USUAL) == [(second.pk, run.pk)]
    assert queue_order.pick(GPU) == [(first.pk, run.pk)]
    # Also when it was picked before it was given another label.
    assert claims.claim(first.pk, run.pk, "one", USUAL) is None
    assert work_off() == 1
    assert statuses(run) == {"a": "ready", "b": "completed"}
    assert Worker("two", GPU).run_until_idle() == 1
    assert statuses(run) == {"a": "completed", "b": "completed"}
    workers = dict(Attempt.objects.values_list("step__key", "worker"))
    assert workers["a"] == "two"


def test_a_chain_is_left_to_the_worker_of_the_next_label(alice: User) -> None:
    run = start(alice, [drawn("pencil"), drawn("oil", "b", dependsOn=["a"])])
    assert finish(take(run), take_next=True) is None
    assert statuses(run) == {"a": "completed", "b": "ready"}


def test_a_chain_goes_on_while_others_wait_for_another_label(alice: User, bob: User) -> None:
    start(bob, [drawn("oil")])
    run = start(alice, [drawn("pencil"), drawn("pencil", "b", dependsOn=["a"])])
    following = finish(take(run), take_next=True)
    assert following is not None
    assert following.step.key == "b"


def test_owners_take_turns_within_a_label(alice: User, bob: User) -> None:
    for _ in range(3):
        start(alice, [drawn("oil", f"a{place}") for place in range(3)])
    start(bob, [drawn("oil"), drawn("pencil", "b")])
    order = []
    for _ in range(3):
        claim = Worker("one", GPU)._claim_one()
        assert claim is not None
        order.append(claim.owner_id)
        finish(claim)
    assert sorted(order[:2]) == sorted([alice.pk, bob.pk])
    assert order[2] == alice.pk


def test_items_of_a_batch_have_the_route_of_their_tool(alice: User) -> None:
    item = step("", "drawn", arguments={"model": "oil"})
    run = run_plan(alice, batch("all", item, items=(1, 2), concurrency=2))
    # Any worker reads the list: that asks no provider.
    assert routes(run) == {"all": ("", "")}
    assert work_off() == 1
    assert set(routes(run).values()) == {("", ""), ("gpu", "graphics-card")}
    assert Worker("two", GPU).run_until_idle() == 2
    assert status_of(run) == states.COMPLETED


def test_workers_without_the_preferred_label_wait_for_one_poll(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = labelled.PROVIDERS[1]
    monkeypatch.setattr(desk, "preferred_label", "fast", raising=False)
    run = start(alice, [drawn("pencil"), drawn("pencil", "b", dependsOn=["a"])])
    assert run.steps.get(key="a").preferred_label == "fast"
    first = run.steps.get(key="a")
    Step.objects.filter(id=first.pk).update(not_before=clock.now() + timedelta(seconds=0.05))
    assert queue_order.pick(USUAL) == []
    Step.objects.filter(id=first.pk).update(not_before=clock.now() - timedelta(seconds=0.05))
    assert queue_order.pick(USUAL) == []
    assert queue_order.pick(USUAL | {"fast"}) == [(first.pk, run.pk)]
    Step.objects.filter(id=first.pk).update(not_before=clock.now() - timedelta(seconds=5))
    assert queue_order.pick(USUAL) == [(first.pk, run.pk)]
    # Nor does its chain take what the others are to have first.
    assert finish(take(run), take_next=True) is None


def test_background_steps_go_by_label_too(alice: User) -> None:
    run = start(alice, [drawn("oil")])
    Run.objects.update(priority=-1)
    Step.objects.update(owner=None)
    assert queue_order.pick(USUAL) == []
    assert queue_order.pick(GPU) == [(run.steps.get().pk, run.pk)]


def test_a_worker_that_finds_another_label_puts_the_step_back(alice: User) -> None:
    run = run_plan(
        alice,
        step("a", "say", arguments={"values": {"model": "oil"}}),
        step("b", "drawn", "a", arguments={}, late=(late("model", "$artifacts.a.model", "a"),)),
    )
    assert routes(run)["b"] == ("cpu", "desk")
    work_off("first")
    late_one = run.steps.get(key="b")
    assert (late_one.status, late_one.failures, late_one.lost_leases) == (states.READY, 0, 0)
    assert routes(run)["b"] == ("gpu", "graphics-card")
    assert asked_for(run) == []
    returned = Attempt.objects.get(step=late_one)
    assert (returned.outcome, returned.provider) == ("returned", "")
    said = Event.objects.filter(name="step_progress", step=late_one).get()
    assert said.payload["retrying"] == "Waiting for a worker with label gpu"
    # The settings route it by what was known when it was stored: that would send it back again.
    sweep.sweep()
    assert routes(run)["b"] == ("gpu", "graphics-card")
    assert Worker("second", GPU).run_until_idle() == 1
    assert status_of(run) == states.COMPLETED
    workers = Attempt.objects.filter(step=late_one).order_by("number")
    assert list(workers.values_list("worker", "outcome")) == [
        ("first", "returned"),
        ("second", "done"),
    ]
    assert asked_for(run) == ["graphics-card"]


def test_steps_of_an_earlier_release_find_their_label(alice: User) -> None:
    run = start(alice, [drawn("oil"), drawn("pencil", "b")])
    Step.objects.update(label="", assigned_provider="")
    assert work_off() == 2
    assert statuses(run) == {"a": "ready", "b": "completed"}
    assert routes(run)["a"] == ("gpu", "graphics-card")


def test_a_step_between_machines_with_other_settings_rests(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start(alice, [drawn("oil")])
    for _ in range(rerouting.OFTEN + 1):
        # As a machine stores it whose settings know no graphics card.
        Step.objects.update(label="cpu", assigned_provider="desk")
        assert work_off() == 1
    # No sweep takes its rest for the trace of a clock that was set back.
    sweep.sweep()
    only = run.steps.get()
    assert (only.status, only.failures) == (states.READY, 0)
    assert only.not_before > clock.now() + timedelta(seconds=clock_changes.MAX_REST_S / 2)


def test_a_renamed_label_moves_what_waits(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    run = start(alice, [drawn("oil"), drawn("oil", "b")])
    Step.objects.filter(key="b").update(status=states.PARKED)
    monkeypatch.setattr(labelled.PROVIDERS[0], "label", "cuda")
    assert queue_order.pick(frozenset({"gpu", "cuda"})) == []
    sweep.sweep()
    assert set(routes(run).values()) == {("cuda", "graphics-card")}
    assert len(queue_order.pick(frozenset({"cuda"}))) == 2


def test_steps_of_a_removed_provider_go_to_any_worker(alice: User) -> None:
    run = start(alice, [drawn("oil")])
    Step.objects.update(assigned_provider="gone")
    sweep.sweep()
    assert routes(run)["a"] == ("gpu", "gone")
    # A minute later: until then the settings may be on their way.
    Step.objects.update(not_before=clock.now() - timedelta(minutes=2))
    sweep.sweep()
    assert routes(run)["a"] == ("", "")
    work_off()
    assert routes(run)["a"] == ("gpu", "graphics-card")


def test_a_tool_that_is_chosen_elsewhere_moves_from_a_label_without_workers(
    alice: User, settings: Any
) -> None:
    run = start(alice, [drawn("oil")])
    settings.PROVIDER_CHOICE = {"drawn:oil": "desk"}
    registry.rebuild()
    registration = Registration("one", ["gpu"])
    registration.refresh()
    sweep.sweep()
    # A worker with the label is there, which takes it.
    assert routes(run)["a"] == ("gpu", "graphics-card")
    worker_registry.forget("one")
    sweep.sweep()
    assert routes(run)["a"] == ("cpu", "desk")
    work_off()
    assert statuses(run) == {"a": "completed"}


def test_a_step_that_only_its_label_can_do_stays_ready(alice: User) -> None:
    run = start(alice, [drawn("oil")])
    for _ in range(3):
        sweep.sweep()
        assert work_off() == 0
    assert routes(run)["a"] == ("gpu", "graphics-card")
    assert statuses(run) == {"a": "ready"}


def test_nothing_is_said_of_steps_that_any_worker_takes(alice: User) -> None:
    """As at the start of this release on what an older one left."""
    run = start(alice, [drawn("oil")])
    run.steps.update(label="", assigned_provider="")
    assert not label_warnings(USUAL | GPU)


def test_a_label_that_no_worker_has_is_said(
    alice: User, capsys: pytest.CaptureFixture[str], settings: Any
) -> None:
    settings.WORKERS = 1
    Registration("one").refresh()
    assert [check.says for check in checks_of("labels")] == [
        "graphics-card has label gpu and no living worker has it"
    ]
    start(alice, [drawn("oil"), drawn("pencil", "b"), drawn("oil", "c")])
    call_command("doctor")
    said = capsys.readouterr().out
    assert "2 steps are ready and no living worker has label gpu" in said
    assert "Start one: `manage.py worker --labels gpu`." in said
    # The other steps go on, and no other web process could do more.
    answer = readiness()
    assert (answer.status_code, "labels" in answer.json()["checks"]) == (200, False)
    Registration("two", ["gpu"]).refresh()
    assert [check.level for check in checks_of("labels")] == ["ok"]
