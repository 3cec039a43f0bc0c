"""The tool that maps media to the names by which a model refers to them."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "map_assets_for_model",
    title="Map assets for model",
    group="Assets",
    icon="waypoints",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class MapAssetsForModel(Tool):
    """Show how a model refers to each of the run's media in a prompt."""

    class Params(Form):
        model_id: str = field(
            ..., "Model.", wire="model_id", aliases=("model",), primary=True, max_length=200
        )
