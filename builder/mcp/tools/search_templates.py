"""`search_templates`: find a template to run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accounts import scopes
from builder.mcp.template_facts import summary
from builder.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from core.paging import Page
from templates_app.search import list_templates


class SearchTemplates(Tool):
    name = "search_templates"
    title = "Search templates"
    description = (
        "Find templates by words in their name, tags, category, description and brief. All words"
        " must match, so use one or two. Without a query: the newest. Answers ids, names and the"
        " inputs in short; get_template has the rest."
    )
    scope = scopes.READ
    is_read_only = True

    class Arguments(ToolArguments):
        query: Annotated[str, Field(max_length=200)] = ""
        """Words to find, such as `product film`."""
        visibility: Literal["all", "own", "public"] = "all"
        """`own`: those of the person you work for. `public`: of everyone."""
        for_agents: bool = False
        """Only those whose authors offer them to agents, in their order."""
        limit: Annotated[int, Field(ge=1, le=50)] = 10
        """How many at most."""
        offset: Annotated[int, Field(ge=0, le=100_000)] = 0
        """`next` of the answer before."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        shown, following = list_templates(
            caller.principal.user,
            arguments.visibility,
            Page(arguments.limit, arguments.offset),
            query=arguments.query,
            offered=True if arguments.for_agents else None,
        )
        found = [summary(one) for one in shown]
        lines = [f"{one['id']}: {one['name']}" for one in found] or ["No template has these words."]
        return ToolResult({"templates": found, "next": following}, "\n".join(lines))
