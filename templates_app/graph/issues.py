"""Issues: made where a problem is found, put in order, written as JSON at the edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core import errors
from templates_app.graph.messages import ISSUE_CODES, Severity, Titles, for_api, for_person
from templates_app.graph.types import At, Fix, Issue

MAX_ISSUES = 1_000


def issue(
    code: str,
    *,
    path: str = "",
    argument: str = "",
    stage_id: str | None = None,
    severity: Severity | None = None,
    **params: Any,
) -> Issue:
    """Make an issue. params fill its sentences; `field` is the argument unless it is named."""
    return Issue(
        code=code,
        at=At(path, stage_id, argument),
        params={"field": argument, **params},
        severity=severity or ISSUE_CODES[code].severity,
    )


def split(issues: Iterable[Issue]) -> tuple[tuple[Issue, ...], tuple[Issue, ...]]:
    """Errors and warnings, each in order; at most MAX_ISSUES of each."""
    errors: list[Issue] = []
    warnings: list[Issue] = []
    for found in issues:
        kept = errors if found.severity == "error" else warnings
        if len(kept) < MAX_ISSUES:
            kept.append(found)
    return tuple(errors), tuple(warnings)


def limited(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues in order; when there are very many, the first of each severity."""
    if len(issues) <= MAX_ISSUES:
        return tuple(issues)
    errors, warnings = split(issues)
    return (*errors, *warnings)


def with_refusals(found: Iterable[Issue], refusals: Sequence[Issue]) -> tuple[Issue, ...]:
    """All issues of a draft, each once. What is a warning on save may be an error on start."""
    known = {(refusal.code, refusal.at) for refusal in refusals}
    return (*(each for each in found if (each.code, each.at) not in known), *refusals)


class TemplateRefused(errors.InvalidInput):
    """A template that cannot be saved, published or run. issues: its errors and warnings."""

    def __init__(self, message: str, issues: Iterable[Issue], **fields: Any) -> None:
        super().__init__(message, **fields)
        self.issues = tuple(issues)

    def sentences(self, titles: Titles) -> list[tuple[Issue, str]]:
        """The errors that a person is shown, each with its sentence."""
        said = [(found, for_person(found, titles)) for found in self.issues]
        return [(found, text) for found, text in said if found.severity == "error" and text]

    def for_person(self, titles: Titles) -> errors.InvalidInput:
        """The refusal as the editor shows it: the first sentence, and all as `issues`."""
        said = self.sentences(titles)
        issues = [issue_to_person(found, titles) for found, _ in said]
        message = said[0][1] if said else self.message
        return errors.InvalidInput(
            message, code=self.code, number=self.number, details={"issues": issues}
        )


def issue_to_json(found: Issue) -> dict[str, Any]:
    """The wire shape: severity, code, message, path, stageId; argument and fix where known."""
    shape = _shape(found, for_api(found))
    fix = next((fix for fix in found.fixes if fix.ops), None)
    if fix is not None:
        shape["fix"] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return shape


def issue_to_person(found: Issue, titles: Titles) -> dict[str, Any]:
    """As `issue_to_json`, for the editor: a person's sentence, and every fix."""
    shape = _shape(found, for_person(found, titles) or for_api(found))
    return {**shape, "fixes": [_fix_to_json(fix) for fix in found.fixes]}


def _shape(found: Issue, message: str) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "severity": found.severity,
        "code": found.code,
        "message": message,
        "path": found.at.path,
        "stageId": found.at.stage_id,
    }
    if found.at.argument:
        shape["argument"] = found.at.argument
    return shape


def _fix_to_json(fix: Fix) -> Mapping[str, Any]:
    shape: dict[str, Any] = {"label": fix.label, "ops": [dict(op) for op in fix.ops]}
    return {**shape, "opens": fix.opens} if fix.opens else shape
