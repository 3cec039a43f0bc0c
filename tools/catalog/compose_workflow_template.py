"""Draft a template."""

from __future__ import annotations

from typing import Any, Literal

from tools.declaration.drafts import DraftForm
from tools.declaration.ports import SnakeForm, Tool, field, tool


class Option(SnakeForm):
    value: str = field(..., "Value.", max_length=2000)
    label: str = field(..., "What people read.", max_length=2000)


class Many(SnakeForm):
    min: int = field(..., "Fewest values.", ge=0)
    max: int = field(..., "Most values.", ge=1)


class WantedInput(SnakeForm):
    name: str = field(..., "Name.", min_length=1, max_length=64)
    type: Literal["image", "audio", "video", "text", "number", "select", "boolean"] = field(
        ..., "Type."
    )
    required: bool | None = field(None, "Whether a run needs it.")
    description: str | None = field(None, "What to enter.", max_length=2000)
    default: Any = field(None, "Value when none is entered.")
    options: list[Option] | None = field(None, "Choices of a select.")
    multiple: Many | None = field(None, "Take several values.")
    internal: bool | None = field(None, "Hide it from people.")


@tool(
    "compose_workflow_template",
    title="Compose template",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class ComposeWorkflowTemplate(Tool):
    """Draft a template from a brief, or change one as the brief says. Nothing is saved."""

    class Params(DraftForm):
        name: str = field(..., "Name of the template.", min_length=1, max_length=200)
        description: str | None = field(None, "Description.", max_length=20_000)
        category: (
            Literal[
                "portrait",
                "video-social",
                "makeover",
                "cinematic",
                "music",
                "analysis",
                "custom",
                "other",
            ]
            | None
        ) = field(None, "Category. Default: by the brief.")
        visibility: Literal["private", "public"] = field(
            "private", "Drafts are always private; publish the template once it is saved."
        )
        inputs: list[WantedInput] | None = field(
            None, "Inputs that the template must have.", max_length=16
        )
        existing_template: dict[str, Any] | None = field(
            None, "Template to change. Its stage ids are kept."
        )
