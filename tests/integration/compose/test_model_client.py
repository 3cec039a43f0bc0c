"""A chat service of any make is asked, and whatever it answers ends in a Reply or a ModelFailed."""

from __future__ import annotations

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr
from pytest_django import Settings

from compose.model.answer_schema import object_in
from compose.model.model_client import MOST_AT_ONCE, Model, ModelFailed, configured_model
from tests.support.checks import checks_of
from tests.support.fakes.compose_model_server import KEY, Said, configure, streamed
from tests.support.fakes.compose_model_server import ComposeModelServer as Server
from tests.support.fakes.openai_server import Reply, failure
from tests.support.waiting import WAIT_S, promised
from tools import registry

pytestmark = pytest.mark.django_db

ASK = [{"role": "user", "content": "A film, please"}]
TITLE = {"title": {"type": "string"}}
CLOSED = {"required": ["title"], "additionalProperties": False}
SCHEMA = {"type": "object", "properties": TITLE, **CLOSED}
TOOL = {"type": "function", "function": {"name": "quote", "parameters": {"type": "object"}}}


@pytest.fixture
def server(settings: Settings) -> Iterator[Server]:
    with Server() as server:
        configure(settings, server)
        yield server


def the_model() -> Model:
    model = configured_model()
    assert model is not None
    return model


def ask(**options: Any) -> Any:
    return the_model().complete(ASK, **{"deadline_s": WAIT_S, **options})


def stream(deadline_s: float = WAIT_S, **options: Any) -> Any:
    return the_model().stream(ASK, deadline_s=deadline_s, **options)


def text_of_stream() -> str:
    return "".join(delta.content for delta in stream())


def test_nothing_is_asked_where_no_model_is_configured(settings: Settings) -> None:
    settings.PROVIDERS = {}
    assert configured_model() is None


def test_an_answer_comes_whole(server: Server) -> None:
    reply = ask(max_tokens=50)
    assert (reply.content, reply.finish_reason, reply.tool_calls) == ("Hello.", "stop", ())
    assert reply.usage.prompt_tokens == 900
    sent = server.chats[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body == {"model": "story-large", "messages": ASK, "max_tokens": 50}


def test_an_answer_comes_in_pieces(server: Server) -> None:
    server.usual = lambda asked: Said("A harbor at dawn.", [("quote", '{"template": "tpl_1"}')])
    deltas = list(stream(tools=[TOOL]))
    assert "".join(delta.content for delta in deltas) == "A harbor at dawn."
    assert len(deltas) > 3
    (call,) = deltas[-1].tool_calls
    assert (call.name, json.loads(call.arguments)) == ("quote", {"template": "tpl_1"})
    assert deltas[-1].finish_reason == "tool_calls"
    assert deltas[-1].usage is not None
    assert deltas[-1].usage.completion_tokens == 40


@pytest.mark.parametrize(
    "options",
    [{"ignores_stream": True}, {"lacks": frozenset({"stream_options"})}, {"new_limit": True}],
)
def test_a_server_that_can_do_less_is_asked_as_it_can(settings: Settings, options: Any) -> None:
    with Server(**options) as server:
        configure(settings, server)
        assert text_of_stream() == "Hello."
        assert ask(max_tokens=50).content == "Hello."
    # One that wants the newer name of the limit refuses the other.
    name = "max_completion_tokens" if "new_limit" in options else "max_tokens"
    assert server.chats[-1].body[name] == 50


@pytest.mark.parametrize("lacks", [(), ("json_schema",), ("json_schema", "json_object")])
def test_each_server_is_asked_for_json_as_it_can(
    settings: Settings, lacks: tuple[str, ...]
) -> None:
    answer = Said('Sure! Here it is:\n```json\n{"title": "Dawn"}\n```')
    lacking = frozenset(lacks)
    with Server(lambda asked: answer, lacks=lacking, takes_turns=True) as server:
        configure(settings, server)
        assert object_in(ask(response_schema=SCHEMA).content) == {"title": "Dawn"}
        assert len(server.chats) == 1 + len(lacks)
        # What it takes is remembered.
        ask(response_schema=SCHEMA)
        assert len(server.chats) == 2 + len(lacks)


def test_a_request_refused_for_its_length_changes_no_other(server: Server) -> None:
    too_long = failure(400, "This model's maximum context length is 8192 tokens.")
    server.script.extend([too_long] * 3)
    with pytest.raises(ModelFailed, match="maximum context length"):
        ask(response_schema=SCHEMA)
    ask(response_schema=SCHEMA)
    assert server.chats[-1].body["response_format"]["type"] == "json_schema"


def test_more_than_some_calls_at_once_are_refused(server: Server) -> None:
    server.usual = lambda asked: streamed(Said("la " * 500), pace_s=0.01)
    streams = [stream() for _ in range(MOST_AT_ONCE)]
    for one in streams:
        assert next(one).content
    with pytest.raises(ModelFailed, match="answering 16 other requests") as caught:
        ask()
    assert caught.value.retryable
    for one in streams:
        one.close()
    server.usual = lambda asked: Said("Hello.")
    assert ask().content == "Hello."


@pytest.mark.parametrize(
    ("said", "is_streamed"),
    [
        (Said("<think>They want\n\na film</think>\n\nHello."), True),
        (Said("They want a film</think>Hello."), False),
        (Said("Hello.", more={"reasoning_content": "They want a film"}), True),
        (Said("Hello.", more={"reasoning": "They want a film"}), True),
    ],
)
def test_reasoning_is_dropped(server: Server, said: Said, is_streamed: bool) -> None:
    server.usual = lambda asked: said
    assert ask().content == "Hello."
    assert not is_streamed or text_of_stream() == "Hello."
    server.usual = lambda asked: Said(" < Hello.")
    assert text_of_stream() == " < Hello."


def test_a_busy_service_is_asked_again_after_the_pause_it_wants(server: Server) -> None:
    wait = failure(429, "Rate limit reached", headers={"Retry-After-Ms": "700"})
    server.script.extend([wait, failure(503, "Loading model")])
    start = time.monotonic()
    assert ask().content == "Hello."
    assert time.monotonic() - start >= 0.7
    assert len(server.chats) == 3


def test_no_pause_goes_beyond_the_deadline(server: Server) -> None:
    server.script.append(failure(429, "Later", headers={"Retry-After": "15"}))
    with promised(2.0), pytest.raises(ModelFailed, match="too much to do") as caught:
        ask(deadline_s=14.0)
    assert caught.value.retryable
    assert len(server.chats) == 1


def test_a_slow_model_ends_at_the_deadline(server: Server) -> None:
    held = threading.Event()
    server.usual = lambda asked: Reply(hold=held)
    # It says how much of its second was left when the request began.
    words = r"didn't answer in (1|0\.\d) seconds"
    with promised(5.0), pytest.raises(ModelFailed, match=words) as caught:
        ask(deadline_s=1.0)
    assert caught.value.retryable
    held.set()


def test_a_stream_that_goes_on_and_on_ends_at_the_deadline(server: Server) -> None:
    server.usual = lambda asked: streamed(Said("la " * 2000), pace_s=0.05)
    with promised(5.0), pytest.raises(ModelFailed):
        list(stream(deadline_s=1.0))


def test_a_caller_who_leaves_ends_the_request(server: Server) -> None:
    held = threading.Event()
    server.usual = lambda asked: Reply(hold=held)

    def check() -> None:
        if server.chats:
            raise BrokenPipeError

    with promised(5.0):
        with pytest.raises(BrokenPipeError):
            ask(check=check)
        assert server.left.wait(WAIT_S)
    held.set()


def test_a_reader_who_leaves_ends_the_stream(server: Server) -> None:
    server.usual = lambda asked: streamed(Said("la " * 2000), pace_s=0.01)
    deltas = stream()
    assert next(deltas).content
    with promised(5.0):
        deltas.close()


HTML = Reply(body=b"<!doctype html><title>Hi</title>", headers={"Content-Type": "text/html"})
STREAM = {"Content-Type": "text/event-stream"}


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (failure(401, f"Incorrect API key provided: {KEY}."), "rejected this server's API key"),
        (failure(400, f"No. Your key was {KEY}."), "doesn't accept this"),
        (failure(429, "Pay", code="insufficient_quota"), "out of credit"),
        (failure(404, "No such model", code="model_not_found"), "doesn't have that model"),
        (HTML, "web page"),
        (Reply(body=b""), "isn't JSON"),
        (Reply(body={"choices": [{"message": "Hi"}]}), "without an answer"),
        (Reply(body={"choices": [{"message": {"refusal": "No."}}]}), "refuses"),
        (Reply(body=b" " * (5 << 20)), "more than 4 MB"),
        (Reply(302, headers={"Location": "http://127.0.0.1:9/"}), "redirects"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_in_words(
    server: Server, caplog: pytest.LogCaptureFixture, reply: Reply, words: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.usual = lambda asked: reply
    with pytest.raises(ModelFailed, match=words) as caught:
        ask()
    assert KEY not in str(caught.value) + caplog.text + repr(the_model())


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (streamed(Said("A harbor"), done=False), "broke off"),
        (Reply(body=streamed(Said("A harbor")).body, headers=STREAM, cut=300), "broke off"),
        (Reply(body=b"data: {oops\n\n", headers=STREAM), "JSON"),
        (Reply(body=b'data: {"error": {"message": "No memory"}}\n\n', headers=STREAM), "No memory"),
        (Reply(body=b"data: " + b"x" * (2 << 20), headers=STREAM), "doesn't end"),
        (Reply(drop=True), "broke off"),
    ],
)
def test_an_unusable_stream_is_told_in_words(server: Server, reply: Reply, words: str) -> None:
    server.usual = lambda asked: reply
    with pytest.raises(ModelFailed, match=words):
        list(stream())


def test_an_unreachable_service_is_told_in_words(settings: Settings) -> None:
    with Server() as server:
        configure(settings, server)
    with pytest.raises(ModelFailed, match="nothing listens") as caught:
        ask(deadline_s=2.0)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("base_url", "ftp://models", "base_url: write it like https"),
        ("base_url", "https://me:secret@models/v1", "base_url: write it without"),
        ("key", "sk-one\nsk-two", "key: it has characters"),
        ("ca_file", "missing.pem", "ca_file: .* no readable certificates"),
        ("model", "a\nb", "model: write its name"),
    ],
)
def test_settings_that_cannot_be_used_stop_the_start_and_name_the_option(
    settings: Settings, option: str, value: str, words: str
) -> None:
    service = {"kind": "language-model", "model": "m"}
    service[option] = SecretStr(value) if option == "key" else value  # type: ignore[assignment]
    settings.PROVIDERS = {"language-model": service}
    (problem,) = registry.problems()
    assert re.match(f"language-model: {words}", problem), problem
    assert "secret" not in problem
    assert "sk-" not in problem
    assert configured_model() is None


def test_the_doctor_asks_the_service_and_tells_what_is_wrong(settings: Settings) -> None:
    def says() -> list[str]:
        return [one.says for one in checks_of("services") if one.name == "language-model"]

    with Server() as server:
        configure(settings, server)
        assert says() == ["127.0.0.1 answers, with 1 models"]
        configure(settings, server, key="sk-wrong-0123456789")
        assert any("rejected this server's API key" in line for line in says())
        configure(settings, server)
        other = settings.PROVIDERS["language-model"] | {"model": "story-small"}
        settings.PROVIDERS = {"language-model": other}
        assert any("it doesn't have story-small" in line for line in says())
    (line,) = [one for one in checks_of("services") if one.name == "language-model"]
    assert line.level == "warning"
    assert "drafts are made without it" in line.remedy


@pytest.mark.parametrize(
    "text",
    [
        "I can't.",
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": "\\ud800"}',
        '{"a":' * 100_000,
        '{"a": [{"b"',
    ],
)
def test_text_without_a_usable_object_has_none(text: str) -> None:
    assert object_in(text) is None


@pytest.mark.parametrize(
    "text",
    ['{"a": 1}', 'Here:\n```json\n{"a": 1}\n```\nEnjoy {this}!', 'A set {x} and {"a": 1}.',
     '```\n{"a": 1}', '{"a": 2, "a": 1}'],
)  # fmt: skip
def test_the_object_of_a_text_is_found(text: str) -> None:
    assert object_in(text) == {"a": 1}
