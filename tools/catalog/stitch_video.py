"""Join clips into one video."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


class Transition(Form):
    type: Literal["fade", "dissolve", "wipeleft", "wiperight", "slideup", "slidedown"] = field(
        ...,
        "Transition between clips.",
        words={
            "wipeleft": "Wipe left",
            "wiperight": "Wipe right",
            "slideup": "Slide up",
            "slidedown": "Slide down",
        },
    )
    duration_seconds: float = field(
        0.5, "Length of each transition in seconds.", aliases=("duration",), ge=0.2, le=2
    )


@tool(
    "stitch_video",
    title="Stitch video",
    group="Edit",
    icon="clapperboard",
    cost="compose.ffmpeg",
    output="video",
)
class StitchVideo(Tool):
    """Join clips into one video, with optional transitions and a soundtrack."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clips, in order",
            index="videoIndices",
            url="reference_video_urls",
            aliases=("reference_video_url", "video_urls", "sourceVideoIndices"),
            many=True,
            required=True,
            implied="all",
        )
        audio = port(
            "audio",
            "Soundtrack",
            index="audioIndex",
            url="reference_audio_url",
            aliases=("audioSourceIndex", "audio_url"),
        )

    class Params(Form):
        transition: Transition | None = field(
            None, "Transition between clips. Default: cut.", primary=True
        )
        keep_source_audio: bool = field(
            False, "Keep the clips' sound under the soundtrack.", primary=True
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        target_resolution: int | None = parameters.target_resolution()
        fps: float | None = field(
            None, "Frames per second. Default: the first clip's.", ge=1, le=60
        )
        fit: Literal["contain", "cover", "blur"] = field(
            "contain",
            "How clips of other shapes fit: with bars, cropped, or on a blurred copy.",
        )
        loudness: float | None = field(
            None,
            "Loudness in LUFS, such as -16 for the web. Default: unchanged.",
            ge=-40,
            le=-6,
        )
