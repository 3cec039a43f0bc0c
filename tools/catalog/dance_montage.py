"""Make a person dance."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "dance_montage",
    title="Dance montage",
    group="Video",
    icon="footprints",
    cost="video.premium",
    output="video",
    seeded=True,
)
class DanceMontage(Tool):
    """Make the person in an image dance a known choreography."""

    class Inputs(Ports):
        image = port(
            "image",
            "Dancer image",
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
        ] = field(..., "Choreography.", primary=True)
        video_model: str | None = parameters.video_model()
        duration: float | None = field(
            None,
            "Length in seconds. Default: the whole choreography.",
            primary=True,
            ge=8,
            le=30,
        )
        image_prompt: str | None = field(
            None,
            "Describe the dancer if there's no image.",
            max_length=parameters.PROMPT_MAX,
        )
        single_clip: bool = field(False, "One continuous shot.")
        seed: int | None = parameters.seed()
