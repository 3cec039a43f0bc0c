"""Name one of a run's media."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "label_asset",
    title="Label asset",
    group="Assets",
    icon="tag",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class LabelAsset(Tool):
    """Name one of the run's media."""

    class Params(Form):
        asset_id: str | None = field(
            None, "Media id.", wire="asset_id", primary=True, max_length=200
        )
        user_label: str | None = field(
            None,
            "Name.",
            wire="user_label",
            aliases=("label",),
            primary=True,
            max_length=400,
        )
