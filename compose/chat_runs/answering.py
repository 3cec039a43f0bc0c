"""The answer of one round, told to readers while it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator

from compose.chat import events, models, rules, tool_sets, wire
from compose.chat.answer import answer
from compose.chat.chat import Chat
from compose.chat.model_answer import MOST_CALLS
from compose.chat_runs.answer_stream import AnswerStream
from compose.chat_runs.rounds import Answer, Call, Round
from runs.engine.attempt_context import AttemptContext


def answer_of(chat: Chat, earlier: list[Round], context: AttemptContext) -> Answer:
    """Ask the model, or the rules, for the next round's answer.

    Raises ProviderError, and Stopped when it is not wanted any more.
    """

    def by_rules(chat: Chat, why: str) -> Iterator[events.ChatEvent]:
        return _by_rules(chat, earlier, why)

    stream, whole = AnswerStream(context, len(earlier) + 1), wire.Answer()
    step = context.claim.step
    is_asked_later = step.failures + 1 < step.max_attempts
    for event in answer(chat, by_rules, is_asked_later=is_asked_later):
        whole.add(event)
        match event:
            case events.Started():
                stream.begin(event.model)
            case events.Text():
                stream.say(event.text)
    stream.finish()
    return _answer_of(chat, whole)


def _answer_of(chat: Chat, whole: wire.Answer) -> Answer:
    calls = [
        Call(
            id=call["id"],
            name=call["function"]["name"],
            tool=tool_sets.hosted_name(chat.request, call["function"]["name"]),
            arguments=json.loads(call["function"]["arguments"]),
        )
        for call in whole.calls[:MOST_CALLS]
    ]
    return Answer(
        model=whole.model,
        text=whole.text,
        calls=calls,
        finish_reason=whole.ending.finish_reason,
        prompt_tokens=whole.ending.prompt_tokens,
        completion_tokens=whole.ending.completion_tokens,
        warnings=whole.warnings,
    )


def _by_rules(chat: Chat, earlier: list[Round], why: str) -> Iterator[events.ChatEvent]:
    """Rules call once; what came of it is then said in their words."""
    texts = [outcome.text for one in earlier for outcome in one.outcomes.values() if outcome.text]
    if not texts:
        yield from rules.answer(chat, why)
        return
    yield events.Started(models.RULES)
    yield events.Text("\n\n".join(texts))
    yield events.Ended()
