"""Data that pass between the checks of a start and the rows it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from runs.models import Run
from runs.options import RunOptions
from runs.run_rows import RunRows
from templates_app.graph.issues import Issue
from templates_app.graph.types import Plan
from templates_app.models import Template, TemplateVersion


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that passed every check and is not stored yet.

    quotes: thousandths of a unit by step. request: what records show of how it was asked for.
    options: as in `Run.options`. ceiling_milli: the most it may be expected to cost. allowance: the
    key of the row that its start is taken from.
    repeats: the run whose plan this is. priority: below 0 in the background. published_id: the
    template whose published version this runs. awaits_approval: whether it waits until someone has
    accepted what it will cost. beside: writes what belongs to the run, in its transaction, after
    what it takes was reserved.
    """

    plan: Plan
    kind: str
    request: dict[str, Any]
    quotes: tuple[int, ...]
    options: RunOptions
    version: TemplateVersion | None = None
    draft_of: Template | None = None
    repeats: Run | None = None
    published_id: int | None = None
    ceiling_milli: int | None = None
    allowance: int | None = None
    priority: int = 0
    awaits_approval: bool = False
    beside: Callable[[Run], None] | None = None
    warnings: tuple[Issue, ...] = ()

    @property
    def estimate(self) -> int:
        """Thousandths of a unit for all steps."""
        return sum(self.quotes)


@dataclass(frozen=True, slots=True)
class StartResult:
    """The run that a start led to. replayed: an earlier request with the same key had made it.

    rows: those of the run as it began, as reading them would give them; None where it has moved on
    in the start itself.
    """

    run: Run
    replayed: bool
    warnings: tuple[Issue, ...] = ()
    rows: RunRows | None = None
