"""Answers to a chat: by the configured language model, or by rules, with one call at most."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from typing import Any

from compose.chat import events, fallback_answers, intent, models, tool_arguments, tool_sets
from compose.chat.chat import Chat
from compose.chat.model_answer import ModelAnswer
from compose.chat.running import call_id_of, run_call
from compose.model.model_client import ModelFailed, configured_model
from core.errors import InvalidBody, ProviderError

# What `required` calls where the words begin with no tool: it costs least and makes no media.
LEAST = "enhance_prompt"


def by_rules(chat: Chat, why: str) -> Iterator[events.ChatEvent]:
    """Yield the answer of the rules. why: why no model answers, a sentence.

    Everything that can fail happens before `Started`. Raises InvalidBody, and what running a
    tool raises.
    """
    request = chat.request
    if request.response_format.type == "json_schema":
        raise InvalidBody(
            f"`response_format` of the type `json_schema` needs a language model. {why}"
            " Use `json_object`, or a function in `tools` with `tool_choice`."
        )
    as_json = request.response_format.type == "json_object"
    name = _tool_name(chat)
    if not name:
        text = _text(chat, why)
        yield events.Started(models.RULES)
        yield from _pieces(_json({"message": text}) if as_json else text)
        yield events.Ended()
        return
    call_id, tool = call_id_of(chat, 0), tool_sets.hosted_name(request, name)
    values = tool_arguments.arguments_of(request, name, tool)
    call = events.Called(call_id, name, _json(values))
    if not tool or not chat.runs_tools:
        yield from (events.Started(models.RULES), call, events.Ended("tool_calls"))
        return
    outcome = yield from run_call(chat, call_id, tool, values)
    yield from (events.Started(models.RULES), call, outcome.event)
    yield from _pieces(_json(outcome.data) if as_json else outcome.text)
    yield events.Ended()


def answer(
    chat: Chat,
    by_rules: Callable[[Chat, str], Iterator[events.ChatEvent]] = by_rules,
    *,
    is_asked_later: bool = False,
) -> Generator[events.ChatEvent, None, None]:
    """Yield the events of an answer, `Started` first and `Ended` last.

    Until `Started` it raises what keeps a chat from being answered. Rules stand in for a model that
    fails before it has said or done anything, with a warning; is_asked_later: instead, a failure
    that may pass is a ProviderError.
    """
    model = configured_model()
    if model is None or (why := _why_not(chat)):
        yield from by_rules(chat, fallback_answers.NO_MODEL if model is None else why)
        return
    try:
        yield from ModelAnswer(chat, model).stream()
    except ModelFailed as failure:
        if is_asked_later and failure.retryable:
            raise ProviderError(failure.reason) from failure
        why = fallback_answers.MODEL_FAILED.format(reason=failure.reason)
        for event in by_rules(chat, why):
            yield event
            if isinstance(event, events.Started):
                yield events.Warned(why)


def _why_not(chat: Chat) -> str:
    """Return why the configured model isn't asked; "" where it is."""
    if chat.request.model == models.RULES:
        return fallback_answers.RULES_ASKED
    return fallback_answers.NEEDS_KEY if chat.principal.api_key is None else ""


def _tool_name(chat: Chat) -> str:
    """Return the function that the rules call, by the name that the answer repeats; "" for none."""
    request, choice = chat.request, chat.request.tool_choice
    if choice.mode in ("none", "function"):
        return choice.name
    if choice.mode == "auto" and request.results_of_caller():
        return ""
    text, own = request.last_user_text(), request.own_tools()
    tool = intent.tool_for(text)
    if tool in tool_sets.offered(request):
        return tool
    if choice.mode == "auto":
        return ""
    return intent.best_match(text, own) if own else LEAST


def _text(chat: Chat, why: str) -> str:
    request = chat.request
    if results := request.results_of_caller():
        return fallback_answers.of_callers_results(results)
    return fallback_answers.without_model(offers=bool(tool_sets.offered(request)), why=why)


def _pieces(text: str) -> Iterator[events.ChatEvent]:
    """Yield a paragraph at a time, as a stream shows it."""
    for line in text.splitlines(keepends=True):
        yield events.Text(line)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
