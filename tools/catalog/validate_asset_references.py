"""Check the media that a prompt refers to."""

from __future__ import annotations

from tools.declaration.ports import Form, Tool, field, tool


@tool(
    "validate_asset_references",
    title="Validate asset references",
    group="Assets",
    icon="shield-check",
    cost="free",
    output=None,
    pure=False,
    reads_run=True,
)
class ValidateAssetReferences(Tool):
    """Check that a prompt refers only to media the run has, in a model's notation."""

    class Params(Form):
        model_id: str = field(
            ..., "Model.", wire="model_id", aliases=("model",), primary=True, max_length=200
        )
        prompt: str = field(..., "Prompt to check.", primary=True, max_length=20_000)
