"""The answers of `/app/compose`. `manage.py generate` writes it as TypeScript."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from templates_app.document_ops.schemas import Doc


@with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))
class PlanRow(TypedDict):
    """The settings of a new template."""

    settings: dict[str, Any]
    """As `compose.plan.Plan` has them."""
    fromWords: list[str]
    """Fields that the person's words set, such as "aspect" and "sound.music"."""
    notes: dict[str, str]
    """A sentence by field: two settings that disagree, a number out of bounds."""


@with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))
class Proposal(TypedDict):
    """A drafted or changed template, to look at. Nothing is stored."""

    template: dict[str, Any]
    state: Doc
    """The same as a document. What is new has no position yet; the rest stays where it was."""
    units: float
    """What a run is estimated to cost, in credits."""
    unitsBefore: float | None
    """The same for the template that was sent: 0 without stages, null while it has errors."""
    fitsBudget: bool | None
    """null where no budget was sent."""
    warnings: list[str]
    message: str
    changes: list[str]
    """Sentences, one a change; empty for a new template."""
    plan: PlanRow | None
    """null for a changed template."""
    planner: str
    """"rules", or the language model's name."""
