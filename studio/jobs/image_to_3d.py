"""Build a closed, textured body (GLB) of what a picture shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediakit.decode import open_image
from mediakit.job_protocol import Report
from studio.artist.scenes.own_figures import drawn_figures
from studio.job_io.images import open_source
from studio.job_io.order import Order
from studio.media.image.cutout import SURE, Cut, subject_of
from studio.media.image.mesh import (
    Sheet,
    Textures,
    build_body,
    figure_sheet,
    relief_sheet,
    side_profile,
    thickened,
    write_glb,
)
from studio.media.image.resizing import no_larger
from studio.media.raster import ByteArray, FloatArray, on_white

# More pixels than a texture's half can hold are not worked on.
LARGEST = 2048
ALREADY = 0.02


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `image`, `left`, `back`, `right`. One binary glTF, one metre at its longest.

    meta: `faces`, `vertices`, `extents` (metres), `form` (figure or relief), sizes of the textures.
    Raises Refused without a picture.
    """
    order = Order(arguments)
    source = no_larger(open_source(order, "make a 3D model of"), LARGEST)
    report(0.05, "Finding the subject")
    cut = _subject(order.media("image")[0], source)
    sheet = _sheet(order, source, cut)
    report(0.5, "Building the 3D model")
    params = order.params
    most = int(params.get("meshTargetFaces") or 700_000)
    body = build_body(sheet, most, int(params.get("shapeResolution") or 1024))
    report(0.7, "Saving the 3D model")
    path = order.out / "model.glb"
    sizes = write_glb(
        path,
        sheet,
        body,
        Textures(
            int(params.get("textureSize") or 4096),
            int(params.get("normalMapSize") or 2048),
            int(params.get("ambientOcclusionSize") or 1024),
        ),
    )
    meta = {
        "draft": True,
        "provider": "studio",
        "form": "figure" if cut is not None else "relief",
        "faces": len(body.faces),
        "vertices": len(body.vertices),
        "extents": [round(float(side), 4) for side in np.ptp(body.vertices, axis=0)],
        **sizes,
    }
    file = {
        "path": str(path),
        "kind": "model",
        "mime": "model/gltf-binary",
        "width": None,
        "height": None,
        "duration_s": None,
        "fps": None,
        "meta": meta,
    }
    return order.answer([file])


def _sheet(order: Order, source: ByteArray, cut: Cut | None) -> Sheet:
    image = on_white(source)
    views = {port: order.media(port)[0] for port in ("left", "back", "right") if order.media(port)}
    if cut is None:
        order.warn("No clear subject, so the whole image became a relief.")
        if views:
            order.warn("No clear subject, so the other views were ignored.")
        return relief_sheet(image)
    back = None
    if "back" in views:
        seen = _view(order, views["back"], "from behind")
        back = None if seen is None else seen
    else:
        order.warn("The back wasn't shown. It has the front's colors, blurred.")
    sheet = figure_sheet(image, cut, back)
    profiles = [
        side_profile(seen[1])
        for port in ("left", "right")
        if port in views and (seen := _view(order, views[port], f"from the {port}")) is not None
    ]
    if profiles:
        return thickened(sheet, _mean(profiles))
    order.warn("Depth unknown. Parts were assumed to be round.")
    return sheet


def _view(order: Order, medium: Mapping[str, Any], name: str) -> tuple[ByteArray, Cut] | None:
    source = no_larger(open_image(medium["path"]), LARGEST)
    cut = _subject(medium, source)
    if cut is None:
        order.warn(f"No clear subject in the view {name}, so it was ignored.")
        return None
    return on_white(source), cut


def _mean(profiles: list[FloatArray]) -> FloatArray:
    rows = np.linspace(0, 1, 256)
    drawn = [np.interp(rows, np.linspace(0, 1, len(one)), one) for one in profiles]
    return np.asarray(np.mean(drawn, axis=0), np.float32)


def _subject(medium: Mapping[str, Any], source: ByteArray) -> Cut | None:
    """What stands out; None when nothing does."""
    if source.shape[2] == 4 and (source[..., 3] < 10).mean() > ALREADY:
        return Cut(np.asarray(source[..., 3].astype(np.float32) / 255), 1.0)
    image = on_white(source)
    drawn = drawn_figures(medium, image)
    if drawn is not None:
        return drawn[0] if drawn else None
    cut = subject_of(image)
    return cut if cut.score >= SURE and cut.box is not None else None
