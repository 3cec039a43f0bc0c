"""Credit and budgets: who may start, what stops in the middle, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts import credit, ledger
from accounts.models import ApiKey, LedgerEntry, User
from core import clock
from runs import states
from runs.billing import authorization
from runs.log.changes import changing
from runs.models import IdempotencyKey, Run
from tests.support.at_once import at_once
from tests.support.builders.running import start
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]


def begin(api: Api, copies: int = 2, **more: Any) -> Any:
    """A start that takes as many units as copies."""
    step = {"toolName": "note", "arguments": {"copies": copies}}
    return api.post(PATH, {"input": {"steps": [step]}, **more})


def grant(user: User, units: str, note: str = "") -> None:
    call_command("grant", user.username, units, *([f"--note={note}"] if note else []))


def test_without_a_limit_balances_fall_below_zero(mine: Api, alice: User) -> None:
    assert begin(mine).status_code == 201
    assert ledger.balance(alice) == -2_000


def test_a_start_above_the_balance_is_402_and_stores_nothing(
    mine: Api, alice: User, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    grant(alice, "1.5", "welcome")
    answer = begin(mine, idempotency_key="k")
    assert answer.status_code == 402
    body = answer.json()
    assert (body["errorCode"], body["error"]["code"]) == (4020, "credit.insufficient")
    assert body["details"] == {"reason": "balance", "neededUnits": 2, "balanceUnits": 1.5}
    assert not Run.objects.exists()
    assert not IdempotencyKey.objects.exists()
    grant(alice, "0.5")
    assert begin(mine, idempotency_key="k").status_code == 201
    assert ledger.balance(alice) == 0
    # What costs nothing needs no credit, and neither does a run that only asks.
    free = {"input": {"steps": [{"toolName": "noop"}]}}
    assert mine.post(PATH, free).status_code == 201
    held = begin(mine, confirm_cost=False).json()["data"]["workflow"]
    confirm = f"{PATH}/{held['id']}/confirm-cost"
    assert mine.post(confirm).status_code == 402
    assert mine.get(f"{PATH}/{held['id']}").json()["data"]["workflow"]["awaitingCostApproval"]
    grant(alice, "2")
    assert mine.post(confirm).json()["data"]["workflow"]["status"] == "queued"


def test_a_key_may_use_its_budget_and_no_more_on_one_day(mine: Api, alice: User) -> None:
    credit.set_daily_budget(key=ApiKey.objects.get(user=alice), milli=3_000)
    assert begin(mine).status_code == 201
    answer = begin(mine)
    assert answer.status_code == 402
    details = answer.json()["details"]
    assert (details["reason"], details["usedUnits"], details["limitUnits"]) == (
        "daily_budget",
        2,
        3,
    )
    assert details["resetsAt"] == clock.iso(credit.day_began() + timedelta(days=1))
    # The pages have no key, and tomorrow is another day.
    start(alice, [{"toolName": "note"}])
    LedgerEntry.objects.update(created_at=clock.now() - timedelta(days=1))
    assert begin(mine).status_code == 201


def test_a_person_may_use_so_much_on_one_day(
    mine: Api, api: ApiFactory, bob_key: str, settings: Settings
) -> None:
    settings.DAILY_UNITS = 3
    assert begin(mine, copies=3).status_code == 201
    assert begin(mine, copies=1).json()["details"]["limitUnits"] == 3
    assert begin(api(bob_key), copies=3).status_code == 201


def test_two_starts_at_once_do_not_both_take_what_is_enough_for_one(
    api: ApiFactory, alice: User, alice_key: str, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    grant(alice, "3")

    answers = at_once([lambda: begin(api(alice_key))] * 4)
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, 402, 402, 402]
    assert ledger.balance(alice) == 1_000


def test_in_the_middle_a_run_may_spend_up_to_what_was_agreed(
    alice: User, settings: Settings
) -> None:
    run = start(alice, [{"toolName": "note"}])
    with changing(run.id) as change:
        # No one set a limit.
        assert authorization.hold_reason(change, 1_000_000) == ""
        change.set(ceiling_milli=3_000)
        assert authorization.hold_reason(change, 2_000) == ""
        assert authorization.hold_reason(change, 2_001) == states.COST_REAUTHORIZATION
        # What was accepted later counts instead.
        change.set(options={**change.run.options, "approved_milli": 9_000})
        assert authorization.hold_reason(change, 8_000) == ""
        settings.LIMIT_CREDIT = True
        assert authorization.hold_reason(change, 1) == states.INSUFFICIENT_CREDIT
        assert authorization.hold_reason(change, 0) == ""
        asked = authorization.hold_prompt(change, states.INSUFFICIENT_CREDIT, 1_000)
        assert asked["details"]["balanceUnits"] == -1
        ledger.grant(user=alice, milli=9_000, ref="grant:1")
        assert authorization.hold_reason(change, 8_000) == ""


@pytest.mark.parametrize(
    ("user", "units", "says"),
    [
        ("alice", "0", "UNITS"),
        ("alice", "many", "UNITS"),
        ("alice", "0.0001", "UNITS"),
        ("alice", "1e99", "UNITS"),
        ("zoe", "5", "zoe"),
    ],
)
def test_grant_refuses_what_it_cannot_book(alice: User, user: str, units: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("grant", user, units)
    assert not LedgerEntry.objects.exists()


def test_grants_add_up_and_can_be_taken_back(alice: User, capsys: Any) -> None:
    grant(alice, "5", "for the demo")
    grant(alice, "5", "for the demo")
    call_command("grant", "alice", "--", "-2.5")
    assert ledger.balance(alice) == 7_500
    assert "alice now has 7.5 credits (-2.5)" in capsys.readouterr().out
    assert LedgerEntry.objects.filter(ref__endswith=":for the demo").count() == 2
