"""Lay text and pictures over a clip."""

from __future__ import annotations

from typing import Literal

from tools.ports import Form, Ports, Tool, field, port, tool


class Overlay(Form):
    """Times in seconds; negative ones count from the end of the clip."""

    kind: Literal["text", "image"] = field(..., "Whether words or a picture are laid over.")
    position: Literal[
        "top-left",
        "top-center",
        "top-right",
        "center",
        "bottom-left",
        "bottom-center",
        "bottom-right",
    ] = field(..., "Where on the frame.")
    offset_x: float | None = field(None, "Pixels inward from the left or right.")
    offset_y: float | None = field(None, "Pixels inward from the top or bottom.")
    start_seconds: float = field(0, "When it appears, in seconds.")
    end_seconds: float | None = field(None, "When it goes, in seconds; it stays when left out.")
    text: str | None = field(None, "The words of a text overlay.", max_length=2000)
    font_size_pct: float = field(6, "Size of the words in per cent of the height.", ge=1, le=30)
    color: str = field("#FFFFFF", "Colour of the words.", max_length=60)
    outline_color: str = field("#000000", "Colour of their outline.", max_length=60)
    background_color: str | None = field(None, "Colour of a box behind them.", max_length=60)
    font_weight: Literal["normal", "bold"] = field("normal", "Weight of the words.")
    source_image_index: int | None = field(
        None, "Picture of an image overlay: position among the run's pictures."
    )
    width_pct: float = field(15, "Width of the picture in per cent of the frame.", ge=1, le=100)
    opacity: float = field(1, "Opacity of the picture, 0 to 1.", ge=0, le=1)
    fit: Literal["contain", "cover"] = field(
        "contain", "Whether the picture keeps its shape or fills the frame."
    )


@tool(
    "overlay_video",
    title="Overlay video",
    group="Edit",
    cost="compose.ffmpeg",
    output="video",
)
class OverlayVideo(Tool):
    """Lay words and pictures over a clip for as long as you say."""

    class Inputs(Ports):
        video = port(
            "video",
            "Clip to lay over",
            index="sourceVideoIndex",
            url="reference_video_url",
            aliases=("videoIndex", "videoSourceIndex", "source_video_url"),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        overlays: list[Overlay] = field(
            ..., "What to lay over; later ones lie on top.", pinned=True, min_length=1
        )
