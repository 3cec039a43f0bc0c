"""Add subtitles to a video."""

from __future__ import annotations

from typing import Literal

from tools.declaration.ports import Form, Ports, Tool, field, port, tool


class Cue(Form):
    start_seconds: float = field(..., "Start in seconds.", aliases=("start",), ge=0)
    end_seconds: float = field(..., "End in seconds.", aliases=("end",), ge=0)
    text: str = field(..., "Text of the line.", max_length=2000)


class SubtitleStyle(Form):
    font_size_pct: float = field(6, "Text size in % of the height.", ge=1, le=30)
    color: str = field("#FFFFFF", "Text color.", max_length=60)
    outline_color: str = field("#000000", "Outline color.", max_length=60)
    position: Literal["bottom", "top", "center"] = field("bottom", "Position.")


@tool(
    "add_subtitles",
    title="Add subtitles",
    group="Edit",
    icon="captions",
    cost="compose.ffmpeg",
    output="video",
)
class AddSubtitles(Tool):
    """Add subtitles to a video, from lines or from a subtitle file."""

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
        cues: list[Cue] | None = field(None, "Subtitle lines.", primary=True)
        srt: str | None = field(
            None,
            "Full text of an SRT or VTT file, instead of lines.",
            primary=True,
            max_length=100_000,
        )
        auto_transcribe: bool | None = field(
            None, "Transcribe speech, if the provider can.", wire="auto_transcribe"
        )
        burn_in: bool = field(
            True,
            "Draw the lines on the video. If off, adds a track that viewers can turn on.",
        )
        style: SubtitleStyle | None = field(None, "Subtitle style.")
