"""The shapes of what is drafted and changed: wished for, looked at, written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from builder.agents.mcp.authoring.change_sketch import Changes
from templates_app.models import Template


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of a draft to look at. Nothing is stored in the template.

    id: what confirms it; "" when it changes nothing. changes: what is different. sketch: the whole
    template as it would be. units_before, units_after: what a run costs, in credits, None while it
    has errors. issues: of the template as it would be; new_issues counts those it has not now.
    """

    id: str
    template: Template
    rev: int
    label: str
    changes: Changes
    sketch: str
    stages: int
    units_before: float | None
    units_after: float | None
    issues: tuple[dict[str, Any], ...]
    new_issues: int
    warnings: tuple[str, ...] = ()
    message: str = ""
    planner: str = ""


@dataclass(frozen=True, slots=True)
class Applied:
    """A change that was written. undo: the proposal that takes it back, "" when it is known."""

    template: Template
    change_id: str
    rev: int
    label: str
    undo: str


@dataclass(frozen=True, slots=True)
class Wish:
    """A change in words. stages: ids that "it" and "these" mean; empty for the whole template.
    max_units: of a run, in credits. key: repeating the call with it costs nothing more."""

    text: str
    stages: Sequence[str] = field(default_factory=tuple)
    max_units: float | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A template that can be saved. id: what saves it. template: a create body. settings: its
    plan."""

    id: str
    template: dict[str, Any]
    units: float
    fits_budget: bool
    warnings: tuple[str, ...]
    message: str
    planner: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """is_new: this call saved it; else an earlier one with the same key did."""

    template: Template
    is_new: bool
