"""Generate a video from audio."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "sound_to_video",
    title="Audio to video",
    group="Video",
    icon="audio-lines",
    cost="video.premium",
    output="video",
    seeded=True,
    count="numberOfVariations",
)
class SoundToVideo(Tool):
    """Generate a video that follows audio: a talking face, or a scene that moves to music."""

    class Inputs(Ports):
        audio = port(
            "audio",
            "Audio",
            index="audioSourceIndex",
            url="reference_audio_url",
            aliases=("audioIndex", "source_audio_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )
        image = port(
            "image",
            "First frame",
            index="sourceImageIndex",
            url="reference_image_url",
            aliases=("source_image_url",),
            implied="latest",
        )
        end = port("image", "Last frame", index="endImageIndex", url="reference_image_end_url")

    class Params(Form):
        prompt: str = parameters.prompt("What the video shows.")
        duration: float = field(5, "Length in seconds.", primary=True, ge=2, le=30)
        audio_start: float = field(0, "Start in the audio, in seconds.", ge=0)
        video_model: str | None = parameters.video_model(
            "wan-s2v",
            "seedance2",
            "seedance2-mini",
            "seedance2-mini-uncensored",
            "seedance2-5",
            "seedance2-5-uncensored",
            "ltx25-ia2v",
            "ltx25-a2v",
            "ltx23-ia2v",
            "ltx23-a2v",
            "wan3.0-video",
            "wan3.0-spicy-video",
            "minimax-h3-fasth3-ia2v-turbo",
            "minimax-h3-fasth3-ia2v-turbo-2stage",
            "minimax-h3-fasth3-flfa2v-turbo",
            "minimax-h3-fasth3-flfa2v-turbo-2stage",
            "minimax-h3-fasth3-a2v-turbo",
            "minimax-h3-fasth3-a2v-turbo-2stage",
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
        ratio: Literal["adaptive", "16:9", "4:3", "1:1", "3:4", "9:16"] | None = parameters.ratio()
        watermark: bool = parameters.watermark()
        reference_file_url: str | None = parameters.document_url()
        reference_link_url: str | None = parameters.page_url()
        loras: list[parameters.AdapterId] | None = parameters.loras()
        lora_strengths: list[float] | None = parameters.lora_strengths()
        output_format: Literal["mp4", "mov"] = parameters.container()
        return_last_frame: bool = parameters.last_frame()
