"""Draft the steps of a workflow."""

from __future__ import annotations

from tools.declaration.drafts import DraftForm
from tools.declaration.ports import Tool, tool


@tool(
    "compose_workflow",
    title="Compose workflow",
    group="Writing",
    cost="compose.standard",
    output=None,
    durable=False,
)
class ComposeWorkflow(Tool):
    """Draft the steps of a workflow from a brief. They start a run as they are."""

    class Params(DraftForm):
        pass
