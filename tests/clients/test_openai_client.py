"""OpenAI's own Python client, unchanged but for its base URL and key, chats with this server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionChunk, ChatCompletionToolParam
from pydantic import BaseModel

from tests.support.fakes.compose_model_server import KEY, MODEL, ComposeModelServer, Said, streamed
from tests.support.fakes.openai_server import Reply
from tests.support.server import SHARED, Site, finished

SITE_OPTIONS = SHARED
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather of a place",
        "parameters": {
            "type": "object",
            "properties": {"place": {"type": "string"}},
            "required": ["place"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
FORCED: Any = {"type": "function", "function": {"name": "get_weather"}}
DRAFT: Any = {"type": "function", "function": {"name": "compose_workflow_template"}}


def client_of(site: Site, key: str = "") -> OpenAI:
    return OpenAI(base_url=f"{site.url}/v1", api_key=key or site.key("alice"), max_retries=0)


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def client(site: Site) -> Iterator[OpenAI]:
    with client_of(site) as client:
        yield client


# --- without a language model ---


def test_plain_completions(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="reelgraph-rules", messages=said("Hello"))
    assert "No language model is configured" in (answer.choices[0].message.content or "")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0


def test_a_picture_is_made(client: OpenAI, site: Site) -> None:
    answer = client.chat.completions.create(
        model="reelgraph-rules", messages=said("Draw a picture of a small lighthouse")
    )
    [workflow] = (answer.model_extra or {})["creative_workflows"]
    with site.client(client.api_key) as rest:
        run = finished(rest, workflow["workflowId"])
    assert run["status"] == "completed"
    assert run["artifacts"][0]["type"] == "image"


def test_streams(client: OpenAI) -> None:
    whole = client.chat.completions.create(model="reelgraph-rules", messages=said("Hello"))
    chunks: list[ChatCompletionChunk] = []
    with client.chat.completions.create(
        model="reelgraph-rules",
        messages=said("Hello"),
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks.extend(stream)
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage is not None
    assert [one.choices[0].finish_reason for one in chunks if one.choices][-1] == "stop"


def test_the_stream_helper_adds_up_to_the_same(client: OpenAI) -> None:
    with client.chat.completions.stream(
        model="reelgraph-rules", messages=said("Lisbon"), tools=[WEATHER], tool_choice=FORCED
    ) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert "tool_calls.function.arguments.done" in kinds
    [call] = final.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"place": "Lisbon"}
    assert final.choices[0].finish_reason == "tool_calls"


def test_own_tools_come_back_and_their_results_are_answered(client: OpenAI) -> None:
    first = client.chat.completions.create(
        model="reelgraph-rules", messages=said("Lisbon"), tools=[WEATHER], tool_choice=FORCED
    )
    message = first.choices[0].message
    [call] = message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, first.choices[0].finish_reason) == ("get_weather", "tool_calls")
    second = client.chat.completions.create(
        model="reelgraph-rules",
        messages=[
            {"role": "developer", "content": "Be brief."},
            *said("Lisbon"),
            message.model_dump(exclude_none=True),
            {"role": "tool", "tool_call_id": call.id, "content": "22 degrees"},
        ],
        tools=[WEATHER],
    )
    assert "22 degrees" in (second.choices[0].message.content or "")


def test_a_template_is_drafted_and_can_be_saved(client: OpenAI, site: Site) -> None:
    answer = client.chat.completions.create(
        model="reelgraph-rules",
        messages=said("A 15 second vertical teaser for a candle shop, three shots, soft piano"),
        tool_choice=DRAFT,
    )
    [result] = (answer.model_extra or {})["sogni_tool_results"]
    with site.client(client.api_key) as rest:
        saved = rest.post(
            "/v1/creative-agent/workflows/templates", json=result["result"]["template_draft"]
        )
    assert saved.status_code == 201, saved.text


def test_calls_are_handed_back_where_nothing_is_to_run(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model="reelgraph-rules",
        messages=said("Draw a picture of a fox"),
        extra_body={"sogni_tool_execution": False},
    )
    [call] = answer.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert (call.function.name, answer.choices[0].finish_reason) == ("generate_image", "tool_calls")
    assert "creative_workflows" not in (answer.model_extra or {})


def test_raw_and_streaming_responses(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(
        model="reelgraph-rules", messages=said("Hello")
    )
    assert raw.http_response.headers["content-type"] == "application/json"
    assert raw.parse().choices[0].message.content
    with client.chat.completions.with_streaming_response.create(
        model="reelgraph-rules", messages=said("Hello"), stream=True
    ) as streamed:
        lines = [line for line in streamed.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["reelgraph-rules"]
    assert len(list(client.models.list(extra_query={"all": "true"}))) > 1
    assert client.models.retrieve("reelgraph-rules").owned_by == "reelgraph"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-9")


def test_failures_are_the_clients_own_exceptions(client: OpenAI, site: Site) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        client_of(site, "rg_aaaaaaaaaa_" + "b" * 43).chat.completions.create(
            model="reelgraph-rules", messages=said("Hello")
        )
    assert (caught.value.code, caught.value.type) == ("auth.invalid", "authentication_error")
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-9", messages=said("Hello"))
    assert missing.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="messages") as bad:
        client.chat.completions.create(model="reelgraph-rules", messages=[])
    assert bad.value.type == "invalid_request_error"
    with pytest.raises(openai.BadRequestError, match="`n`"):
        client.chat.completions.create(model="reelgraph-rules", messages=said("Hello"), n=2)
    with pytest.raises(openai.UnprocessableEntityError, match="ceiling"):
        client.chat.completions.create(
            model="reelgraph-rules",
            messages=said("Make a video of waves"),
            stream=True,
            extra_body={"max_estimated_capacity_units": 1},
        )
    with pytest.raises(openai.APIStatusError) as large:
        client.chat.completions.create(model="reelgraph-rules", messages=said("x" * 2_100_000))
    assert large.value.status_code == 413


def test_too_many_requests_are_a_rate_limit_error(tmp_path_factory: Any) -> None:
    home = tmp_path_factory.mktemp("rated")
    with Site(home, workers=0, settings="tests.support.settings.rated") as site:
        limited = client_of(site)
        for _ in range(20):
            limited.models.retrieve("reelgraph-rules")
        with pytest.raises(openai.RateLimitError) as caught:
            limited.chat.completions.create(model="reelgraph-rules", messages=said("Hello"))
        assert int(caught.value.response.headers["retry-after"]) >= 1
        assert caught.value.type == "rate_limit_error"


# --- with a language model ---


@pytest.fixture(scope="module")
def model() -> Iterator[ComposeModelServer]:
    with ComposeModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def smart(model: ComposeModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    """A client of a server with a language model."""
    env = {
        "REELGRAPH_COMPOSE_URL": model.url,
        "REELGRAPH_COMPOSE_KEY": KEY,
        "REELGRAPH_COMPOSE_MODEL": MODEL,
    }
    home = tmp_path_factory.mktemp("smart")
    with Site(home, workers=1, env=env) as site, client_of(site) as client:
        yield client


def test_a_model_answers(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script.append(Said("Good morning."))
    answer = smart.chat.completions.create(model=MODEL, messages=said("Hello"))
    assert answer.choices[0].message.content == "Good morning."
    assert answer.model == MODEL
    assert [one.id for one in smart.models.list()] == ["reelgraph-rules", MODEL]


def test_a_models_words_stream_while_it_speaks(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script.append(Said("Once upon a time there was a fox."))
    with smart.chat.completions.create(
        model=MODEL, messages=said("A story"), stream=True
    ) as stream:
        pieces = [one.choices[0].delta.content for one in stream if one.choices]
    assert "".join(piece or "" for piece in pieces) == "Once upon a time there was a fox."


def test_a_model_calls_own_tools_in_a_stream(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script.append(Said(calls=[("get_weather", '{"place": "Lisbon"}')]))
    with smart.chat.completions.stream(
        model=MODEL, messages=said("How warm is it?"), tools=[WEATHER]
    ) as stream:
        for _event in stream:
            pass
        final = stream.get_final_completion()
    [call] = final.choices[0].message.tool_calls or []
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"place": "Lisbon"}


def test_a_model_starts_a_run(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script += [
        Said(calls=[("generate_image", '{"prompt": "A fox"}')]),
        Said("It is on its way."),
    ]
    answer = smart.chat.completions.create(model=MODEL, messages=said("Draw a fox"))
    assert (answer.model_extra or {})["creative_workflows"]
    assert answer.choices[0].message.content == "It is on its way."


class Person(BaseModel):
    name: str


def test_structured_answers_are_parsed(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script.append(Said('{"name": "Ada"}'))
    answer = smart.chat.completions.parse(
        model=MODEL, messages=said("Who?"), response_format=Person
    )
    assert answer.choices[0].message.parsed == Person(name="Ada")


def test_a_stream_that_breaks_off_raises(smart: OpenAI, model: ComposeModelServer) -> None:
    model.script += [streamed(Said("Once upon a time"), done=False)]
    with (
        pytest.raises(openai.APIError),
        smart.chat.completions.create(model=MODEL, messages=said("A story"), stream=True) as stream,
    ):
        for _chunk in stream:
            pass


def test_a_caller_that_leaves_ends_the_call_to_the_model(
    smart: OpenAI, model: ComposeModelServer
) -> None:
    words = " ".join(["word"] * 400)
    slow: Reply = streamed(Said(words), pace_s=0.2)
    model.script.append(slow)
    with smart.chat.completions.create(
        model=MODEL, messages=said("A long story"), stream=True
    ) as stream:
        next(iter(stream))
    # The server answers others at once.
    assert smart.models.retrieve("reelgraph-rules").id == "reelgraph-rules"
