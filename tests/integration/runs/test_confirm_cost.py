"""POST …/confirm-cost: a run that waits until someone has accepted what it will cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts import ledger
from accounts.models import LedgerEntry, User
from core import clock
from runs.models import Allowance, IdempotencyKey, Run, Step, Wait
from templates_app.graph.types import DeferredRef, StepKey
from tests.support.at_once import at_once
from tests.support.builders import plans
from tests.support.builders.running import events_of, status_after_work, statuses, work_off
from tests.support.clients.api import Api

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
ApiFactory = Callable[..., Api]
NOTES = [
    {"id": "a", "toolName": "note", "arguments": {"copies": 3}},
    {"id": "b", "toolName": "note", "arguments": {}, "dependsOn": ["a"]},
]


def held(api: Api, **more: Any) -> dict[str, Any]:
    """A run that waits for its cost to be accepted: four units."""
    answer = api.post(PATH, {"input": {"steps": NOTES}, "confirm_cost": False, **more})
    assert answer.status_code == 201, answer.json()
    run: dict[str, Any] = answer.json()["data"]["workflow"]
    return run


def decide(api: Api, run: dict[str, Any], body: Any = None, **headers: str) -> Any:
    return api.post(f"{PATH}/{run['id']}/confirm-cost", body, **headers)


def stored(run: dict[str, Any]) -> Run:
    return Run.objects.get(public_id=run["id"])


def pass_ten_minutes(run: dict[str, Any]) -> None:
    row = stored(run)
    row.options["quotes"][-1]["until"] = clock.iso(clock.now() - timedelta(seconds=1))
    row.save(update_fields=["options"])


def test_a_start_that_asks_is_stored_and_does_nothing(mine: Api, alice: User) -> None:
    run = held(mine, token_type="sogni")
    assert run["status"] == "waiting_for_user"
    assert run["waitingReason"] == "cost_approval_required"
    assert run["awaitingCostApproval"] is True
    preview = run["billingPreview"]
    assert preview["totalEstimatedCapacityUnits"] == run["estimatedCapacityUnits"] == 4
    assert preview["tokenType"] == "sogni"
    assert preview["validityUntil"].endswith("Z")
    assert [one["capacityUnits"] for one in preview["perToolBreakdown"]] == [3, 1]
    assert preview["perStageBreakdown"][0]["assumptions"] == ["3 variations"]
    assert [one["totalEstimatedCapacityUnits"] for one in run["billingPreviews"]] == [4]
    assert set(statuses(stored(run)).values()) == {"pending"}
    assert work_off() == 0
    assert ledger.balance(alice) == 0
    assert events_of(stored(run)) == ["workflow_created", "workflow_waiting_for_user"]


def test_a_confirmed_run_is_queued_reserves_and_completes(mine: Api, alice: User) -> None:
    run = held(mine)
    body = {"acceptedCostPreview": run["billingPreview"], "tool_call_id": "a", "reason": "fine"}
    answer = decide(mine, run, body)
    assert answer.status_code == 200, answer.json()
    confirmed = answer.json()["data"]["workflow"]
    assert (confirmed["status"], confirmed["awaitingCostApproval"]) == ("queued", False)
    assert "waitingReason" not in confirmed
    assert ledger.balance(alice) == -4_000
    assert work_off() == 2
    row = stored(run)
    assert (row.status, row.actual_milli, row.reserved_milli) == ("completed", 4_000, 0)
    assert ledger.balance(alice) == -4_000
    assert events_of(row)[2:4] == ["cost_confirmation_resolved", "workflow_queued"]
    (wait,) = Wait.objects.filter(run=row)
    assert (wait.answered_by, wait.answer["decision"]) == (alice, "confirm")


def test_without_a_body_the_latest_quote_is_accepted(mine: Api) -> None:
    run = held(mine)
    pass_ten_minutes(run)
    assert decide(mine, run).json()["data"]["workflow"]["status"] == "queued"


def test_a_declined_run_is_cancelled_and_cost_nothing(mine: Api) -> None:
    run = held(mine)
    answer = decide(mine, run, {"decision": "cancel", "reason": "Too dear"})
    assert answer.json()["data"]["workflow"]["status"] == "cancelled"
    assert not LedgerEntry.objects.exists()
    assert events_of(stored(run))[-1] == "workflow_cancelled"
    assert not Wait.objects.filter(answered_at=None).exists()


@pytest.mark.parametrize("stale", ["total", "expired", "expired by its own time"])
def test_a_preview_that_does_not_hold_is_409_with_a_fresh_one(mine: Api, stale: str) -> None:
    run = held(mine)
    seen = {"totalEstimatedCapacityUnits": 4}
    if stale == "total":
        seen["totalEstimatedCapacityUnits"] = 3
    elif stale == "expired":
        pass_ten_minutes(run)
    else:
        seen["validityUntil"] = "2020-01-01T00:00:00Z"  # type: ignore[assignment]
    headers = {"idempotency_key": "once"}
    answer = decide(mine, run, {"acceptedCostPreview": seen}, **headers)
    assert answer.status_code == 409
    details = answer.json()["details"]
    assert details["reason"] == "cost_preview_stale"
    fresh = details["billingPreview"]
    assert fresh["totalEstimatedCapacityUnits"] == 4
    assert fresh["validityUntil"] > clock.iso(clock.now())
    assert stored(run).status == "waiting_for_user"
    # What was refused has not used up its key, and the fresh one is accepted.
    assert not IdempotencyKey.objects.filter(endpoint="confirm-cost").exists()
    again = decide(mine, run, {"accepted_cost_preview": fresh}, **headers)
    assert again.json()["data"]["workflow"]["status"] == "queued"


def test_a_requote_takes_todays_prices_and_goes_on_waiting(mine: Api) -> None:
    run = held(mine)
    # Quoted by an earlier version, in which the tool was cheaper.
    row = stored(run)
    row.options["quotes"][-1]["milli"] = 2_000
    row.save(update_fields=["options"])
    Step.objects.filter(run=row, key="a").update(estimated_milli=1_000)
    assert decide(mine, run).status_code == 409
    answer = decide(mine, run, {"decision": "requote", "token_type": "sogni"})
    waiting = answer.json()["data"]["workflow"]
    assert (waiting["status"], waiting["tokenType"]) == ("waiting_for_user", "sogni")
    assert waiting["billingPreview"]["totalEstimatedCapacityUnits"] == 4
    totals = [one["totalEstimatedCapacityUnits"] for one in waiting["billingPreviews"]]
    assert totals == [2, 4, 4]
    assert events_of(row)[-1] == "billing_preview_updated"
    assert stored(run).estimated_milli == 4_000


def test_the_same_key_decides_once_also_in_parallel(
    api: ApiFactory, alice: User, alice_key: str
) -> None:
    run = held(api(alice_key))

    def confirm() -> Any:
        return decide(api(alice_key), run, {"decision": "confirm"}, idempotency_key="k")

    answers = at_once([confirm] * 3)
    assert [answer.status_code for answer in answers] == [200] * 3
    assert sum(1 for answer in answers if answer.json()["data"].get("idempotent")) == 2
    assert ledger.balance(alice) == -4_000
    assert events_of(stored(run)).count("cost_confirmation_resolved") == 1
    other = decide(api(alice_key), run, {"decision": "cancel"}, idempotency_key="k")
    assert (other.status_code, other.json()["details"]["reason"]) == (409, "idempotency_key_reuse")


def test_nothing_to_decide_is_409(mine: Api) -> None:
    run = held(mine)
    decide(mine, run)
    answer = decide(mine, run)
    assert answer.status_code == 409
    assert answer.json()["details"] == {"reason": "not_waiting_for_cost", "status": "queued"}


def test_refuses_a_bad_body_and_goes_on_waiting(mine: Api) -> None:
    run = held(mine)
    body: dict[str, Any]
    for body, says in (
        ({"decision": "maybe"}, "decision"),
        ({"acceptedCostPreview": {}}, "totalEstimatedCapacityUnits"),
        ({"acceptedCostPreview": 4}, "acceptedCostPreview"),
        ({"overrides": {"seed": 4}}, "seed"),
        ({"overrides": {"prompt": "A boat"}}, "prompt"),
        ({"tool_call_id": "zzz"}, "zzz"),
        ({"token_type": "gold"}, "token"),
    ):
        answer = decide(mine, run, body)
        assert (answer.status_code, says in answer.json()["message"]) == (400, True), body
    assert stored(run).status == "waiting_for_user"


def test_overrides_change_the_words_of_one_step(mine: Api) -> None:
    steps = [
        {"id": "k", "toolName": "generate_image", "arguments": {"prompt": "A tree"}},
        {"id": "m", "toolName": "generate_image", "arguments": {"prompt": "A hill"}},
    ]
    answer = mine.post(PATH, {"input": {"steps": steps}, "confirmCost": False})
    run = answer.json()["data"]["workflow"]
    changes = {"prompt": "A boat", "safeContentFilter": False, "qualityTier": "hq"}
    assert decide(mine, run, {"overrides": changes}).status_code == 400  # which of the two?
    done = decide(mine, run, {"overrides": changes, "tool_call_id": "m"})
    shown = done.json()["data"]["workflow"]
    assert [step["arguments"]["prompt"] for step in shown["steps"]] == ["A tree", "A boat"]
    assert shown["safeContentFilter"] is False
    row = stored(run)
    assert row.plan["steps"][1]["arguments"]["prompt"] == "A boat"
    assert row.steps.get(key="m").arguments["prompt"] == "A boat"


# -- in the middle -----------------------------------------------------------------------------


def grown(alice: User, *, ceiling: int | None = 5_000) -> Run:
    """A run that finds three pictures where one was expected, and so needs four units more."""
    item = plans.step("each", "metered", arguments={"used": 1})
    over = DeferredRef((), "$artifacts.sheet", StepKey("sheet"))
    run = plans.run_plan(
        alice,
        plans.step("sheet", "note", arguments={"copies": 3}),
        plans.batch("each", item, "sheet", over=over),
        ceiling=ceiling,
    )
    work_off()
    return run


def test_only_who_pays_accepts_more(mine: Api, alice: User, bob: User) -> None:
    row = grown(alice)
    limits = {"most_runs": 1, "most_milli": 5_000, "ends_at": clock.now()}
    Run.objects.update(allowance=Allowance.objects.create(owner=bob, milli=5_000, **limits))
    run = mine.get(f"{PATH}/{row.public_id}").json()["data"]["workflow"]
    body = {"acceptedCostPreview": run["waiting"]["details"]["costApprovalPreview"]}
    refused = decide(mine, run, body)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "cost.not_payer")
    assert decide(mine, run, {"decision": "cancel"}).status_code == 200


def test_a_run_that_needs_more_than_its_ceiling_asks_and_goes_on(mine: Api, alice: User) -> None:
    row = grown(alice)
    run = mine.get(f"{PATH}/{row.public_id}").json()["data"]["workflow"]
    assert run["waitingReason"] == "cost_reauthorization_required"
    assert run["awaitingCostApproval"] is True
    details = run["waiting"]["details"]
    assert (details["toolCallId"], details["pendingToolCallIds"]) == ("each", ["each"])
    preview = details["costApprovalPreview"]
    assert preview["totalEstimatedCapacityUnits"] == 9
    assert preview["maxAcceptableUnits"] == 5
    stages = {line["stageId"]: line["assumptions"] for line in preview["perStageBreakdown"]}
    assert stages == {"sheet": ["3 variations"], "each": ["1 item expected"]}
    assert "9 credits in total" in run["waiting"]["message"]
    assert mine.post(f"{PATH}/{row.public_id}/resume").status_code == 409
    body = {"acceptedCostPreview": preview, "tool_call_id": "each"}
    assert decide(mine, run, body).json()["data"]["workflow"]["status"] == "running"
    assert (status_after_work(row), row.actual_milli, row.reserved_milli) == ("completed", 6_000, 0)
    assert row.estimated_milli == 9_000
    assert ledger.balance(alice) == -6_000
    after = mine.get(f"{PATH}/{row.public_id}").json()["data"]["workflow"]
    assert "waiting" not in after
    totals = [one["totalEstimatedCapacityUnits"] for one in after["billingPreviews"]]
    assert totals == [5, 9]


def test_declining_more_keeps_what_was_made(mine: Api, alice: User) -> None:
    row = grown(alice)
    answer = decide(mine, {"id": row.public_id}, {"decision": "cancel"})
    run = answer.json()["data"]["workflow"]
    assert (run["status"], len(run["artifacts"])) == ("cancelled", 3)
    assert ledger.balance(alice) == -3_000
    row.refresh_from_db()
    assert (row.reserved_milli, row.actual_milli) == (0, 3_000)


def test_a_run_out_of_credit_goes_on_after_a_grant(
    mine: Api, alice: User, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    ledger.grant(user=alice, milli=6_000, ref="grant:1")
    row = grown(alice, ceiling=None)
    run = mine.get(f"{PATH}/{row.public_id}").json()["data"]["workflow"]
    assert (run["waitingReason"], run["awaitingCostApproval"]) == ("insufficient_credit", False)
    details = run["waiting"]["details"]
    assert (details["neededUnits"], details["balanceUnits"]) == (4, 1)
    assert mine.post(f"{PATH}/{row.public_id}/resume").json()["data"]["resumed"] is False
    ledger.grant(user=alice, milli=3_000, ref="grant:2")
    resumed = mine.post(f"{PATH}/{row.public_id}/resume", {"app_source": "cli"})
    assert resumed.json()["data"]["resumed"] is True
    assert (status_after_work(row), row.options["app_source"]) == ("completed", "cli")
    assert ledger.balance(alice) == 3_000
