"""Words in, words out: `/chat/completions`, with or without pictures to look at."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ProviderError, ProviderRefused
from tools.providers.base import Outcome
from tools.providers.openai import failures
from tools.providers.openai.call import ServiceCall
from tools.providers.openai.client import OpenAIClient

# Vision models look at pictures no larger.
LONGEST = 1536
QUESTION = "Say what this picture shows, in a few sentences: subject, place, light, style."


@dataclass(frozen=True, slots=True)
class ChatAnswer:
    """Answer of a model. is_cut: it ran out of room. raw: the whole answer."""

    text: str
    is_cut: bool
    raw: Mapping[str, Any]


def chat(
    client: OpenAIClient,
    *,
    model: str,
    messages: Sequence[Mapping[str, Any]],
    key: str = "",
    **options: Any,
) -> ChatAnswer:
    """Ask a model. messages, options: as `/chat/completions` takes them (temperature, tools,
    response_format, …), never streaming. key: what makes a repeated request recognizable.

    Raises ProviderError; ProviderRefused when the model or its filter will not answer.
    """
    body = {"model": model, "messages": list(messages), **options}
    raw = client.post("/chat/completions", body, key=key)
    who = f"{client.name} ({client.endpoint.host})"
    choices = raw.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(message, dict):
        raise failures.nothing_made(client.name, client.endpoint, "text")
    if first.get("finish_reason") == "content_filter" or message.get("refusal"):
        raise ProviderRefused(f"{who} refused to answer.")
    return ChatAnswer(_text(message.get("content")), first.get("finish_reason") == "length", raw)


def analyze(call: ServiceCall) -> Outcome:
    """Do an analyze_image."""
    pictures = call.job.media.get("image", ())
    if not pictures:
        raise ProviderError(
            "Add an image to analyze.",
            error_type="ASSET_NOT_FOUND",
            retryable=False,
        )
    path, _, _ = call.reframe(pictures[0], 0, longest=LONGEST)
    image_base64 = base64.b64encode(path.read_bytes()).decode()
    question = str(call.params.get("prompt") or "").strip() or QUESTION
    content = [
        {"type": "text", "text": question},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{image_base64}"}},
    ]
    messages = [{"role": "user", "content": content}]
    answers = call.several(
        1, lambda place: chat(call.client, model=call.model, messages=messages, key=call.key(place))
    )
    answer = answers[0]
    if not answer.text:
        raise failures.nothing_made(call.name, call.endpoint, "text")
    if answer.is_cut:
        call.warn(f"The answer of {call.model} reached its length limit and was cut.")
    call.count_tokens(answer.raw)
    return Outcome(
        # `message` as the studio calls it: a stage that reads it works with either.
        values={"text": answer.text, "message": answer.text, "model": call.model},
        warnings=tuple(call.warnings),
        actual_milli=call.cost_milli(1),
    )


def _text(content: Any) -> str:
    """The words of a message: a string, or parts of which some are text."""
    if isinstance(content, str):
        return content.strip()
    if not isinstance(content, list):
        return ""
    parts = [part.get("text") for part in content if isinstance(part, dict)]
    return "".join(part for part in parts if isinstance(part, str)).strip()
