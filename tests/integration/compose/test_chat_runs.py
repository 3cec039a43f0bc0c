"""Chats that last, over HTTP: started, answered in rounds, asked about, stopped."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts import ledger
from accounts.models import User
from core import clock
from runs.engine.retention import delete_runs
from runs.models import Run, Step
from tests.integration.compose.chat_scope import WEATHER, calls
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.builders.suspending import lift, suspend
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app
from tests.support.clients.chat_runs import PATH, rounds_read, shown, started, worked_off
from tests.support.fakes.compose_model_server import ComposeModelServer as Model
from tests.support.fakes.compose_model_server import Said, streamed
from tests.support.fakes.openai_server import failure
from tests.support.waiting import promised

pytestmark = pytest.mark.django_db(transaction=True)


AGENT = {"sogni_tools": "creative-agent"}


def note(**given: Any) -> Said:
    return calls("note", **given)


def done_of(key: str, text: str, **more: Any) -> dict[str, Any]:
    """The run of one message once nothing is left to do."""
    return worked_off(key, started(key, text, **more)["runId"])


def test_a_model_answers_in_one_round(model: Model, alice: User, alice_key: str) -> None:
    words = "Good morning to all of you."
    model.script.append(Said(words))
    run = started(alice_key, "Hello")
    assert (run["status"], run["childWorkflowIds"]) == ("queued", [])
    done = worked_off(alice_key, run["runId"])
    assert done["status"] == "completed"
    assert done["finalResponse"] == {"content": words, "finishReason": "stop"}
    types = [event["type"] for event in done["events"]]
    assert types[:2] == ["run_created", "llm_round_started"]
    assert types[-2:] == ["assistant_message_completed", "run_completed"]
    assert done["events"][-2]["payload"]["finishReason"] == "stop"
    assert rounds_read(done["events"]) == {1: words}
    assert ledger.balance(alice.pk) == -1000
    assert done["messages"][-1] == {"role": "assistant", "content": words}


def test_the_end_of_a_call_wakes_the_next_round(model: Model, alice: User, alice_key: str) -> None:
    model.script += [note(text="A fox"), Said("Your fox is there.")]
    done = done_of(alice_key, "Write a note", **AGENT)
    assert done["status"] == "completed", done
    assert done["finalResponse"]["content"] == "Your fox is there."
    [child] = done["childWorkflowIds"]
    assert Run.objects.get(public_id=child).status == "completed"
    [result] = done["toolResults"]
    assert (result["toolName"], result["result"]["ok"]) == ("note", True)
    told = json.loads(model.chats[1].body["messages"][-1]["content"])
    assert told["workflowId"] == child
    assert told["artifacts"][0]["url"] == done["artifacts"][0]["url"]


def test_rules_answer_where_there_is_no_model(alice: User, alice_key: str) -> None:
    done = done_of(alice_key, "Make a picture of a lighthouse at dawn")
    assert done["status"] == "completed"
    [child] = done["childWorkflowIds"]
    [artifact] = done["artifacts"]
    assert artifact["mediaType"] == "image"
    assert f"/runs/{child}" in done["finalResponse"]["content"]
    assert rounds_read(done["events"])[2] == done["finalResponse"]["content"]
    # Rules cost nothing; the picture does.
    assert ledger.balance(alice.pk) == -Run.objects.get(public_id=child).actual_milli


def test_a_composition_tool_is_answered_in_the_round_and_paid_once(
    model: Model, alice: User, alice_key: str
) -> None:
    lyrics = calls("compose_lyrics", prompt="A song about my dog")
    model.script += [lyrics, Said("No."), Said("It is written.")]
    done = done_of(alice_key, "A song about my dog")
    assert done["childWorkflowIds"] == []
    [result] = done["toolResults"]
    assert result["result"]["lyrics"]
    assert ledger.balance(alice.pk) == -3000


def test_the_callers_own_function_ends_the_run(model: Model, alice_key: str) -> None:
    model.script.append(calls("get_weather", place="Lisbon"))
    done = done_of(alice_key, "Weather?", tools=[WEATHER])
    assert done["status"] == "completed"
    assert done["finalResponse"]["finishReason"] == "tool_calls"
    [call] = done["toolCalls"]
    assert call["function"]["name"] == "get_weather"
    assert json.loads(call["function"]["arguments"]) == {"place": "Lisbon"}


def test_a_later_round_may_use_what_an_earlier_one_made(model: Model, alice_key: str) -> None:
    def again(asked: Any) -> Said:
        told = json.loads(asked.body["messages"][-1]["content"])
        return note(text="and then", source_image_url=told["artifacts"][0]["url"])

    model.script += [note(text="first"), again, Said("Both are there.")]
    done = done_of(alice_key, "Two notes", **AGENT)
    second = done["childWorkflowIds"][1]
    step = Step.objects.get(run__public_id=second)
    [port] = step.resolved["media"].values()
    assert len(port) == 1
    assert [message["role"] for message in done["messages"]] == [
        "user", "assistant", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip


def test_a_run_has_so_many_rounds_and_calls(model: Model, alice_key: str) -> None:
    model.usual = lambda asked: (
        Said(calls=[("noop", "{}")] * 3) if "tools" in asked.body else Said("Enough.")
    )
    done = done_of(alice_key, "On and on", **AGENT)
    assert done["status"] == "completed"
    assert (done["rounds"], len(done["childWorkflowIds"])) == (5, 8)
    assert done["finalResponse"]["content"] == "Enough."


def message(content: Any = "x", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": content}], **more}


def test_the_same_key_or_message_means_the_same_run(model: Model, alice_key: str) -> None:
    api = Api(alice_key)
    first, again = (
        api.post(PATH, message("Hello"), idempotency_key="one").json()["data"] for _ in range(2)
    )
    assert "idempotent" not in first
    assert again["idempotent"] is True
    assert again["run"]["runId"] == first["run"]["runId"]
    assert api.post(PATH, message("Good bye"), idempotency_key="one").status_code == 409
    named = message("Good bye", session_id="s", client_message_id="m")
    one, two = (api.post(PATH, named).json()["data"]["run"]["runId"] for _ in range(2))
    assert one == two != first["run"]["runId"]


INLINE = "data:image/png;base64,AA"
BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "messages"),
    (message(max_estimated_capacity_units=-1), "max_"),
    (message(sogni_tools="all"), "sogni_tools"),
    (message(tool_choice={"a": 1}), "tool_choice"),
    (message([{"type": "image_url", "image_url": INLINE}]), "messages[0].content[0].image_url"),
    (message(media_context={"images": [INLINE]}), "media_context.images[0]"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_a_bad_body_names_its_field(alice_key: str, body: dict[str, Any], field: str) -> None:
    answer = Api(alice_key).post(PATH, body)
    assert answer.status_code == 400, answer.content
    assert field in answer.json()["message"]
    assert not Run.objects.exists()


def test_a_key_that_may_read_reads_and_starts_nothing(alice: User, alice_key: str) -> None:
    run = started(alice_key, "Hello")["runId"]
    reader, runner = (Api(make_key(alice, scope=scope)) for scope in ("read", "run"))
    assert reader.get(f"{PATH}/{run}").status_code == 200
    assert reader.post(PATH, message()).status_code == 403
    assert reader.post(f"{PATH}/{run}/cancel").status_code == 403
    assert runner.post(f"{PATH}/{run}/cancel").status_code == 200
    # A model that isn't there.
    assert runner.post(PATH, message(model="gpt-9")).status_code == 404


def test_others_find_no_chat(alice_key: str, bob_key: str) -> None:
    run = started(alice_key, "Hello")["runId"]
    for address in ("", "/events"):
        assert Api(bob_key).get(f"{PATH}/{run}{address}").status_code == 404
    for address in ("/cancel", "/confirm-cost"):
        assert Api(bob_key).post(f"{PATH}/{run}{address}").status_code == 404
    stream = request_app("GET", f"{PATH}/{run}/events/stream", {"api-key": bob_key})
    assert stream.status == 404


def test_a_call_that_costs_is_asked_for_and_run_once(
    model: Model, alice: User, alice_key: str
) -> None:
    model.script += [note(text="A fox"), Said("Done.")]
    asked = done_of(alice_key, "Write", confirm_cost=False, **AGENT)
    assert asked["status"] == "waiting_for_user"
    assert asked["waiting"]["reason"] == "cost_approval_required"
    details = asked["waiting"]["details"]
    preview = details["costApprovalPreview"]
    assert preview["totalEstimatedCapacityUnits"] == 1
    assert preview["perToolBreakdown"][0]["toolName"] == "note"
    [told] = [one for one in asked["events"] if one["type"] == "run_waiting_for_user"]
    assert told["payload"]["details"]["costApprovalPreview"] == preview
    assert Run.objects.count() == 1
    confirm = f"{PATH}/{asked['runId']}/confirm-cost"
    decision = {"tool_call_id": details["toolCallId"], "decision": "confirm"}
    api = Api(alice_key)
    assert api.post(confirm, decision).status_code == 400
    cheaper = {**preview, "totalEstimatedCapacityUnits": 0.5}
    stale = api.post(confirm, {**decision, "acceptedCostPreview": cheaper})
    assert stale.status_code == 409
    fresh = stale.json()["details"]["costApprovalPreview"]
    wrong = {**decision, "tool_call_id": "call_x", "acceptedCostPreview": fresh}
    assert api.post(confirm, wrong).status_code == 400
    bad = {**decision, "acceptedCostPreview": fresh, "overrides": {"model": "dear"}}
    assert api.post(confirm, bad).status_code == 400
    overrides = {"qualityTier": "fast", "safeContentFilter": False}
    good = {**decision, "acceptedCostPreview": fresh, "overrides": overrides}
    for _ in range(2):
        answer = api.post(confirm, good, idempotency_key="yes")
        assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["idempotent"] is True
    assert api.post(confirm, good).status_code == 409
    done = worked_off(alice_key, asked["runId"])
    assert done["status"] == "completed"
    [child] = done["childWorkflowIds"]
    assert Run.objects.get(public_id=child).options["safe_content_filter"] is False
    types = [event["type"] for event in done["events"]]
    assert types.count("llm_round_started") == 2
    resolved = {"run_awaiting_cost_confirmation", "run_cost_confirmation_resolved", "run_resumed"}
    assert resolved <= {*types}


def test_what_is_declined_is_not_run_and_the_chat_goes_on(model: Model, alice_key: str) -> None:
    model.script += [note(text="A fox"), Said("As you wish.")]
    config = {"requireJobConfirmation": True}
    run = started(alice_key, "Write", runtime_config=config, **AGENT)["runId"]
    asked = worked_off(alice_key, run)
    decision = {"tool_call_id": asked["waiting"]["details"]["toolCallId"], "decision": "cancel"}
    assert Api(alice_key).post(f"{PATH}/{run}/confirm-cost", decision).status_code == 200
    done = worked_off(alice_key, run)
    assert (done["status"], done["childWorkflowIds"]) == ("completed", [])
    assert done["finalResponse"]["content"] == "As you wish."
    assert done["toolResults"][0]["result"]["error_type"] == "USER_CANCELLED"


@pytest.mark.parametrize(("threshold", "status"), [(0.5, "waiting_for_user"), (1, "completed")])
def test_cheap_calls_are_not_asked_about(
    model: Model, alice_key: str, threshold: float, status: str
) -> None:
    model.script += [note(text="A fox"), Said("Done.")]
    config = {"requireJobConfirmation": True, "jobConfirmationThresholdUsd": threshold}
    assert done_of(alice_key, "Write", runtime_config=config, **AGENT)["status"] == status


def test_all_runs_of_a_chat_share_its_ceiling(model: Model, alice_key: str) -> None:
    two = Said(calls=[("note", json.dumps({"text": word})) for word in ("one", "two")])
    model.script += [two, note(text="three"), Said("Done.")]
    done = done_of(alice_key, "Notes", max_estimated_capacity_units=1, **AGENT)
    assert len(done["childWorkflowIds"]) == 1
    oks = [one["result"]["ok"] for one in done["toolResults"]]
    assert oks == [True, False, False]


def test_without_credit_it_fails_and_goes_on_when_resumed(
    model: Model, alice: User, alice_key: str, settings: Settings
) -> None:
    model.script += [note(text="A fox"), Said("Done.")]
    run = started(alice_key, "Write", **AGENT)["runId"]
    settings.LIMIT_CREDIT = True
    failed = worked_off(alice_key, run)
    assert failed["status"] == "failed"
    assert "credit" in failed["failureReason"]
    assert Api(alice_key).post(PATH, message()).status_code == 402
    settings.LIMIT_CREDIT = False
    resumed = Api(alice_key).post(f"/v1/creative-agent/workflows/{run}/resume")
    assert resumed.json()["data"]["resumed"] is True
    assert worked_off(alice_key, run)["status"] == "completed"


def test_a_model_that_fails_is_asked_again_later(model: Model, alice: User, alice_key: str) -> None:
    broken = failure(503, "Overloaded.")
    model.script += [broken] * 4 + [Said("Good morning.")]
    run = started(alice_key, "Hello")["runId"]
    work_off()
    Step.objects.filter(run__public_id=run).update(not_before=clock.now())
    done = worked_off(alice_key, run)
    assert done["finalResponse"]["content"] == "Good morning."
    assert ledger.balance(alice.pk) == -1000


def test_rules_answer_for_a_model_that_refuses(model: Model, alice_key: str) -> None:
    model.usual = lambda asked: failure(401, "Bad key.")
    done = done_of(alice_key, "Hello")
    assert done["status"] == "completed"
    [said] = [one for one in done["events"] if one["type"] == "assistant_message_completed"]
    assert said["payload"]["warnings"]


def test_a_stop_reaches_the_runs_it_started(model: Model, alice_key: str) -> None:
    model.script.append(calls("held"))
    run = started(alice_key, "Write", **AGENT)["runId"]
    waiting = worked_off(alice_key, run)
    [child] = waiting["childWorkflowIds"]
    # What a run asks is shown with the chat that waits for it.
    assert waiting["waiting"]["reason"] == "safety_review_required"
    assert waiting["waiting"]["details"]["workflowId"] == child
    [told] = [one for one in waiting["events"] if one["type"] == "tool_call_progress"]
    assert told["payload"]["workflowId"] == child
    assert told["payload"]["waiting"]["reason"] == "safety_review_required"
    api = Api(alice_key)
    first = api.post(f"{PATH}/{run}/cancel", {"reason": "Enough"}).json()["data"]
    again = api.post(f"{PATH}/{run}/cancel").json()["data"]
    assert (first["transitioned"], again["transitioned"]) == (True, False)
    assert (first["run"]["status"], first["run"]["cancellationReason"]) == ("cancelled", "Enough")
    assert Run.objects.get(public_id=child).status == "cancelled"


# An answer that takes a minute.
A_MINUTE = streamed(Said("Words, " * 200), pace_s=0.3)


def test_an_answer_that_is_stopped_costs_nothing(model: Model, alice: User, alice_key: str) -> None:
    run = started(alice_key, "Hello")["runId"]

    def stopped(asked: Any) -> Any:
        Api(alice_key).post(f"{PATH}/{run}/cancel")
        return A_MINUTE

    model.script.append(stopped)
    with promised(5):
        done = worked_off(alice_key, run)
    assert (done["status"], rounds_read(done["events"])) == ("cancelled", {})
    assert ledger.balance(alice.pk) == 0


def test_a_suspended_persons_answer_is_put_back(model: Model, alice: User, alice_key: str) -> None:
    """Within 5 s; what was said of it is dropped by readers, and it is asked for again later."""

    def suspended(asked: Any) -> Any:
        suspend(alice)
        return A_MINUTE

    run = started(alice_key, "Hello")["runId"]
    model.script += [suspended, Said("Good morning.")]
    with promised(5):
        work_off()
    assert Step.objects.get(run__public_id=run).status == "ready"
    assert ledger.balance(alice.pk) == 0
    lift(alice)
    done = worked_off(alice_key, run)
    assert rounds_read(done["events"]) == {1: "Good morning."}
    assert ledger.balance(alice.pk) == -1000


def test_an_account_is_deleted_with_its_chats(model: Model, alice: User, alice_key: str) -> None:
    model.script.append(calls("held"))
    done_of(alice_key, "Write", **AGENT)
    assert delete_runs(owner=alice) == 2
    assert not Run.objects.exists()


def test_lists_and_pages_of_runs_show_a_chat(model: Model, alice: User, alice_key: str) -> None:
    model.script += [note(text="A fox"), Said("Done.")]
    run = started(alice_key, "Write of a fox", confirm_cost=False, **AGENT)["runId"]
    worked_off(alice_key, run)
    api, workflows = Api(alice_key), "/v1/creative-agent/workflows"
    [listed] = api.get(workflows, {"kind": "chat"}).json()["data"]["workflows"]
    assert (listed["workflowId"], listed["title"]) == (run, "Write of a fox")
    assert api.get(f"{workflows}/{run}").json()["data"]["workflow"]["kind"] == "chat"
    assert api.post(f"{workflows}/{run}/confirm-cost").status_code == 409
    page = Client()
    page.force_login(alice)
    assert page.get(f"/runs/{run}").status_code == 200
    assert "Chat," in page.get("/me/runs").content.decode()
    api.post(f"{PATH}/{run}/cancel")
    assert api.post(f"{workflows}/{run}/reseed").status_code == 409
    page.post(f"/app/runs/{run}/again", {"seeds": "same"})
    assert Run.objects.count() == 1
    assert page.get(f"/runs/{run}").status_code == 200
    assert api.get(f"{PATH}/{Run.objects.get().public_id}").status_code == 200


def test_a_workflow_is_no_chat(alice_key: str) -> None:
    steps = [{"toolName": "noop"}]
    run = Api(alice_key).post("/v1/creative-agent/workflows", {"input": {"steps": steps}})
    run_id = run.json()["data"]["workflow"]["workflowId"]
    assert Api(alice_key).get(f"{PATH}/{run_id}").status_code == 404
    assert shown(alice_key, started(alice_key, "Hello")["runId"])["status"] == "queued"
