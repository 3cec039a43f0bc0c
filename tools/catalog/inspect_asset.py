"""Look up one of a run's media."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "inspect_asset",
    title="Inspect asset",
    group="Assets",
    icon="file-search",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class InspectAsset(Tool):
    """Look up the details of one of the run's media."""

    class Params(Form):
        asset_id: str | None = field(
            None, "Media id.", wire="asset_id", primary=True, max_length=200
        )
