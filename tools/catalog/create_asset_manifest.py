"""List the media a run works with."""

from __future__ import annotations

from tools.ports import Form, Tool, field, tool


class Asset(Form):
    user_label: str | None = field(
        None, "What people call it.", wire="user_label", also=("label",), max_length=400
    )
    type: str | None = field(
        None,
        "Kind of medium.",
        examples=("image", "video", "audio"),
        loose=True,
        max_length=40,
    )
    asset_id: str | None = field(None, "Its id.", wire="asset_id", max_length=200)


@tool(
    "create_asset_manifest",
    title="Create asset manifest",
    group="Assets",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class CreateAssetManifest(Tool):
    """List the media a run works with, under the names people use."""

    class Params(Form):
        assets: list[Asset] | None = field(
            None, "The media; everything the run has when left out.", pinned=True, max_length=200
        )
