"""Replace a part of a video."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "replace_video_segment",
    title="Replace segment",
    group="Video",
    icon="replace",
    cost="video.vendor.standard",
    output="video",
    seeded=True,
)
class ReplaceVideoSegment(Tool):
    """Generate a part of a video again, or replace it with a clip."""

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
        replacement = port(
            "video",
            "Replacement clip",
            index="replacementVideoIndex",
            url="replacement_video_url",
        )

    class Params(Form):
        start_seconds: float = field(
            ...,
            "Start in seconds. Negative: from the end.",
            primary=True,
        )
        end_seconds: float = field(
            ...,
            "End in seconds. Negative: from the end.",
            primary=True,
        )
        prompt: str | None = parameters.prompt("What happens in this part.", None)
        replacement_start_seconds: float | None = field(
            None, "Start of the replacement clip in seconds.", ge=0
        )
        replacement_end_seconds: float | None = field(
            None, "End of the replacement clip in seconds.", ge=0
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
            primary=False,
        )
        keep_original_audio: bool = field(False, "Keep the original sound.")
        seed: int | None = parameters.seed()
