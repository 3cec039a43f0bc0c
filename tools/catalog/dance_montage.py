"""Make somebody dance."""

from __future__ import annotations

from typing import Literal

from tools import parameters
from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "dance_montage",
    title="Dance montage",
    group="Video",
    cost="video.premium",
    output="video",
    seeded=True,
)
class DanceMontage(Tool):
    """Make the person in a picture dance a known choreography."""

    class Inputs(Ports):
        image = port(
            "image",
            "Picture of the dancer",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            fallback="latest",
            implied="latest",
        )

    class Params(Form):
        dance: Literal[
            "rasputin",
            "big-guy",
            "keep-it-gangsta",
            "this-is-america",
            "chinese-new-year",
            "spongebob",
            "chanel",
            "crystal-light-aerobics-1988",
            "plastic-dream-sequence",
        ] = field(..., "The choreography.", pinned=True)
        duration: float | None = field(
            None,
            "Length in seconds; as long as the choreography when left out.",
            pinned=True,
            ge=8,
            le=30,
        )
        image_prompt: str | None = field(
            None,
            "Look of the dancer where there is no picture.",
            max_length=parameters.PROMPT_MAX,
        )
        single_clip: bool = field(False, "Film the dance in one unbroken take.")
        seed: int | None = parameters.seed()
