"""`list_tools`: what stages of a template can do on this server."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from accounts.models import User
from builder.agents.mcp import template_facts
from builder.agents.mcp.template_tools import offered_templates
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from builder.agents.mcp.untrusted_text import marked
from core import errors
from templates_app import uses
from templates_app.graph.template_names import MAX_REFERENCE, read_reference
from templates_app.used_versions import used_versions
from tools import palette, registry
from tools.palette_schemas import PaletteTool


class ListTools(Tool):
    name = "list_tools"
    title = "List stage tools"
    description = (
        "The tools that the stages of a template use, such as generate_image, with their price in"
        " credits for one result. With `tool`: that one, with its inputs and all its arguments."
        " These are no tools of this protocol: a template's stages call them. A stage may also be"
        " another template: those that the person offers to agents are listed as"
        " `template:<id>@<version>`, and search_templates finds others."
    )
    scope = "read"
    is_read_only = True

    class Arguments(ToolArguments):
        tool: Annotated[str, Field(max_length=MAX_REFERENCE)] = ""
        """The name of one tool; empty for the list."""
        group: Annotated[str, Field(max_length=40)] = ""
        """Only those of a group: Image, Video, Audio, Edit, Analyze, Templates."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        person = caller.principal.user.pk
        table = registry.table(person=person)
        rows = palette.palette(table, registry.offers_to(person))
        parts = read_reference(arguments.tool)
        if parts is not None:
            version = uses.find_version(caller.principal.user, *parts)
            use = _with_marks(palette.palette_tool(uses.tool_of(version)))
            inputs = template_facts.described_inputs(version.spec)
            return ToolResult(
                {"tool": {**_short(use), "inputs": inputs}}, f"{use['name']}: {use['help']}"
            )
        if arguments.tool:
            name = table.canonical(arguments.tool)
            row = next((one for one in rows if one["name"] == name), None)
            if row is None:
                raise errors.NotFound(
                    f"There is no stage tool {arguments.tool[:80]!r}. Call list_tools without"
                    " `tool` for their names.",
                    code="tool.unknown",
                )
            return ToolResult({"tool": row}, f"{row['name']}: {row['help']}")
        matches = [
            _short(one)
            for one in [*rows, *_templates(caller.principal.user)]
            if one["isProvided"] and arguments.group.lower() in ("", one["group"].lower())
        ]
        lines = [f"{one['name']}: {one['help']}" for one in matches] or ["No tool in that group."]
        return ToolResult({"tools": matches}, "\n".join(lines))


def _templates(person: User) -> list[PaletteTool]:
    """List what a person chose for agents. Only that: no one else's words are in a list."""
    entries = used_versions([one.version.pk for one in offered_templates(person)])
    return [
        _with_marks(palette.palette_tool(one.tool))
        for one in entries.values()
        if one.depth <= uses.MAX_DEPTH and one.tool.flat.stages
    ]


def _with_marks(tool: PaletteTool) -> PaletteTool:
    """Return a template as a tool, the words of its author as theirs."""
    title, text = marked(tool["title"], 120), marked(tool["help"], 400)
    return {**tool, "title": title, "help": text}


def _short(tool: PaletteTool) -> dict[str, Any]:
    names = ("name", "title", "group", "help", "output", "units")
    return {name: tool[name] for name in names}  # type: ignore[literal-required]
