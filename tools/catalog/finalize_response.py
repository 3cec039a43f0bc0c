"""Say how the workflow ended."""

from __future__ import annotations

from tools.ports import Form, Tool, field, tool


@tool(
    "finalize_response",
    title="Finalise",
    group="Conversation",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class FinalizeResponse(Tool):
    """Close a run with a word on its outcome."""

    class Params(Form):
        outcome: str = field(..., "How it ended.", pinned=True, max_length=4000)
        summary: str | None = field(None, "What was made.", max_length=20_000)
