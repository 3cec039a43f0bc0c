"""Mend an old or damaged photograph."""

from __future__ import annotations

from typing import Literal

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "restore_photo",
    title="Restore photo",
    group="Image",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class RestorePhoto(Tool):
    """Mend an old or damaged photograph: scratches, fading, blur."""

    class Inputs(Ports):
        image = port(
            "image",
            "Photograph to mend",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What the mended photograph looks like.")
        quality: Literal["fast", "hq"] | None = field(
            None, "Whether to be quick or thorough; the provider chooses when it is left out."
        )
        scale: float = parameters.scale()
        number_of_variations: int = parameters.variations("pictures")
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
