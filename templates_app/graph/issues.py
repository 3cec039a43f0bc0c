"""Issues: what a problem is and where, without words. `graph.rules` words and fixes them.

Every module that finds a problem imports this one, so it imports nothing of the graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning"]

MAX_ISSUES = 1_000


@dataclass(frozen=True, slots=True)
class Fix:
    """Editor ops that clear an issue when they are applied, or a field where a person clears it.

    opens: what the editor shows instead of applying ops: "tool" (the choice of a stage's tool),
    "field" (the issue's own field) or "stages" (the palette).
    """

    label: str
    ops: tuple[Mapping[str, Any], ...] = ()
    opens: Literal["", "tool", "field", "stages"] = ""


@dataclass(frozen=True, slots=True)
class At:
    """The place of an issue. path: as in the public contract §6.7, such as `stages/<id>/args`."""

    path: str = ""
    stage_id: str | None = None
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem of a template or of a step's arguments.

    code: of a rule in `graph.rules`. params: what fills the rule's sentences; texts in full length.
    fixes: the likeliest first.
    """

    code: str
    at: At
    params: Mapping[str, Any]
    severity: Severity
    fixes: tuple[Fix, ...] = ()


def issue(
    code: str,
    *,
    path: str = "",
    argument: str = "",
    stage_id: str | None = None,
    severity: Severity = "error",
    **params: Any,
) -> Issue:
    """Make an issue. params fill its sentences.

    Unless they are named, `field` is the argument and `stage` the stage's id.
    severity: one that the rule of the code declares; the tests compare.
    """
    return Issue(
        code=code,
        at=At(path, stage_id, argument),
        params={"field": argument, "stage": stage_id or "", **params},
        severity=severity,
    )


def split(issues: Iterable[Issue]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Errors and warnings, each in order; at most MAX_ISSUES of each."""
    errors: list[Issue] = []
    warnings: list[Issue] = []
    for issue in issues:
        group = errors if issue.severity == "error" else warnings
        if len(group) < MAX_ISSUES:
            group.append(issue)
    return tuple(errors), tuple(warnings)


def limited(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues in order; when there are very many, the first of each severity."""
    if len(issues) <= MAX_ISSUES:
        return tuple(issues)
    errors, warnings = split(issues)
    return (*errors, *warnings)


def with_refusals(issues: Iterable[Issue], refusals: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues of a draft, each once. What is a warning on save may be an error on start."""
    places = {(refusal.code, refusal.at) for refusal in refusals}
    return (*(each for each in issues if (each.code, each.at) not in places), *refusals)
