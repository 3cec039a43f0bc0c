"""`run_table`: run a template once for each row of a table, and follow that."""

from __future__ import annotations

from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from accounts.auth import require_api_key
from builder.agents.mcp.starting import read_inputs
from builder.agents.mcp.tool import Caller, Tool, ToolArguments, ToolResult
from builder.agents.mcp.untrusted_text import marked
from core import errors
from run_sets import selectors, services
from run_sets.models import SetState
from run_sets.web import api, reading
from runs.billing.units import credits_text, units

# Rows that are shown of those with problems, and of those that failed.
_MOST_ROWS: Final = 20


class RunTable(Tool):
    name = "run_table"
    title = "Run a table"
    description = (
        "Run a template once for each row of a table. With template_id and rows it is made and"
        " checked, without cost; read it by run_set_id until its status is `ready`, tell the"
        " person the price, and send run_set_id with confirm and the credits they agreed to. Later"
        " run_set_id alone says how far it is, and which rows have problems or failed."
    )
    scope = "run"

    class Arguments(ToolArguments):
        template_id: Annotated[str, Field(max_length=256)] = ""
        """The template, to make a table run of it."""
        rows: Annotated[
            list[dict[str, str | int | float | bool | None]], Field(max_length=1_000)
        ] = []
        """One object a row: input → value. Media: an https URL, or the name of an uploaded file."""
        inputs: dict[str, Any] = {}
        """Values of inputs that are the same in every row."""
        run_set_id: Annotated[str, Field(max_length=64)] = ""
        """A table run that was made before."""
        confirm: bool = False
        """Start it: the person has agreed to its price, which is `credits`."""
        credits: Annotated[float | None, Field(ge=0, le=1e12)] = None
        """The `credits` of the answer that they were shown. If they have risen, nothing starts."""

        @model_validator(mode="after")
        def _has_its_price(self) -> Self:
            if self.confirm != bool(self.credits is not None and self.run_set_id):
                raise ValueError(
                    "`run_set_id`, `confirm: true` and `credits` go together. First make the table"
                    " run, show the person its `credits`, then send all three."
                )
            return self

    def question(self, caller: Caller, arguments: Arguments) -> str:
        if arguments.credits is None:
            return ""
        run_set = selectors.own_set(caller.principal.user, arguments.run_set_id)
        if run_set.state != SetState.READY or units(run_set.quoted_milli) > arguments.credits:
            return ""
        count = reading.set_body(run_set)["counts"].get("pending", 0)
        return f"Run {count} rows of a table? About {credits_text(run_set.quoted_milli)} in all."

    def call(self, caller: Caller, arguments: Arguments) -> ToolResult:
        require_api_key(caller.principal, "Running a table")
        user = caller.principal.user
        if arguments.run_set_id:
            run_set = selectors.visible_set(user, arguments.run_set_id)
            if arguments.credits is not None:
                own = selectors.own_set(user, arguments.run_set_id)
                services.start_set(
                    run_set=own, actor=caller.principal, accepted_units=arguments.credits
                )
        elif arguments.template_id and arguments.rows:
            body = {
                "workflow_id": arguments.template_id,
                "rows": arguments.rows,
                "inputs": read_inputs(caller, arguments.template_id, arguments.inputs),
            }
            run_set = api.create(caller.principal, body)
        else:
            raise errors.InvalidBody("Send template_id with rows, or run_set_id.")
        body_now = reading.set_body(selectors.visible_set(user, run_set.public_id))
        rows = run_set.rows.filter(state__in=("problem", "failed")).order_by("position")
        problem_rows = [
            {
                "position": row.position,
                "status": row.state,
                # Labels of the template are in them.
                "problems": [marked(problem["message"]) for problem in row.problems],
            }
            for row in rows[:_MOST_ROWS]
        ]
        fields = ("status", "reason", "counts", "rowCount", "usedCapacityUnits")
        facts = {name: body_now[name] for name in fields}  # type: ignore[literal-required]
        credits_now = body_now["estimatedCapacityUnits"]
        counts = ", ".join(f"{count} {state}" for state, count in body_now["counts"].items())
        text = (
            f"{run_set.public_id}: {body_now['status']} ({counts}), about {credits_now:g} credits"
            " in all."
        )
        more = {"run_set_id": run_set.public_id, "credits": credits_now, "rows": problem_rows}
        return ToolResult({**facts, **more}, text)
