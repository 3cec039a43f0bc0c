"""Move the camera around a subject."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "orbit_video",
    title="Orbit video",
    group="Video",
    icon="orbit",
    cost="video.premium",
    output="video",
    seeded=True,
)
class OrbitVideo(Tool):
    """Move the camera once around the subject of an image."""

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
        prompt: str | None = parameters.prompt("The subject and its surroundings.", None)
        video_model: str | None = parameters.video_model(primary=False)
        elevation: Literal[
            "low-angle shot", "eye-level shot", "elevated shot", "high-angle shot"
        ] = field("eye-level shot", "Camera height.", primary=True)
        distance: Literal["close-up", "medium shot", "wide shot"] = field(
            "medium shot", "Camera distance.", primary=True
        )
        angles: (
            list[
                Literal[
                    "front-right quarter view",
                    "right side view",
                    "back-right quarter view",
                    "back view",
                    "back-left quarter view",
                    "left side view",
                    "front-left quarter view",
                ]
            ]
            | None
        ) = field(None, "Views, in order. Default: right, back, left.")
        dialogue: str | None = field(None, "A line spoken during one part.", max_length=2000)
        dialogues: list[str] | None = field(None, "One line per part, in order.")
        dialogue_segment: int = field(
            0, "Part in which the line is spoken, counted from 0.", ge=0, le=16
        )
        seed: int | None = parameters.seed()
