"""Two machines on one Postgres whose clocks are two minutes apart: the database's decides."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from builder.staff.operator import services
from core.counters import Counter
from core.shared_cache import shared_cache
from runs import states
from runs.engine import lease, queue_order, queue_reasons, sweep, worker_registry
from runs.engine.worker_registry import Registration
from runs.models import Step
from tests.support.builders.running import USUAL, chain, start

pytestmark = pytest.mark.django_db(transaction=True)
APART = timedelta(minutes=2)


class Machine:
    """Which machine's clock this process reads."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._off = timedelta()
        real = time.time
        patch.setattr(timezone, "now", lambda: datetime.now(tz=UTC) + self._off)
        patch.setattr(time, "time", lambda: real() + self._off.total_seconds())

    def ahead(self) -> None:
        self._off = APART

    def behind(self) -> None:
        self._off = -APART


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite serves one machine")
    return Machine(monkeypatch)


def test_workers_of_both_are_online_to_both(machine: Machine) -> None:
    machine.ahead()
    Registration("one", ["gpu"]).refresh()
    machine.behind()
    Registration("two", ["cpu"]).refresh()
    for look in (machine.ahead, machine.behind):
        look()
        assert worker_registry.living_labels() == {"cpu", "gpu"}
        assert [seen.is_alive for seen in worker_registry.workers()] == [True, True]


def test_they_do_not_take_a_duty_from_each_other(machine: Machine) -> None:
    machine.ahead()
    assert sweep.is_elected("sweeper", "one", 4)
    machine.behind()
    assert not sweep.is_elected("sweeper", "two", 4)
    machine.ahead()
    assert sweep.is_elected("sweeper", "one", 4)


def test_a_look_that_an_operator_asks_for_is_due_at_once(machine: Machine, alice: User) -> None:
    run = start(alice, chain("noop", 1))
    Step.objects.update(status=states.PARKED, not_before=lease.due(600))
    alice.is_staff = alice.is_superuser = True
    machine.ahead()
    assert services.look_now(actor=alice, run=run, key="s0")
    assert [run_id for _, run_id in queue_order.pick(USUAL)] == [run.id]


def test_what_is_due_is_said_to_be(machine: Machine, alice: User) -> None:
    run = start(alice, chain("noop", 1))
    Registration("one").refresh()
    machine.behind()
    assert queue_reasons.reasons_of_run(run)["s0"].code == "next"


def test_a_token_of_the_one_ahead_is_good_on_the_other(machine: Machine, alice: User) -> None:
    machine.ahead()
    issued = tokens.start_family(user=alice)
    machine.behind()
    assert tokens.refresh(issued.refresh).user == alice


def test_rates_and_short_secrets_hold_on_both(machine: Machine) -> None:
    rate = Counter("starts", 60.0)
    machine.behind()
    shared_cache().set("ticket", "theirs", 30)
    assert rate.wait_s("ada", 1) == 0
    machine.ahead()
    assert shared_cache().get("ticket") == "theirs"
    assert rate.wait_s("ada", 1) > 0
    rate.clear("ada")
    shared_cache().set("ticket", "ours", 30)
    assert rate.wait_s("ada", 1) == 0
    machine.behind()
    assert shared_cache().get("ticket") == "ours"
    assert 0 < rate.wait_s("ada", 1) <= 60
