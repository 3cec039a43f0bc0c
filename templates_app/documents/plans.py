"""The plan that a draft was made of, beside its stages: the row `plan` of the table `plan`.

Those who may edit the draft write and read it. What a plan says is another layer's to know, which
registers a check of it; the row's own shape is checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from core import errors
from templates_app.document_ops.ops import State
from templates_app.document_ops.schemas import MAX_BRIEF, MAX_KEY, PLAN, PlanRecord

# Raises InvalidBody for settings that are no plan.
Check: TypeAlias = Callable[[Mapping[str, Any]], object]

_SHAPE: Final = (
    "`plan` must be one row with the key `plan`: `settings`, an object, and the texts `brief`, of"
    f" at most {MAX_BRIEF:,} characters, `by` and `hash`, of at most {MAX_KEY}."
)
_validate: Final = TypeAdapter(PlanRecord).validator.validate_python
_checks: list[Check] = []


def register(check: Check) -> None:
    """Have the settings of plans checked so. Call it in `AppConfig.ready`."""
    _checks.append(check)


def problem_of(state: State) -> str | None:
    """Say why a document may not have the plan that it has; None when it may, or has none."""
    if not state[PLAN]["rows"]:
        return None
    if state[PLAN]["order"] != [PLAN]:
        return _SHAPE
    record = state[PLAN]["rows"][PLAN]
    try:
        _validate(record)
        for check in _checks:
            check(record["settings"])
    except ValidationError:
        return _SHAPE
    except errors.InvalidBody as refusal:
        return refusal.message
    return None
