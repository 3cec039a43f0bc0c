"""An existing template changed by the configured language model, as a sentence asks.

The model is shown the template and answers with a list of changes, which are done here to the
caller's own template. A change names a stage or an input that is there, and gives a plain value:
the model never writes a template itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from compose.changes.applier import apply
from compose.changes.change import Change, ChangeType, Refused, Revision
from compose.changes.placing import place_new
from compose.changes.working_template import WorkingTemplate
from compose.model.answer_schema import text_of
from compose.model.instructions import CHANGE
from compose.model.model_client import Model, ModelFailed, configured_model
from compose.model.structured_request import Outcome, answer_of
from compose.model.template_view import template_view, texts_of
from compose.model.untrusted import addresses_in, plain_words
from compose.plan import LONGEST_TEXT
from compose.plan.fields import BadAnswer, Part, Short, Words
from core.errors import InvalidInput
from templates_app.document_ops.convert import to_document, to_spec
from templates_app.document_ops.ops import apply_all
from templates_app.graph.issues import Issue
from templates_app.graph.rules.validation import validate, with_fixes
from tools.declaration.ports import ToolTable

# A larger template fills the context of a small model.
LONGEST_TEMPLATE: Final = 60_000
NEEDS_MODEL: Final = (
    "Changing a template by a sentence needs a language model, and none is set up here. Change it"
    " by settings such as its format, length, look and music, or in the editor."
)
MOST_CHANGES: Final = 16
MOST_FIXES: Final = 8

Accept = Callable[[Mapping[str, Any]], Sequence[str]]


class ChangeAnswer(Part):
    """One change. Which of the fields count depends on its type: see `instructions.CHANGE`."""

    type: ChangeType
    target: Short
    field: Short
    value: Words

    def change(self, addresses: frozenset[str]) -> Change:
        """Return the change, with words safe to store. addresses: those the person wrote."""
        ids = tuple(part.strip() for part in self.target.split(",") if part.strip())
        field = plain_words(self.field, addresses, longest=200)
        return Change(self.type, ids, field, plain_words(self.value, addresses, longest=2000))


class ChangesAnswer(Part):
    changes: Annotated[list[ChangeAnswer], Field(max_length=MOST_CHANGES)]
    cannot: Short


def change_by_model(
    existing: Mapping[str, Any],
    text: str,
    selection: Sequence[str],
    tools: ToolTable,
    accept: Accept,
) -> Outcome[Revision]:
    """Have the configured model change a template; where it fails nothing is changed.

    accept: what is wrong with a changed template, as sentences. Raises InvalidInput without a
    model, ClientLeft when the client of this request has left.
    """
    if configured_model() is None:
        raise InvalidInput(NEEDS_MODEL, code="language_model_required")

    def request(model: Model) -> str:
        template_text = text_of(template_view(existing, selection, tools))
        if len(template_text) > LONGEST_TEMPLATE:
            raise ModelFailed(f"The template is too large for {model.name}: change it by hand.")
        return f"The template:\n{template_text}\n\nThe request:\n{text_of(text[:LONGEST_TEXT])}"

    addresses = addresses_in([text, *texts_of(existing)])

    def read(document: Mapping[str, Any]) -> Revision:
        result = edit_of(document, existing, selection, tools, addresses)
        body = with_fixes_applied(existing, result.template, tools)
        if result.changes and (problems := accept(body)):
            raise BadAnswer(*problems)
        return Revision(body, result.changes, result.warnings)

    return answer_of(
        lambda: Revision(dict(existing), (), ()),
        CHANGE,
        request,
        ChangesAnswer,
        read,
        rules_note="Nothing was changed.",
    )


def edit_of(
    document: Mapping[str, Any],
    existing: Mapping[str, Any],
    selection: Sequence[str],
    tools: ToolTable,
    addresses: frozenset[str],
) -> Revision:
    """Return a template with the changes of a model's answer. Raises BadAnswer.

    addresses: those that the person wrote.
    """
    answer = ChangesAnswer.read(document)
    work = WorkingTemplate(existing, tools, selection)
    problems: list[str] = []
    for place, entry in enumerate(answer.changes, 1):
        count = len(work.changes)
        try:
            apply(work, entry.change(addresses))
            if len(work.changes) == count:
                raise Refused(" ".join(work.warnings[-1:]) or "Nothing was changed.")
        except Refused as refusal:
            problems.append(f"change {place}, {entry.type}: {refusal}")
    if problems:
        raise BadAnswer(*problems)
    if answer.cannot:
        work.warn(f"Not changed: {plain_words(answer.cannot, addresses, longest=200)}")
    if not answer.changes and not answer.cannot:
        raise BadAnswer("changes: there are none. Say in cannot what can't be done.")
    if work.changes:
        place_new(existing, work.body, tools)
    return Revision(work.body, tuple(work.changes), tuple(work.warnings))


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
