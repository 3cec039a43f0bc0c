"""Circle around a subject."""

from __future__ import annotations

from typing import Literal

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "orbit_video",
    title="Orbit video",
    group="Video",
    cost="video.premium",
    output="video",
    seeded=True,
)
class OrbitVideo(Tool):
    """Circle once around a picture's subject, ending where the clip began."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture to circle around",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        prompt: str | None = parameters.prompt("The subject and what surrounds it.", None)
        elevation: Literal[
            "low-angle shot", "eye-level shot", "elevated shot", "high-angle shot"
        ] = field("eye-level shot", "Height of the camera.", pinned=True)
        distance: Literal["close-up", "medium shot", "wide shot"] = field(
            "medium shot", "Distance of the camera.", pinned=True
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
        ) = field(None, "Views to pass, in order; right, back and left when left out.")
        dialogue: str | None = field(
            None, "A line spoken in one part of the orbit.", max_length=2000
        )
        dialogues: list[str] | None = field(None, "A line for each part of the orbit, in order.")
        dialogue_segment: int = field(
            0, "Part of the orbit in which the line is spoken, counted from 0.", ge=0, le=16
        )
        seed: int | None = parameters.seed()
