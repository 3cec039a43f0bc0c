"""Generate a video from a prompt and references."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "generate_video",
    title="Generate video",
    group="Video",
    icon="video",
    cost="video.vendor.standard",
    output="video",
    seeded=True,
    count="numberOfVariations",
)
class GenerateVideo(Tool):
    """Generate a video from a prompt, with images, videos and audio as references."""

    class Inputs(Ports):
        image = port(
            "image",
            "Reference images",
            index="referenceImageIndices",
            url="reference_image_urls",
            aliases=(
                "reference_image_url",
                "referenceImageIndex",
                "sourceImageIndex",
                "source_image_url",
            ),
            many=True,
            implied="latest",
        )
        end = port("image", "Last frame", index="endImageIndex", url="reference_image_end_url")
        video = port(
            "video",
            "Reference videos",
            index="referenceVideoIndices",
            url="reference_video_urls",
            aliases=("reference_video_url", "videoSourceIndex"),
            many=True,
        )
        audio = port(
            "audio",
            "Reference audio",
            index="referenceAudioIndices",
            url="reference_audio_urls",
            aliases=("reference_audio_url", "audioSourceIndex"),
            many=True,
        )
        voice = port(
            "audio",
            "Voice",
            index="referenceAudioIdentityIndex",
            url="reference_audio_identity_url",
        )

    class Params(Form):
        prompt: str = parameters.prompt("What happens, and how the camera sees it.")
        duration: float = field(5, "Length in seconds.", primary=True, ge=2, le=30)
        video_model: str | None = parameters.video_model(
            "ltx25",
            "ltx23",
            "wan22",
            "seedance2",
            "seedance2-mini",
            "seedance2-mini-uncensored",
            "seedance2-5",
            "seedance2-5-uncensored",
            "minimax-h3-t2v",
            "minimax-h3-t2v-turbo",
            "minimax-h3-fasth3-t2v-turbo",
            "minimax-h3-fasth3-t2v-turbo-2stage",
            "happyhorse-1.1-t2v",
            "happyhorse-1.1-i2v",
            "happyhorse-1.1-r2v",
            "minimax-h3-r2v",
            "minimax-h3-r2v-turbo",
            "minimax-h3-r2v-2stage",
            "minimax-h3-r2v-balanced-2stage",
            "minimax-h3-fasth3-r2v-turbo",
            "minimax-h3-fasth3-r2v-turbo-2stage",
            "wan3.0-video",
            "wan3.0-spicy-video",
            "minimax-h3-turbo",
            "minimax-h3-fasth3-turbo",
            "minimax-h3-fasth3-turbo-2stage",
            "minimax-h3-balanced",
            "minimax-h3-t2v-balanced",
            "minimax-h3-r2v-balanced",
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        width: int | None = parameters.pixels("Width")
        height: int | None = parameters.pixels("Height")
        target_resolution: int | None = parameters.target_resolution()
        number_of_variations: int = parameters.variations("videos")
        generate_audio: bool = parameters.generate_audio()
        negative_prompt: str | None = parameters.negative_prompt()
        frame_role: Literal["start", "end", "both"] | None = field(
            None, "Use reference images as the first frame, the last frame, or both."
        )
        seed: int | None = parameters.seed()
        expand_prompt: bool | None = parameters.expand_prompt()
        skip_prompt_processing: bool | None = parameters.skip_prompt_processing()
        ratio: Literal["adaptive", "16:9", "4:3", "1:1", "3:4", "9:16"] | None = parameters.ratio()
        watermark: bool = parameters.watermark()
        reference_file_url: str | None = parameters.document_url()
        reference_link_url: str | None = parameters.page_url()
        voice_persona_name: str | None = parameters.voice_persona()
        loras: list[parameters.AdapterId] | None = parameters.loras()
        lora_strengths: list[float] | None = parameters.lora_strengths()
        output_format: Literal["mp4", "mov"] = parameters.container()
        return_last_frame: bool = parameters.last_frame()
