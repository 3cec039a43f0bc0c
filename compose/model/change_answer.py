"""Changes of a template that a model is asked for, and doing them. Pure.

A change names a stage or an input that is there, and gives a plain value. Nothing else of a
template can be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from compose.changes import Revision
from compose.changes.applier import apply
from compose.changes.change import Change, ChangeType, Refused
from compose.changes.placing import place_new
from compose.changes.working_template import WorkingTemplate
from compose.model.untrusted import plain_words
from compose.plan.fields import BadAnswer, Part, Short, Words
from tools.declaration.ports import ToolTable

MOST_CHANGES: Final = 16


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
