"""Events of an answer → OpenAI's objects: one completion, or the chunks of a stream. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from compose.chat import events
from compose.chat.request import ChatIn
from compose.tool_results import run_addresses

# English text has about so many bytes of UTF-8 a token.
BYTES_PER_TOKEN = 4
# What a model that sees images counts for one, about.
IMAGE_TOKENS = 85


def tokens_in(text: str) -> int:
    """About how many tokens a text has."""
    return math.ceil(len(text.encode("utf-8", "replace")) / BYTES_PER_TOKEN)


def prompt_tokens(request: ChatIn) -> int:
    """About how many tokens the messages have."""
    texts = sum(tokens_in(message.text) + 4 for message in request.messages)
    return texts + IMAGE_TOKENS * len(request.images())


def call_body(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    """Return a call as OpenAI's objects have it. arguments: JSON text."""
    function = {"name": name, "arguments": arguments}
    return {"id": call_id, "type": "function", "function": function}


def assistant_message(text: str, calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return an answer as OpenAI's messages have it. calls: as of `call_body`."""
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    return {**message, "tool_calls": calls} if calls else message


@dataclass(slots=True)
class Answer:
    """An answer as far as it has come. chat_id, created: of every object of it; created in seconds.

    asked_tokens: the estimate for the request.
    """

    chat_id: str = ""
    created: int = 0
    asked_tokens: int = 0
    model: str = ""
    text: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    workflows: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    ended: events.Ended | None = None

    def add(self, event: events.ChatEvent) -> dict[str, Any] | None:
        """Take in an event. Returns the `delta` that a stream sends for it, if any."""
        match event:
            case events.Started():
                self.model = event.model
                return {"role": "assistant", "content": ""}
            case events.Text():
                self.text += event.text
                return {"content": event.text}
            case events.Called():
                call = call_body(event.call_id, event.name, event.arguments)
                self.calls.append(call)
                return {"tool_calls": [{"index": len(self.calls) - 1, **call}]}
            case events.ToolResult():
                self.results.append(
                    {"tool": event.tool, "toolCallId": event.call_id, "result": event.result}
                )
            case events.RunStarted():
                self.workflows.append({"status": event.status, **run_addresses(event.run_id)})
            case events.Warned():
                self.warnings.append(event.text)
            case events.Ended():
                self.ended = event
        return None

    @property
    def ending(self) -> events.Ended:
        """Return how it ended, or would end now."""
        return self.ended or events.Ended()

    def completion(self) -> dict[str, Any]:
        """Return the whole answer as one object, after `Ended`."""
        choice = {
            "index": 0,
            "message": assistant_message(self.text, self.calls),
            "logprobs": None,
            "finish_reason": self.ending.finish_reason,
        }
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": self.usage(),
            **self._beside(),
        }

    def chunk(self, delta: Mapping[str, Any], *, counts: bool) -> dict[str, Any]:
        """Return a piece of a stream. counts: whether the stream ends with its usage."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": None}
        body = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return {**body, "usage": None} if counts else body

    def last_chunks(self, *, counts: bool) -> list[dict[str, Any]]:
        """Return how a stream ends: why it ended, and its usage where that was asked for."""
        ending = self.chunk({}, counts=counts)
        ending["choices"][0]["finish_reason"] = self.ending.finish_reason
        chunks = [{**ending, **self._beside()}]
        if counts:
            head = self._head("chat.completion.chunk")
            chunks.append({**head, "choices": [], "usage": self.usage()})
        return chunks

    def usage(self) -> dict[str, int]:
        """Tokens, estimated where no service counted them."""
        ending = self.ending
        text = self.text + "".join(
            call["function"]["name"] + call["function"]["arguments"] for call in self.calls
        )
        prompt = self.asked_tokens if ending.prompt_tokens is None else ending.prompt_tokens
        completion = ending.completion_tokens
        completion = tokens_in(text) if completion is None else completion
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
        }

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.chat_id, "object": kind, "created": self.created, "model": self.model}

    def _beside(self) -> dict[str, Any]:
        """Return what this server adds to OpenAI's fields."""
        fields = {
            "sogni_tool_results": self.results,
            "creative_workflows": self.workflows,
            "warnings": self.warnings,
        }
        return {name: value for name, value in fields.items() if value}
