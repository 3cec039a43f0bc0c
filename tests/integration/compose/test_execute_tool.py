"""POST /v1/creative-agent/tools/execute: every spelling, every refusal, what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import Settings

from accounts import credit, ledger, selectors, services
from accounts.models import ApiKey, LedgerEntry, User
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.exports import account_data
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.builders.suspending import suspend
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.visitors import signed_in
from tests.support.markup import flat
from tests.support.waiting import WAIT_S, wait_for

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/tools/execute"
RUNS = "/v1/creative-agent/workflows"
DRAFT = {
    "tool": "compose_workflow_template",
    "arguments": {"brief": "A 10-second video of a lighthouse. A wave breaks.", "name": "Lights"},
}
ApiFactory = Callable[..., Api]
T = TypeVar("T")
MANIFEST = {"tool": "create_asset_manifest", "arguments": {}}


def data_of(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content[:500]
    body = answer.json()
    assert body["status"] == "success"
    return dict(body["data"])


def grant(user: User, units: str) -> None:
    call_command("grant", user.username, units)


@pytest.fixture
def mine(alice_key: str) -> Api:
    return Api(alice_key)


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    """ThreadPoolExecutor for calls that wait for what the test does meanwhile."""
    with ThreadPoolExecutor(4) as pool:
        yield pool


def beside(aside: ThreadPoolExecutor, call: Callable[[], T]) -> Future[T]:
    """Call it in a thread that lets go of the database in the end."""

    def called() -> T:
        try:
            return call()
        finally:
            connections.close_all()

    return aside.submit(called)


def executed(aside: ThreadPoolExecutor, api: Api, body: dict[str, Any]) -> Any:
    """Return the answer to a call while a worker does its run."""
    answer = beside(aside, lambda: api.post(PATH, body))
    while not answer.done():
        work_off()
    return answer.result()


def test_a_drafted_template_can_be_saved_as_it_is(mine: Api) -> None:
    data = data_of(mine.post(PATH, DRAFT))
    assert data["toolCallId"].startswith("call_")
    assert data["tool"] == "compose_workflow_template"
    result = data["result"]
    assert (result["ok"], result["tool"], result["status"]) == (True, data["tool"], "completed")
    assert isinstance(result["warnings"], list)
    assert result["metadata"]["planner"] == "rules"
    assert data["message"] == result["message"]
    assert not Template.objects.exists()
    saved = mine.post(f"{RUNS}/templates", result["template_draft"])
    assert saved.status_code == 201, saved.content


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("tool", "arguments"), ("tool_name", "args"), ("toolName", "args"), ("name", "arguments")],
)
def test_every_spelling_of_a_call(mine: Api, name: str, arguments: str) -> None:
    body = {name: "sogni_compose_workflow_template", arguments: DRAFT["arguments"]}
    more = {"tokenType": "spark", "safeContentFilter": True, "appSource": "tests"}
    data = data_of(mine.post(PATH, {**body, **more, "unknown": {"is": "ignored"}}))
    assert data["tool"] == "sogni_compose_workflow_template"
    assert data["result"]["tool"] == "compose_workflow_template"
    assert data["result"]["ok"] is True


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "tool"),
        ({"tool": 7}, "tool"),
        ({"tool": "x" * 81}, "tool"),
        ({"tool": "compose_wrkflow_template"}, "Did you mean compose_workflow_template?"),
        ({"tool": "fly_to_the_moon"}, "Tools to call here: "),
        ({"tool": "manage_memory"}, "Unknown tool"),
        ({**DRAFT, "arguments": []}, "arguments"),
        ({**DRAFT, "token_type": "gold"}, "token_type"),
        ({**DRAFT, "safe_content_filter": "yes"}, "safe_content_filter"),
        ({**DRAFT, "idempotency_key": "x" * 256}, "idempotency_key"),
        ({"tool": "generate_image", "arguments": {"prompt": "A cat"}}, f"POST {RUNS}"),
        ({"tool": "ask_clarifying_question", "arguments": {"question": "?"}}, f"POST {RUNS}"),
        *((raw, "") for raw in (b"", b"[]", b"{")),
    ],
)
def test_a_bad_call_is_400_and_names_the_remedy(mine: Api, body: Any, says: str) -> None:
    answer = mine.post(PATH, body)
    assert answer.status_code == 400
    assert says in answer.json()["message"]
    assert not LedgerEntry.objects.exists()
    assert not Run.objects.exists()


def test_bad_arguments_are_a_failed_result_and_free(mine: Api) -> None:
    body = {**DRAFT, "arguments": {"name": "Lights", "scene_count": 40}}
    data = data_of(mine.post(PATH, body))
    result = data["result"]
    assert (result["ok"], result["success"], result["retryable"]) == (False, False, False)
    assert result["error_type"] == "PARAMETER_INVALID"
    assert "`brief` is required." in result["message"]
    assert "`scene_count`" in result["message"]
    assert result["suggested_next_action"]
    assert data["message"] == result["message"]
    assert not LedgerEntry.objects.exists()


def test_a_long_brief_is_answered_and_a_longer_one_refused(mine: Api) -> None:
    def call(brief: str) -> Any:
        return mine.post(PATH, {**DRAFT, "arguments": {"brief": brief, "name": "x"}})

    assert data_of(call("A red boat. " * 1_666))["result"]["ok"] is True
    assert data_of(call("å" * 20_000))["result"]["ok"] is True
    assert data_of(call("x" * 20_001))["result"]["error_type"] == "PARAMETER_INVALID"
    assert call("x" * 3_000_000).status_code == 413


def test_only_a_key_that_may_run_calls_tools(api: ApiFactory, alice: User) -> None:
    assert api().post(PATH, DRAFT).status_code == 401
    refused = signed_in(alice).post(PATH, DRAFT, content_type="application/json")
    assert refused.status_code == 403
    assert "Calling a tool needs an API key" in refused.json()["message"]
    reader, runner = (api(make_key(alice, scope=scope)) for scope in ("read", "run"))
    assert reader.post(PATH, DRAFT).json()["error"]["code"] == "key_scope"
    assert runner.post(PATH, DRAFT).status_code == 200
    suspend(alice)
    suspended = runner.post(PATH, DRAFT)
    assert (suspended.status_code, suspended.json()["error"]["code"]) == (403, "account.suspended")


def test_calls_count_as_starts(mine: Api, settings: Settings) -> None:
    settings.STARTS_PER_MINUTE = 2
    answers = [mine.post(PATH, DRAFT) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2]["Retry-After"]) >= 1


def test_a_call_is_one_credit_on_the_ledger(mine: Api, alice: User) -> None:
    data = data_of(mine.post(PATH, DRAFT))
    [entry] = LedgerEntry.objects.all()
    assert (entry.user, entry.milli, entry.api_key) == (alice, -1_000, ApiKey.objects.get())
    [call] = selectors.paid_calls(alice, 10)
    assert (call.id, call.tool, call.milli) == (data["toolCallId"], DRAFT["tool"], 1_000)
    balance = mine.get("/v1/account/balance").json()["data"]
    assert balance["spark"]["debit"] == "1"
    assert ledger.used_since(credit.day_began(), user_id=alice.pk) == 1_000
    browser = signed_in(alice)
    page = browser.get("/me").content.decode()
    assert f'<span title="{data["toolCallId"]}">Compose template</span>' in page
    [kept] = account_data(alice)["calls"]
    assert (kept["id"], kept["tool"], kept["usedUnits"]) == (call.id, DRAFT["tool"], 1)


def test_a_change_by_words_needs_a_model_and_is_free_without(mine: Api, alice: User) -> None:
    def change(brief: str, **more: Any) -> dict[str, Any]:
        arguments = {"brief": brief, "name": "Lights", "existing_template": first, **more}
        return dict(data_of(mine.post(PATH, {**DRAFT, "arguments": arguments}))["result"])

    first = data_of(mine.post(PATH, DRAFT))["result"]["template_draft"]
    assert ledger.balance(alice) == -1_000
    refused = change("Add a shot of a storm", aspect_ratio="9:16")
    assert (refused["ok"], refused["code"]) == (False, "language_model_required")
    assert refused["error_type"] == "MODEL_UNAVAILABLE"
    assert ledger.balance(alice) == -1_000
    # What is no more than a plain setting is done, and so are arguments.
    assert change("vertical, no music")["changes"]
    assert change("16:9", style="ink drawing")["changes"]
    assert ledger.balance(alice) == -3_000


def test_credit_and_the_days_limits_end_with_402(
    mine: Api, api: ApiFactory, alice: User, settings: Settings
) -> None:
    settings.LIMIT_CREDIT = True
    grant(alice, "0.5")
    refused = mine.post(PATH, DRAFT)
    assert refused.status_code == 402
    assert refused.json()["details"]["reason"] == "balance"
    grant(alice, "10.5")
    assert mine.post(PATH, DRAFT).status_code == 200
    settings.DAILY_UNITS = 2
    assert mine.post(PATH, DRAFT).status_code == 200
    refused = mine.post(PATH, DRAFT)
    assert (refused.status_code, refused.json()["details"]["usedUnits"]) == (402, 2)
    settings.DAILY_UNITS = 0
    key, text = services.create_api_key(user=alice, name="small")
    credit.set_daily_budget(key=key, milli=1_000)
    assert api(text).post(PATH, DRAFT).status_code == 200
    assert api(text).post(PATH, DRAFT).status_code == 402
    # What fails, and what is refused, costs nothing: 11 granted, three paid.
    assert data_of(mine.post(PATH, {**DRAFT, "arguments": {}}))["result"]["ok"] is False
    assert ledger.balance(alice) == 8_000


def test_of_two_calls_at_once_one_credit_pays_one(
    mine: Api, alice: User, settings: Settings, aside: ThreadPoolExecutor
) -> None:
    settings.LIMIT_CREDIT = True
    grant(alice, "1")

    answers = [beside(aside, lambda: mine.post(PATH, DRAFT)) for _ in range(4)]
    assert sorted(one.result().status_code for one in answers) == [200, 402, 402, 402]
    assert ledger.balance(alice) == 0


def test_a_key_means_nothing_to_another_person(
    mine: Api, api: ApiFactory, alice: User, bob: User, bob_key: str
) -> None:
    mine.post(PATH, DRAFT, idempotency_key="k")
    other = {**DRAFT, "arguments": {"brief": "A boat", "name": "Boat"}}
    assert api(bob_key).post(PATH, other, idempotency_key="k").status_code == 200
    assert api(bob_key).post(PATH, DRAFT, idempotency_key="m").status_code == 200
    assert (ledger.balance(alice), ledger.balance(bob)) == (-1_000, -2_000)


def test_a_record_tool_runs_as_a_run_of_one_step(
    mine: Api, alice: User, aside: ThreadPoolExecutor
) -> None:
    body = {"tool": "sogni_create_asset_manifest", "arguments": {}, "app_source": "tests"}
    data = data_of(executed(aside, mine, body))
    result = data["result"]
    assert (result["ok"], result["status"]) == (True, "completed")
    assert result["tool"] == "create_asset_manifest"
    assert result["manifest"] == []
    assert data["message"] == "The run has no media yet."
    run = mine.get(result["url"]).json()["data"]["workflow"]
    assert (run["kind"], run["title"]) == ("tool_call", "Create asset manifest")
    assert (run["appSource"], run["status"]) == ("tests", "completed")
    listed = mine.get(RUNS, {"kind": "tool_call"}).json()["data"]["workflows"]
    assert [one["id"] for one in listed] == [result["workflowId"]]
    assert "Tool call, " in flat(signed_in(alice).get("/me/runs").content)
    assert not LedgerEntry.objects.exists()


def test_what_a_step_finds_wrong_is_a_failed_result(mine: Api, aside: ThreadPoolExecutor) -> None:
    bad = data_of(executed(aside, mine, {"tool": "label_asset", "arguments": {}}))
    assert (bad["result"]["ok"], bad["result"]["success"]) == (False, False)
    assert bad["result"]["error_type"] in ("PARAMETER_INVALID", "ASSET_NOT_FOUND")
    missing = data_of(executed(aside, mine, {"tool": "analyze_image"}))
    assert missing["result"]["error_type"] == "PARAMETER_INVALID"
    assert "image" in missing["result"]["message"]
    assert missing["result"]["retryable"] is False
    failing = {"tool": "sleep", "arguments": {"seconds": "long"}}
    assert data_of(executed(aside, mine, failing))["result"]["ok"] is False


@pytest.mark.parametrize(
    "address",
    [
        "data:image/png;base64,iVBORw0KGgo=",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
def test_media_addresses_go_the_guarded_way(
    mine: Api, aside: ThreadPoolExecutor, address: str
) -> None:
    body = {"tool": "analyze_image", "arguments": {"source_image_url": address}}
    result = data_of(executed(aside, mine, body))["result"]
    assert result["ok"] is False
    assert "source_image_url" in result["message"]
    assert "steps" not in result["message"]
    listed = {"tool": "inspect_asset", "media_references": [{"type": "image", "url": address}]}
    assert data_of(executed(aside, mine, listed))["result"]["ok"] is False


def asked(key: str) -> Any:
    """The answer of the server's ASGI application, which holds no thread for it."""
    headers = {"api-key": key, "content-type": "application/json", "idempotency-key": "k"}
    return request_app("POST", PATH, headers, json.dumps(MANIFEST).encode())


def test_a_second_call_with_a_key_is_told_where_the_run_is(
    alice: User, alice_key: str, aside: ThreadPoolExecutor
) -> None:
    first = beside(aside, lambda: asked(alice_key))
    wait_for(Run.objects.exists, "the run is there")
    second = asked(alice_key).json()["data"]["result"]
    run = Run.objects.get()
    assert (second["ok"], second["retryable"]) == (False, True)
    assert (second["workflowId"], second["url"]) == (run.public_id, f"{RUNS}/{run.public_id}")
    assert "already waits" in second["message"]
    assert not first.done()
    while not first.done():
        work_off()
    answer = first.result()
    assert answer.json()["data"]["result"]["ok"] is True
    assert answer.header("content-length") == str(len(answer.body))
    assert answer.header("x-request-id")
    # Once it is over, who asks again has its result.
    assert asked(alice_key).json()["data"]["result"]["ok"] is True


def test_a_suspended_person_waits_no_longer(
    alice: User, alice_key: str, aside: ThreadPoolExecutor, settings: Settings
) -> None:
    settings.STREAM_RECHECK_S = 0.05
    waits = beside(aside, lambda: asked(alice_key))
    wait_for(Run.objects.exists, "the run is there")
    suspend(alice)
    answer = waits.result(WAIT_S)
    assert answer.status == 403, answer.text
    assert answer.json()["error"]["code"] == "account.suspended"


def test_a_run_that_takes_too_long_is_named_and_goes_on(
    mine: Api, alice: User, settings: Settings, aside: ThreadPoolExecutor
) -> None:
    settings.TOOL_CALL_WAIT_S = 0.2
    body = {**MANIFEST, "idempotency_key": "k"}
    result = data_of(mine.post(PATH, body))["result"]
    assert (result["ok"], result["retryable"]) == (False, True)
    assert result["error_type"] == "PROVIDER_TIMEOUT"
    assert {"workflowId", "url", "eventsUrl", "streamUrl"} <= result.keys()
    settings.TOOL_CALL_WAIT_S = 60
    again = data_of(executed(aside, mine, body))["result"]
    assert (again["ok"], again["workflowId"]) == (True, result["workflowId"])
    assert Run.objects.count() == 1


def test_too_many_open_runs_conflict(mine: Api, settings: Settings) -> None:
    settings.TOOL_CALL_WAIT_S = 0.01
    settings.ACTIVE_RUNS_PER_USER = 1
    assert [mine.post(PATH, MANIFEST).status_code for _ in range(2)] == [200, 409]
