"""Improve a picture without changing what it shows."""

from __future__ import annotations

from tools import parameters
from tools.ports import Form, Ports, Tool, port, tool


@tool(
    "refine_result",
    title="Refine",
    group="Image",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class RefineResult(Tool):
    """Improve a picture in one respect, such as light, colour or sharpness."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture to improve",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What to improve.")
        scale: float = parameters.scale()
        number_of_variations: int = parameters.variations("pictures")
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
