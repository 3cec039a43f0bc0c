"""Allowances: so many runs for so much until an end, and no more however many start at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts import ledger
from accounts.models import User
from core import clock, errors
from runs.admission.start import start_run
from runs.models import Allowance, IdempotencyKey, Run
from tests.support.at_once import at_once
from tests.support.builders.running import principal_of, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Start = Callable[..., Run]


@pytest.fixture
def allowance(alice: User) -> Allowance:
    """Three runs for at most five credits."""
    end = clock.now() + timedelta(days=7)
    return Allowance.objects.create(owner=alice, most_runs=3, most_milli=5_000, ends_at=end)


@pytest.fixture
def start(alice: User, allowance: Allowance) -> Start:
    """Start a run that takes as many credits as copies."""

    def begin(copies: int = 1, **more: Any) -> Run:
        step = {"toolName": "note", "arguments": {"copies": copies}}
        body = {"input": {"steps": [step]}}
        return start_run(actor=principal_of(alice), body=body, allowance=allowance.pk, **more).run

    return begin


def refused(start: Start, copies: int = 1) -> dict[str, Any]:
    """The details of a refusal, which stores nothing."""
    runs = Run.objects.count()
    with pytest.raises(errors.AllowanceSpent) as refusal:
        start(copies, key="refused")
    assert Run.objects.count() == runs
    assert not IdempotencyKey.objects.exists()
    return refusal.value.details


def test_it_gives_its_runs_and_no_more(start: Start, allowance: Allowance) -> None:
    for _ in range(3):
        start()
    assert refused(start) == {"reason": "runs", "runsLeft": 0, "unitsLeft": 2}
    work_off()
    allowance.refresh_from_db()
    assert (allowance.runs, allowance.milli) == (3, 3_000)


def test_it_gives_its_credits_and_no_more(start: Start) -> None:
    start(4)
    details = refused(start, 2)
    assert details == {"reason": "units", "neededUnits": 2, "runsLeft": 2, "unitsLeft": 1}
    start(1)


@pytest.mark.parametrize("field", ["ends_at", "ended_at"])
def test_it_ends(start: Start, allowance: Allowance, field: str) -> None:
    start()
    Allowance.objects.filter(pk=allowance.pk).update(**{field: clock.now()})
    assert refused(start) == {"reason": "ended"}


def test_of_many_starts_at_once_as_many_begin_as_it_has(
    alice: User, start: Start, allowance: Allowance, settings: Settings
) -> None:
    settings.ACTIVE_RUNS_PER_USER = 100

    answers = at_once([start] * 16, refusals=(errors.AllowanceSpent,))
    assert sum(not isinstance(one, errors.AllowanceSpent) for one in answers) == 3
    assert Run.objects.filter(allowance=allowance).count() == 3
    allowance.refresh_from_db()
    assert (allowance.runs, allowance.milli) == (3, -ledger.balance(alice)) == (3, 3_000)
