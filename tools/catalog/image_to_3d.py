"""Build a solid model from pictures."""

from __future__ import annotations

from typing import Literal

from tools.ports import Form, Ports, Tool, field, port, tool


@tool(
    "image_to_3d",
    title="Image to 3D",
    group="Image",
    cost="image.standard",
    output="model",
)
class ImageTo3d(Tool):
    """Build a textured solid model (GLB) of what a picture shows. Further views make it truer."""

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
            "View of the subject's left side",
            index="leftViewImageIndex",
            url="left_view_image_url",
        )
        back = port(
            "image", "View from behind", index="backViewImageIndex", url="back_view_image_url"
        )
        right = port(
            "image",
            "View of the subject's right side",
            index="rightViewImageIndex",
            url="right_view_image_url",
        )

    class Params(Form):
        mesh_target_faces: int = field(
            700_000, "Most triangles the model may have.", pinned=True, ge=5000, le=700_000
        )
        texture_size: int = field(
            4096, "Side of the colour texture in pixels.", pinned=True, ge=1024, le=4096
        )
        normal_map_size: int = field(2048, "Side of the normal map in pixels.", ge=512, le=2048)
        ambient_occlusion_size: int = field(
            1024, "Side of the occlusion map in pixels.", ge=256, le=1024
        )
        shape_resolution: Literal[1024, 1536] = field(1024, "Fineness of the shape.")
