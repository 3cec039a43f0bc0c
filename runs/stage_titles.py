"""The name of a step's stage, as people read it."""

from __future__ import annotations

from runs.models import Step
from templates_app.graph.wiring import words_of
from tools import registry


def stage_title(step: Step) -> str:
    """Return the author's title of the step's stage, else its tool's, else its key in words."""
    if step.title and step.title != step.key:
        return step.title
    tool = registry.table().get(step.tool)
    return tool.title if tool else words_of(step.key) or step.key
