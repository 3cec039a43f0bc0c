"""Improve an image without changing what it shows."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, port, tool


@tool(
    "refine_result",
    title="Refine",
    group="Image",
    icon="sparkles",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class RefineResult(Tool):
    """Improve the light, color or sharpness of an image."""

    class Inputs(Ports):
        image = port(
            "image",
            "Image",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What to improve.")
        model: str | None = parameters.image_model()
        scale: float = parameters.scale()
        number_of_variations: int = parameters.variations("images")
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
