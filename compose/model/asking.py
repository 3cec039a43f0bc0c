"""Asking a model for an object until the answer can be used, or it is clear that it can't."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from django.conf import settings

from compose.model.answers import MOST_SENTENCES, Problems
from compose.model.client import Model, ModelFailed, in_words
from compose.model.json_text import object_in
from core import departure

# The first answer, and two corrected ones.
MOST_ROUNDS: Final = 3
# With the reasoning of a model that reasons.
MOST_TOKENS: Final = 8_000
# Of a bad answer, what the model is shown again.
_SHOWN: Final = 6_000
_CORRECT: Final = (
    "That answer can't be used:\n{problems}\nAnswer again, whole and corrected. {schema}"
)

T = TypeVar("T")


def ask_until_good(
    model: Model,
    messages: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any],
    read: Callable[[Mapping[str, Any]], T | Problems],
) -> T:
    """The first answer that `read` can use; what it objects to goes back to the model.

    Raises ModelFailed when there is none within MOST_ROUNDS and settings.COMPOSE_DEADLINE_S;
    ClientLeft.
    """
    end = time.monotonic() + settings.COMPOSE_DEADLINE_S
    asked: list[Mapping[str, Any]] = list(messages)
    said: str | None = None
    for _ in range(MOST_ROUNDS):
        reply = model.complete(
            asked,
            response_schema=schema,
            max_tokens=MOST_TOKENS,
            deadline_s=end - time.monotonic(),
            check=departure.check,
        )
        given = object_in(reply.content)
        found = (
            Problems(("There is no complete JSON object in it.",)) if given is None else read(given)
        )
        if not isinstance(found, Problems):
            return found
        # The same again would be answered the same again.
        if reply.content == said:
            break
        said = reply.content
        sentences = found.sentences[:MOST_SENTENCES]
        if reply.finish_reason == "length":
            sentences = ("It was cut off, because it was too long.", *sentences)
        problems = "\n".join(f"- {sentence}" for sentence in sentences)
        asked = [
            *messages,
            {"role": "assistant", "content": said[:_SHOWN] or "{}"},
            # Some services take a response format and ignore it.
            {
                "role": "user",
                "content": _CORRECT.format(problems=problems, schema=in_words(schema)),
            },
        ]
    raise ModelFailed(f"{model.name} gave no answer that can be used.")
