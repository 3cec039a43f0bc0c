"""POST /v1/creative-agent/workflows: the three ways to start, and every way not to."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from accounts.models import LedgerEntry, User
from runs.models import IdempotencyKey, Run
from tests.support.clients.api import Api
from tests.support.examples import examples

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/v1/creative-agent/workflows"
STEP = {"id": "a", "toolName": "noop", "arguments": {}}
ApiFactory = Callable[..., Api]


def steps_body(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"input": {"steps": list(steps or (STEP,))}, **more}


def test_kindless_steps_start_a_run(api: ApiFactory, alice_key: str) -> None:
    answer = api(alice_key).post(PATH, steps_body())
    assert answer.status_code == 201
    run = answer.json()["data"]["workflow"]
    assert run["workflowId"] == run["id"]
    assert run["kind"] == "hosted_tool_sequence"
    assert run["status"] == "queued"
    assert run["title"] == "Durable creative workflow"
    assert [step["status"] for step in run["steps"]] == ["pending"]
    assert [event["sequence"] for event in run["events"]] == [1, 2]
    assert isinstance(run["createTime"], int)


def test_image_to_video_plans_two_joined_steps(api: ApiFactory, alice_key: str) -> None:
    body = {
        "kind": "image_to_video",
        "input": {"prompt": "A robot", "videoPrompt": "It wakes", "duration": 5},
        "token_type": "spark",
    }
    run = api(alice_key).post(PATH, body).json()["data"]["workflow"]
    assert run["kind"] == "image_to_video"
    assert [step["toolName"] for step in run["plan"]["steps"]] == [
        "generate_image",
        "generate_video",
    ]
    (binding,) = run["plan"]["steps"][1]["dependsOn"]
    assert binding["sourceStepId"] == run["plan"]["steps"][0]["id"]
    assert binding["targetArgument"] == "referenceImageIndices"
    assert run["workflowId"].startswith("wf_image_to_video_")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "input"),
        ({"input": {"steps": [STEP]}, "workflow_id": "wf_x"}, "not both"),
        ({"kind": "image_to_video", "workflow_id": "wf_x"}, "not both"),
        ({"inputs": {"a": 1}}, "workflow_id"),
        ({"kind": "chat", "input": {}}, "kind"),
        ({"input": {"steps": []}}, "step"),
        ({"input": {"steps": [STEP] * 13}}, "12"),
        ({"input": {"prompt": "a robot"}}, "steps"),
        ({"input": {"steps": [{"toolName": "fly"}]}}, "fly"),
        ({"input": {"steps": [{"toolName": "noop", "arguments": 7}]}}, "arguments"),
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
        (
            {"input": {"steps": [STEP]}, "media_references": [{"url": "data:image/png;base64,aa"}]},
            "inline",
        ),
        ({"input": {"steps": [STEP]}, "media_references": [{"url": "file:///etc/passwd"}]}, "http"),
        ({"input": {"steps": [STEP]}, "idempotency_key": "k" * 256}, "255"),
    ],
)
def test_bad_body_is_refused_and_names_the_field(
    api: ApiFactory, alice_key: str, body: dict[str, Any], says: str
) -> None:
    answer = api(alice_key).post(PATH, body)
    assert answer.status_code == 400, answer.content
    error = answer.json()
    assert error["status"] == "error"
    assert says.lower() in answer.content.decode().lower()
    assert not Run.objects.exists()


def test_tool_no_one_provides_is_422_model_unavailable(api: ApiFactory, alice_key: str) -> None:
    answer = api(alice_key).post(
        PATH, steps_body({"toolName": "unheard_of", "arguments": {"prompt": "Hello"}})
    )
    assert answer.status_code == 422
    assert answer.json()["details"]["issues"][0]["code"] == "model_unavailable"
    assert not Run.objects.exists()


def test_ceiling_below_the_estimate_is_422_with_the_preview(
    api: ApiFactory, alice_key: str
) -> None:
    note = {"toolName": "note", "arguments": {"copies": 3}}
    answer = api(alice_key).post(PATH, steps_body(note, max_estimated_capacity_units=2.5))
    assert answer.status_code == 422
    details = answer.json()["details"]
    assert details["reason"] == "cost_ceiling_exceeded"
    assert details["estimatedCapacityUnits"] == 3
    assert details["billingPreview"]["totalEstimatedCapacityUnits"] == 3
    assert not LedgerEntry.objects.exists()
    assert api(alice_key).post(PATH, steps_body(note, cost_ceiling=3)).status_code == 201


def test_start_reserves_its_estimate(api: ApiFactory, alice_key: str, alice: User) -> None:
    api(alice_key).post(PATH, steps_body({"toolName": "note", "arguments": {"copies": 2}}))
    (entry,) = LedgerEntry.objects.filter(user=alice)
    assert (entry.kind, entry.milli) == ("reserve", -2_000)


def test_needs_credentials(api: ApiFactory, db: None) -> None:
    answer = api().post(PATH, steps_body())
    assert (answer.status_code, answer.json()["errorCode"]) == (401, 101)
    answer = api("rg_abcdefghij_" + "x" * 43).post(PATH, steps_body())
    assert (answer.status_code, answer.json()["errorCode"]) == (401, 102)


def test_session_may_not_start_through_the_api(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    answer = browser.post(
        PATH, steps_body(), content_type="application/json", headers={"origin": "http://testserver"}
    )
    assert answer.status_code == 403
    assert "API key" in answer.json()["message"]


def test_same_key_answers_the_first_run(api: ApiFactory, alice_key: str) -> None:
    first = api(alice_key).post(PATH, steps_body(), idempotency_key="k1")
    again = api(alice_key).post(PATH, steps_body(), idempotency_key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["data"]["idempotent"] is True
    ids = {answer.json()["data"]["workflow"]["id"] for answer in (first, again)}
    assert len(ids) == 1
    in_body = api(alice_key).post(PATH, steps_body(idempotency_key="k1"))
    assert in_body.json()["data"]["workflow"]["id"] in ids


def test_same_key_with_another_body_is_409(api: ApiFactory, alice_key: str) -> None:
    api(alice_key).post(PATH, steps_body(), idempotency_key="k1")
    other = steps_body({"toolName": "noop", "id": "b"})
    answer = api(alice_key).post(PATH, other, idempotency_key="k1")
    assert answer.status_code == 409
    assert answer.json()["details"]["reason"] == "idempotency_key_reuse"


def test_numbers_that_are_equal_are_the_same_body(api: ApiFactory, alice_key: str) -> None:
    first = steps_body(max_estimated_capacity_units=10)
    again = steps_body(max_estimated_capacity_units=10.0)
    api(alice_key).post(PATH, first, idempotency_key="k1")
    assert api(alice_key).post(PATH, again, idempotency_key="k1").status_code == 200


def test_failed_start_does_not_reserve_its_key(api: ApiFactory, alice_key: str) -> None:
    bad = api(alice_key).post(PATH, {"input": {"steps": []}}, idempotency_key="k1")
    assert bad.status_code == 400
    assert api(alice_key).post(PATH, steps_body(), idempotency_key="k1").status_code == 201


def test_keys_of_two_people_do_not_meet(api: ApiFactory, alice_key: str, bob_key: str) -> None:
    mine = api(alice_key).post(PATH, steps_body(), idempotency_key="k1")
    theirs = api(bob_key).post(PATH, steps_body(), idempotency_key="k1")
    assert theirs.status_code == 201
    assert mine.json()["data"]["workflow"]["id"] != theirs.json()["data"]["workflow"]["id"]


def test_equal_starts_at_once_make_one_run(api: ApiFactory, alice_key: str) -> None:
    def post(_: int) -> tuple[int, str]:
        try:
            answer = api(alice_key).post(PATH, steps_body(), idempotency_key="many")
            return answer.status_code, answer.json()["data"]["workflow"]["id"]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(post, range(examples(200, share=5))))
    assert {run for _, run in answers} == {Run.objects.get().public_id}
    assert sorted({status for status, _ in answers}) == [200, 201]
    assert [status for status, _ in answers].count(201) == 1
    assert IdempotencyKey.objects.count() == 1


def test_too_many_unfinished_runs_is_409_with_counts(
    api: ApiFactory, alice_key: str, settings: Any
) -> None:
    settings.ACTIVE_RUNS_PER_USER = 2
    for _ in range(2):
        assert api(alice_key).post(PATH, steps_body()).status_code == 201
    answer = api(alice_key).post(PATH, steps_body())
    assert answer.status_code == 409
    assert answer.json()["details"]["activeWorkflows"] == 2
    assert "Retry-After" not in answer


def test_prefixed_tool_names_come_back_as_written(api: ApiFactory, alice_key: str) -> None:
    step = {"toolName": "sogni_generate_image", "arguments": {"prompt": "A lamp"}}
    run = api(alice_key).post(PATH, steps_body(step)).json()["data"]["workflow"]
    assert run["steps"][0]["toolName"] == "sogni_generate_image"
    assert run["input"]["steps"][0]["toolName"] == "sogni_generate_image"


def test_unknown_and_null_fields_are_ignored(api: ApiFactory, alice_key: str) -> None:
    body = steps_body(kind=None, inputs=None, future_field={"a": 1}, token_type=None)
    assert api(alice_key).post(PATH, body).status_code == 201
