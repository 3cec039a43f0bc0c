"""Select objects in an image."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


class Point(Form):
    x: float = field(..., "From the left edge, 0 to 1.", ge=0, le=1)
    y: float = field(..., "From the top edge, 0 to 1.", ge=0, le=1)
    label: Literal["positive", "negative"] = field(..., "Include or exclude this point.")


class Box(Form):
    x0: float = field(..., "Left edge, 0 to 1.", ge=0, le=1)
    y0: float = field(..., "Top edge, 0 to 1.", ge=0, le=1)
    x1: float = field(..., "Right edge, 0 to 1.", ge=0, le=1)
    y1: float = field(..., "Bottom edge, 0 to 1.", ge=0, le=1)
    label: Literal["positive", "negative"] = field("positive", "Include or exclude this box.")


@tool(
    "segment_image",
    title="Segment image",
    group="Image",
    icon="scan",
    cost="image.standard",
    output="image",
)
class SegmentImage(Tool):
    """Select objects in an image by name, points or boxes, as a mask or a cut-out."""

    class Inputs(Ports):
        image = port(
            "image",
            "Image",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        model: str | None = parameters.image_model()
        text: str | None = field(
            None,
            "What to select.",
            aliases=("prompt",),
            primary=True,
            min_length=1,
            max_length=240,
        )
        points: list[Point] | None = field(None, "Points to include or exclude.", max_length=32)
        boxes: list[Box] | None = field(None, "Boxes around objects.", max_length=16)
        max_instances: int | None = field(
            None, "Keep this many of the best matches. Default: all.", ge=1, le=16
        )
        threshold: float = field(0.5, "Minimum confidence, 0–1.", ge=0, le=1)
        multimask: bool | None = field(
            None, "Return several candidates per point. Default: the provider's choice."
        )
        apply_mask: bool = field(False, "Return the cut-out instead of the mask.", primary=True)
