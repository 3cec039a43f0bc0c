"""POST /v1/chat/completions without a language model: rules choose a tool, or say what works."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts import ledger, tokens
from accounts.models import User
from media.models import Upload
from runs.models import Run
from templates_app.models import Template
from tests.integration.compose.chat_scope import WEATHER, named, with_image
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import Answer, request_app
from tests.support.clients.chatting import (
    CHAT,
    answered,
    ask,
    call_of,
    chunks_of,
    refused,
    say,
    text_of,
)
from tests.support.program import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("streams")]
TEMPLATES = "/v1/creative-agent/workflows/templates"
RUNS = "/v1/creative-agent/workflows"


def test_words_that_begin_with_no_tool_are_told_what_works(alice_key: str) -> None:
    body = answered(say("Hello, how are you?", alice_key))
    said = body["choices"][0]["message"]["content"]
    assert said.startswith("No language model is configured")
    assert "“Make a picture of a lighthouse at dawn, 16:9”" in said
    assert "with a language model" in said
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["model"] == "reelgraph-rules"
    assert not Run.objects.exists()


def test_a_picture_is_started_as_a_run(alice_key: str, alice: User) -> None:
    body = answered(say("Please make me a picture of a lighthouse at dawn, 16:9", alice_key))
    [workflow] = body["creative_workflows"]
    run = Run.objects.get(owner=alice)
    assert workflow["workflowId"] == run.public_id
    assert workflow["url"] == f"{RUNS}/{run.public_id}"
    assert workflow["eventsUrl"] == f"{RUNS}/{run.public_id}/events"
    assert workflow["streamUrl"] == f"{RUNS}/{run.public_id}/events/stream"
    name, arguments = call_of(body)
    assert name == "generate_image"
    assert arguments["prompt"] == "Please make me a picture of a lighthouse at dawn, 16:9"
    assert arguments["aspectRatio"] == "16:9"
    said = body["choices"][0]["message"]["content"]
    assert f"](http://testserver/runs/{run.public_id})" in said
    assert body["choices"][0]["finish_reason"] == "stop"
    assert Api(alice_key).get(workflow["url"]).status_code == 200


WORDS = {
    "Draw a picture of a red fox": "generate_image",
    "Please, generate a black-and-white photo of my grandmother": "generate_image",
    "Make a 6 second video of waves": "generate_video",
    "Generate a short music video about rain": "generate_video",
    "Create a slow song about rain": "generate_music",
    'Make a voice that says "good night"': "generate_speech",
}
# What is made is not named plainly, or it may be something else that costs.
TALK = (
    "Draw a red fox",
    "Make a picture",
    "What is a video codec?",
    "Make a video from my photos",
    "Make the picture of the fox brighter",
    "Create a video game about foxes",
    "How do I make a picture of a fox?",
    "Don't make a picture of a fox",
    "Write the lyrics of a song about rain",
    "Mach mir ein Bild von einem Leuchtturm",
    "save this as a reusable template: a candle advert",
)


def test_words_that_begin_with_what_is_made_are_the_prompt_of_its_tool(alice_key: str) -> None:
    bodies = {text: answered(say(text, alice_key, sogni_tool_execution=False)) for text in WORDS}
    assert {text: call_of(body)[0] for text, body in bodies.items()} == WORDS
    for text, body in bodies.items():
        # A voice says what is quoted.
        spoken = "good night" if WORDS[text] == "generate_speech" else text
        assert call_of(body)[1]["prompt"] == spoken
    assert {body["choices"][0]["finish_reason"] for body in bodies.values()} == {"tool_calls"}
    assert not Run.objects.exists()


@pytest.mark.parametrize("tools", ["creative-tools", "creative-agent"])
def test_other_words_start_nothing(alice_key: str, tools: str) -> None:
    for text in TALK:
        message = answered(say(text, alice_key, sogni_tools=tools))["choices"][0]["message"]
        assert "tool_calls" not in message, text
        assert "with a language model" in message["content"], text
    assert not Run.objects.exists()


def test_a_chosen_tool_works_on_the_image_of_the_message(alice_key: str, alice: User) -> None:
    url = "https://example.com/me.png"
    parts = with_image("Remove the background", url)
    body = answered(say(parts, alice_key, tool_choice=named("remove_background")))
    assert call_of(body)[0] == "remove_background"
    media = Run.objects.get(owner=alice).plan["media"]
    assert [one["url"] for one in media] == [url]


def test_an_image_within_the_message_is_kept_and_used(alice_key: str, alice: User) -> None:
    def upscaled(url: str) -> Answer:
        parts = with_image("Upscale it", url)
        return say(parts, alice_key, tool_choice=named("upscale_image"))

    for _ in range(2):
        answered(upscaled("data:image/jpeg;base64," + base64.b64encode(jpeg_with_place()).decode()))
    [upload] = Upload.objects.filter(owner=alice)
    run = Run.objects.filter(owner=alice).latest("id")
    assert upload.blob_id in json.dumps(run.plan["media"])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    for broken in ("data:image/png;base64,AAA", "data:text/plain,x", "data:image/png;base64,AAAA"):
        assert upscaled(broken).status in (400, 422)


def test_a_forced_template_is_drafted_and_not_saved(alice_key: str) -> None:
    forced = named("compose_workflow_template")
    text = "A 15 second vertical teaser for a candle shop, three shots"
    body = answered(say(text, alice_key, tool_choice=forced))
    [answer] = body["sogni_tool_results"]
    [call] = body["choices"][0]["message"]["tool_calls"]
    assert (answer["tool"], answer["toolCallId"]) == ("compose_workflow_template", call["id"])
    drafted = answer["result"]["template_draft"]
    assert answer["result"]["ok"] is True
    assert not Template.objects.exists()
    saved = Api(alice_key).post(TEMPLATES, drafted)
    assert saved.status_code == 201, saved.content


def test_the_callers_own_tool_is_handed_back_with_arguments(alice_key: str) -> None:
    body = answered(say("Lisbon", alice_key, tools=[WEATHER], tool_choice=named("get_weather")))
    assert call_of(body) == ("get_weather", {"place": "Lisbon", "unit": "celsius"})
    choice = body["choices"][0]
    assert (choice["finish_reason"], choice["message"]["content"]) == ("tool_calls", None)


def test_arguments_written_in_the_message_are_used(alice_key: str, alice: User) -> None:
    text = """Call it once. Tool arguments:
    {"prompt": "A red sneaker turning", "duration": 4, "expand_prompt": false}"""
    body = answered(say(text, alice_key, tool_choice=named("sogni_generate_video")))
    name, given = call_of(body)
    assert name == "sogni_generate_video"
    assert given == {"prompt": "A red sneaker turning", "duration": 4, "expand_prompt": False}
    assert Run.objects.get(owner=alice).plan["steps"]
    own = {"tools": [WEATHER], "tool_choice": named("get_weather")}
    body = answered(say('{"place": "Rome"}', alice_key, **own))
    assert call_of(body)[1] == {"place": "Rome", "unit": "celsius"}


def test_a_template_in_the_message_is_handed_to_the_tool_that_is_chosen(alice_key: str) -> None:
    forced = named("compose_workflow_template")
    first = answered(say("A harbor at dawn. A boat leaves.", alice_key, tool_choice=forced))
    template = first["sogni_tool_results"][0]["result"]["template_draft"]
    text = f"Edit my template, make it 9:16: {json.dumps(template)}"
    fields = {"sogni_tool_execution": False, "sogni_tools": "creative-agent"}
    _, arguments = call_of(answered(say(text, alice_key, tool_choice=forced, **fields)))
    assert arguments["existing_template"] == template
    assert arguments["brief"] == "Edit my template, make it 9:16"
    # Without a language model nothing could be done of the words, so they start nothing.
    assert "tool_calls" not in answered(say(text, alice_key, **fields))["choices"][0]["message"]


def test_required_calls_the_callers_only_tool_and_none_calls_nothing(alice_key: str) -> None:
    own = {"tools": [WEATHER], "tool_choice": "required", "sogni_tools": False}
    assert call_of(answered(say("Is it warm?", alice_key, **own)))[0] == "get_weather"
    body = answered(say("Draw a picture of a fox", alice_key, tool_choice="none"))
    assert "tool_calls" not in body["choices"][0]["message"]
    assert not Run.objects.exists()


def test_without_the_servers_tools_only_own_ones_are_called(alice_key: str) -> None:
    for off in (False, "none"):
        words = text_of(say("Draw a picture of a fox", alice_key, sogni_tools=off))
        assert "No language model" in words
        forced = {"sogni_tools": off, "tool_choice": named("generate_image")}
        assert "`tool_choice`" in refused(say("Draw", alice_key, **forced), 400)["message"]


def test_results_of_the_callers_tool_are_answered_in_words(alice_key: str) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather"}}
    messages = [
        {"role": "developer", "content": "Be brief"},
        {"role": "user", "content": "Draw the weather in Lisbon"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": '{"text": "22 degrees"}'},
    ]
    body = answered(ask({"messages": messages, "tools": [WEATHER]}, alice_key))
    assert "22 degrees" in body["choices"][0]["message"]["content"]
    assert not Run.objects.exists()


@pytest.mark.parametrize("stream", [False, True])
def test_the_budget_holds(alice_key: str, stream: bool) -> None:
    fields = {"max_estimated_capacity_units": 1, "stream": stream}
    answer = say("Make a video of waves", alice_key, **fields)
    assert "max_estimated_capacity_units" in refused(answer, 422)["message"]
    assert not Run.objects.exists()


def test_options_of_the_run_are_kept(alice_key: str, alice: User) -> None:
    given = {"token_type": "sogni", "app_source": "my-app", "safe_content_filter": False}
    say("Draw a picture of a fox", alice_key, billingMode="tokens", **given)
    options = Run.objects.get(owner=alice).options
    assert {**given, "billing_mode": "tokens"}.items() <= options.items()


def test_the_same_key_starts_one_run(alice_key: str) -> None:
    body = message("Draw a picture of a fox")
    first, second = (answered(ask(body, alice_key, {"idempotency-key": "fox-1"})) for _ in range(2))
    assert first["creative_workflows"] == second["creative_workflows"]
    assert Run.objects.count() == 1


def test_handing_calls_back_costs_nothing(alice_key: str, alice: User) -> None:
    for choice in ("auto", named("compose_lyrics")):
        text = "Draw a picture of a fox"
        answer = say(text, alice_key, sogni_tool_execution=False, tool_choice=choice)
        assert call_of(answered(answer))
    assert ledger.balance(alice.pk) == 0


def test_without_credit_it_is_402(alice: User, settings: Any) -> None:
    settings.LIMIT_CREDIT = True
    key = make_key(alice)
    assert refused(say("Draw a picture of a fox", key), 402)["type"] == "insufficient_quota"
    forced = named("compose_workflow_template")
    assert refused(say("A song", key, tool_choice=forced), 402)["code"] == "credit.insufficient"


def test_a_stream_is_chunks_and_done(alice_key: str) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = chunks_of(say("Hello", alice_key, **options))
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    choices = [chunk["choices"][0] for chunk in chunks if chunk["choices"]]
    text = "".join(choice["delta"].get("content", "") for choice in choices)
    assert text == text_of(say("Hello", alice_key))
    assert choices[-1]["finish_reason"] == "stop"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


def test_a_stream_hands_calls_back_or_ends_with_the_run_that_was_started(alice_key: str) -> None:
    own = {"tools": [WEATHER], "tool_choice": named("get_weather")}
    chunks = chunks_of(say("Lisbon", alice_key, stream=True, **own))
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks]
    [called] = [delta for delta in deltas if "tool_calls" in delta]
    assert called["tool_calls"][0]["function"]["name"] == "get_weather"
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert "usage" not in chunks[0]
    last = chunks_of(say("Draw a picture of a fox", alice_key, stream=True))[-1]
    assert last["creative_workflows"][0]["workflowId"] == Run.objects.get().public_id


def test_json_objects_are_answered(alice_key: str) -> None:
    form = {"type": "json_object"}
    assert json.loads(text_of(say("Hello", alice_key, response_format=form)))["message"]
    forced = {"response_format": form, "tool_choice": named("compose_workflow_template")}
    assert json.loads(text_of(say("A candle shop", alice_key, **forced)))["template_draft"]
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}
    error = refused(say("Hello", alice_key, response_format=schema), 400)
    assert "response_format" in error["message"]


def message(content: Any, role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content}]}


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "`messages`"),
    ({"messages": []}, "`messages`"),
    (message("x", "king"), "`messages[0].role`"),
    (message(5), "`messages[0].content`"),
    (message([{"type": "input_audio"}]), "`messages[0].content[0].type`"),
    ({"n": 2}, "`n`"),
    ({"stream": "yes"}, "`stream`"),
    ({"tool_choice": "maybe"}, "`tool_choice`"),
    ({"tool_choice": named("unheard_of_tool")}, "`tool_choice`"),
    ({"tools": [{"type": "function"}]}, "`tools[0].function`"),
    ({"tools": [WEATHER] * 200}, "`tools`"),
    ({"sogni_tools": "everything"}, "`sogni_tools`"),
    ({"modalities": ["text", "audio"]}, "`modalities"),
    ({"max_tokens": 0}, "`max_tokens`"),
    ({"response_format": {"type": "xml"}}, "`response_format.type`"),
]


def test_a_bad_body_names_its_field(alice_key: str) -> None:
    for fields, field in BAD_BODIES:
        error = refused(ask({**message("Hello"), **fields} if fields else {}, alice_key), 400)
        assert field in error["message"], fields
        assert error["type"] == "invalid_request_error", fields


def test_what_is_no_json_object_or_too_large_is_refused(alice_key: str) -> None:
    for body in (b"{", b"[]", b"\xff", b'{"messages": NaN}', b"[" * 100_000):
        assert refused(ask(body, alice_key), 400)["type"] == "invalid_request_error"
    refused(say("x" * (2 * 1024 * 1024), alice_key), 413)
    long = message("word " * 30_000)["messages"]
    answered(ask({"messages": long + message("Hi")["messages"]}, alice_key))


def test_a_key_is_needed_that_may_run(alice: User, alice_key: str) -> None:
    assert refused(say("Hello"), 401)["type"] == "authentication_error"
    assert refused(say("Hello", "rg_aaaaaaaaaa_" + "b" * 43), 401)["code"] == "auth.invalid"
    assert refused(say("Hello", make_key(alice, scope="read")), 403)["code"] == "key_scope"
    bearer = {"authorization": f"Bearer {alice_key}"}
    assert ask(message("Hello"), headers=bearer).status == 200


def test_without_a_key_the_rules_answer_and_nothing_is_run(alice: User) -> None:
    headers = {"authorization": tokens.start_family(user=alice).access}
    body = message("Draw a picture of a fox")
    shown = answered(ask(body, headers=headers))
    assert shown["choices"][0]["finish_reason"] == "tool_calls"
    answer = ask({**body, "sogni_tool_execution": True}, headers=headers)
    assert refused(answer, 403)["code"] == "auth.api_key_required"
    assert not Run.objects.exists()


def test_a_page_elsewhere_cannot_use_the_persons_cookie(alice: User, client: Client) -> None:
    client.force_login(alice)
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    for headers in ({}, {"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}):
        answer = ask({"messages": []}, headers={"cookie": cookie, **headers})
        assert refused(answer, 403)["code"] == "csrf.failed"


def test_other_methods_are_405(alice_key: str) -> None:
    answer = request_app("GET", CHAT, {"api-key": alice_key})
    assert refused(answer, 405)["code"] == "method.not_allowed"
    assert answer.header("allow") == "POST, OPTIONS"


def test_too_many_requests_are_429(alice_key: str, settings: Any) -> None:
    settings.READS_PER_MINUTE = 2
    assert [say("Hello", alice_key).status for _ in range(2)] == [200, 200]
    answer = say("Hello", alice_key)
    assert refused(answer, 429)["type"] == "rate_limit_error"
    assert int(answer.header("retry-after")) >= 1


def test_models_are_listed_and_unknown_ones_are_404(alice_key: str) -> None:
    # Clients offer everything in this list as a model to chat with.
    listed = Api(alice_key).get("/v1/models").json()["data"]
    assert [one["id"] for one in listed] == ["reelgraph-rules"]
    for wish in ("true", "1"):
        everything = Api(alice_key).get("/v1/models", {"all": wish}).json()["data"]
        assert everything[0] == listed[0]
        assert "z-turbo" in {one["id"] for one in everything}
    assert Api(alice_key).get("/v1/models/z-turbo").json()["id"] == "z-turbo"
    for wish in ("false", "0", "", "some"):
        assert len(Api(alice_key).get("/v1/models", {"all": wish}).json()["data"]) == 1
    for model in ("reelgraph-rules", "qwen3.6-35b-a3b-gguf-iq4xs"):
        assert Api(alice_key).get(f"/v1/models/{model}").json()["id"] == model
        assert answered(say("Hello", alice_key, model=model))["model"] == "reelgraph-rules"
    error = refused(say("Hello", alice_key, model="gpt-9"), 404)
    assert error["code"] == "model_not_found"
    assert "reelgraph-rules" in error["message"]
    missing = Api(alice_key).get("/v1/models/gpt-9").json()["error"]
    assert set(missing) == {"code", "type", "message"}


def test_the_calls_of_the_guide_are_answered(alice_key: str) -> None:
    page = (ROOT / "docs" / "howto" / "compose.md").read_text()
    bodies = re.findall(r"/chat/completions [^\n]*-d '\n(\{.*?\})'\n", page, re.DOTALL)
    picture, template = (answered(ask(json.loads(body), alice_key)) for body in bodies)
    assert picture["creative_workflows"][0]["workflowId"] == Run.objects.get().public_id
    assert template["sogni_tool_results"][0]["result"]["template_draft"]["stages"]
