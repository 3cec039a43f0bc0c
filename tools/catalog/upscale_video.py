"""Enlarge a video."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "upscale_video",
    title="Upscale video",
    group="Video",
    icon="proportions",
    cost="video.standard",
    output="video",
)
class UpscaleVideo(Tool):
    """Enlarge a video and keep it stable from frame to frame."""

    class Inputs(Ports):
        video = port(
            "video",
            "Video",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        video_model: str | None = parameters.video_model()
        target_resolution: Literal[1080, 1440] | None = field(
            None,
            "Short side in pixels. Default: 1440, or 1080 for small videos.",
            primary=True,
        )
        detail_preference: Literal["stable", "sharper"] = field(
            "stable", "More stable, or more detail.", primary=True
        )
        processing_speed: Literal["stable", "faster"] = field("stable", "More stable, or faster.")
        # Not `seeded`: without a seed the result repeats, so a run must not mint one.
        seed: int = field(0, "Varies the finest detail. -1: random.", ge=-1, le=parameters.SEED_MAX)
