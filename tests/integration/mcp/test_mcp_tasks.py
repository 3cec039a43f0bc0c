"""Runs as tasks of the extension `io.modelcontextprotocol/tasks`."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from runs.models import Run
from tests.support.builders.asking_templates import TALK, choosing, made_of
from tests.support.builders.running import work_off
from tests.support.clients.agents import HANDSHAKE, TASKS, call, called, result, send

pytestmark = pytest.mark.django_db(transaction=True)


def begun(template_id: str, key: str, **inputs: str) -> dict[str, Any]:
    arguments = {"template_id": template_id, "idempotency_key": "take-1", "inputs": inputs}
    return call("run_template", arguments, key, tasks=True)


def task(task_id: str, key: str) -> dict[str, Any]:
    return result(send("tasks/get", {"taskId": task_id}, key, tasks=True))


def update(task_id: str, responses: dict[str, Any], key: str) -> dict[str, Any]:
    params = {"taskId": task_id, "inputResponses": responses}
    return result(send("tasks/update", params, key, tasks=True))


def test_a_run_is_a_task_that_asks_and_ends(alice: User, alice_key: str) -> None:
    made = begun(choosing(alice).public_id, alice_key, brief="A lamp")
    run = Run.objects.get()
    assert (made["resultType"], made["taskId"]) == ("task", run.public_id)
    assert (made["status"], made["ttlMs"]) == ("working", None)
    assert task(run.public_id, alice_key)["status"] == "working"
    work_off()

    told = task(run.public_id, alice_key)
    assert (told["resultType"], told["status"]) == ("complete", "input_required")
    [(name, asked)] = told["inputRequests"].items()
    assert asked["method"] == "elicitation/create"
    schema = asked["params"]["requestedSchema"]
    assert [one["const"] for one in schema["properties"]["choices"]["oneOf"]] == ["1", "2", "3"]
    assert "\n3: http://testserver/media/" in asked["params"]["message"]
    # Neither of these is an answer: the question stays.
    update(run.public_id, {name: {"action": "decline"}}, alice_key)
    update(run.public_id, {"question-0": {"action": "accept", "content": {}}}, alice_key)
    assert task(run.public_id, alice_key)["status"] == "input_required"

    given = {name: {"action": "accept", "content": {"choices": "2"}}}
    assert update(run.public_id, given, alice_key)["resultType"] == "complete"
    assert update(run.public_id, given, alice_key)["resultType"] == "complete"
    assert task(run.public_id, alice_key)["status"] == "working"
    work_off()
    told = task(run.public_id, alice_key)
    assert told["status"] == "completed"
    assert told["result"]["structuredContent"]["status"] == "completed"
    assert {"text", "image", "resource_link"} == {one["type"] for one in told["result"]["content"]}


def test_a_task_that_asks_at_once_says_so_at_once(alice: User, alice_key: str) -> None:
    made = begun(made_of(alice, TALK).public_id, alice_key)
    assert (made["resultType"], made["status"]) == ("task", "input_required")
    assert task(made["taskId"], alice_key)["status"] == "input_required"


def test_a_run_that_fails_is_a_task_with_an_error_of_its_tool(alice: User, alice_key: str) -> None:
    failing = {
        "id": "s",
        "type": "fixed",
        "tool": "fail",
        "args": {"retryable": False},
        "produces": ["s"],
    }
    begun(made_of(alice, failing).public_id, alice_key)
    work_off()
    told = task(Run.objects.get().public_id, alice_key)
    assert (told["status"], told["result"]["isError"]) == ("completed", True)


def test_a_task_is_stopped(alice: User, alice_key: str) -> None:
    begun(choosing(alice).public_id, alice_key, brief="A lamp")
    run = Run.objects.get().public_id
    for _ in range(2):
        answer = send("tasks/cancel", {"taskId": run}, alice_key, tasks=True)
        assert result(answer)["resultType"] == "complete"
    assert task(run, alice_key)["status"] == "cancelled"


def test_a_bad_answer_names_the_field(alice: User, alice_key: str) -> None:
    begun(made_of(alice, TALK).public_id, alice_key)
    work_off()
    run = Run.objects.get().public_id
    [name] = task(run, alice_key)["inputRequests"]
    params = {
        "taskId": run,
        "inputResponses": {name: {"action": "accept", "content": {"choices": ["x"]}}},
    }
    error = send("tasks/update", params, alice_key, tasks=True).json()["error"]
    assert error["code"] == -32602
    assert "choices" in error["message"]
    update(run, {name: {"action": "accept", "content": {"text": "A lamp"}}}, alice_key)
    work_off()
    assert task(run, alice_key)["status"] == "completed"


def test_another_persons_task_is_not_there(alice: User, alice_key: str, bob_key: str) -> None:
    begun(choosing(alice).public_id, alice_key, brief="A lamp")
    run = Run.objects.get().public_id
    for method, more in (
        ("tasks/get", {}),
        ("tasks/cancel", {}),
        ("tasks/update", {"inputResponses": {}}),
    ):
        error = send(method, {"taskId": run, **more}, bob_key, tasks=True).json()["error"]
        assert (error["code"], "not found" in error["message"]) == (-32602, True)
    assert Run.objects.get().status == "queued"


def test_a_client_without_tasks_gets_plain_results(alice: User, alice_key: str) -> None:
    template = choosing(alice).public_id
    arguments = {"template_id": template, "idempotency_key": "a", "inputs": {"brief": "A lamp"}}
    run = called("run_template", arguments, alice_key)["run_id"]
    assert send("tasks/get", {"taskId": run}, alice_key).json()["error"]["code"] == -32021
    answer = send("tasks/get", {"taskId": run}, alice_key, era=HANDSHAKE)
    assert answer.json()["error"]["code"] == -32601


def test_the_extension_is_advertised(alice_key: str) -> None:
    found = result(send("server/discover", {}, alice_key))
    assert TASKS in found["capabilities"]["extensions"]
