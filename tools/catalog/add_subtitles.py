"""Write subtitles into a clip."""

from __future__ import annotations

from typing import Literal

from tools.ports import Form, Ports, Tool, field, port, tool


class Cue(Form):
    start_seconds: float = field(..., "When the line appears, in seconds.", also=("start",), ge=0)
    end_seconds: float = field(..., "When it goes, in seconds.", also=("end",), ge=0)
    text: str = field(..., "The line.", max_length=2000)


class SubtitleStyle(Form):
    font_size_pct: float = field(6, "Size of the words in per cent of the height.", ge=1, le=30)
    color: str = field("#FFFFFF", "Colour of the words.", max_length=60)
    outline_color: str = field("#000000", "Colour of their outline.", max_length=60)
    position: Literal["bottom", "top", "center"] = field("bottom", "Where the line stands.")


@tool(
    "add_subtitles",
    title="Add subtitles",
    group="Edit",
    cost="compose.ffmpeg",
    output="video",
)
class AddSubtitles(Tool):
    """Write subtitles into a clip, from cues or from a subtitle file's text."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to subtitle",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        cues: list[Cue] | None = field(None, "The lines and their times.", pinned=True)
        srt: str | None = field(
            None, "A whole SRT or VTT file, instead of cues.", pinned=True, max_length=100_000
        )
        auto_transcribe: bool | None = field(
            None, "Write down what is spoken, where the provider can.", wire="auto_transcribe"
        )
        burn_in: bool = field(
            True,
            "Draw the lines on the video. Off: only as a track that players switch on; the video"
            " isn't encoded again.",
        )
        style: SubtitleStyle | None = field(None, "How the lines look.")
