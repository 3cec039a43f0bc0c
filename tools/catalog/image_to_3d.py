"""Build a 3D model from images."""

from __future__ import annotations

from typing import Literal

from tools.declaration import parameters
from tools.declaration.ports import Form, Ports, Tool, field, port, tool


@tool(
    "image_to_3d",
    title="Image to 3D",
    group="Image",
    icon="box",
    cost="image.standard",
    output="model",
)
class ImageTo3d(Tool):
    """Build a textured 3D model (GLB) from an image. More views make it more accurate."""

    class Inputs(Ports):
        image = port(
            "image",
            "Front view",
            index="sourceImageIndex",
            url="source_image_url",
            aliases=("reference_image_url",),
            required=True,
            fallback="latest",
            implied="latest",
        )
        left = port(
            "image",
            "Left view",
            index="leftViewImageIndex",
            url="left_view_image_url",
        )
        back = port("image", "Back view", index="backViewImageIndex", url="back_view_image_url")
        right = port(
            "image",
            "Right view",
            index="rightViewImageIndex",
            url="right_view_image_url",
        )

    class Params(Form):
        model: str | None = parameters.image_model()
        mesh_target_faces: int = field(
            700_000, "Maximum triangles.", primary=True, ge=5000, le=700_000
        )
        texture_size: int = field(
            4096, "Side of the color texture in pixels.", primary=True, ge=1024, le=4096
        )
        normal_map_size: int = field(2048, "Side of the normal map in pixels.", ge=512, le=2048)
        ambient_occlusion_size: int = field(
            1024, "Side of the occlusion map in pixels.", ge=256, le=1024
        )
        shape_resolution: Literal[1024, 1536] = field(1024, "Detail of the shape.")
