"""The arguments of each tool's calls, as TypeScript. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from builder.codegen.typescript import TypeWriter
from tools.declaration.ports import Tool
from tools.declaration.schema import json_schema


def arguments(tools: Iterable[type[Tool]], writer: TypeWriter) -> str:
    """The types ToolArguments, by tool, and ToolName. Other spellings are accepted too."""
    parts = [
        f"  {one.name}: {writer.type_of(json_schema(one), '  ')}\n"
        for one in sorted(tools, key=lambda one: one.name)
    ]
    return (
        "/** The arguments of a call, in declared spelling; further ones are kept as sent. */\n"
        f"export type ToolArguments = {{\n{''.join(parts)}}}\n"
        "\nexport type ToolName = keyof ToolArguments\n"
    )
