"""The answer of one round, told to readers while it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator

from compose.chat import events, models, rules, tool_sets, words
from compose.chat.chat import Chat
from compose.chat.model_answer import MOST_CALLS, model_events
from compose.chat_runs.rounds import Answer, Call, Round
from compose.chat_runs.telling import Teller
from compose.model.client import ModelFailed
from core.errors import ProviderError
from runs.engine.claims import Claim


def answer_of(chat: Chat, earlier: list[Round], claim: Claim) -> Answer:
    """Ask the model, or the rules, for the next round's answer.

    Raises ProviderError, and Stopped when it is not wanted any more.
    """
    teller = Teller(claim, len(earlier) + 1)
    found = events.Ended()
    model, text = "", ""
    calls: list[Call] = []
    warnings: list[str] = []
    for event in _events(chat, earlier, claim):
        match event:
            case events.Started():
                model = event.model
                teller.begin(model)
            case events.Text():
                text += event.text
                teller.say(event.text)
            case events.Called():
                calls.append(_call(chat, event))
            case events.Warned():
                warnings.append(event.text)
            case events.Ended():
                found = event
    teller.finish()
    return Answer(
        model=model,
        text=text,
        calls=calls[:MOST_CALLS],
        finish_reason=found.finish_reason,
        prompt_tokens=found.prompt_tokens,
        completion_tokens=found.completion_tokens,
        warnings=warnings,
    )


def _call(chat: Chat, event: events.Called) -> Call:
    is_own = event.name in chat.request.own_tools()
    tool = tool_sets.hosted_name(chat.request, event.name)
    return Call(
        id=event.call_id,
        name=event.name,
        tool="" if is_own and not tool else tool,
        arguments=json.loads(event.arguments),
    )


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
