"""The language model as operators set it up, in the settings or on the page for providers: tried
out, and limited as other services are.

A call counts from its hold until it is settled, in all processes. What is refused is done by rules.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from pydantic import ValidationError

from compose.model.answer_schema import object_in, strict_schema
from compose.model.model_client import Model, ModelFailed
from compose.model.service import NO_NAME, LanguageModel
from compose.models import ComposedCall
from compose.plan.fields import Part
from runs.engine import limits
from runs.models import QueueLimit
from tools.providers.base import Misconfigured, Visit
from tools.providers.form import KEY, Field, server_of
from tools.providers.openai.endpoint import read_endpoint

LONGEST_NAME = 200
# The form on the page for providers.
TITLE = "Language model"
FIELDS = (
    Field("title", "Title", "What operators see in place of the name.", "OpenAI"),
    Field(
        "base_url",
        "URL",
        "Of OpenAI's chat completions. Leave it empty for OpenAI itself.",
        "http://127.0.0.1:11434/v1",
    ),
    Field(
        "model",
        "Model",
        "As the service calls it. Try it lists what there is.",
        "gpt-4o-mini",
        is_needed=True,
        is_listed=True,
    ),
    KEY,
)
destination = server_of


class ConfiguredModel(LanguageModel):
    """A language model with the limits of `runs.engine.limits`."""

    def try_out(self) -> tuple[Visit, ...]:
        """Return what the service says of itself and, where a model is named, how it answered."""
        (visit,) = self.visits()
        if visit.is_away or not self.model:
            return (visit,)
        # Without its limits: one that is paused can be tried.
        model = Model(self.model, self.endpoint)
        begin = time.monotonic()
        try:
            reply = model.complete(
                [{"role": "user", "content": _ASK}],
                response_schema=strict_schema(_Scene),
                max_tokens=_MOST_TOKENS,
                deadline_s=self.try_s - _LISTING_S,
            )
        except ModelFailed as failure:
            return (visit, Visit(failure.reason.rstrip("."), is_away=True))
        says = f"{self.model} answered in {time.monotonic() - begin:.1f} s"
        try:
            _Scene.model_validate(object_in(reply.content))
        except ValidationError:
            return (visit, Visit(says, problems=(_NOT_JSON,)))
        is_bare = reply.content.strip().startswith("{")
        remark = "and kept to JSON" if is_bare else "with JSON among other words, which can be read"
        return (visit, replace(visit, says=f"{says} {remark}", problems=(), models=()))

    def refusal(self) -> str:
        """Return why no call can begin, or "". The call's own hold is there already.

        Outside a transaction.
        """
        if not limits.is_limited(self.name):
            return ""
        name = limits.of_provider(self.name)
        # Numbers of the settings alone have no row yet.
        QueueLimit.objects.get_or_create(name=name)
        with transaction.atomic():
            # Of two calls at once, one counts the other's start.
            QueueLimit.objects.select_for_update().get(name=name)
            limit = limits.read([name])[name]
            if limit.paused_at is not None:
                return f"{self.model} is paused: {limit.reason.rstrip('.')}."
            if limit.next_start_s > 0:
                return f"{self.model} is at its limit of {limit.per_minute} a minute."
            if limit.is_full(at_work(limit.now) - 1):
                return f"{self.model} is at its limit of {limit.at_once} at once."
            limits.Permit((limit,)).use()
        return ""


def configured(name: str, options: Mapping[str, Any]) -> LanguageModel:
    """Return the service of an entry of settings.PROVIDERS. Raises Misconfigured."""
    own = dict(options)
    model = own.pop("model", "")
    if not isinstance(model, str) or len(model) > LONGEST_NAME or not model.isprintable():
        raise Misconfigured(f"model: write its name, {LONGEST_NAME} characters at most.")
    model = model.strip()
    return ConfiguredModel(name, model, read_endpoint({**own, "chat": (model or NO_NAME,)}))


def at_work(now: datetime) -> int:
    """Count the calls that are being answered at a moment of the database's clock."""
    return ComposedCall.objects.filter(held_until__gte=now).count()


_ASK: Final = "A film shows a red fox in the snow for six seconds: which animal, how many seconds?"
# With the reasoning of a model that reasons.
_MOST_TOKENS: Final = 2_000
# Of `try_s`, what asking for the list of models may take first.
_LISTING_S: Final = 8.0
_NOT_JSON: Final = (
    "It didn't keep to JSON, so most drafts would be made without it. Choose a larger model, or one"
    " that follows instructions."
)


class _Scene(Part):
    animal: str
    seconds: int
