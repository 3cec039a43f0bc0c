"""Turn a photo into a video."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "animate_photo",
    title="Animate photo",
    group="Video",
    icon="film",
    cost="video.premium",
    output="video",
    seeded=True,
    count="numberOfVariations",
)
class AnimatePhoto(Tool):
    """Turn a photo into a video, or move from one image to another.

    Several images make one video each.
    """

    class Inputs(Ports):
        image = port(
            "image",
            "Photo",
            index="sourceImageIndex",
            url="reference_image_url",
            aliases=("sourceImageIndices", "source_image_url", "reference_image_urls"),
            many=True,
            required=True,
            fallback="latest",
            implied="latest",
            max_items=16,
        )
        end = port(
            "image",
            "Last frame",
            index="endImageIndex",
            url="reference_image_end_url",
            aliases=("endImageIndices",),
            many=True,
            max_items=16,
        )
        voice = port(
            "audio",
            "Voice",
            index="referenceAudioIdentityIndex",
            url="reference_audio_identity_url",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What moves and what happens next.")
        duration: float = field(5, "Length in seconds.", primary=True, ge=1, le=60)
        video_model: str | None = parameters.video_model(
            "ltx25",
            "ltx23",
            "wan22",
            "happyhorse-1.1-i2v",
            "happyhorse-1.1-r2v",
            "minimax-h3-i2v",
            "minimax-h3-i2v-turbo",
            "minimax-h3-fasth3-i2v-turbo",
            "minimax-h3-fasth3-i2v-turbo-2stage",
            "minimax-h3-flf2v",
            "minimax-h3-flf2v-turbo",
            "minimax-h3-fasth3-flf2v-turbo",
            "minimax-h3-fasth3-flf2v-turbo-2stage",
            "wan3.0-video",
            "wan3.0-spicy-video",
            "minimax-h3-i2v-balanced",
            "minimax-h3-flf2v-balanced",
        )
        frame_role: Literal["start", "end", "both"] = field(
            "start", "Use the image as the first frame, the last frame, or set both."
        )
        prompts: list[str] | None = field(
            None,
            "One prompt per image, in order.",
            min_length=1,
            max_length=16,
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        width: int | None = parameters.pixels("Width")
        height: int | None = parameters.pixels("Height")
        target_resolution: int | None = parameters.target_resolution()
        number_of_variations: int = parameters.variations("videos")
        generate_audio: bool = parameters.generate_audio()
        negative_prompt: str | None = parameters.negative_prompt()
        seed: int | None = parameters.seed()
        expand_prompt: bool | None = parameters.expand_prompt()
        skip_prompt_processing: bool | None = parameters.skip_prompt_processing()
        ratio: Literal["adaptive", "16:9", "4:3", "1:1", "3:4", "9:16"] | None = parameters.ratio()
        watermark: bool = parameters.watermark()
        voice_persona_name: str | None = parameters.voice_persona()
        loras: list[parameters.AdapterId] | None = parameters.loras()
        lora_strengths: list[float] | None = parameters.lora_strengths()
