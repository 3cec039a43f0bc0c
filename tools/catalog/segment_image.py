"""Select things in a picture."""

from __future__ import annotations

from typing import Literal

from tools.ports import Form, Ports, Tool, field, port, tool


class Point(Form):
    x: float = field(..., "From the left edge, 0 to 1.", ge=0, le=1)
    y: float = field(..., "From the top edge, 0 to 1.", ge=0, le=1)
    label: Literal["positive", "negative"] = field(
        ..., "Whether the point lies on the thing or off it."
    )


class Box(Form):
    x0: float = field(..., "Left edge, 0 to 1.", ge=0, le=1)
    y0: float = field(..., "Top edge, 0 to 1.", ge=0, le=1)
    x1: float = field(..., "Right edge, 0 to 1.", ge=0, le=1)
    y1: float = field(..., "Bottom edge, 0 to 1.", ge=0, le=1)
    label: Literal["positive", "negative"] = field(
        "positive", "Whether the box holds the thing or something to leave out."
    )


@tool(
    "segment_image",
    title="Segment image",
    group="Image",
    cost="image.standard",
    output="image",
)
class SegmentImage(Tool):
    """Select things in a picture by name, by points or by boxes, as a mask or a cut-out."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture to select in",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        text: str | None = field(
            None,
            "Name of the thing to select.",
            also=("prompt",),
            pinned=True,
            min_length=1,
            max_length=240,
        )
        points: list[Point] | None = field(None, "Points on the thing or off it.", max_length=32)
        boxes: list[Box] | None = field(None, "Boxes around things.", max_length=16)
        max_instances: int | None = field(
            None, "Keep this many of the strongest selections; all when left out.", ge=1, le=16
        )
        threshold: float = field(0.5, "Least confidence of a selection, 0 to 1.", ge=0, le=1)
        multimask: bool | None = field(
            None, "Return several candidates for points; the provider's habit when left out."
        )
        apply_mask: bool = field(
            False, "Return what was selected, with transparency, instead of the mask.", pinned=True
        )
