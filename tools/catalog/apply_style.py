"""Change the style of an image."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, port, tool


@tool(
    "apply_style",
    title="Apply style",
    group="Image",
    icon="palette",
    cost="image.standard",
    output="image",
    seeded=True,
)
class ApplyStyle(Tool):
    """Change the style of an image and keep its scene."""

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
        prompt: str = parameters.prompt("The style: technique, palette, period, artist.")
        model: str | None = parameters.image_model()
        scale: float = parameters.scale()
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
