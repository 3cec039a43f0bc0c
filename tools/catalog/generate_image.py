"""Generate an image from a prompt."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool

KNOWN_MODELS = (
    "gpt-image-2",
    "gpt-image-2.5-sunburst",
    "gpt-image-2.5-flare",
    "z-turbo",
    "z-image",
    "krea-2-turbo",
    "moss-image",
    "moss-image-8step",
    "flux-3-klein",
    "dark-beast-krea2",
    "dark-beast-z-turbo",
    "chroma-v46-flash",
    "chroma1-hd",
    "chroma-detail",
    "pony-v7",
    "qwen-2512",
    "qwen-2512-lightning",
    "albedo-xl",
    "animagine-xl",
    "one-obsession-v22",
    "anima-pencil-xl",
    "art-universe-xl",
    "hyphoria-real",
    "analog-madness-xl",
    "cyberrealistic-xl",
    "real-dream-xl",
    "faetastic-xl",
    "zavychroma-xl",
    "pony-faetality",
    "dreamshaper-xl",
)

# What says the shape in another way: named, or kept from the starting image.
_SHAPE_ARGUMENTS = ("aspectRatio", "starting_image_strength")


@tool(
    "generate_image",
    title="Generate image",
    group="Image",
    icon="image",
    cost="image.standard",
    output="image",
    seeded=True,
    count="numberOfVariations",
)
class GenerateImage(Tool):
    """Generate an image from a prompt, with or without a starting image."""

    class Inputs(Ports):
        image = port(
            "image",
            "Starting image",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("starting_image_url", "reference_image_url"),
            fallback="latest",
            when=("starting_image_strength", ()),
        )

    class Params(Form):
        prompt: str = parameters.prompt("What the image shows.")
        model: str | None = parameters.image_model(*KNOWN_MODELS)
        aspect_ratio: str | None = parameters.aspect_ratio()
        width: int | None = parameters.pixels("Width", 1024, default_unless=_SHAPE_ARGUMENTS)
        height: int | None = parameters.pixels("Height", 1024, default_unless=_SHAPE_ARGUMENTS)
        number_of_variations: int = parameters.variations("images")
        negative_prompt: str | None = parameters.negative_prompt()
        starting_image_strength: float | None = field(
            None,
            "How much of the starting image to keep, 0–1.",
            wire="starting_image_strength",
            ge=0,
            le=1,
        )
        seed: int | None = parameters.seed()
        guidance: float | None = field(
            None, "How strictly to follow the prompt. Default: the model's choice.", ge=0
        )
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
