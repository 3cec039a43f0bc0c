"""Trying a language model out: whether it answers, which models there are, and whether the one that
is named keeps to JSON."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from pydantic import ValidationError

from compose.model.answer_schema import Part, object_in, strict_schema
from compose.model.model_client import Model, ModelFailed
from compose.model.service import LanguageModel
from tools.providers.base import Visit

_ASK: Final = "A film shows a red fox in the snow for six seconds: which animal, how many seconds?"
# With the reasoning of a model that reasons.
_MOST_TOKENS: Final = 2_000
# Of `try_s`, what asking for the list of models may take first.
_LISTING_S: Final = 8.0
_NOT_JSON: Final = (
    "It didn't keep to JSON, so rules would make most drafts. Choose a larger model, or one that"
    " follows instructions."
)


class _Scene(Part):
    animal: str
    seconds: int


def visits_of(service: LanguageModel) -> tuple[Visit, ...]:
    """Return what the service says of itself and, where a model is named, how it answered."""
    (visit,) = service.visits()
    if visit.is_away or not service.model:
        return (visit,)
    # Without its limits: one that is paused can be tried.
    model = Model(service.model, service.endpoint)
    begin = time.monotonic()
    try:
        reply = model.complete(
            [{"role": "user", "content": _ASK}],
            response_schema=strict_schema(_Scene),
            max_tokens=_MOST_TOKENS,
            deadline_s=service.try_s - _LISTING_S,
        )
    except ModelFailed as failure:
        return (visit, Visit(failure.reason.rstrip("."), is_away=True))
    says = f"{service.model} answered in {time.monotonic() - begin:.1f} s"
    try:
        _Scene.model_validate(object_in(reply.content))
    except ValidationError:
        return (visit, Visit(says, problems=(_NOT_JSON,)))
    is_bare = reply.content.strip().startswith("{")
    remark = "and kept to JSON" if is_bare else "with JSON among other words, which can be read"
    return (visit, replace(visit, says=f"{says} {remark}", problems=(), models=()))
