"""Say what a picture shows."""

from __future__ import annotations

from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "analyze_image",
    title="Analyse image",
    group="Analyse",
    cost="free",
    output=None,
)
class AnalyzeImage(Tool):
    """Say what a picture shows, or answer a question about it."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture to look at",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
        )

    class Params(Form):
        prompt: str | None = field(
            None,
            "What you want to know.",
            also=("query", "question"),
            pinned=True,
            max_length=20_000,
        )
