"""List the media of a run."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


class Asset(Form):
    user_label: str | None = field(
        None, "Name.", wire="user_label", aliases=("label",), max_length=400
    )
    type: str | None = field(
        None,
        "Kind of media.",
        examples=("image", "video", "audio"),
        open_enum=True,
        max_length=40,
    )
    asset_id: str | None = field(None, "Media id.", wire="asset_id", max_length=200)


@tool(
    "create_asset_manifest",
    title="Create asset manifest",
    group="Assets",
    icon="list-checks",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class CreateAssetManifest(Tool):
    """List the media of a run with their names."""

    class Params(Form):
        assets: list[Asset] | None = field(
            None, "Media to list. Default: everything in the run.", primary=True, max_length=200
        )
