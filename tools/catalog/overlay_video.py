"""Lay text and pictures over a clip."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tools.ports import Form, Ports, Tool, field, port, spellings, tool


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
        None,
        "Picture of an image overlay: position among the pictures given to this call, or among the"
        " run's when none are. The next one when left out.",
    )
    width_pct: float = field(15, "Width of the picture in per cent of the frame.", ge=1, le=100)
    opacity: float = field(1, "Opacity of the picture, 0 to 1.", ge=0, le=1)
    fit: Literal["contain", "cover"] = field(
        "contain", "Whether the picture keeps its shape or fills the frame."
    )
    overlay_video_index: int | None = field(
        None, "Clip that plays in place of a picture: position among those given to this call."
    )
    volume: float = field(0, "How loud that clip is heard, 0 to 1.", ge=0, le=1)
    x_pct: float | None = field(None, "Where its middle is, in per cent of the width.")
    y_pct: float | None = field(None, "Where its middle is, in per cent of the height.")
    entrance: Literal["none", "fade", "rise", "slide", "pop"] = field(
        "fade", "How it comes and goes."
    )
    fade_seconds: float = field(0.25, "How long it takes to come and to go.", ge=0, le=5)
    shape: Literal["none", "rounded", "circle"] = field("none", "What a picture is cut to.")
    border_color: str | None = field(None, "Colour of a line around it.", max_length=60)
    shadow: bool = field(False, "Whether it throws a shadow.")
    key_color: str | None = field(
        None, "Colour of a picture that is taken out, such as a green screen's.", max_length=60
    )


@tool(
    "overlay_video",
    title="Overlay video",
    group="Edit",
    cost="compose.ffmpeg",
    output="video",
)
class OverlayVideo(Tool):
    """Lay words, pictures and clips over a clip for as long as you say."""

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
        image = port(
            "image",
            "Pictures to lay over",
            index="overlayImageIndices",
            url="overlay_image_urls",
            many=True,
            max_items=32,
        )
        clips = port(
            "video",
            "Clips to lay over",
            index="overlayVideoIndices",
            url="overlay_video_urls",
            many=True,
            max_items=8,
        )

    class Params(Form):
        overlays: list[Overlay] = field(
            ..., "What to lay over; later ones lie on top.", pinned=True, min_length=1
        )

    @classmethod
    def lifted(cls, arguments: Mapping[str, Any], bound: frozenset[str]) -> Mapping[str, Any]:
        """Positions among the run's pictures, which the public API writes into each overlay, become
        the pictures given to the call, and positions among those."""
        overlays = next((arguments[name] for name in spellings("overlays") if name in arguments), 0)
        takes = {name for argument in cls._pictures() for name in spellings(argument)}
        if not isinstance(overlays, list) or takes & (arguments.keys() | bound):
            return arguments
        places: list[int] = []
        placed = []
        for overlay in overlays:
            named = _place(overlay)
            if named is None:
                placed.append(overlay)
                continue
            name, place = named
            if place not in places:
                places.append(place)
            placed.append({**overlay, name: places.index(place)})
        if not places:
            return arguments
        kept = {key: value for key, value in arguments.items() if key not in spellings("overlays")}
        return {**kept, "overlays": placed, cls.Inputs.image.index: places}

    @classmethod
    def _pictures(cls) -> tuple[str, ...]:
        return next(port.arguments for port in cls.ports() if port.name == "image")


def _place(overlay: Any) -> tuple[str, int] | None:
    """How an overlay names the position of its picture, and the position; None: it names none."""
    if not isinstance(overlay, Mapping):
        return None
    for name in spellings("sourceImageIndex"):
        place = overlay.get(name)
        if isinstance(place, int) and not isinstance(place, bool):
            return name, place
    return None
