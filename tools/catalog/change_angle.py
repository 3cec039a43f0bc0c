"""See the same subject from another side."""

from __future__ import annotations

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "change_angle",
    title="Change angle",
    group="Image",
    cost="image.standard",
    output="image",
    seeded=True,
)
class ChangeAngle(Tool):
    """Show a picture's subject as a camera standing elsewhere would see it."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture to see from another side",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        description: str = field(
            ...,
            "Where the camera stands: side, height, distance.",
            also=("prompt", "angle"),
            pinned=True,
            examples=(
                "front-right quarter view eye-level shot medium shot",
                "left side view elevated shot wide shot",
                "back view low-angle shot close-up",
            ),
            loose=True,
            max_length=400,
        )
        lora_strength: float = field(
            0.9, "How far to move: lower keeps more of the original look.", ge=0.1, le=1
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
