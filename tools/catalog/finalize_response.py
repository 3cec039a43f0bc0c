"""State the outcome of a run."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "finalize_response",
    title="Finalize",
    group="Conversation",
    icon="flag",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class FinalizeResponse(Tool):
    """State the outcome of the run, with a summary."""

    class Params(Form):
        outcome: str = field(..., "Outcome.", primary=True, max_length=4000)
        summary: str | None = field(None, "Summary of the results.", max_length=20_000)
