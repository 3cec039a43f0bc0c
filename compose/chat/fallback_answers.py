"""Texts of answers that no language model words, in Markdown."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from compose.chat.request import MessageIn

# Of a tool's result, what people want to read, the first that is there.
_TELLING = ("message", "text", "content", "summary", "prompt", "script", "lyrics", "result", "url")
LONGEST_RESULT = 4_000

EXAMPLE = "“Make a picture of a lighthouse at dawn, 16:9”"


def without_model(*, offers: bool, why: str) -> str:
    """Return the answer to words that begin with no tool.

    offers: whether tools of this server may be called. why: why no model answers, a sentence.
    """
    if not offers:
        return (
            f"{why} Without one I only call functions: name one of your `tools` in `tool_choice`,"
            " or leave `sogni_tools` out to use the tools of this server."
        )
    return (
        f"{why} I start an image, a video, music or a voice for a message such as {EXAMPLE}, and"
        " any tool that `tool_choice` names; with a language model I also talk, plan and choose"
        " tools."
    )


NO_MODEL = "No language model is configured on this server, so I can't chat."
NEEDS_KEY = "The language model of this server answers only requests with an API key."
MODEL_FAILED = "The language model of this server gave no answer: {reason}"
RULES_ASKED = "You asked for `reelgraph-rules`, which can't chat."


def started(title: str, run_id: str, origin: str, units: float) -> str:
    """Return the answer when a run was started. units: what it is estimated to cost, in credits."""
    cost = "free" if not units else f"about {units:g} credit{'' if units == 1 else 's'}"
    return (
        f"I started “{title}” ({cost}): [follow the run]({origin}/runs/{run_id}). The result"
        f" appears there and at [{run_id}]({origin}/v1/creative-agent/workflows/{run_id})."
    )


def of_result(tool: str, result: Mapping[str, Any], message: str | None) -> str:
    """Return a tool's result as an answer."""
    if result.get("ok") is False:
        return message or str(result.get("message") or "The tool failed.")
    match tool:
        case "compose_lyrics":
            title, lyrics = result.get("title"), result.get("lyrics") or message or ""
            return f"**{title}**\n\n{lyrics}" if title else str(lyrics)
        case "compose_workflow":
            return (
                f"{message}\n\nStart it: send `steps` of the result as `input.steps` to `POST"
                " /v1/creative-agent/workflows`."
            )
        case "compose_workflow_template":
            return (
                f"{message}\n\nNothing is saved yet: send `template_draft` of the result to `POST"
                " /v1/creative-agent/workflows/templates`."
            )
    return message or _telling(result)


def of_callers_results(results: Sequence[MessageIn]) -> str:
    """Return the answer to results of the caller's own tools."""
    return "\n\n".join(_of_text(message.text, message.name) for message in results)


def _of_text(text: str, name: str | None) -> str:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    words = _telling(value) if isinstance(value, (dict, list)) else text.strip()
    words = words[:LONGEST_RESULT] or "(empty)"
    return f"Result of `{name}`: {words}" if name else f"Result: {words}"


def _telling(result: Any) -> str:
    if isinstance(result, Mapping):
        for name in _TELLING:
            value = result.get(name)
            if isinstance(value, str) and value:
                return value
    text = json.dumps(result, ensure_ascii=False, indent=2, default=str)
    return f"\n\n```json\n{text[:LONGEST_RESULT]}\n```"
