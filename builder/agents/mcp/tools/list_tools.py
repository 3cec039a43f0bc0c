"""`list_tools`: what stages of a template can do on this server."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from core import errors
from tools import palette, registry
from tools.palette_schemas import PaletteTool


class ListTools(Tool):
    name = "list_tools"
    title = "List stage tools"
    description = (
        "The tools that the stages of a template use, such as generate_image, with their price in"
        " credits for one result. With `tool`: that one, with its inputs and all its arguments."
        " These are no tools of this protocol: a template's stages call them."
    )
    scope = "read"
    is_read_only = True

    class Arguments(ToolArguments):
        tool: Annotated[str, Field(max_length=100)] = ""
        """The name of one tool; empty for the list."""
        group: Annotated[str, Field(max_length=40)] = ""
        """Only those of a group: Image, Video, Audio, Edit, Analyze."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        person = caller.principal.user.pk
        table = registry.table(person=person)
        rows = palette.palette(table, registry.offers_to(person))
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
            for one in rows
            if one["isProvided"] and arguments.group.lower() in ("", one["group"].lower())
        ]
        lines = [f"{one['name']}: {one['help']}" for one in matches] or ["No tool in that group."]
        return ToolResult({"tools": matches}, "\n".join(lines))


def _short(tool: PaletteTool) -> dict[str, Any]:
    names = ("name", "title", "group", "help", "output", "units")
    return {name: tool[name] for name in names}  # type: ignore[literal-required]
