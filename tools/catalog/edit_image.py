"""Edit an image by a prompt."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "edit_image",
    title="Edit image",
    group="Image",
    icon="brush",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class EditImage(Tool):
    """Edit an image, or combine several images into a new one."""

    class Inputs(Ports):
        image = port(
            "image",
            "Images",
            help="The first is edited, the rest are references.",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=(
                "referenceImageIndices",
                "reference_image_urls",
                "reference_image_url",
                "sourceImageIndices",
            ),
            many=True,
            required=True,
            fallback="latest",
            implied="latest",
        )
        mask = port(
            "image",
            "Mask",
            help="Transparent areas are repainted.",
            index="maskImageIndex",
            url="mask_image_url",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What to change, and what to keep.")
        model: str | None = parameters.image_model(
            "gpt-image-2",
            "gpt-image-2.5-sunburst",
            "gpt-image-2.5-flare",
            "qwen-lightning",
            "qwen",
            "krea-identity-edit",
            "dark-beast-krea2-identity-edit",
            "flux-3-klein",
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        width: int | None = parameters.pixels("Width")
        height: int | None = parameters.pixels("Height")
        number_of_variations: int = parameters.variations("images")
        negative_prompt: str | None = parameters.negative_prompt()
        seed: int | None = parameters.seed()
        persona_name: str | None = field(None, "Name of a saved persona to show.", max_length=200)
        gpt_image_quality: Literal["low", "medium", "high", "xhigh", "max"] | None = field(
            None, "Quality of GPT image models."
        )
        output_format: Literal["png", "jpg", "jpeg", "webp"] | None = field(None, "File format.")
        gpt_image_background: Literal["auto", "opaque", "transparent"] | None = field(
            None, "Background of GPT image models."
        )
        gpt_image_output_compression: int | None = field(
            None, "Compression of JPEG and WebP, 0–100.", ge=0, le=100
        )
        loras: list[parameters.AdapterId] | None = parameters.loras()
        lora_strengths: list[float] | None = parameters.lora_strengths()
