"""A chat service of OpenAI's API that answers well, or badly in every way a model can.

`with ComposeModelServer() as server:` listens on 127.0.0.1. What is in `server.script` is answered
first, once each; then `server.usual`. Requests are checked as OpenAI's reference of chat
completions describes them (openai.yaml, August 2026): what it would refuse is a 400.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pydantic import SecretStr
from pytest_django import Settings

from tests.support.fakes.http_server import ApiServer, Asked, Refusal, Reply
from tests.support.fakes.openai_server import OpenAIServer, failure

KEY = "sk-compose-7d1e0c5b93f84a2e"
MODEL = "story-large"
ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
FORMATS = frozenset({"text", "json_object", "json_schema"})


@dataclass(frozen=True, slots=True)
class Said:
    """What the model says. calls: (tool, arguments as JSON text). more: further fields of the
    message, such as reasoning_content."""

    text: str = ""
    calls: Sequence[tuple[str, str]] = ()
    finish_reason: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)


# An answer of the model, or of its server in its stead.
Answered = Said | Reply
Answering = Callable[[Asked], Answered]


class ComposeModelServer(OpenAIServer):
    """lacks: response formats and other fields that it refuses, as smaller servers do. new_limit:
    whether it wants `max_completion_tokens`. ignores_stream: whether it answers whole when asked to
    stream. takes_turns: whether user and assistant must take turns."""

    ROUTES = (("GET", "/models", "_models"), ("POST", "/chat/completions", "_chat"))

    def __init__(
        self,
        usual: Answering | None = None,
        *,
        key: str | None = KEY,
        lacks: frozenset[str] = frozenset(),
        new_limit: bool = False,
        ignores_stream: bool = False,
        takes_turns: bool = False,
    ) -> None:
        super().__init__(key=key)
        self.usual = usual or (lambda asked: Said("Hello."))
        self.script: deque[Answered | Answering] = deque()
        self.lacks = lacks
        self.new_limit = new_limit
        self.ignores_stream = ignores_stream
        self.takes_turns = takes_turns

    @property
    def chats(self) -> list[Asked]:
        """The requests for an answer, in order."""
        return self.calls("/chat/completions")

    def _models(self, asked: Asked) -> Reply:
        return Reply(body={"object": "list", "data": [{"id": MODEL, "object": "model"}]})

    def _chat(self, asked: Asked) -> Reply:
        self._check(asked.body)
        with self.lock:
            waiting = self.script.popleft() if self.script else self.usual
        said = waiting(asked) if callable(waiting) else waiting
        if isinstance(said, Reply):
            return said
        if asked.body.get("stream") and not self.ignores_stream:
            return streamed(said)
        return Reply(body=completion(said))

    def _check(self, body: Mapping[str, Any]) -> None:
        if body.get("model") != MODEL:
            error = f"The model `{body.get('model')}` does not exist."
            raise Refusal(failure(404, error, code="model_not_found"))
        messages = body.get("messages")
        _demand(isinstance(messages, list) and bool(messages), "messages: is required")
        for message in messages or ():
            _demand(message.get("role") in ROLES, f"role: {message.get('role')}")
            if message["role"] == "tool":
                _demand(bool(message.get("tool_call_id")), "tool_call_id: is required")
        for tool in body.get("tools", ()):
            _demand(tool.get("type") == "function" and bool(tool["function"]["name"]), "tools")
        _demand(body.get("tools") != [], "tools: [] is too short")
        if self.new_limit and "max_tokens" in body:
            _demand(False, "Unsupported parameter: use 'max_completion_tokens' instead.")
        wanted = body.get("response_format") or {"type": "text"}
        kind = wanted.get("type")
        for name in self.lacks:
            _demand(name not in body, f"{name}: Extra inputs are not permitted")
        if self.takes_turns:
            _check_turns(messages or ())
        _demand(kind in FORMATS - self.lacks, f"response_format.type: {kind} is not supported")
        if kind == "json_object":
            words = json.dumps(messages)
            _demand("JSON" in words.upper(), "'messages' must contain the word 'json'")
        if kind == "json_schema":
            _check_strict(wanted["json_schema"]["schema"])


def completion(said: Said) -> dict[str, Any]:
    """A whole answer as the reference has it."""
    message = {"role": "assistant", "content": said.text or None, "refusal": None, **said.more}
    if said.calls:
        message["tool_calls"] = _calls(said)
    reason = said.finish_reason or ("tool_calls" if said.calls else "stop")
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_760_000_000, "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940},
    }  # fmt: skip


def streamed(said: Said, *, done: bool = True, pace_s: float = 0.0) -> Reply:
    """The same in pieces of seven characters. done: whether it comes to its end."""
    texts = [said.text[start : start + 7] for start in range(0, len(said.text), 7)]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{name: value} for name, value in said.more.items()]
    deltas += [{"content": text} for text in texts]
    for place, call in enumerate(_calls(said)):
        arguments = call["function"].pop("arguments")
        start = call["function"] | {"arguments": ""}
        deltas.append({"tool_calls": [call | {"index": place, "function": start}]})
        for at in range(0, len(arguments), 7):
            piece = {"index": place, "function": {"arguments": arguments[at : at + 7]}}
            deltas.append({"tool_calls": [piece]})
    reason = said.finish_reason or ("tool_calls" if said.calls else "stop")
    choices: list[dict[str, Any]] = [
        {"index": 0, "delta": delta, "finish_reason": None} for delta in deltas
    ]
    chunks: list[dict[str, Any]] = [{"choices": [one]} for one in choices]
    if done:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        chunks.append({"choices": [], "usage": {"prompt_tokens": 900, "completion_tokens": 40}})
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": MODEL}
    lines = [f"data: {json.dumps(head | chunk)}\n\n" for chunk in chunks]
    lines += ["data: [DONE]\n\n"] if done else []
    kind = {"Content-Type": "text/event-stream; charset=utf-8"}
    return Reply(body="".join(lines).encode(), headers=kind, pace_s=pace_s)


def configure(settings: Settings, server: OpenAIServer, *, key: str | None = KEY) -> None:
    """Make the server the configured model of this test."""
    service = {"kind": "language-model", "model": MODEL, "base_url": server.url}
    settings.PROVIDERS = {"language-model": service | ({"key": SecretStr(key)} if key else {})}


@contextmanager
def unvisited() -> Iterator[str]:
    """The origin of a server that nothing may ask; fails when something did."""
    with ApiServer(lambda asked: Reply()) as server:
        yield server.origin
        assert server.asked == []


def _calls(said: Said) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{place}",
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        for place, (name, arguments) in enumerate(said.calls)
    ]


def _demand(holds: bool, message: str) -> None:
    if not holds:
        raise Refusal(failure(400, message))


def _check_turns(messages: Sequence[Mapping[str, Any]]) -> None:
    """What the chat templates of many models want."""
    roles = [message["role"] for message in messages]
    _demand("system" not in roles[1:], "System message must be at the beginning.")
    _demand(("user", "user") not in pairwise(roles), "Conversation roles must alternate")


def _check_strict(schema: Mapping[str, Any], depth: int = 1) -> None:
    """Structured outputs: each object is closed and all of its fields are required."""
    _demand(depth <= 10, "schema: deeper than 10 levels")
    if "properties" in schema:
        names = set(schema["properties"])
        _demand(schema.get("additionalProperties") is False, "schema: additionalProperties")
        _demand(set(schema.get("required", ())) == names, "schema: required")
    for inner in (*schema.get("properties", {}).values(), *schema.get("anyOf", ())):
        _check_strict(inner, depth + 1)
    if isinstance(schema.get("items"), Mapping):
        _check_strict(schema["items"], depth + 1)
