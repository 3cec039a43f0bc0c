"""The answer of one round, told to readers while it is made."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from compose.chat import events, models, tool_sets, wire
from compose.chat.answer import answer, by_rules
from compose.chat.chat import Chat
from compose.chat.model_answer import MOST_CALLS
from compose.chat_runs.rounds import Answer, Call, Round
from runs.engine.attempt_context import AttemptContext
from runs.engine.executor_writes import changing_own
from tools.providers.base import Stopped

# Text is sent in pieces: each is a transaction.
PIECE_CHARS = 400
PIECE_S = 0.25


def answer_of(chat: Chat, earlier: list[Round], context: AttemptContext) -> Answer:
    """Ask the model, or the rules, for the next round's answer.

    Raises ProviderError, and Stopped when it is not wanted any more.
    """
    stream, whole = _AnswerStream(context, len(earlier) + 1), wire.Answer()
    step = context.claim.step
    is_asked_later = step.failures + 1 < step.max_attempts
    rules = partial(_by_rules, earlier)
    for event in answer(chat, rules, is_asked_later=is_asked_later):
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
        warnings=whole.warnings,
        **asdict(whole.ending),
    )


def _by_rules(earlier: list[Round], chat: Chat, why: str) -> Iterator[events.ChatEvent]:
    """Rules call once; what came of it is then said in their words."""
    texts = [outcome.text for one in earlier for outcome in one.outcomes.values() if outcome.text]
    if not texts:
        yield from by_rules(chat, why)
        return
    yield events.Started(models.RULES)
    yield events.Text("\n\n".join(texts))
    yield events.Ended()


class _AnswerStream:
    """An answer's text in the run's log. When the claim is lost it stops the attempt, so
    that the answer ends at its next check and is not charged."""

    def __init__(self, context: AttemptContext, number: int) -> None:
        self._context = context
        self._about = {"round": number, "attempt": context.claim.attempt}
        self._unsent = ""
        self._sent_at = 0.0

    def begin(self, model: str) -> None:
        """Readers drop what an earlier attempt at this round said."""
        self._report("llm_round_started", model=model)

    def say(self, text: str) -> None:
        self._unsent += text
        is_due = time.monotonic() - self._sent_at >= PIECE_S
        if is_due or len(self._unsent) >= PIECE_CHARS:
            self.finish()

    def finish(self) -> None:
        """Send what is held back."""
        if not self._unsent:
            return
        self._report("assistant_message_delta", content=self._unsent)
        self._unsent, self._sent_at = "", time.monotonic()

    def _report(self, what: str, **body: str) -> None:
        try:
            with changing_own(self._context.claim) as own:
                own.report(what, **self._about, **body)
        except Stopped:
            self._context.stop()
