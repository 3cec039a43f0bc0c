"""Why a plan cannot be made, as the errors the public API answers with."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from core import errors
from templates_app.graph.issues import Issue
from templates_app.graph.rules.messages import TemplateRefused, for_api, issue_to_json


def refused_steps(found: Sequence[Issue]) -> errors.InvalidInput:
    """The 422 of steps whose tools no provider offers."""
    return errors.InvalidInput(
        for_api(found[0]),
        code="steps.invalid",
        details={"issues": [issue_to_json(issue) for issue in found]},
    )


def refused_template(found: Collection[Issue], warnings: Collection[Issue] = ()) -> TemplateRefused:
    """The 422 of a template that does not compile, with its reasons in every place readers look."""
    reasons = {
        "compileErrors": [issue_to_json(issue) for issue in found],
        "compileWarnings": [issue_to_json(issue) for issue in warnings],
    }
    return TemplateRefused(
        "Workflow template could not be compiled",
        (*found, *warnings),
        code="template.not_compiled",
        number=4221,
        details=reasons,
        data=reasons,
        top=reasons,
    )
