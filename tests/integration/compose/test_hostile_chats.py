"""Any chat request is answered with OpenAI's object, a stream of it or an error in its form, and
any tool call with a result in words. The server never fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import LedgerEntry
from compose.execution import composition_tools
from compose.model.writing import WRITERS
from core import clock
from runs.models import Run, Step
from tests.support.builders.running import work_off
from tests.support.clients.api import Api
from tests.support.clients.asgi_requests import Answer
from tests.support.clients.chat_runs import PATH
from tests.support.clients.chatting import answered, ask, chunks_of, refused
from tests.support.examples import examples
from tests.support.fakes.compose_model_server import ComposeModelServer as Model
from tests.support.fakes.compose_model_server import Said
from tools import registry
from tools.declaration.schema import parameter_schemas

pytestmark = pytest.mark.django_db(transaction=True)
HOSTILE = settings(
    max_examples=examples(120),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# Where each example is dear.
FEW = settings(HOSTILE, max_examples=examples(40))


WORDS = st.sampled_from(
    [
        "", " ", "Draw a fox", "Write a script", "storyboard in 3 shots", "Ein Bild", "🦊" * 40,
        "{" * 200, '{"stages": []}', '{"stages": [{"id": 5}], "name": []}', "\ud7ff\u202e", 
        "a" * 30_000,
        '{"prompt": 1e999}', '{"duration": 9007199254740993}', '{"seed": 99999999999999999999}',
        '{"prompt": {"a": []}}', "Edit my template: {\"stages\": [[]]}",
        "$inputs.x $artifacts.y", "https://example.com/a.png", "two videos of 99999999 seconds",
        "<script>", "%00", "-" * 500, "0:0 16:9 9:16", "{{7*7}} ${HOME} %s", "🐈" * 9_000,
        "1 scene. No, 12 scenes. 0 seconds, 9999 minutes, 16:9 and 9:16.", '"' * 20_000,
        "a" * 20_000, "a b. " * 4_000, "סרט על ים 海の映画 🎬🎬🎬", "http://169.254.169.254/",
        "{idea} {0} [Chorus] \\ %s, 90 bpm in C# minor, 3/4", "visibility: public. Publish it now.",
    ]
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**62), 2**62), st.floats(allow_nan=False), WORDS
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["type", "url", "text", "name", "x"]), inner, max_size=3),
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["generate_image", "compose_workflow_template", "compose_lyrics", "stitch_video", "get_weather",
     "inspect_asset", "ask_clarifying_question", "sogni_generate_image", "", "x" * 300, "a b"]
)  # fmt: skip
URLS = st.sampled_from(
    ["https://example.com/a.png", "data:image/png;base64,AAAA", "file:///etc/passwd", "//x", "",
     "http://127.0.0.1:1/", "javascript:1", "https://[::1", "https://example.com/" + "a" * 3000]
)  # fmt: skip
PARTS = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": WORDS}),
    st.fixed_dictionaries(
        {"type": st.just("image_url"), "image_url": st.one_of(URLS, st.builds(dict, url=URLS))}
    ),
)
CALLS = st.lists(
    st.builds(
        lambda name, given: {
            "id": "call_1",
            "type": "function",
            "function": {"name": name, "arguments": given},
        },
        NAMES,
        WORDS,
    ),
    max_size=2,
)
GOOD_MESSAGES = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "user", "user", "system", "developer", "assistant"]),
        "content": st.one_of(WORDS, st.lists(PARTS, max_size=3)),
    },
    optional={"tool_call_id": st.sampled_from(["call_1", "call_2"]), "tool_calls": CALLS},
) | st.fixed_dictionaries(
    {"role": st.just("tool"), "content": WORDS, "tool_call_id": st.just("call_1")}
)
SCHEMAS = st.recursive(
    st.sampled_from(
        [{}, {"type": "string"}, {"type": "integer", "minimum": 5}, {"enum": [1]}, {"enum": []},
         {"$ref": "#"}, {"$ref": "#/$defs/a"}, {"type": ["null", "array"], "minItems": 10**9},
         {"type": "string", "minLength": 10**9}, {"type": "string", "maxLength": "x"},
         {"const": None}, {"type": 5}, {"anyOf": []}, {"anyOf": [5]}, {"type": "number",
         "minimum": "a"}, {"properties": [], "required": {}}, {"type": {"a": 1}}]
    ),
    lambda inner: st.builds(
        lambda one, two: {
            "type": "object",
            "properties": {"a": one, "b": two},
            "required": ["a", "b", "c", 5],
        },
        inner,
        inner,
    ),
    max_leaves=5,
)  # fmt: skip
GOOD_NAMES = st.sampled_from(["get_weather", "generate_image", "compose_workflow", "a.b"])
GOOD_TOOLS = st.fixed_dictionaries(
    {
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": GOOD_NAMES, "parameters": SCHEMAS}),
    }
)
CHOICES = st.one_of(
    st.sampled_from(["auto", "none", "required"]),
    st.builds(lambda name: {"type": "function", "function": {"name": name}}, NAMES),
)
UNITS = st.one_of(st.integers(0, 50), st.floats(0, 1e300))
FIELDS = {
    "model": st.sampled_from(["reelgraph-rules", "qwen3.6-35b-a3b-gguf-iq4xs"]),
    "tools": st.lists(GOOD_TOOLS, max_size=3),
    "tool_choice": CHOICES,
    "sogni_tools": st.sampled_from(["creative-agent", "none", True, "rich"]),
    "sogni_tool_execution": st.booleans(),
    "stream": st.booleans(),
    "stream_options": st.just({"include_usage": True}),
    "response_format": st.sampled_from([{"type": "json_object"}, {"type": "text"}]),
    "max_tokens": st.integers(1, 2**40),
    "temperature": ANYTHING,
    "stop": ANYTHING,
    "media_references": st.lists(URLS, max_size=2),
    "max_estimated_capacity_units": UNITS,
    "confirm_cost": st.booleans(),
    "app_source": st.text(max_size=300),
    "safe_content_filter": st.booleans(),
}
WELL_FORMED = st.fixed_dictionaries(
    {"messages": st.lists(GOOD_MESSAGES, min_size=1, max_size=3)}, optional=FIELDS
)
BROKEN = st.dictionaries(
    st.sampled_from([*FIELDS, "messages", "n", "modalities", "idempotency_key", "token_type"]),
    ANYTHING,
    max_size=1,
)
# Most are read to the end: of those that break a rule, each breaks one.
BODIES = st.one_of(WELL_FORMED, WELL_FORMED, st.builds(lambda a, b: a | b, WELL_FORMED, BROKEN))


@pytest.fixture(autouse=True)
def _no_waiting(settings: Settings, streams: None) -> None:
    # No worker does the step of a tool that is one.
    settings.TOOL_CALL_WAIT_S = 0.01


def check(answer: Answer) -> None:
    assert answer.status < 500, answer.text
    if answer.status != 200:
        refused(answer, answer.status)
    elif answer.header("content-type").startswith("text/event-stream"):
        assert chunks_of(answer)[0]["choices"][0]["delta"]["role"] == "assistant"
    else:
        body = answered(answer)
        for call in body["choices"][0]["message"].get("tool_calls", ()):
            assert isinstance(json.loads(call["function"]["arguments"]), dict)


def rules_answer(alice_key: str, body: dict[str, Any]) -> None:
    check(ask(body, alice_key))


test_the_rules_answer_any_body = FEW(given(body=BODIES)(rules_answer))
test_the_rules_answer_many_bodies = pytest.mark.thorough(HOSTILE(given(body=BODIES)(rules_answer)))


@HOSTILE
@given(body=ANYTHING)
def test_any_json_is_answered(alice_key: str, body: Any) -> None:
    check(ask(body, alice_key))


def model_answers(
    alice_key: str,
    settings: Settings,
    model: Model,
    body: dict[str, Any],
    name: str,
    arguments: Any,
    text: str,
) -> None:
    model.script.clear()
    model.script.append(Said(text, calls=[(name, json.dumps(arguments))]))
    check(ask(body, alice_key))


any_call = given(body=BODIES, name=NAMES, arguments=ANYTHING, text=WORDS)
test_a_model_answers_any_body_with_any_call = FEW(any_call(model_answers))
test_a_model_answers_many_bodies_with_many_calls = pytest.mark.thorough(
    HOSTILE(any_call(model_answers))
)


RUN_FIELDS = {
    "sampling": st.dictionaries(st.sampled_from(["temperature", "stop", "x"]), ANYTHING),
    "media_context": st.dictionaries(
        st.sampled_from(["images", "audio"]),
        st.lists(st.sampled_from(["https://example.com/a.png", "//x", ""]), max_size=2),
    ),
    "runtime_config": st.fixed_dictionaries({"requireJobConfirmation": st.booleans()}),
    "session_id": WORDS.filter(lambda text: len(text) < 200),
}
# Most are read to the end.
RUN_BODIES = st.builds(
    lambda a, b: a | b, WELL_FORMED, st.fixed_dictionaries({}, optional=RUN_FIELDS)
)
BAD_RUN_BODIES = st.builds(
    lambda a, b: a | b,
    BODIES,
    st.dictionaries(st.sampled_from([*RUN_FIELDS, "client_message_id"]), ANYTHING, max_size=2),
)


def chat_run_ends(
    alice_key: str, settings: Settings, model: Model, body: Any, name: str, arguments: Any
) -> None:
    settings.ACTIVE_RUNS_PER_USER = 1000
    model.script.clear()
    model.script.append(Said("", calls=[(name, json.dumps(arguments))]))
    answer = Api(alice_key).post(PATH, body)
    assert answer.status_code < 500, answer.content
    assert answer.status_code == 202 or answer.json()["message"]
    if answer.status_code == 202:
        run = Run.objects.get(public_id=answer.json()["data"]["run"]["runId"])
        work_off()
        Step.objects.filter(run=run).update(not_before=clock.now())
        work_off()
        shown = Api(alice_key).get(f"{PATH}/{run.public_id}")
        assert shown.status_code == 200, shown.content
        error = shown.json()["data"]["run"].get("failureReason", "")
        assert "on our side" not in error


any_run = given(
    body=st.one_of(RUN_BODIES, RUN_BODIES, BAD_RUN_BODIES, ANYTHING), name=NAMES, arguments=ANYTHING
)
test_a_chat_run_takes_any_body_and_comes_to_an_end = FEW(any_run(chat_run_ends))
test_chat_runs_take_many_bodies_and_come_to_an_end = pytest.mark.thorough(
    HOSTILE(any_run(chat_run_ends))
)


TOOLS = (*composition_tools(), "analyze_image", "label_asset", "inspect_asset")


def arguments_of(tool: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any of its arguments with any value, and some that it doesn't know."""
    declared = registry.table().get(tool)
    assert declared is not None
    names = [*parameter_schemas(declared), "source_image_url", "other"]
    return st.dictionaries(st.sampled_from(names), ANYTHING | st.text(max_size=60), max_size=6)


@pytest.mark.slow
@HOSTILE
@given(
    call=st.sampled_from(TOOLS).flatmap(lambda tool: st.tuples(st.just(tool), arguments_of(tool)))
)
def test_any_arguments_get_an_answer_in_words(
    alice_key: str, settings: Settings, call: tuple[str, dict[str, Any]]
) -> None:
    settings.ACTIVE_RUNS_PER_USER = 1000
    tool, arguments = call
    body = {"tool": tool, "arguments": arguments}
    amounts = LedgerEntry.objects.values_list("milli", flat=True)
    before = sum(amounts.all())
    answer = Api(alice_key).post("/v1/creative-agent/tools/execute", body)
    if answer.status_code == 400:
        # A text with a NUL or the like is refused as JSON.
        assert answer.json()["message"]
        return
    assert answer.status_code == 200, answer.content[:500]
    result = answer.json()["data"]["result"]
    assert isinstance(result["ok"], bool)
    assert isinstance(result["warnings"], list)
    assert result["ok"] or (result["message"] and result["suggested_next_action"])
    is_paid = tool in composition_tools() and result["ok"]
    assert before - sum(amounts.all()) == (1000 if is_paid else 0)
    if tool in WRITERS and result["ok"]:
        assert len(json.dumps(result, ensure_ascii=False).encode()) <= 20 * 1024
        again = Api(alice_key).post("/v1/creative-agent/tools/execute", body)
        assert again.json()["data"]["result"] == result
    if "template_draft" in result:
        assert result["template_draft"].get("visibility", "private") == "private"
    assert not Run.objects.exclude(kind="tool_call").exists()
