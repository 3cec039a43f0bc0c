"""Continue a video."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "extend_video",
    title="Extend video",
    group="Video",
    icon="between-horizontal-start",
    cost="video.vendor.standard",
    output="video",
    seeded=True,
)
class ExtendVideo(Tool):
    """Continue a video after its end."""

    class Inputs(Ports):
        video = port(
            "video",
            "Video",
            index="videoIndex",
            url="reference_video_url",
            aliases=("sourceVideoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        duration: float = field(..., "Seconds to add.", primary=True, ge=2, le=30)
        prompt: str | None = parameters.prompt("What happens next.", None)
        video_model: str | None = parameters.video_model(
            "auto",
            "ltx25",
            "ltx23",
            "seedance2",
            "seedance2-mini",
            "seedance2-mini-uncensored",
            "seedance2-5",
            "seedance2-5-uncensored",
            default="auto",
        )
        keep_original_audio: bool | None = field(
            None, "Has no effect: the video's own sound is always kept."
        )
        seed: int | None = parameters.seed()
