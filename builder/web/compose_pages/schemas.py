"""The answers of `/app/compose`. `manage.py generate` writes it as TypeScript."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

from templates_app.document_ops.schemas import Doc


@with_config(ConfigDict(use_attribute_docstrings=True, extra="forbid"))
class ReadingRow(TypedDict):
    """The reading of the words, for the person. Empty lists for a changed template."""

    understood: list[str]
    """Short facts, such as "3 scenes", "15 s" and "9:16"."""
    notUnderstood: list[str]
    """Stretches of the person's words."""
    impossible: list[str]
    """Sentences, one for each thing that no tool here does."""
    contents: list[str]
    """What is drawn, read and played, a line each, in the words that the tools are given."""


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
    reading: ReadingRow
    planner: str
    """"rules", or the language model's name."""
