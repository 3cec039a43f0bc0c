"""Arguments of `edit_template`."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field

from builder.agents.mcp.tool import ToolArguments
from core.language.cleaning import LONGEST_TEXT

OPS_HELP: Final = """Changes as the editor makes them, instead of `wish`. Each is one of
{"op": "put", "table", "key", "value", "after"?}, {"op": "remove", "table", "key"},
{"op": "set", "table", "key", "path": [names], "value"?} (without value: remove the field),
{"op": "order", "table", "key", "after"}. Tables: stages and inputs (keys: their ids and names),
root (key `template`: name, description, tags …), nodes, frames, notes. The `tool` of a stage may be
another template, as list_tools and get_template name it: `template:<id>@<version>`."""


class EditArguments(ToolArguments):
    """A change to make, or the proposal that is confirmed."""

    template_id: Annotated[str, Field(min_length=1, max_length=256)]
    """Its id, from search_templates."""
    wish: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    """What should be different, in words, such as `make it 16:9 and add soft piano`."""
    stages: Annotated[list[str], Field(max_length=1000)] = Field(default_factory=list)
    """Ids of the stages that the wish is about; empty for the whole template."""
    max_credits: Annotated[float, Field(ge=0)] | None = None
    """The most that a run may be estimated to cost after the wish."""
    ops: Annotated[list[dict[str, Any]], Field(description=OPS_HELP)] | None = None
    label: Annotated[str, Field(max_length=120)] = ""
    """What the change by `ops` is called in the history."""
    proposal: Annotated[str, Field(max_length=60)] = ""
    """Of a change that was shown."""
    confirm: bool = False
    """The person agreed to the proposal that they were shown: write it."""
    save_version: bool = False
    """With `confirm`: also make a version of the draft, so that runs use it."""
    include_draft: bool = False
    """Also answer the draft's inputs and stages with all arguments."""
    idempotency_key: Annotated[str, Field(max_length=200)] = ""
    """A `wish` that is repeated with it costs nothing more."""
