"""Check the media a prompt mentions."""

from __future__ import annotations

from tools.ports import Form, Tool, field, tool


@tool(
    "validate_asset_references",
    title="Validate asset references",
    group="Assets",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class ValidateAssetReferences(Tool):
    """Check that a prompt mentions only media the run has, in the way a model wants."""

    class Params(Form):
        model_id: str = field(
            ..., "The model.", wire="model_id", also=("model",), pinned=True, max_length=200
        )
        prompt: str = field(..., "The prompt to check.", pinned=True, max_length=20_000)
