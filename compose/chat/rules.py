"""Answers without a language model: at most one call, chosen by rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from compose.brief.products import first_product
from compose.brief.questions import check_can_be_drawn
from compose.brief.read import read_brief
from compose.chat import events, fallback_answers, intent, models, tool_arguments, tool_sets
from compose.chat.chat import Chat
from compose.chat.request import REFERENCE_FIELDS
from compose.chat.running import Running, call_id_of, run_call
from core import errors
from core.language.phrases import Words
from tools import registry

# What `required` calls where the words name no tool: it costs least and makes no media.
LEAST = "enhance_prompt"
_DRAWING_TOOLS = (
    "generate_image",
    "generate_video",
    "compose_workflow",
    "compose_workflow_template",
)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that the rules chose. is_ours: whether this server has the tool."""

    name: str
    tool: str
    is_ours: bool


def answer(chat: Chat, why: str = fallback_answers.NO_MODEL) -> Iterator[events.ChatEvent]:
    """Yield the answer of the rules. why: why no model answers, a sentence.

    Everything that can fail happens before `Started`. Raises InvalidBody, and what running a
    tool raises.
    """
    request = chat.request
    if request.response_format.type == "json_schema":
        raise errors.InvalidBody(
            f"`response_format` of the type `json_schema` needs a language model. {why}"
            " Use `json_object`, or a function in `tools` with `tool_choice`."
        )
    call = _chosen(chat)
    if call is None:
        return _say(chat, _text(chat, why))
    if question := _question(chat, call):
        return _say(chat, question)
    call_id = call_id_of(chat, 0)
    values = _arguments(chat, call)
    if call.is_ours and chat.runs_tools:
        return _ran(chat, call, call_id, values, run_call(chat, call_id, call.tool, values))
    return _handed_back(call, call_id, values)


def _chosen(chat: Chat) -> _Call | None:
    request, choice = chat.request, chat.request.tool_choice
    if choice.mode == "none":
        return None
    own = request.own_tools()
    if choice.mode == "function":
        return _call(chat, choice.name)
    if choice.mode == "auto" and request.results_of_caller():
        return None
    text = request.last_user_text()
    tool = _tool_for_words(chat)
    tools = tool_sets.offered(request)
    if tool == "compose_workflow" and tool not in tools:
        # A plan in words is what this set has for it.
        tool = "compose_script"
    if tool in tools:
        return _Call(tool, tool, True)
    if choice.mode == "auto":
        return None
    return _call(chat, intent.best_match(text, own)) if own else _Call(LEAST, LEAST, True)


def _call(chat: Chat, name: str) -> _Call:
    """Return a call by the name that the caller uses, which the answer repeats."""
    tool = tool_sets.hosted_name(chat.request, name)
    return _Call(name, tool, bool(tool))


def _tool_for_words(chat: Chat) -> str:
    """Return the tool that the words ask for, offered or not."""
    request = chat.request
    if intent.existing_template(request.whole_user_text()) is not None:
        return "compose_workflow_template"
    text, has_media = request.last_user_text(), _has_media(chat)
    tool = intent.tool_for(text, tool_sets.offered(request), has_image=has_media)
    if tool or has_media or request.tool_choice.mode != "auto":
        return tool
    return _tool_for_brief(text)


def _tool_for_brief(text: str) -> str:
    """Return the tool for a brief that orders nothing; "" for words that are no brief.

    A brief says how long or how wide the result is, or begins with what is made: other words may
    be talk, which must not cost anything.
    """
    if intent.is_question(intent.plain(text)):
        return ""
    brief = read_brief(text)
    words = Words(text, brief.language)
    beginning = min(len(words), intent.BEGINNING)
    product = first_product(words, 0, beginning)
    if brief.lacks_subject or brief.impossible:
        return ""
    needs_plan = brief.repeat or brief.choice or brief.edits or brief.media or brief.is_model
    if product is not None and not needs_plan and not brief.sound.speech:
        if brief.kind == "image" and len(brief.scenes) == 1:
            return "generate_image"
        if brief.kind == "song" and not brief.scenes:
            return "generate_music"
    is_brief = product is not None or brief.seconds or brief.aspect
    return "compose_workflow_template" if is_brief else ""


def _has_media(chat: Chat) -> bool:
    return bool(chat.request.images()) or any(chat.body.get(name) for name in REFERENCE_FIELDS)


def _arguments(chat: Chat, call: _Call) -> dict[str, Any]:
    text = chat.request.last_user_text()
    if call.is_ours:
        return tool_arguments.arguments_of(call.tool, text, chat.request.whole_user_text())
    return tool_arguments.arguments_of_own(chat.request.own_tools()[call.name], text)


def _question(chat: Chat, call: _Call) -> str:
    """Return what the person must say first if their words name nothing to draw; else ""."""
    request = chat.request
    text = request.whole_user_text()
    is_chosen = request.tool_choice.mode == "auto" and call.is_ours and call.tool in _DRAWING_TOOLS
    if not is_chosen or _has_media(chat) or "{" in text:
        return ""
    try:
        check_can_be_drawn(read_brief(text))
    except errors.InvalidInput as refusal:
        return refusal.person
    return ""


def _text(chat: Chat, why: str) -> str:
    request = chat.request
    results = request.results_of_caller()
    if results:
        return fallback_answers.of_callers_results(results)
    tools = tool_sets.offered(request)
    tool = _tool_for_words(chat)
    if tool in tool_sets.PLANNERS and tools and tool not in tools:
        return fallback_answers.needs_creative_agent(registry.title_of(tool))
    drafts = "compose_workflow" in tools
    return fallback_answers.without_model(offers=bool(tools), drafts=drafts, why=why)


def _say(chat: Chat, text: str) -> Iterator[events.ChatEvent]:
    yield events.Started(models.RULES)
    if chat.request.response_format.type == "json_object":
        text = json.dumps({"message": text}, ensure_ascii=False)
    yield from _pieces(text)
    yield events.Ended()


def _ran(
    chat: Chat, call: _Call, call_id: str, values: dict[str, Any], running: Running
) -> Iterator[events.ChatEvent]:
    outcome = yield from running
    yield events.Started(models.RULES)
    yield events.Called(call_id, call.name, _json(values))
    yield outcome.event
    as_json = chat.request.response_format.type == "json_object"
    yield from _pieces(_json(outcome.data) if as_json else outcome.text)
    yield events.Ended()


def _handed_back(call: _Call, call_id: str, values: dict[str, Any]) -> Iterator[events.ChatEvent]:
    yield events.Started(models.RULES)
    yield events.Called(call_id, call.name, _json(values))
    yield events.Ended("tool_calls")


def _pieces(text: str) -> Iterator[events.ChatEvent]:
    """Yield a paragraph at a time, as a stream shows it."""
    for line in text.splitlines(keepends=True):
        yield events.Text(line)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
