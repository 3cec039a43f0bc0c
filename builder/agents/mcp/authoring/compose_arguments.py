"""Arguments of `compose_template`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from builder.agents.mcp.tool import ToolArguments
from compose.brief.read import LONGEST_TEXT


class ComposeArguments(ToolArguments):
    """A brief, or the draft that is saved."""

    brief: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    """What to make: what is seen, how long, which format, with which sound."""
    name: Annotated[str, Field(max_length=200)] = ""
    """What to call the template. Needed with `brief`."""
    description: Annotated[str, Field(max_length=20_000)] = ""
    """What people read about it."""
    scene_count: Annotated[int, Field(ge=1, le=100)] | None = None
    """How many scenes; else by the brief."""
    duration_seconds: Annotated[float, Field(ge=1, le=120)] | None = None
    """Length of the result."""
    aspect_ratio: Literal["1:1", "4:3", "3:4", "16:9", "9:16", "21:9"] | None = None
    """Format of the result."""
    style: Annotated[str, Field(max_length=2000)] = ""
    """Look of every scene."""
    include_audio: bool | None = None
    """With music or speech, or without; else by the brief."""
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
        names = ("brief", "name", "description", "scene_count", "duration_seconds", "aspect_ratio")
        more = {
            "style": self.style,
            "include_audio": self.include_audio,
            "max_estimated_capacity_units": self.max_credits,
        }
        values = {**{name: getattr(self, name) for name in names}, **more}
        return {name: value for name, value in values.items() if value not in (None, "")}
