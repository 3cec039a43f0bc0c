"""`get_template`: what a template needs, and what it does."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from accounts import scopes
from builder.mcp import template_facts
from builder.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from builder.mcp.untrusted_text import marked
from core import errors, jsonsafe
from templates_app import selectors
from templates_app.web.serializers import template_out

# What a model can still read.
WHOLE_LIMIT_BYTES = 60_000


class GetTemplate(Tool):
    name = "get_template"
    title = "Get a template"
    description = (
        "One template. detail `summary`: a few lines; `inputs` (usual): what run_template needs;"
        " `whole`: its stages with all arguments, as a JSON text."
    )
    scope = scopes.READ
    is_read_only = True

    class Arguments(ToolArguments):
        template_id: Annotated[str, Field(min_length=1, max_length=256)]
        """Its id, from search_templates."""
        detail: Literal["summary", "inputs", "whole"] = "inputs"
        """How much to answer."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        user = caller.principal.user
        shown = selectors.shown_to(user, selectors.resolve(user, arguments.template_id))
        if arguments.detail == "summary":
            told = template_facts.summary(shown)
        else:
            told = template_facts.details(shown)
        if arguments.detail == "whole":
            told["whole"] = marked(_whole(caller, shown), WHOLE_LIMIT_BYTES)
        return ToolResult(told, _text(told))


def _whole(caller: Caller, shown: selectors.VisibleTemplate) -> str:
    body = template_out(shown, base_url=caller.base_url)
    # Where things are drawn, and pictures of it, say nothing to a model.
    kept = {name: part for name, part in body.items() if name not in ("graph", "previewArtifacts")}
    text = jsonsafe.dumps(kept).decode()
    if len(text) > WHOLE_LIMIT_BYTES:
        raise errors.TooLarge(
            f"This template has {len(text):,} characters, and at most {WHOLE_LIMIT_BYTES:,} are"
            " shown here. Use detail `inputs`, or GET"
            f" /v1/creative-agent/workflows/templates/{shown.template.public_id}."
        )
    return text


def _text(told: dict[str, Any]) -> str:
    lines = [f"{told['id']}: {told['name']}", told["description"]]
    for one in told["inputs"]:
        if isinstance(one, str):
            lines.append(f"- {one}")
        else:
            needed = ", required" if one["required"] else ""
            lines.append(f"- {one['name']}: {one['type']}{needed} {one.get('description', '')}")
    return "\n".join(line.rstrip() for line in lines if line)
