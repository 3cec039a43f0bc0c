"""Restore an old or damaged photo."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "restore_photo",
    title="Restore photo",
    group="Image",
    icon="image-up",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class RestorePhoto(Tool):
    """Restore an old or damaged photo: scratches, fading, blur."""

    class Inputs(Ports):
        image = port(
            "image",
            "Photo",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        prompt: str = parameters.prompt("How the restored photo should look.")
        model: str | None = parameters.image_model()
        quality: Literal["fast", "hq"] | None = field(
            None, "Faster or more thorough. Default: the provider's choice."
        )
        scale: float = parameters.scale()
        number_of_variations: int = parameters.variations("images")
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
