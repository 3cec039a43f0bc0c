"""Enlarge a clip."""

from __future__ import annotations

from typing import Literal

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "upscale_video",
    title="Upscale video",
    group="Video",
    cost="video.standard",
    output="video",
)
class UpscaleVideo(Tool):
    """Enlarge a clip and keep it steady from frame to frame."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to enlarge",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        target_resolution: Literal[1080, 1440] | None = field(
            None,
            "Length of the short side in pixels: 1440, or 1080 for small sources, when left out.",
            pinned=True,
        )
        detail_preference: Literal["stable", "sharper"] = field(
            "stable", "Whether steadiness or fine detail matters more.", pinned=True
        )
        processing_speed: Literal["stable", "faster"] = field(
            "stable", "Whether steadiness or speed matters more."
        )
        # Not `seeded`: without a seed the result repeats, so a run must not mint one.
        seed: int = field(
            0, "Varies the finest detail; -1 for chance.", ge=-1, le=parameters.SEED_MAX
        )
