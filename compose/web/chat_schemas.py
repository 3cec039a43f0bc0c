"""Answers of chat, in OpenAI's spelling."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class CalledFunction(BaseModel, use_attribute_docstrings=True):
    """A function and its arguments as JSON text."""

    name: str
    arguments: str


class ChatCall(BaseModel, use_attribute_docstrings=True):
    """A call of a tool."""

    id: str
    type: Literal["function"]
    function: CalledFunction


class ChatAnswer(BaseModel, use_attribute_docstrings=True):
    """The assistant's message."""

    role: Literal["assistant"]
    content: str | None
    """Markdown. null where calls are handed back."""
    tool_calls: list[ChatCall] = []
    """Calls. Where `finish_reason` is `tool_calls`, the caller runs them; else they were run."""


class ChatChoice(BaseModel, use_attribute_docstrings=True):
    """The one answer."""

    index: int
    message: ChatAnswer
    logprobs: None
    finish_reason: Literal["stop", "length", "tool_calls"]


class ChatUsage(BaseModel, use_attribute_docstrings=True):
    """Tokens: as the language model's service counts them, else estimated (4 bytes each)."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatWorkflow(BaseModel, use_attribute_docstrings=True):
    """A run that was started."""

    workflowId: str
    status: str
    url: str
    eventsUrl: str
    streamUrl: str


class ChatToolResult(BaseModel, use_attribute_docstrings=True):
    """The result of a tool that answered at once."""

    tool: str
    toolCallId: str
    result: dict[str, Any]


class ChatCompletion(BaseModel, use_attribute_docstrings=True):
    """A chat completion. Not enveloped. With `stream`, server-sent events instead."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    """What answered: `reelgraph-rules`, or the configured model."""
    choices: list[ChatChoice]
    usage: ChatUsage
    creative_workflows: list[ChatWorkflow] = []
    sogni_tool_results: list[ChatToolResult] = []
    warnings: list[str] = []
    """Sentences about the answer, such as that the model failed and rules answered."""
