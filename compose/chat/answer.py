"""The choice of who answers a chat: the configured language model, or the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compose.chat import events, fallback_answers, models, rules
from compose.chat.chat import Chat
from compose.chat.model_answer import ModelAnswer
from compose.model.model_client import ModelFailed, configured_model
from core.errors import ProviderError

ByRules = Callable[[Chat, str], Iterator[events.ChatEvent]]


def answer(
    chat: Chat, by_rules: ByRules = rules.answer, *, is_asked_later: bool = False
) -> Iterator[events.ChatEvent]:
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
