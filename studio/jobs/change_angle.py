"""See a picture's subject from another side, from higher or lower, from nearer or farther."""

from __future__ import annotations

from typing import Any

import numpy as np

from mediakit.job_protocol import Report
from studio.artist.views.angles import FARTHEST_DEG, Stand, read_stand
from studio.artist.views.views import open_view
from studio.job_io.images import open_source, picture_file
from studio.job_io.order import Order
from studio.media.image.resizing import resized
from studio.media.raster import ByteArray, on_white
from studio.media.sizes import picture_size


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `image`. One picture; meta has the camera's `yaw`, `pitch` and `zoom`.

    The same picture and words give the same bytes, whatever the seed: nothing is left to chance.
    Raises Refused without a picture.
    """
    order = Order(arguments)
    image = on_white(open_source(order, "view from another angle"))
    description = str(order.params.get("description") or "")
    stand = read_stand(description)
    _explain(order, stand, description)
    strength = order.params.get("loraStrength")
    camera = stand.camera(float(0.9 if strength is None else strength) / 0.9)
    size = (image.shape[1], image.shape[0])
    width, height, warnings = picture_size(order.params, order.studio, size)
    order.warn_all(warnings)
    report(0.1, "Estimating depth")
    view = open_view(_fitting(image, max(width, height)), order.media("image")[0])
    report(0.6, "Moving the camera")
    picture = view.seen(camera, width, height)
    if stand.is_behind:
        picture = np.ascontiguousarray(picture[:, ::-1])
    meta = {
        "draft": True,
        "provider": "studio",
        "prompt": description,
        "seed": order.seed,
        "yaw": round(camera.yaw, 3),
        "pitch": round(camera.pitch, 3),
        "zoom": round(camera.zoom, 3),
    }
    return order.answer([picture_file(order, picture, meta, 0)])


def _fitting(image: ByteArray, side: int) -> ByteArray:
    """No larger than what is made of it."""
    height, width = image.shape[:2]
    factor = side / max(height, width)
    if factor >= 1:
        return image
    return resized(image, max(1, round(width * factor)), max(1, round(height * factor)))


def _explain(order: Order, stand: Stand, description: str) -> None:
    if not stand.is_understood:
        order.warn(
            f"No known camera position in “{description}”, so the image is unchanged. "
            "Try “front-right quarter view, high angle, close-up”."
        )
    elif stand.is_behind:
        order.warn(
            "One image doesn't show the back, so the view from behind is the front, mirrored."
        )
    elif stand.around is not None and abs(stand.around) > FARTHEST_DEG * 2:
        order.warn(
            f"Limited to about {FARTHEST_DEG}° to the side, because one image has little depth."
        )
