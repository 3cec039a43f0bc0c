"""`quote`: what a run would cost, before it is started."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from builder.agents.mcp.starting import read_inputs
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from runs.admission.template_quotes import quote_template
from runs.billing.units import credits_text, units
from templates_app import selectors
from templates_app.graph.rules.issue_texts import issue_to_json


class Quote(Tool):
    name = "quote"
    title = "Quote a run"
    description = (
        "What a run of a template would cost in credits, how many steps it has, and about how long"
        " it takes. Starts and stores nothing. Inputs may be left out: then the figures stand for"
        " made-up ones."
    )
    scope = "read"
    is_read_only = True

    class Arguments(ToolArguments):
        template_id: Annotated[str, Field(min_length=1, max_length=256)]
        """The template."""
        inputs: dict[str, Any] = {}
        """Values of its inputs by name; see get_template."""

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        user = caller.principal.user
        template = selectors.resolve(user, arguments.template_id)
        quotation = quote_template(
            selectors.runnable_version(user, template),
            read_inputs(caller, arguments.template_id, arguments.inputs),
            person=user.pk,
            own_hosts=caller.own_hosts,
        )
        body: dict[str, Any] = {
            "can_run": quotation.steps is not None,
            "steps": quotation.steps,
            "credits": units(quotation.milli),
            "seconds": quotation.seconds,
            "inputs_complete": quotation.is_complete,
            "issues": [issue_to_json(one) for one in quotation.issues],
            "content_filter": quotation.unfiltered,
        }
        if quotation.steps is None:
            sentences = " ".join(one["message"] for one in body["issues"][:5])
            return ToolResult(body, f"It can't run as it is: {sentences}")
        about = f"{quotation.steps} steps, about {credits_text(quotation.milli)}"
        return ToolResult(
            body, about + ("." if quotation.is_complete else ", with made-up inputs.")
        )
