"""Name one medium of a run."""

from __future__ import annotations

from tools.ports import Form, Tool, field, tool


@tool(
    "label_asset",
    title="Label asset",
    group="Assets",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class LabelAsset(Tool):
    """Give one of the run's media a name."""

    class Params(Form):
        asset_id: str | None = field(
            None, "Id of the medium.", wire="asset_id", pinned=True, max_length=200
        )
        user_label: str | None = field(
            None,
            "What people call it.",
            wire="user_label",
            also=("label",),
            pinned=True,
            max_length=400,
        )
