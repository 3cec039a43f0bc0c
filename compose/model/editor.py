"""An existing template changed by the configured language model instead of by the rules.

The model is shown the template and answers with a list of changes (`change_answer`), which are done
here to the caller's own template. It never writes a template itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from compose.changes import Revision
from compose.model.answer_schema import BadAnswer, text_of
from compose.model.change_answer import ChangesAnswer, edit_of
from compose.model.instructions import CHANGE
from compose.model.model_client import Model, ModelFailed
from compose.model.planner import LONGEST_BRIEF
from compose.model.structured_request import Outcome, answer_of
from compose.model.template_view import template_view, texts_of
from compose.model.untrusted import addresses_in
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from templates_app.graph.issues import Issue
from templates_app.graph.rules.validation import validate, with_fixes
from tools.declaration.ports import ToolTable

# A larger template fills the context of a small model; rules change it.
LONGEST_TEMPLATE: Final = 60_000

Accept = Callable[[Mapping[str, Any]], Sequence[str]]


def change_by_model(
    existing: Mapping[str, Any],
    text: str,
    selection: Sequence[str],
    tools: ToolTable,
    *,
    by_rules: Callable[[], Revision],
    accept: Accept,
) -> Outcome[Revision]:
    """Have the configured model change a template; without one the rules do.

    accept: what is wrong with a changed template, as sentences. Raises ClientLeft when the client
    of this request has left.
    """

    def request(model: Model) -> str:
        template_text = text_of(template_view(existing, selection, tools))
        if len(template_text) > LONGEST_TEMPLATE:
            raise ModelFailed(f"It is too large for {model.name}.")
        return f"The template:\n{template_text}\n\nThe request:\n{text_of(text[:LONGEST_BRIEF])}"

    addresses = addresses_in([text, *texts_of(existing)])

    def read(document: Mapping[str, Any]) -> Revision:
        result = edit_of(document, existing, selection, tools, addresses)
        body = with_fixes_applied(existing, result.template, tools)
        if result.changes and (problems := accept(body)):
            raise BadAnswer(*problems)
        return Revision(body, result.changes, result.warnings)

    return answer_of(
        by_rules, CHANGE, request, ChangesAnswer, read, rules_note="Rules made this change."
    )


MOST_FIXES: Final = 8


def new_errors(
    before: Mapping[str, Any], after: Mapping[str, Any], tools: ToolTable
) -> tuple[Issue, ...]:
    """Return errors of a changed template that it did not have before."""
    earlier_issues = {(one.code, one.at) for one in validate(dict(before), tools)}
    issues = validate(dict(after), tools)
    return tuple(
        one
        for one in issues
        if one.severity == "error" and (one.code, one.at) not in earlier_issues
    )


def with_fixes_applied(
    before: Mapping[str, Any], after: Mapping[str, Any], tools: ToolTable
) -> dict[str, Any]:
    """Return the changed template after the fixes that the editor would offer for its new errors.

    Errors without a fix stay.
    """
    body = dict(after)
    for _ in range(MOST_FIXES):
        issues = with_fixes(new_errors(before, body, tools), body, tools)
        ops = next((fix.ops for issue in issues for fix in issue.fixes if fix.ops), ())
        if not ops:
            break
        body = to_spec(apply_all(to_document(body), [dict(op) for op in ops])[0])
    return body
