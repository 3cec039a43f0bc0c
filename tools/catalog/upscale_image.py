"""Enlarge an image."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "upscale_image",
    title="Upscale image",
    group="Image",
    icon="scaling",
    cost="image.standard",
    output="image",
)
class UpscaleImage(Tool):
    """Enlarge an image and keep its edges sharp. Nothing is invented or changed."""

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
        model: str | None = parameters.image_model()
        scale: int = field(
            2,
            "Times larger per side.",
            aliases=("factor",),
            primary=True,
            choices=(2, 3, 4),
            default_unless=("targetLongestEdge",),
        )
        target_longest_edge: int | None = field(
            None, "Long side in pixels, instead of a scale.", ge=512, le=15360
        )
