"""Arguments that are read when a step starts: filled from what has been made, and read again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from core.errors import ProviderError
from templates_app.graph.evaluate import MISSING, Missing, Scope, fill
from templates_app.graph.plan_json import late_from_json
from templates_app.graph.types import Late


def invalid(message: str) -> ProviderError:
    """An argument that is wrong only now. Trying again would not make it right."""
    return ProviderError(message, error_type="PARAMETER_INVALID", retryable=False)


def lates_of(stored: Iterable[Mapping[str, Any]] | None) -> tuple[Late, ...]:
    """Of `Step.late`."""
    return tuple(late_from_json(late) for late in stored or ())


def filled(lates: Iterable[Late], scope: Scope) -> dict[str, Any]:
    """The late arguments of a step with their values; media in them are `Medium`.

    Raises ProviderError PARAMETER_INVALID, which names the argument.
    """
    values: dict[str, Any] = {}
    for late in lates:
        try:
            value = fill(late, scope)
        except Missing as problem:
            raise invalid(str(problem)) from None
        if value is not MISSING:
            values[late.argument] = value
    return values
