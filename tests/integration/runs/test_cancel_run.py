"""POST …/cancel: once it moves the run, twice it says so, and nothing follows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import LedgerEntry, User
from runs.engine import cancelling, lease
from tests.support.builders.running import chain, events_of, finish, start, statuses, take
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]


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


def test_reason_too_long_is_400(mine: Api, alice: User) -> None:
    run = start(alice, chain("noop", 1))
    answer = mine.post(f"{PATH}/{run.public_id}/cancel", {"reason": "x" * 501})
    assert answer.status_code == 400
