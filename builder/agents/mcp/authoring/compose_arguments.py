"""Arguments of `compose_template`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from builder.agents.mcp.tool import ToolArguments
from compose.drafting import template_name
from core.language.cleaning import LONGEST_TEXT


class ComposeArguments(ToolArguments):
    """A brief, or the draft that is saved."""

    brief: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    """What to make: what is seen, how long, which format, with which sound."""
    name: Annotated[str, Field(max_length=200)] = ""
    """Name of the template; the topic of its brief without it."""
    description: Annotated[str, Field(max_length=20_000)] = ""
    """What people read about it."""
    settings: dict[str, Any] | None = None
    """A plan, as an earlier answer has it, with changes: it is drafted in place of what the brief
    says, and costs nothing."""
    max_credits: Annotated[int, Field(ge=1)] | None = None
    """The most that a run may be estimated to cost."""
    proposal: Annotated[str, Field(max_length=60)] = ""
    """Of a draft that was shown, to save that one."""
    save: bool = False
    """Save it as a private template."""
    idempotency_key: Annotated[str, Field(max_length=200)] = ""
    """Needed to save from a brief at once: a repeated call with it saves nothing more."""

    def asked(self) -> dict[str, Any]:
        """The arguments of the composition tool; what is empty is left to the brief."""
        values = {
            "brief": self.brief,
            "name": self.name.strip() or template_name(self.brief),
            "description": self.description,
            "max_estimated_capacity_units": self.max_credits,
        }
        return {name: value for name, value in values.items() if value not in (None, "")}
