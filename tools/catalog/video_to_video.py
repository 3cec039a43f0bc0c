"""Change the style or subject of a video."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "video_to_video",
    title="Video to video",
    group="Video",
    icon="refresh-cw",
    cost="video.premium",
    output="video",
    seeded=True,
    count="numberOfVariations",
)
class VideoToVideo(Tool):
    """Change the style or subject of a video, widen its frame, or repaint an area."""

    class Inputs(Ports):
        video = port(
            "video",
            "Video",
            index="videoSourceIndex",
            url="reference_video_url",
            aliases=("sourceVideoIndex", "videoIndex", "source_video_url", "reference_video_urls"),
            required=True,
            fallback="latest",
            implied="latest",
        )
        image = port(
            "image",
            "Subject image",
            index="sourceImageIndex",
            url="reference_image_url",
            aliases=("referenceImageIndices", "reference_image_urls", "source_image_url"),
            many=True,
            fallback="latest",
            when=("controlMode", ("animate-move", "animate-replace", "pose")),
        )
        mask = port(
            "image",
            "Mask",
            help="White areas change, black areas stay.",
            index="maskImageIndex",
            url="mask_image_url",
        )
        audio = port(
            "audio",
            "Reference audio",
            index="referenceAudioIndex",
            url="reference_audio_url",
            aliases=("referenceAudioIndices", "reference_audio_urls"),
            many=True,
        )

    class Params(Form):
        prompt: str = parameters.prompt("How the new video looks.")
        control_mode: Literal[
            "animate-move",
            "animate-replace",
            "canny",
            "pose",
            "depth",
            "detailer",
            "outpaint",
            "inpaint",
            "seedance-v2v",
        ] = field(
            "animate-move",
            "What stays from the original: motion, edges, poses, depth…",
            primary=True,
        )
        video_model: str | None = parameters.video_model(
            "ltx25-v2v",
            "ltx23-v2v",
            "wan22-animate",
            "seedance2",
            "seedance2-mini",
            "seedance2-mini-uncensored",
            "seedance2-5",
            "seedance2-5-uncensored",
        )
        duration: float | None = field(
            None, "Length in seconds. Default: as the original.", ge=2, le=30
        )
        width: int | None = parameters.pixels("Width")
        height: int | None = parameters.pixels("Height")
        target_resolution: int | None = parameters.target_resolution()
        outpaint_position: Literal["center", "top", "bottom", "left", "right"] = field(
            "center", "Position of the original in the larger frame."
        )
        outpaint_aspect_ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4", "21:9"] | None = field(
            None, "Aspect ratio of the larger frame."
        )
        number_of_variations: int = parameters.variations("videos")
        generate_audio: bool = parameters.generate_audio()
        negative_prompt: str | None = parameters.negative_prompt()
        seed: int | None = parameters.seed()
        expand_prompt: bool | None = parameters.expand_prompt()
        prompt_strength: float | None = field(
            None, "How strongly the prompt changes the video, 0–1.", ge=0, le=1
        )
        detailer_strength: float | None = field(
            None, "How much detail the detailer mode adds, 0–1.", ge=0, le=1
        )
        video_start: float | None = field(
            None, "Start in the original, in seconds.", ge=0, le=86_400
        )
        output_format: Literal["mp4", "mov"] = parameters.container()
        return_last_frame: bool = parameters.last_frame()
