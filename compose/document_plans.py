"""The check of a plan that is written beside a document, see `templates_app.documents.plans`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from compose.plan import Plan
from core.errors import InvalidBody


def check(settings: Mapping[str, Any]) -> None:
    """Raise InvalidBody for settings that are no plan.

    Only the form is checked: the content of a plan that was made here is always accepted.
    """
    try:
        Plan.model_validate(settings, extra="forbid")
    except ValidationError as refusal:
        places = {".".join(map(str, one["loc"])) for one in refusal.errors(include_input=False)}
        raise InvalidBody(
            f"`plan` has settings that are no plan, at {', '.join(sorted(places)[:8])}."
        ) from None
