"""POST /v1/creative-agent/workflows: the three ways to start, and every way not to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import LedgerEntry, User
from runs.models import Run
from tests.support.clients.api import Api
from tests.support.clients.visitors import signed_in

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
STEP = {"id": "a", "toolName": "noop", "arguments": {}}
ApiFactory = Callable[..., Api]


def steps_body(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"input": {"steps": list(steps or (STEP,))}, **more}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"kind": "chat", "input": {}}, "kind"),
        ({"input": "steps"}, "input"),
        (
            {"input": {"steps": [STEP]}, "confirm_cost": "yes"},
            "`confirm_cost` must be true or false.",
        ),
        (
            {"input": {"steps": [STEP]}, "max_estimated_capacity_units": -1},
            "`max_estimated_capacity_units` must be 0 or more.",
        ),
        (
            {"input": {"steps": [STEP]}, "token_type": "gold"},
            "`token_type` must be `sogni`, `spark` or `auto`.",
        ),
        ({"input": {"steps": [STEP]}, "media_references": {}}, "media"),
        ({"input": {"steps": [STEP]}, "idempotency_key": "k" * 256}, "255"),
    ],
)
def test_bad_body_is_refused_and_names_the_field(
    mine: Api, body: dict[str, Any], says: str
) -> None:
    answer = mine.post(PATH, body)
    assert answer.status_code == 400, answer.content
    error = answer.json()
    assert error["status"] == "error"
    assert says.lower() in answer.content.decode().lower()
    assert not Run.objects.exists()


def test_tool_no_one_provides_is_422_model_unavailable(mine: Api) -> None:
    answer = mine.post(
        PATH, steps_body({"toolName": "unheard_of", "arguments": {"prompt": "Hello"}})
    )
    assert answer.status_code == 422
    assert answer.json()["details"]["issues"][0]["code"] == "model_unavailable"
    assert not Run.objects.exists()


def test_start_reserves_its_estimate(mine: Api, alice: User) -> None:
    mine.post(PATH, steps_body({"toolName": "note", "arguments": {"copies": 2}}))
    (entry,) = LedgerEntry.objects.filter(user=alice)
    assert (entry.kind, entry.milli) == ("reserve", -2_000)


def test_session_may_not_start_through_the_api(alice: User) -> None:
    browser = signed_in(alice)
    answer = browser.post(
        PATH, steps_body(), content_type="application/json", headers={"origin": "http://testserver"}
    )
    assert answer.status_code == 403
    assert "API key" in answer.json()["message"]


def test_failed_start_does_not_reserve_its_key(mine: Api) -> None:
    bad = mine.post(PATH, {"input": {"steps": []}}, idempotency_key="k1")
    assert bad.status_code == 400
    assert mine.post(PATH, steps_body(), idempotency_key="k1").status_code == 201


def test_keys_of_two_people_do_not_meet(mine: Api, api: ApiFactory, bob_key: str) -> None:
    mine = mine.post(PATH, steps_body(), idempotency_key="k1")
    theirs = api(bob_key).post(PATH, steps_body(), idempotency_key="k1")
    assert theirs.status_code == 201
    assert mine.json()["data"]["workflow"]["id"] != theirs.json()["data"]["workflow"]["id"]


def test_too_many_unfinished_runs_is_409_with_counts(mine: Api, settings: Any) -> None:
    settings.ACTIVE_RUNS_PER_USER = 2
    for _ in range(2):
        assert mine.post(PATH, steps_body()).status_code == 201
    answer = mine.post(PATH, steps_body())
    assert answer.status_code == 409
    assert answer.json()["details"]["activeWorkflows"] == 2
    assert "Retry-After" not in answer


def test_prefixed_tool_names_come_back_as_written(mine: Api) -> None:
    step = {"toolName": "sogni_generate_image", "arguments": {"prompt": "A lamp"}}
    run = mine.post(PATH, steps_body(step)).json()["data"]["workflow"]
    assert run["steps"][0]["toolName"] == "sogni_generate_image"
    assert run["input"]["steps"][0]["toolName"] == "sogni_generate_image"


def test_unknown_and_null_fields_are_ignored(mine: Api) -> None:
    body = steps_body(kind=None, inputs=None, future_field={"a": 1}, token_type=None)
    assert mine.post(PATH, body).status_code == 201
