"""POST /v1/chat/completions with a language model: it chooses tools, never what they may do."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.testing import ApplicationCommunicator
from pytest_django import Settings

from accounts import ledger
from accounts.models import ApiKey, User
from core import clock
from runs.models import Run
from tests.integration.compose.chat_scope import WEATHER, calls, leave, named, with_image
from tests.support.builders.suspending import lift, suspend
from tests.support.clients.api import Api
from tests.support.clients.chatting import answered, ask, call_of, chunks_of, refused, say, text_of
from tests.support.fakes.compose_model_server import MODEL, Said, streamed, unvisited
from tests.support.fakes.compose_model_server import ComposeModelServer as Model
from tests.support.fakes.openai_server import Reply, failure
from tests.support.waiting import WAIT_S, promised, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_model_answers_in_its_words(model: Model, alice: User, alice_key: str) -> None:
    model.script.append(Said("Good morning."))
    body = answered(say("Hello", alice_key, temperature=0.2, max_tokens=50))
    assert body["choices"][0]["message"]["content"] == "Good morning."
    assert body["model"] == MODEL
    assert body["usage"] == {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
    assert ledger.balance(alice.pk) == -1000
    [asked] = model.chats
    assert (asked.body["temperature"], asked.body["max_tokens"]) == (0.2, 50)
    offered = {tool["function"]["name"] for tool in asked.body["tools"]}
    assert {"generate_image", "compose_script"} <= offered
    assert not offered & {"compose_workflow", "compose_workflow_template", "inspect_asset"}


def test_a_tool_is_run_and_its_result_goes_back(model: Model, alice: User, alice_key: str) -> None:
    model.script += [calls("generate_image", prompt="A fox"), Said("Your fox is on its way.")]
    body = answered(say("Draw a fox", alice_key))
    run = Run.objects.get(owner=alice)
    assert body["creative_workflows"][0]["workflowId"] == run.public_id
    assert call_of(body) == ("generate_image", {"prompt": "A fox"})
    assert body["choices"][0]["message"]["content"] == "Your fox is on its way."
    assert body["choices"][0]["finish_reason"] == "stop"
    result = model.chats[1].body["messages"][-1]
    assert result["role"] == "tool"
    assert json.loads(result["content"])["workflowId"] == run.public_id


def test_words_pass_through_a_stream_as_they_come(model: Model, alice_key: str) -> None:
    model.script.append(Said("Good morning to you and all of yours."))
    chunks = chunks_of(say("Hello", alice_key, stream=True, stream_options={"include_usage": True}))
    pieces = [c["choices"][0]["delta"].get("content") for c in chunks if c["choices"]]
    assert "".join(piece or "" for piece in pieces) == "Good morning to you and all of yours."
    assert len([piece for piece in pieces if piece]) > 2
    assert chunks[-1]["usage"]["total_tokens"] == 940


def test_calls_of_the_callers_own_tools_are_handed_back(model: Model, alice_key: str) -> None:
    model.script.append(calls("get_weather", place="Lisbon"))
    body = answered(say("How warm is it in Lisbon?", alice_key, tools=[WEATHER], sogni_tools=False))
    assert call_of(body) == ("get_weather", {"place": "Lisbon"})
    assert body["choices"][0]["finish_reason"] == "tool_calls"
    assert [one["function"]["name"] for one in model.chats[0].body["tools"]] == ["get_weather"]
    model.script.append(Said("It is 22 degrees."))
    call = body["choices"][0]["message"]["tool_calls"][0]
    messages = [
        {"role": "user", "content": "How warm is it in Lisbon?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call["id"], "content": "22"},
    ]
    answer = ask({"messages": messages, "tools": [WEATHER]}, alice_key)
    assert text_of(answer) == "It is 22 degrees."


def test_without_execution_calls_come_back_and_start_nothing(model: Model, alice_key: str) -> None:
    model.script.append(calls("generate_image", prompt="A fox"))
    body = answered(say("Draw a fox", alice_key, sogni_tool_execution=False))
    assert call_of(body)[0] == "generate_image"
    assert body["choices"][0]["finish_reason"] == "tool_calls"
    assert not Run.objects.exists()


def test_none_keeps_the_model_from_calling(model: Model, alice_key: str) -> None:
    model.script.append(Said("No tools.", calls=[("generate_image", '{"prompt": "x"}')]))
    assert text_of(say("Draw a fox", alice_key, tool_choice="none")) == "No tools."
    assert "tools" not in model.chats[0].body
    assert not Run.objects.exists()


@pytest.mark.parametrize("stream", [False, True])
def test_a_forced_tool_is_called_though_the_model_ignores_it(
    model: Model, alice_key: str, stream: bool
) -> None:
    # A draft asks the model, too; then it answers in words.
    model.usual = lambda asked: Said("I would rather talk about the weather.")
    forced = named("compose_workflow_template")
    answer = say("Three shots of a harbour", alice_key, tool_choice=forced, stream=stream)
    last = chunks_of(answer)[-1] if stream else answered(answer)
    [result] = last["sogni_tool_results"]
    drafted = result["result"]["template_draft"]
    assert drafted["visibility"] == "private"
    assert Api(alice_key).post("/v1/creative-agent/workflows/templates", drafted).status_code == 201


def test_a_forced_own_tool_is_called_if_the_model_ignores_it(model: Model, alice_key: str) -> None:
    for choice in (named("get_weather"), "required"):
        model.script.append(Said("I would rather not."))
        fields = {"tools": [WEATHER], "tool_choice": choice, "sogni_tools": False}
        body = answered(say("Lisbon", alice_key, **fields))
        assert call_of(body) == ("get_weather", {"place": "Lisbon", "unit": "celsius"})
        assert body["choices"][0]["message"]["content"] is None


def test_an_endless_loop_ends(model: Model, alice: User, alice_key: str) -> None:
    model.usual = lambda asked: calls("compose_workflow_template", brief="x", name="x")
    body = answered(say("Go on and on", alice_key, sogni_tools="creative-agent"))
    rounds = [one for one in model.chats if one.body.get("tools")]
    assert len(rounds) == 4
    assert body["choices"][0]["message"]["content"]


def test_all_runs_of_an_answer_share_its_budget(model: Model, alice: User, alice_key: str) -> None:
    one = ("generate_image", '{"prompt": "A fox", "max_estimated_capacity_units": 1000}')
    model.script += [Said(calls=[one] * 5), Said("Done.")]
    body = answered(say("Draw five foxes", alice_key, max_estimated_capacity_units=2))
    assert len(body["creative_workflows"]) == 2
    estimates = Run.objects.filter(owner=alice).values_list("estimated_milli", flat=True)
    assert sum(estimates) <= 2000
    refusals = [m for m in model.chats[1].body["messages"] if m["role"] == "tool"][2:]
    assert all(json.loads(one["content"])["ok"] is False for one in refusals)


def test_addresses_of_the_model_are_dropped(model: Model, alice: User, alice_key: str) -> None:
    with unvisited() as evil:
        mine = "https://example.com/me.png"
        model.script += [
            calls("upscale_image", source_image_url=f"{evil}/steal.png", scale=2),
            calls("upscale_image", source_image_url=mine, scale=2),
            Said("Both started."),
        ]
        body = answered(say(with_image("Upscale it", mine), alice_key))
    made = body["choices"][0]["message"]["tool_calls"]
    given = [json.loads(call["function"]["arguments"]) for call in made]
    assert given == [{"scale": 2}, {"source_image_url": mine, "scale": 2}]
    plans = json.dumps(list(Run.objects.filter(owner=alice).values_list("plan", flat=True)))
    assert evil not in plans


@pytest.mark.parametrize(
    ("tool", "given"),
    [
        ("delete_everything", "{}"),
        ("compose_workflow_template", '{"brief": "x"}'),
        ("generate_image", "{"),
        ("inspect_asset", '{"asset_id": "art_of_bob"}'),
    ],
)
def test_calls_that_cannot_be_run_are_told_to_the_model(
    model: Model, alice_key: str, tool: str, given: str
) -> None:
    model.script += [Said(calls=[(tool, given)]), Said("I can't do that.")]
    body = answered(say("Do it", alice_key))
    assert body["choices"][0]["message"]["content"] == "I can't do that."
    assert "tool_calls" not in body["choices"][0]["message"]
    assert json.loads(model.chats[1].body["messages"][-1]["content"])["ok"] is False
    assert not Run.objects.exists()


@pytest.mark.parametrize("stream", [False, True])
def test_rules_answer_where_the_model_fails(
    model: Model, alice: User, alice_key: str, stream: bool
) -> None:
    model.usual = lambda asked: failure(401, "Incorrect API key")
    answer = say("Hello", alice_key, stream=stream)
    body = chunks_of(answer)[-1] if stream else answered(answer)
    assert body["model"] == "reelgraph-rules"
    assert body["warnings"]
    assert ledger.balance(alice.pk) == 0


def test_a_slow_models_stream_stays_alive(model: Model, alice_key: str, settings: Settings) -> None:
    settings.STREAM_HEARTBEAT_S = 0.1
    held = threading.Event()
    model.usual = lambda asked: (held.wait(1), Said("At last."))[1]
    answer = say("Hello", alice_key, stream=True)
    assert ": keep-alive\n\n" in answer.text
    chunks = chunks_of(answer)
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == "At last."


def test_a_person_has_so_many_chats_at_once(model: Model, alice_key: str) -> None:
    held = threading.Event()
    model.usual = lambda asked: (held.wait(WAIT_S), Said("Hello."))[1]
    with ThreadPoolExecutor(9) as callers:
        asked = [callers.submit(say, "Hello", alice_key) for _ in range(8)]
        wait_for(lambda: len(model.chats) == 8, "eight chats")
        refusal = refused(say("Hello", alice_key), 429)
        assert refusal["type"] == "rate_limit_error"
        held.set()
        assert {one.result().status for one in asked} == {200}


def test_own_tools_with_our_names_are_run_here(model: Model, alice: User, alice_key: str) -> None:
    mine = {"type": "function", "function": {"name": "sogni_generate_image"}}
    model.script += [calls("generate_image", prompt="A fox"), Said("On its way.")]
    forced = {"tools": [mine], "tool_choice": named("sogni_generate_image")}
    body = answered(say("A fox", alice_key, **forced))
    assert body["creative_workflows"]
    assert Run.objects.filter(owner=alice).count() == 1
    names = [tool["function"]["name"] for tool in model.chats[0].body["tools"]]
    assert names.count("generate_image") == 1
    assert "sogni_generate_image" not in names


def test_a_stream_that_breaks_off_ends_with_an_error(model: Model, alice_key: str) -> None:
    model.usual = lambda asked: streamed(Said("Once upon a time there was"), done=False)
    answer = say("Tell me a story", alice_key, stream=True)
    assert answer.status == 200
    assert "[DONE]" not in answer.text
    last = json.loads(answer.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert set(last["error"]) == {"code", "type", "message"}


def test_a_model_that_fails_after_a_tool_is_warned_of(
    model: Model, alice: User, alice_key: str
) -> None:
    model.script += [calls("generate_image", prompt="A fox"), failure(400, "No.")]
    body = answered(say("Draw a fox", alice_key))
    run = Run.objects.get(owner=alice)
    assert run.public_id in body["choices"][0]["message"]["content"]
    assert body["warnings"]


def test_the_rules_can_be_asked_for(model: Model, alice_key: str) -> None:
    assert answered(say("Hello", alice_key, model="reelgraph-rules"))["model"] == "reelgraph-rules"
    assert model.chats == []
    listed = [one["id"] for one in Api(alice_key).get("/v1/models").json()["data"]]
    assert listed == ["reelgraph-rules", MODEL]
    assert answered(say("Hello", alice_key, model=MODEL))["model"] == MODEL


def test_schemas_are_answered_by_a_model(model: Model, alice_key: str) -> None:
    closed = {"required": ["name"], "additionalProperties": False}
    schema = {"type": "object", "properties": {"name": {"type": "string"}}, **closed}
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    model.script.append(Said('{"name": "Ada"}'))
    assert json.loads(text_of(say("Who?", alice_key, response_format=form))) == {"name": "Ada"}
    assert model.chats[0].body["response_format"]["json_schema"]["schema"] == schema


def test_a_slow_model_is_left_with_its_caller(model: Model, alice_key: str) -> None:
    held = threading.Event()
    model.usual = lambda asked: Reply(hold=held)

    async def asked(client: ApplicationCommunicator) -> None:
        await asyncio.to_thread(wait_for, lambda: model.chats, "the model to be asked")
        assert await client.receive_nothing()

    try:
        leave(alice_key, asked)
    finally:
        held.set()


@pytest.mark.parametrize("end", ["suspended", "revoked", "deactivated"])
@pytest.mark.parametrize("stream", [True, False])
def test_an_answer_ends_when_its_person_may_not_go_on(
    model: Model, alice: User, alice_key: str, settings: Settings, end: str, stream: bool
) -> None:
    settings.STREAM_RECHECK_S = 0.1
    held = threading.Event()
    model.script += [Reply(hold=held)]
    code = "account.suspended" if end == "suspended" else "auth"
    try:
        with ThreadPoolExecutor(1) as callers:
            asked = callers.submit(say, "A fox", alice_key, stream=stream)
            wait_for(lambda: model.chats, "the model to be asked")
            if end == "suspended":
                suspend(alice)
            elif end == "revoked":
                ApiKey.objects.update(revoked_at=clock.now())
            else:
                User.objects.update(is_active=False)
            # The model still holds its answer.
            with promised(5):
                answer = asked.result(WAIT_S)
    finally:
        held.set()
    assert not Run.objects.exists()
    if not stream:
        assert refused(answer, 403 if end == "suspended" else 401)["code"].startswith(code)
        return
    assert answer.status in (200, 403, 401)
    assert code in answer.text
    assert "[DONE]" not in answer.text
    if end == "suspended":
        refused(say("Hello", alice_key), 403)
        lift(alice)
        assert text_of(say("Hello", alice_key)) == "Hello."
