"""Describe what an image shows."""

from __future__ import annotations

from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "analyze_image",
    title="Analyze image",
    group="Analyze",
    icon="scan-eye",
    cost="free",
    output=None,
)
class AnalyzeImage(Tool):
    """Describe an image, or answer a question about it."""

    class Inputs(Ports):
        image = port(
            "image",
            "Image",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "Question.",
            aliases=("query", "question"),
            primary=True,
            max_length=20_000,
        )
