"""Reasons why a plan cannot be made, as the errors the public API answers with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core import errors
from templates_app.graph.issues import Issue, issue, limited
from templates_app.graph.rules.issue_texts import TemplateRefused, for_api, issue_to_json


def refused_steps(issues: Sequence[Issue]) -> errors.InvalidInput:
    """The 422 of steps whose tools no provider offers."""
    return errors.InvalidInput(
        for_api(issues[0]),
        code="steps.invalid",
        details={"issues": [issue_to_json(one) for one in issues]},
    )


def refused_template(
    issues: Collection[Issue], warnings: Collection[Issue] = ()
) -> TemplateRefused:
    """The 422 of a template that does not compile, with its reasons in every place readers look."""
    reasons = {
        "compileErrors": [issue_to_json(one) for one in issues],
        "compileWarnings": [issue_to_json(one) for one in warnings],
    }
    return TemplateRefused(
        "Workflow template could not be compiled",
        (*issues, *warnings),
        code="template.not_compiled",
        number=4221,
        details=reasons,
        data=reasons,
        top=reasons,
    )


def inline_refusal(fields: Sequence[str]) -> errors.InvalidBody:
    """The 400 of a body with bytes in it. fields: where they are, as callers write it."""
    names = list(fields)[:100]
    issues = [issue("inline_media_not_allowed", path=name, field=name) for name in names]
    return errors.InvalidBody(
        "Send media as https URLs, not inline. Upload these files first: " + ", ".join(names[:10]),
        code="body.inline_media",
        details={"fields": names, "issues": [issue_to_json(fault) for fault in issues]},
    )


def shape_refusal(issues: Sequence[Issue]) -> errors.InvalidBody:
    """One 400 for all that is wrong; the first problem is the message."""
    more = f" (and {len(issues) - 1} more, see details.issues)" if len(issues) > 1 else ""
    return errors.InvalidBody(
        for_api(issues[0]) + more,
        code="body.invalid_steps",
        details={"issues": [issue_to_json(fault) for fault in limited(issues)]},
    )
