"""Asking the configured model for an object until it can be used; without one, rules make it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.conf import settings

from compose.model.answer_schema import object_in, strict_schema
from compose.model.model_client import Model, ModelFailed, configured_model, in_words
from compose.plan.fields import BadAnswer, Part

# The first answer, and two corrected ones.
MOST_ROUNDS: Final = 3
# A model that made more mistakes corrects these first.
MOST_SENTENCES: Final = 8
# With the reasoning of a model that reasons.
MOST_TOKENS: Final = 8_000
# Of a bad answer, what the model is shown again.
_EXCERPT: Final = 6_000
_CORRECT: Final = (
    "That answer can't be used:\n{problems}\nAnswer again, whole and corrected. {schema}"
)

T = TypeVar("T")
RULES: Final = "rules"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """planner: "rules", or the model's name. warnings: why rules made it instead."""

    value: T
    planner: str = RULES
    warnings: tuple[str, ...] = ()


def answer_of(
    by_rules: Callable[[], T],
    instructions: str,
    request: Callable[[Model], str],
    answer: type[Part],
    read: Callable[[Mapping[str, Any]], T],
    *,
    rules_note: str,
) -> Outcome[T]:
    """Return what the configured model makes; without one, or where it fails, the rules'.

    request: raises ModelFailed for what the model can't take. rules_note: who made it then, a
    sentence. Raises ClientLeft when the client of this request has left.
    """
    model = configured_model()
    if model is None:
        return Outcome(by_rules())
    try:
        messages = [
            {"role": "system", "content": instructions},
            {"role": "user", "content": request(model)},
        ]
        value = _ask_until_good(model, messages, strict_schema(answer), read)
    except ModelFailed as failure:
        return Outcome(by_rules(), warnings=(f"{rules_note} {failure.reason}",))
    return Outcome(value, model.name)


def _ask_until_good(
    model: Model,
    messages: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], T],
) -> T:
    """Return the first answer that `read` can use; what it objects to goes back to the model.

    Raises ModelFailed when there is none within MOST_ROUNDS and settings.COMPOSE_DEADLINE_S;
    ClientLeft.
    """
    end = time.monotonic() + settings.COMPOSE_DEADLINE_S
    conversation: list[Mapping[str, Any]] = list(messages)
    last_answer: str | None = None
    for _ in range(MOST_ROUNDS):
        reply = model.complete(
            conversation,
            response_schema=schema,
            max_tokens=MOST_TOKENS,
            deadline_s=end - time.monotonic(),
        )
        try:
            document = object_in(reply.content)
            if document is None:
                raise BadAnswer("There is no complete JSON object in it.")
            return read(document)
        except BadAnswer as bad:
            sentences = bad.sentences[:MOST_SENTENCES]
        # The same again would be answered the same again.
        if reply.content == last_answer:
            break
        last_answer = reply.content
        if reply.finish_reason == "length":
            sentences = ("It was cut off, because it was too long.", *sentences)
        problems = "\n".join(f"- {sentence}" for sentence in sentences)
        # Some services take a response format and ignore it.
        correction = _CORRECT.format(problems=problems, schema=in_words(schema))
        conversation = [
            *messages,
            {"role": "assistant", "content": last_answer[:_EXCERPT] or "{}"},
            {"role": "user", "content": correction},
        ]
    raise ModelFailed(f"{model.name} gave no answer that can be used.")
