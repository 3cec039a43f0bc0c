"""A template and a sentence that asks for changes → the changed template. Pure.

`reader` reads the sentence by rules into changes, and `applier` does these, as it does the changes
of a model. Stage ids are kept, and only what was asked changes: everything else, known or unknown,
stays as it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.changes.clauses import clauses
from compose.changes.mentions import Mentions
from compose.changes.placing import place_new
from compose.changes.reader import EXAMPLES, read_clause
from compose.changes.working_template import WorkingTemplate
from tools.declaration.ports import ToolTable

MOST_CHANGES: Final = 12


@dataclass(frozen=True, slots=True)
class Revision:
    """A changed template. changes, warnings: sentences for the person, in order.

    Without changes the template equals the one that was given.
    """

    template: dict[str, Any]
    changes: tuple[str, ...]
    warnings: tuple[str, ...]


def revise(
    existing: Mapping[str, Any], text: str, selection: Sequence[str], tools: ToolTable
) -> Revision:
    """Do what a sentence asks. Never raises on any text; deterministic.

    existing: any template, as `problem_of` accepts it. selection: ids of the stages that "it" and
    "these" mean; changes that name no stages are limited to them.
    """
    work = WorkingTemplate(existing, tools, selection)
    mentions = Mentions(work)
    for clause in clauses(text):
        read_clause(mentions, clause)
    if not work.changes and not work.warnings:
        work.warn(f"Nothing was changed. You can ask for changes such as {EXAMPLES}.")
    if work.changes:
        place_new(existing, work.body, tools)
    return Revision(work.body, _first(work.changes), _first(work.warnings))


def _first(sentences: Sequence[str]) -> tuple[str, ...]:
    """Return the first of them; the last says how many are left out."""
    once = tuple(dict.fromkeys(sentences))
    if len(once) <= MOST_CHANGES:
        return once
    remainder = len(once) - MOST_CHANGES + 1
    return (*once[: MOST_CHANGES - 1], f"And {remainder} more.")
