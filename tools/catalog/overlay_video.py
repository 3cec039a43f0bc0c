"""Add text, images and videos over a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from tools.declaration.ports import Form, Ports, Tool, field, port, spellings, tool


class Overlay(Form):
    """Times in seconds; negative ones count from the end of the video."""

    kind: Literal["text", "image"] = field(..., "Text or image.")
    position: Literal[
        "top-left",
        "top-center",
        "top-right",
        "center",
        "bottom-left",
        "bottom-center",
        "bottom-right",
    ] = field(..., "Position.")
    offset_x: float | None = field(None, "Pixels inward from the left or right.")
    offset_y: float | None = field(None, "Pixels inward from the top or bottom.")
    start_seconds: float = field(0, "Start in seconds.")
    end_seconds: float | None = field(None, "End in seconds. Default: end of the video.")
    text: str | None = field(None, "Text of a text overlay.", max_length=2000)
    font_size_pct: float = field(6, "Text size in % of the height.", ge=1, le=30)
    color: str = field("#FFFFFF", "Text color.", max_length=60)
    outline_color: str = field("#000000", "Outline color.", max_length=60)
    background_color: str | None = field(None, "Background color.", max_length=60)
    font_weight: Literal["normal", "bold"] = field("normal", "Text weight.")
    source_image_index: int | None = field(
        None,
        "Image of an image overlay: its position among this call's images, or among the run's if it"
        " has none. Default: the next one.",
    )
    width_pct: float = field(15, "Image width in % of the frame.", ge=1, le=100)
    opacity: float = field(1, "Image opacity, 0–1.", ge=0, le=1)
    fit: Literal["contain", "cover"] = field("contain", "Keep proportions, or fill the frame.")
    overlay_video_index: int | None = field(
        None, "Video to show instead of an image: its position among this call's overlay videos."
    )
    volume: float = field(0, "Volume of that video, 0–1.", ge=0, le=1)
    x_pct: float | None = field(None, "Center, in % of the width.")
    y_pct: float | None = field(None, "Center, in % of the height.")
    entrance: Literal["none", "fade", "rise", "slide", "pop"] = field("fade", "Animation.")
    fade_seconds: float = field(0.25, "Length of the animation in seconds.", ge=0, le=5)
    shape: Literal["none", "rounded", "circle"] = field("none", "Shape of the image.")
    border_color: str | None = field(None, "Border color.", max_length=60)
    shadow: bool = field(False, "Add a shadow.")
    key_color: str | None = field(None, "Color to remove, such as a green screen.", max_length=60)


@tool(
    "overlay_video",
    title="Overlay video",
    group="Edit",
    icon="layers",
    cost="compose.ffmpeg",
    output="video",
)
class OverlayVideo(Tool):
    """Show text, images and videos over a video."""

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
        image = port(
            "image",
            "Overlay images",
            index="overlayImageIndices",
            url="overlay_image_urls",
            many=True,
            max_items=32,
        )
        clips = port(
            "video",
            "Overlay videos",
            index="overlayVideoIndices",
            url="overlay_video_urls",
            many=True,
            max_items=8,
        )

    class Params(Form):
        overlays: list[Overlay] = field(
            ..., "Overlays. Later ones are on top.", primary=True, min_length=1
        )

    @classmethod
    def normalize_media_args(
        cls, arguments: Mapping[str, Any], bound: frozenset[str]
    ) -> Mapping[str, Any]:
        """Positions among the run's pictures, which the public API writes into each overlay, become
        the pictures given to the call, and positions among those."""
        overlays = next((arguments[name] for name in spellings("overlays") if name in arguments), 0)
        takes = {name for argument in cls._pictures() for name in spellings(argument)}
        if not isinstance(overlays, list) or takes & (arguments.keys() | bound):
            return arguments
        places: list[int] = []
        entries = []
        for overlay in overlays:
            reference = _place(overlay)
            if reference is None:
                entries.append(overlay)
                continue
            name, place = reference
            if place not in places:
                places.append(place)
            entries.append({**overlay, name: places.index(place)})
        if not places:
            return arguments
        others = {
            key: value for key, value in arguments.items() if key not in spellings("overlays")
        }
        return {**others, "overlays": entries, cls.Inputs.image.index: places}

    @classmethod
    def _pictures(cls) -> tuple[str, ...]:
        return next(port.arguments for port in cls.ports() if port.name == "image")


def _place(overlay: Any) -> tuple[str, int] | None:
    """Return the argument that names an overlay's picture, and the position; None without one."""
    if not isinstance(overlay, Mapping):
        return None
    for name in spellings("sourceImageIndex"):
        place = overlay.get(name)
        if isinstance(place, int) and not isinstance(place, bool):
            return name, place
    return None
