"""Options that the settings of every provider may have: which workers do its work,
how much of it at once, and who checks its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from tools.declaration.labels import LABEL, LABEL_RULE
from tools.providers.base import Misconfigured, Provider

# More than any service allows; a number beyond it is a slip of the pen.
MOST = 100_000


@dataclass(frozen=True, slots=True)
class CommonOptions:
    """The options as they were given. They are those of `Provider` with the same names."""

    label: str = ""
    preferred_label: str = ""
    at_once: int | None = None
    per_minute: int | None = None
    person_share: float | None = None
    checked_by: str = ""

    def apply_to(self, provider: Provider) -> None:
        """Write what was given to a provider: the settings win over what its code says."""
        for field in fields(self):
            if (value := getattr(self, field.name)) != field.default:
                setattr(provider, field.name, value)


NAMES = frozenset(field.name for field in fields(CommonOptions))


def split(options: Mapping[str, Any]) -> tuple[CommonOptions, dict[str, Any]]:
    """These options of a provider's table, and those that are its kind's. Raises Misconfigured."""
    common = {name: value for name, value in options.items() if name in NAMES}
    for name, value in common.items():
        if problem := problem_of(name, value):
            raise Misconfigured(problem)
    return CommonOptions(**common), {
        name: value for name, value in options.items() if name not in NAMES
    }


def problem_of(name: str, value: object) -> str:
    """Return what is wrong with a value of NAMES, as a sentence; "" when it can be used."""
    if name in ("label", "preferred_label"):
        right = isinstance(value, str) and LABEL.fullmatch(value)
        return "" if right else f"{name}: {LABEL_RULE}"
    if name == "checked_by":
        is_name = isinstance(value, str) and bool(value.strip())
        return "" if is_name else 'checked_by must name a provider, such as "openai".'
    number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else -1
    if name == "person_share":
        return "" if 0 < number <= 1 else "person_share must be above 0 and at most 1, such as 0.5."
    if isinstance(number, int) and 1 <= number <= MOST:
        return ""
    return f"{name} must be a whole number from 1 to {MOST}."
