"""A run over MCP from its quote to its end: started once, asked, answered, stopped, resumed."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import tokens
from accounts.models import ApiKey, User
from runs.models import Run, Step
from tests.support.builders.asking_templates import TALK, choosing, made_of, stage
from tests.support.builders.factories import make_key
from tests.support.builders.run_sets import failing_template, work_through
from tests.support.builders.running import start, work_off
from tests.support.clients.agents import HANDSHAKE, MODERN, call, called, refused, send

pytestmark = pytest.mark.django_db(transaction=True)


def begun(template_id: str, key: str, era: str = MODERN, **more: Any) -> dict[str, Any]:
    arguments = {"template_id": template_id, "idempotency_key": "take-1", **more}
    return called("run_template", arguments, key, era=era)


@pytest.mark.parametrize("era", [MODERN, HANDSHAKE])
def test_a_run_with_a_question_is_quoted_started_answered_and_read(
    alice: User, alice_key: str, era: str
) -> None:
    template = choosing(alice).public_id
    quoted = called("quote", {"template_id": template}, alice_key, era=era)
    assert (quoted["can_run"], quoted["inputs_complete"]) == (True, False)
    assert quoted["credits"] > 0
    run = begun(template, alice_key, era, inputs={"brief": "A lamp"})
    assert run["status"] == "queued"
    work_off()

    answer = call("get_run", {"run_id": run["run_id"]}, alice_key, era=era)
    told = answer["structuredContent"]
    assert told["status"] == "waiting_for_user"
    [asked] = told["questions"]
    assert asked["question"] == "<untrusted>Which look goes into the film?</untrusted>"
    assert [one["number"] for one in asked["choices"]] == [1, 2, 3]
    links = [part for part in answer["content"] if part["type"] == "resource_link"]
    assert [one["name"] for one in links if one["name"].startswith("choice")] == [
        "choice-1",
        "choice-2",
        "choice-3",
    ]
    given = {"run_id": run["run_id"], "choices": [2]}
    assert called("answer", given, alice_key, era=era)["was_answered"] is False
    assert called("answer", given, alice_key, era=era)["was_answered"] is True
    other = {"run_id": run["run_id"], "choices": [3]}
    assert refused("answer", other, alice_key)["code"] == "workflow.answered"
    work_off()

    read = {"run_id": run["run_id"], "wait_s": 25, "after": 0}
    answer = call("get_run", read, alice_key, era=era)
    told = answer["structuredContent"]
    assert told["status"] == "completed"
    assert told["events"][0]["event"] == "workflow_created"
    assert told["events"][-1]["event"] == "workflow_completed"
    assert {one["type"] for one in told["artifacts"]} == {"image"}
    assert [part["type"] for part in answer["content"]].count("image") == 1
    assert Run.objects.get().options["app_source"].startswith("mcp")


def test_the_same_call_again_starts_one_run(alice: User, alice_key: str) -> None:
    template = choosing(alice).public_id
    first = begun(template, alice_key, inputs={"brief": "A lamp"})
    again = begun(template, alice_key, inputs={"brief": "A lamp"})
    assert (first["was_started_before"], again["was_started_before"]) == (False, True)
    assert again["run_id"] == first["run_id"]
    changed = {"template_id": template, "idempotency_key": "take-1", "inputs": {"brief": "B"}}
    assert refused("run_template", changed, alice_key)["code"] == "idempotency.key_reuse"
    assert Run.objects.count() == 1
    assert refused("run_template", {"template_id": template}, alice_key)["code"] == "body.invalid"


def test_budgets_hold(alice: User, alice_key: str) -> None:
    template = choosing(alice).public_id
    asked = {"template_id": template, "idempotency_key": "a", "inputs": {"brief": "A lamp"}}
    error = refused("run_template", {**asked, "max_credits": 0.5}, alice_key)
    assert error["code"] == "cost.ceiling_exceeded"
    ApiKey.objects.update(daily_budget_milli=1)
    assert refused("run_template", asked, alice_key)["code"] == "credit.insufficient"
    assert not Run.objects.exists()


def test_a_person_approves_the_cost_first(alice: User, alice_key: str) -> None:
    template = choosing(alice).public_id
    run = begun(template, alice_key, inputs={"brief": "A lamp"}, needs_approval=True)
    assert run["status"] == "waiting_for_user"
    [asked] = run["questions"]
    assert asked["kind"] == "cost"
    work_off()
    given = {"run_id": run["run_id"], "question_id": asked["question_id"], "decision": "approve"}
    assert called("answer", given, alice_key)["was_answered"] is False
    assert called("answer", given, alice_key)["was_answered"] is True
    work_off()
    [asked] = called("get_run", {"run_id": run["run_id"]}, alice_key)["questions"]
    assert asked["kind"] == "selection"


def test_words_answer_a_question_and_a_checkpoint_is_redone(alice: User, alice_key: str) -> None:
    template = made_of(alice, TALK, stage("look", checkpointRequired=True), stage("film"))
    run = begun(template.public_id, alice_key)["run_id"]
    work_off()
    for bad in ({}, {"text": "x", "choices": [1]}, {"choices": [1]}):
        assert refused("answer", {"run_id": run, **bad}, alice_key)["code"]
    assert called("answer", {"run_id": run, "text": "A lighthouse"}, alice_key)["answered"]
    work_off()
    told = called("get_run", {"run_id": run}, alice_key)
    assert told["questions"][0]["kind"] == "gate"
    assert told["steps"][0]["answer"] == "<untrusted>A lighthouse</untrusted>"
    assert called("answer", {"run_id": run, "decision": "redo"}, alice_key)["answered"]
    work_off()
    assert called("answer", {"run_id": run, "decision": "approve"}, alice_key)["answered"]
    work_off()
    assert called("get_run", {"run_id": run}, alice_key)["status"] == "completed"


def test_a_run_is_stopped_once(alice: User, alice_key: str) -> None:
    run = begun(choosing(alice).public_id, alice_key, inputs={"brief": "x"})["run_id"]
    assert called("cancel", {"run_id": run}, alice_key)["was_stopped_now"] is True
    again = called("cancel", {"run_id": run}, alice_key)
    assert (again["was_stopped_now"], again["status"]) == (False, "cancelled")
    assert called("resume", {"run_id": run}, alice_key)["resumed"] is False


def test_what_failed_is_resumed(alice: User, alice_key: str) -> None:
    steps = [{"id": "s", "toolName": "fail", "arguments": {"times": 1, "retryable": False}}]
    run = start(alice, steps).public_id
    work_off()
    told = called("get_run", {"run_id": run}, alice_key)
    assert told["status"] == "failed"
    assert told["error"]["message"].startswith("<untrusted>")
    assert called("resume", {"run_id": run}, alice_key)["resumed"] is True
    Step.objects.update(arguments={"times": 0})
    work_off()
    assert called("get_run", {"run_id": run}, alice_key)["status"] == "completed"


def test_another_persons_run_is_not_there(alice: User, alice_key: str, bob_key: str) -> None:
    run = begun(choosing(alice).public_id, alice_key, inputs={"brief": "x"})["run_id"]
    work_off()
    for tool, more in (
        ("get_run", {}),
        ("get_run", {"wait_s": 5}),
        ("answer", {"choices": [1]}),
        ("cancel", {}),
        ("resume", {}),
    ):
        error = refused(tool, {"run_id": run, **more}, bob_key)
        assert error["code"] == "workflow.not_found", tool
    uri = {"uri": f"reelgraph://runs/{run}"}
    assert send("resources/read", uri, bob_key).json()["error"]["code"] == -32602


@pytest.mark.parametrize("tool", ["run_template", "answer", "cancel", "resume"])
def test_a_key_that_may_only_read_spends_nothing(alice: User, tool: str) -> None:
    key = make_key(alice, scope="read")
    answer = send("tools/call", {"name": tool, "arguments": {}}, key)
    assert answer.status == 403
    assert 'scope="run"' in answer.header("www-authenticate")


def test_a_token_of_a_sign_in_reads_and_starts_nothing(alice: User) -> None:
    token = tokens.start_family(user=alice).access
    template = choosing(alice).public_id
    assert called("get_template", {"template_id": template}, token)["id"] == template
    asked = {"template_id": template, "idempotency_key": "a", "inputs": {"brief": "A lamp"}}
    assert refused("run_template", asked, token)["code"] == "auth.api_key_required"


def test_runs_and_results_are_read_as_resources(alice: User, alice_key: str) -> None:
    run = begun(choosing(alice).public_id, alice_key, inputs={"brief": "x"})["run_id"]
    work_off()
    listed = send("resources/list", {}, alice_key).json()["result"]["resources"]
    assert listed[0]["uri"] == f"reelgraph://runs/{run}"
    [part] = send("resources/read", {"uri": listed[0]["uri"]}, alice_key).json()["result"][
        "contents"
    ]
    assert f'"run_id":"{run}"' in part["text"]
    made = called("get_run", {"run_id": run}, alice_key)["artifacts"][0]
    for uri in (made["url"], f"reelgraph://artifacts/{made['id']}"):
        [part] = send("resources/read", {"uri": uri}, alice_key).json()["result"]["contents"]
        assert part["mimeType"] == "image/png"
        assert part["blob"]
    for uri in ("https://example.org/a.png", "reelgraph://artifacts/no", "file:///etc/passwd"):
        assert send("resources/read", {"uri": uri}, alice_key).json()["error"]["code"] == -32602


def test_a_person_with_too_many_open_connections_is_answered_without_a_wait(
    alice: User, alice_key: str, settings: Any
) -> None:
    settings.STREAMS_PER_USER = 0
    run = begun(choosing(alice).public_id, alice_key, inputs={"brief": "x"})["run_id"]
    # Nothing works it off: it would wait for all of the time.
    assert called("get_run", {"run_id": run, "wait_s": 25}, alice_key)["status"] == "queued"


def test_a_wait_ends_after_its_time(alice: User, alice_key: str) -> None:
    run = begun(choosing(alice).public_id, alice_key, inputs={"brief": "x"})["run_id"]
    assert called("get_run", {"run_id": run, "wait_s": 0.2}, alice_key)["status"] == "queued"
    error = refused("get_run", {"run_id": run, "wait_s": 26}, alice_key)
    assert error["details"]["issues"][0]["path"] == "wait_s"


def test_a_table_is_checked_priced_and_run_once_it_is_confirmed(
    alice: User, alice_key: str
) -> None:
    rows = [{"words": "a"}, {"words": "b"}, {"words": "", "times": 0}]
    table = {"template_id": failing_template(alice).public_id, "rows": rows}
    made = called("run_table", table, alice_key)
    assert made["status"] == "checking"
    name = {"run_set_id": made["run_set_id"]}
    work_through(made["run_set_id"])
    ready = called("run_table", name, alice_key)
    assert (ready["status"], ready["counts"]) == ("ready", {"pending": 2, "problem": 1})
    assert ready["credits"] > 0
    [wrong] = ready["rows"]
    assert (wrong["position"], "<untrusted>" in wrong["problems"][0]) == (2, True)
    assert not Run.objects.exists()
    # It starts with the price that the person has seen, and at no higher one.
    cheaper = {**name, "confirm": True, "credits": ready["credits"] / 2}
    assert refused("run_table", {**name, "confirm": True}, alice_key)["code"] == "body.invalid"
    assert refused("run_table", cheaper, alice_key)["code"] == "cost.preview_stale"
    assert refused("run_table", {**table, "confirm": True}, alice_key)["code"] == "body.invalid"
    for _ in range(2):
        start = {**name, "confirm": True, "credits": ready["credits"]}
        assert called("run_table", start, alice_key)["status"] == "running"
    work_through(made["run_set_id"])
    assert called("run_table", name, alice_key)["counts"] == {"completed": 2, "problem": 1}
    assert refused("run_table", {}, alice_key)["code"] == "body.invalid"
