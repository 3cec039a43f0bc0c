"""One-click fixes for what a change broke. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from templates_app.graph.issues import Issue
from templates_app.graph.rules.validation import validate, with_fixes
from tools.declaration.ports import ToolTable

MOST_FIXES: Final = 8


def new_errors(
    before: Mapping[str, Any], after: Mapping[str, Any], tools: ToolTable
) -> tuple[Issue, ...]:
    """Errors of a changed template that it did not have before."""
    known = {(one.code, one.at) for one in validate(dict(before), tools)}
    found = validate(dict(after), tools)
    return tuple(
        one for one in found if one.severity == "error" and (one.code, one.at) not in known
    )


def with_fixes_applied(
    before: Mapping[str, Any], after: Mapping[str, Any], tools: ToolTable
) -> dict[str, Any]:
    """The changed template after the fixes that the editor would offer for its new errors.

    Errors without a fix stay.
    """
    body = dict(after)
    for _ in range(MOST_FIXES):
        fixed = with_fixes(new_errors(before, body, tools), body, tools)
        ops = next((fix.ops for issue in fixed for fix in issue.fixes if fix.ops), ())
        if not ops:
            break
        body = to_spec(apply_all(to_document(body), [dict(op) for op in ops])[0])
    return body
