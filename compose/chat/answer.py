"""Who answers a chat: the configured language model, or the rules."""

from __future__ import annotations

from collections.abc import Iterator

from compose.chat import events, models, rules, words
from compose.chat.chat import Chat
from compose.chat.model_answer import model_events
from compose.model.client import ModelFailed


def answer(chat: Chat) -> Iterator[events.ChatEvent]:
    """The events of an answer, `Started` first and `Ended` last.

    Until `Started` it raises what keeps a chat from being answered. Rules stand in for a model that
    fails before it has said or done anything, with a warning.
    """
    model = models.language_model()
    if model is None:
        yield from rules.answer(chat)
        return
    if chat.request.model == models.RULES or chat.principal.api_key is None:
        is_asked = chat.request.model == models.RULES
        yield from rules.answer(chat, why=words.RULES_ASKED if is_asked else words.NEEDS_KEY)
        return
    try:
        yield from model_events(chat, model)
    except ModelFailed as failure:
        why = words.MODEL_FAILED.format(reason=failure.reason)
        for event in rules.answer(chat, why=why):
            yield event
            if isinstance(event, events.Started):
                yield events.Warned(why)
