"""Show a subject from another camera angle."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "change_angle",
    title="Change angle",
    group="Image",
    icon="rotate-3d",
    cost="image.standard",
    output="image",
    seeded=True,
)
class ChangeAngle(Tool):
    """Show the subject of an image from another camera angle."""

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
        description: str = field(
            ...,
            "Camera position: side, height, distance.",
            aliases=("prompt", "angle"),
            primary=True,
            examples=(
                "front-right quarter view eye-level shot medium shot",
                "left side view elevated shot wide shot",
                "back view low-angle shot close-up",
            ),
            open_enum=True,
            max_length=400,
        )
        model: str | None = parameters.image_model()
        lora_strength: float = field(
            0.9, "Camera change. Lower keeps more of the original.", ge=0.1, le=1
        )
        aspect_ratio: str | None = parameters.aspect_ratio()
        seed: int | None = parameters.seed()
