"""Chat requests through the server's ASGI application."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.clients.asgi_requests import Answer, request_app

CHAT = "/v1/chat/completions"


def say(text: Any, key: str = "", **fields: Any) -> Answer:
    """One message of a person. fields: further ones of the body."""
    return ask({"messages": [{"role": "user", "content": text}], **fields}, key)


def ask(body: Any, key: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """body: what to send as JSON, or bytes."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **({"api-key": key} if key else {})}
    return request_app("POST", CHAT, {**named, **(headers or {})}, sent)


def answered(answer: Answer) -> dict[str, Any]:
    """A completion whose shape is OpenAI's."""
    assert answer.status == 200, answer.text
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["id"].startswith("chatcmpl-")
    [choice] = body["choices"]
    assert (choice["index"], choice["message"]["role"]) == (0, "assistant")
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    return dict(body)


def text_of(answer: Answer) -> str:
    return str(answered(answer)["choices"][0]["message"]["content"])


def call_of(body: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The name and the arguments of the one call."""
    [call] = body["choices"][0]["message"]["tool_calls"]
    assert call["type"] == "function"
    assert call["id"].startswith("call_")
    return call["function"]["name"], json.loads(call["function"]["arguments"])


def refused(answer: Answer, status: int) -> dict[str, str]:
    """The error, in OpenAI's shape."""
    assert answer.status == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "type", "message"}
    assert all(isinstance(value, str) and value for value in error.values())
    return dict(error)


def chunks_of(answer: Answer) -> list[dict[str, Any]]:
    """The chunks of a stream that ended well."""
    assert answer.status == 200, answer.text
    assert answer.header("content-type").startswith("text/event-stream")
    *frames, last, rest = answer.text.split("\n\n")
    assert (last, rest) == ("data: [DONE]", "")
    lines = [frame for frame in frames if not frame.startswith(":")]
    assert all(line.startswith("data: ") for line in lines)
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert len({chunk["id"] for chunk in chunks}) == 1
    return chunks
