"""Cut a subject out of its background."""

from __future__ import annotations

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "remove_background",
    title="Remove background",
    group="Image",
    icon="scissors",
    cost="image.standard",
    output="image",
)
class RemoveBackground(Tool):
    """Cut the subject out of an image, as a transparent image or a mask."""

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
        apply_mask: bool = field(
            True, "Return the cut-out. If off, returns the mask.", primary=True
        )
