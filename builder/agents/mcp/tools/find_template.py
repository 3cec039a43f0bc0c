"""`search_templates` and `get_template`: find a template to run, and what it needs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from builder.agents.mcp import template_facts
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from builder.agents.mcp.untrusted_text import IN_SHORT, marked
from core import errors, jsonsafe
from core.paging import Page
from templates_app import selectors
from templates_app.search import list_templates
from templates_app.web.serializers import template_out

# What a model can still read.
WHOLE_LIMIT_BYTES = 60_000


class SearchTemplates(Tool):
    name = "search_templates"
    title = "Search templates"
    description = (
        "Find templates by words in their name, tags, category, description and brief. All words"
        " must match, so use one or two. Without a query: the newest. Answers ids, names and the"
        " inputs in short; get_template has the rest. A stage may be another template: its"
        " tool is `as_stage` then." + IN_SHORT
    )
    scope = "read"
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
        page, following = list_templates(
            caller.principal.user,
            arguments.visibility,
            Page(arguments.limit, arguments.offset),
            query=arguments.query,
            is_offered=True if arguments.for_agents else None,
        )
        summaries = [template_facts.summary(one) for one in page]
        lines = [f"{one['id']}: {one['name']}" for one in summaries] or [
            "No template has these words."
        ]
        return ToolResult({"templates": summaries, "next": following}, "\n".join(lines))


class GetTemplate(Tool):
    name = "get_template"
    title = "Get a template"
    description = (
        "One template. detail `summary`: a few lines; `inputs` (usual): what run_template needs;"
        " `whole`: its stages with all arguments, as a JSON text." + IN_SHORT
    )
    scope = "read"
    is_read_only = True

    class Arguments(ToolArguments):
        template_id: Annotated[str, Field(min_length=1, max_length=256)]
        """Its id, from search_templates."""
        detail: Literal["summary", "inputs", "whole"] = "inputs"
        """How much to answer."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        user = caller.principal.user
        template = selectors.shown_to(user, selectors.resolve(user, arguments.template_id))
        if arguments.detail == "summary":
            summary = template_facts.summary(template)
        else:
            summary = template_facts.details(template)
        if arguments.detail == "whole":
            summary["whole"] = marked(_whole(caller, template), WHOLE_LIMIT_BYTES)
        return ToolResult(summary, _text(summary))


def _whole(caller: Caller, template_view: selectors.VisibleTemplate) -> str:
    body = template_out(template_view, base_url=caller.base_url)
    # Where things are drawn, and pictures of it, say nothing to a model.
    parts = {name: part for name, part in body.items() if name not in ("graph", "previewArtifacts")}
    text = jsonsafe.dumps(parts).decode()
    if len(text) > WHOLE_LIMIT_BYTES:
        raise errors.TooLarge(
            f"This template has {len(text):,} characters, and at most {WHOLE_LIMIT_BYTES:,} are"
            " shown here. Use detail `inputs`, or GET"
            f" /v1/creative-agent/workflows/templates/{template_view.template.public_id}."
        )
    return text


def _text(facts: dict[str, Any]) -> str:
    lines = [f"{facts['id']}: {facts['name']}", facts["description"]]
    for one in facts["inputs"]:
        if isinstance(one, str):
            lines.append(f"- {one}")
        else:
            suffix = ", required" if one["required"] else ""
            lines.append(f"- {one['name']}: {one['type']}{suffix} {one.get('description', '')}")
    return "\n".join(line.rstrip() for line in lines if line)
