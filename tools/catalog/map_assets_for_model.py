"""How a model wants media to be mentioned."""

from __future__ import annotations

from tools.ports import Form, Tool, field, tool


@tool(
    "map_assets_for_model",
    title="Map assets for model",
    group="Assets",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class MapAssetsForModel(Tool):
    """Say how a model wants each of the run's media to be mentioned in a prompt."""

    class Params(Form):
        model_id: str = field(
            ..., "The model.", wire="model_id", also=("model",), pinned=True, max_length=200
        )
