"""The answer of one round, told to readers while it is made."""

from __future__ import annotations

from collections.abc import Iterator

from compose.chat import events, models, rules, tool_sets, words
from compose.chat.chat import Chat
from compose.chat.model_answer import MOST_CALLS, model_events
from compose.chat_runs.gathering import Gathered
from compose.chat_runs.rounds import Answer, Round
from compose.chat_runs.telling import Teller
from compose.model.client import ModelFailed
from core.errors import ProviderError
from runs.engine.attempt_context import AttemptContext
from runs.engine.claims import Claim


def answer_of(chat: Chat, earlier: list[Round], context: AttemptContext) -> Answer:
    """Ask the model, or the rules, for the next round's answer.

    Raises ProviderError, and Stopped when it is not wanted any more.
    """
    teller, made = Teller(context, len(earlier) + 1), Gathered()
    for event in _events(chat, earlier, context.claim):
        made.add(event)
        match event:
            case events.Started():
                teller.begin(event.model)
            case events.Text():
                teller.say(event.text)
    teller.finish()
    return made.answer(lambda name: _tool_of(chat, name), MOST_CALLS)


def _tool_of(chat: Chat, name: str) -> str:
    """The tool of this server that a call means; "" for a function of the caller's."""
    return tool_sets.hosted_name(chat.request, name)


def _events(chat: Chat, earlier: list[Round], claim: Claim) -> Iterator[events.ChatEvent]:
    """As `compose.chat.answer`, but a model that may answer later is asked later."""
    model = models.language_model()
    if model is None:
        yield from _by_rules(chat, earlier, words.NO_MODEL)
    elif chat.request.model == models.RULES:
        yield from _by_rules(chat, earlier, words.RULES_ASKED)
    elif chat.principal.api_key is None:
        yield from _by_rules(chat, earlier, words.NEEDS_KEY)
    else:
        try:
            yield from model_events(chat, model)
        except ModelFailed as failure:
            if failure.retryable and claim.step.failures + 1 < claim.step.max_attempts:
                raise ProviderError(failure.reason) from failure
            why = words.MODEL_FAILED.format(reason=failure.reason)
            for event in _by_rules(chat, earlier, why):
                yield event
                if isinstance(event, events.Started):
                    yield events.Warned(why)


def _by_rules(chat: Chat, earlier: list[Round], why: str) -> Iterator[events.ChatEvent]:
    """Rules call once; what came of it is then said in their words."""
    said = [outcome.text for one in earlier for outcome in one.outcomes.values() if outcome.text]
    if not said:
        yield from rules.answer(chat, why=why)
        return
    yield events.Started(models.RULES)
    yield events.Text("\n\n".join(said))
    yield events.Ended()
