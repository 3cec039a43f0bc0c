"""Film one stretch of a clip anew."""

from __future__ import annotations

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "replace_video_segment",
    title="Replace segment",
    group="Video",
    cost="video.vendor.standard",
    output="video",
    seeded=True,
)
class ReplaceVideoSegment(Tool):
    """Film one stretch of a clip anew, or put another clip in its place."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to change",
            index="videoIndex",
            url="reference_video_url",
            aliases=("sourceVideoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )
        replacement = port(
            "video",
            "Clip to put in",
            index="replacementVideoIndex",
            url="replacement_video_url",
        )

    class Params(Form):
        start_seconds: float = field(
            ...,
            "Where the stretch begins, in seconds; negative counts from the end.",
            pinned=True,
        )
        end_seconds: float = field(
            ...,
            "Where the stretch ends, in seconds; negative counts from the end.",
            pinned=True,
        )
        prompt: str | None = parameters.prompt("What happens in the stretch.", None)
        replacement_start_seconds: float | None = field(
            None, "Where the clip to put in begins, in seconds.", ge=0
        )
        replacement_end_seconds: float | None = field(
            None, "Where the clip to put in ends, in seconds.", ge=0
        )
        video_model: str | None = parameters.video_model(
            "auto",
            "ltx25",
            "ltx23",
            "wan22",
            "seedance2",
            "seedance2-mini",
            "seedance2-mini-uncensored",
            "seedance2-5",
            "seedance2-5-uncensored",
            default="auto",
            pinned=False,
        )
        keep_original_audio: bool = field(False, "Keep the sound of the stretch as it was.")
        seed: int | None = parameters.seed()
