"""POST /v1/chat/completions without a language model: rules choose a tool, or say what works."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import ledger, tokens
from accounts.models import User
from media.models import Upload
from runs.models import Run
from templates_app.models import Template
from tests.support.builders.blobs import jpeg_with_place
from tests.support.builders.factories import make_key
from tests.support.builders.running import work_off
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import request_app
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
from tests.support.clients.streams import close_pool_connections

pytestmark = pytest.mark.django_db(transaction=True)
TEMPLATES = "/v1/creative-agent/workflows/templates"
RUNS = "/v1/creative-agent/workflows"
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place",
        "parameters": {
            "type": "object",
            "properties": {
                "place": {"type": "string"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            },
            "required": ["place", "unit"],
        },
    },
}


@pytest.fixture(autouse=True)
def _let_go_of_the_database() -> Iterator[None]:
    yield
    close_pool_connections()


def named(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


# --- words ---


def test_words_that_ask_for_nothing_are_told_what_works(alice_key: str) -> None:
    body = answered(say("Hello, how are you?", alice_key))
    said = body["choices"][0]["message"]["content"]
    assert "No language model is configured" in said
    assert said.count("\n- ") == 2
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["model"] == "reelgraph-rules"
    assert not Run.objects.exists()


def test_questions_about_media_start_nothing(alice_key: str) -> None:
    for question in ("What is a video codec?", "How do I make a picture?", "Was ist ein Bild?"):
        assert "creative_workflows" not in answered(say(question, alice_key))
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
    assert arguments["prompt"].startswith("a lighthouse at dawn")
    assert arguments["aspectRatio"] == "16:9"
    said = body["choices"][0]["message"]["content"]
    assert f"](http://testserver/runs/{run.public_id})" in said
    assert body["choices"][0]["finish_reason"] == "stop"
    assert Api(alice_key).get(workflow["url"]).status_code == 200


WORDS = {
    "Draw a red fox": "generate_image",
    "A picture of a red fox": "generate_image",
    "Make a 6 second video of waves": "generate_video",
    "Write a song about rain, slow": "generate_music",
    "Compose a sea shanty about tea": "generate_music",
    "Compose something sad": "generate_music",
    "Write the lyrics of a song about rain": "compose_lyrics",
    "Write a script for a shop's ad": "compose_script",
    "Improve my prompt: a cat": "enhance_prompt",
    "Can you create an image of a bridge?": "generate_image",
    "Generate an orbit video prompt for a crystal perfume bottle": "enhance_prompt",
    "Create a 4-shot product video concept for a red sneaker": "generate_video",
    "Mach mir ein Bild von einem Leuchtturm": "generate_image",
    "Erstelle ein Video vom Meer": "generate_video",
    "Schreibe einen Liedtext über Regen": "compose_lyrics",
    "Dessine une image d'un renard": "generate_image",
    "Crée une vidéo de la mer": "generate_video",
    "Crea una imagen de un zorro": "generate_image",
    "Quiero una canción sobre la lluvia": "generate_music",
}
PLANS = {
    "Save this as a reusable template: a candle advert": "compose_workflow_template",
    "Make a recipe for postcards of my trips": "compose_workflow_template",
    "Erstelle eine Vorlage für Postkarten": "compose_workflow_template",
    "Plan a multi-shot film about a harbour": "compose_workflow",
    "Create a 4-shot product video concept for a red sneaker": "compose_workflow",
    "Storyboard a fishing trip in three scenes": "compose_workflow",
}


def test_words_choose_a_tool(alice_key: str) -> None:
    bodies = {text: answered(say(text, alice_key, sogni_tool_execution=False)) for text in WORDS}
    assert {text: call_of(body)[0] for text, body in bodies.items()} == WORDS
    assert {body["choices"][0]["finish_reason"] for body in bodies.values()} == {"tool_calls"}
    assert not Run.objects.exists()


def test_planners_are_chosen_where_they_are_offered(alice_key: str) -> None:
    fields = {"sogni_tool_execution": False, "sogni_tools": "creative-agent"}
    bodies = {text: answered(say(text, alice_key, **fields)) for text in PLANS}
    assert {text: call_of(body)[0] for text, body in bodies.items()} == PLANS


def test_where_no_planner_is_offered_the_nearest_tool_is_called_or_it_is_said(
    alice_key: str,
) -> None:
    bodies = {text: answered(say(text, alice_key, sogni_tool_execution=False)) for text in PLANS}
    for text, tool in PLANS.items():
        if tool == "compose_workflow_template":
            assert (
                '"sogni_tools": "creative-agent"'
                in bodies[text]["choices"][0]["message"]["content"]
            ), text
        else:
            # What the usual tools have for it: one video, or the plan in words.
            nearest = "generate_video" if "4-shot" in text else "compose_script"
            assert call_of(bodies[text])[0] == nearest, text


def test_messages_with_an_image_are_about_that_image(alice_key: str, alice: User) -> None:
    parts = [
        {"type": "text", "text": "Remove the background"},
        {"type": "image_url", "image_url": {"url": "https://example.com/me.png"}},
    ]
    body = answered(say(parts, alice_key))
    assert call_of(body)[0] == "remove_background"
    media = Run.objects.get(owner=alice).plan["media"]
    assert [one["url"] for one in media] == ["https://example.com/me.png"]


def test_an_image_within_the_message_is_kept_and_used(alice_key: str, alice: User) -> None:
    inline = "data:image/jpeg;base64," + base64.b64encode(jpeg_with_place()).decode()
    parts = [
        {"type": "text", "text": "Upscale it"},
        {"type": "image_url", "image_url": {"url": inline}},
    ]
    for _ in range(2):
        answered(say(parts, alice_key))
    [upload] = Upload.objects.filter(owner=alice)
    run = Run.objects.filter(owner=alice).latest("id")
    assert upload.blob_id in json.dumps(run.plan["media"])
    work_off()
    run.refresh_from_db()
    assert run.status == "completed", run.error
    for broken in ("data:image/png;base64,AAA", "data:text/plain,x", "data:image/png;base64,AAAA"):
        parts[1] = {"type": "image_url", "image_url": {"url": broken}}
        assert say(parts, alice_key).status in (400, 422)


# --- tool_choice ---


def test_a_forced_template_is_drafted_and_not_saved(alice_key: str) -> None:
    body = answered(
        say(
            "A 15 second vertical teaser for a candle shop, three shots",
            alice_key,
            tool_choice=named("compose_workflow_template"),
        )
    )
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
    body = answered(
        say('{"place": "Rome"}', alice_key, tools=[WEATHER], tool_choice=named("get_weather"))
    )
    assert call_of(body)[1] == {"place": "Rome", "unit": "celsius"}


def test_a_template_in_the_message_is_changed(alice_key: str) -> None:
    forced = named("compose_workflow_template")
    first = answered(say("A harbour at dawn. A boat leaves.", alice_key, tool_choice=forced))
    template = first["sogni_tool_results"][0]["result"]["template_draft"]
    text = f"Edit my template, make it 9:16: {json.dumps(template)}"
    body = answered(say(text, alice_key, sogni_tools="creative-agent"))
    assert call_of(body)[1]["existing_template"] == template
    assert "9:16" in call_of(body)[1]["brief"]
    changed = body["sogni_tool_results"][0]["result"]["template_draft"]
    assert {stage["id"] for stage in template["stages"]} & {
        stage["id"] for stage in changed["stages"]
    }


def test_required_calls_the_callers_only_tool(alice_key: str) -> None:
    body = answered(
        say("Is it warm?", alice_key, tools=[WEATHER], tool_choice="required", sogni_tools=False)
    )
    assert call_of(body)[0] == "get_weather"


def test_none_calls_nothing(alice_key: str) -> None:
    body = answered(say("Draw a fox", alice_key, tool_choice="none"))
    assert "tool_calls" not in body["choices"][0]["message"]
    assert not Run.objects.exists()


def test_without_the_servers_tools_only_own_ones_are_called(alice_key: str) -> None:
    for off in (False, "none"):
        assert "No language model" in text_of(say("Draw a fox", alice_key, sogni_tools=off))
        error = refused(
            say("Draw", alice_key, sogni_tools=off, tool_choice=named("generate_image")), 400
        )
        assert "`tool_choice`" in error["message"]


def test_results_of_the_callers_tool_are_answered_in_words(alice_key: str) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather"}}
    body = answered(
        ask(
            {
                "messages": [
                    {"role": "developer", "content": "Be brief"},
                    {"role": "user", "content": "Draw the weather in Lisbon"},
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": "call_1", "content": '{"text": "22 degrees"}'},
                ],
                "tools": [WEATHER],
            },
            alice_key,
        )
    )
    assert "22 degrees" in body["choices"][0]["message"]["content"]
    assert not Run.objects.exists()


# --- what a run is started with ---


def test_the_budget_holds(alice_key: str) -> None:
    answer = say("Make a video of waves", alice_key, max_estimated_capacity_units=1)
    assert "max_estimated_capacity_units" in refused(answer, 422)["message"]
    assert not Run.objects.exists()


def test_options_of_the_run_are_kept(alice_key: str, alice: User) -> None:
    say(
        "Draw a fox",
        alice_key,
        token_type="sogni",
        billingMode="tokens",
        app_source="my-app",
        safe_content_filter=False,
    )
    options = Run.objects.get(owner=alice).options
    assert options["token_type"] == "sogni"
    assert options["billing_mode"] == "tokens"
    assert options["app_source"] == "my-app"
    assert options["safe_content_filter"] is False


def test_the_same_key_starts_one_run(alice_key: str) -> None:
    body = {"messages": [{"role": "user", "content": "Draw a fox"}]}
    first, second = (answered(ask(body, alice_key, {"idempotency-key": "fox-1"})) for _ in range(2))
    assert (
        first["creative_workflows"][0]["workflowId"]
        == (second["creative_workflows"][0]["workflowId"])
    )
    assert Run.objects.count() == 1


def test_handing_calls_back_costs_nothing(alice_key: str, alice: User) -> None:
    before = ledger.balance(alice.pk)
    for text in ("Draw a fox", "Write the lyrics of a song"):
        say(text, alice_key, sogni_tool_execution=False)
    assert ledger.balance(alice.pk) == before


def test_without_credit_it_is_402(alice: User, settings: Any) -> None:
    settings.LIMIT_CREDIT = True
    key = make_key(alice)
    assert refused(say("Draw a fox", key), 402)["type"] == "insufficient_quota"
    forced = named("compose_workflow_template")
    assert refused(say("A song", key, tool_choice=forced), 402)["code"] == "credit.insufficient"


# --- streams ---


def test_a_stream_is_chunks_and_done(alice_key: str) -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    chunks = chunks_of(say("Hello", alice_key, **options))
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    text = "".join(
        chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"]
    )
    assert text == text_of(say("Hello", alice_key))
    assert [c["choices"][0]["finish_reason"] for c in chunks if c["choices"]][-1] == "stop"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["total_tokens"] > 0
    assert all(chunk["usage"] is None for chunk in chunks[:-1])


def test_a_stream_hands_calls_back(alice_key: str) -> None:
    answer = say(
        "Lisbon", alice_key, stream=True, tools=[WEATHER], tool_choice=named("get_weather")
    )
    chunks = chunks_of(answer)
    [called] = [
        c["choices"][0]["delta"] for c in chunks if "tool_calls" in c["choices"][0]["delta"]
    ]
    assert called["tool_calls"][0]["function"]["name"] == "get_weather"
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert "usage" not in chunks[0]


def test_a_stream_ends_with_the_run_that_was_started(alice_key: str) -> None:
    chunks = chunks_of(say("Draw a fox", alice_key, stream=True))
    run = Run.objects.get()
    assert chunks[-1]["creative_workflows"][0]["workflowId"] == run.public_id


def test_an_error_before_the_stream_has_its_own_status(alice_key: str) -> None:
    answer = say("Make a video of a cat", alice_key, stream=True, max_estimated_capacity_units=0)
    refused(answer, 422)


# --- form ---


def test_json_objects_are_answered(alice_key: str) -> None:
    form = {"type": "json_object"}
    assert json.loads(text_of(say("Hello", alice_key, response_format=form)))["message"]
    made = text_of(
        say(
            "A candle shop",
            alice_key,
            response_format=form,
            tool_choice=named("compose_workflow_template"),
        )
    )
    assert json.loads(made)["template_draft"]
    schema = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}}}
    assert (
        "response_format"
        in refused(say("Hello", alice_key, response_format=schema), 400)["message"]
    )


BAD_BODIES: list[tuple[dict[str, Any], str]] = [
    ({}, "`messages`"),
    ({"messages": []}, "`messages`"),
    ({"messages": "hello"}, "`messages`"),
    ({"messages": [{"role": "king", "content": "x"}]}, "`messages[0].role`"),
    ({"messages": [{"role": "user", "content": 5}]}, "`messages[0].content`"),
    (
        {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
        "`messages[0].content[0].type`",
    ),
    ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "image_url"),
    ({"n": 2}, "`n`"),
    ({"stream": "yes"}, "`stream`"),
    ({"tool_choice": "maybe"}, "`tool_choice`"),
    ({"tool_choice": {"type": "function"}}, "`tool_choice`"),
    ({"tool_choice": named("unheard_of_tool")}, "`tool_choice`"),
    ({"tools": [{"type": "function"}]}, "`tools[0].function`"),
    ({"tools": [WEATHER] * 200}, "`tools`"),
    ({"sogni_tools": "everything"}, "`sogni_tools`"),
    ({"sogni_tool_execution": "yes"}, "`sogni_tool_execution`"),
    ({"modalities": ["text", "audio"]}, "`modalities"),
    ({"max_tokens": 0}, "`max_tokens`"),
    ({"response_format": {"type": "xml"}}, "`response_format.type`"),
]


def test_a_bad_body_names_its_field(alice_key: str) -> None:
    for fields, field in BAD_BODIES:
        hello = {"messages": [{"role": "user", "content": "Hello"}]}
        error = refused(ask({**hello, **fields} if fields else {}, alice_key), 400)
        assert field in error["message"], fields
        assert error["type"] == "invalid_request_error", fields


def test_what_is_no_json_object_is_400(alice_key: str) -> None:
    for body in (b"{", b"[]", b"\xff", b'{"messages": NaN}', b"[" * 100_000):
        assert refused(ask(body, alice_key), 400)["type"] == "invalid_request_error"


def test_a_body_beyond_the_limit_is_413(alice_key: str) -> None:
    refused(say("x" * (2 * 1024 * 1024), alice_key), 413)


def test_long_histories_fit(alice_key: str) -> None:
    messages = [{"role": "user", "content": "word " * 30_000}, {"role": "user", "content": "Hi"}]
    answered(ask({"messages": messages}, alice_key))


# --- who asks ---


def test_without_a_key_it_is_401_in_openais_form() -> None:
    error = refused(say("Hello"), 401)
    assert error["type"] == "authentication_error"
    assert refused(say("Hello", "rg_aaaaaaaaaa_" + "b" * 43), 401)["code"] == "auth.invalid"


def test_a_key_that_may_only_read_is_403(alice: User) -> None:
    key = make_key(alice, scope="read")
    assert refused(say("Hello", key), 403)["code"] == "key_scope"


def test_bearer_keys_work(alice_key: str) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}]}
    assert ask(body, headers={"authorization": f"Bearer {alice_key}"}).status == 200


def test_without_a_key_the_rules_answer_and_nothing_is_run(alice: User) -> None:
    token = tokens.start_family(user=alice).access
    headers = {"authorization": token}
    body = {"messages": [{"role": "user", "content": "Draw a fox"}]}
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


# --- models ---


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
