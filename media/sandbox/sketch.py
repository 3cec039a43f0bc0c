"""Paint a short list of shapes as a PNG: pictures of graphs for sites that show no SVG.

Nothing is decoded here, but the words are outsiders' and Pillow is only ever run in the child.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageColor
import PIL.ImageDraw
import PIL.ImageFont

Report = Callable[[float, str], None]

# Painted larger and scaled down: Pillow draws hard edges.
OVERSAMPLING = 2
MAX_SIDE = 2048
CURVE_POINTS = 32


def paint(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """arguments: shapes as `templates_app.graph.svg_shapes.shapes_to_json`, width and height in
    pixels, font (a file), target and out. Writes the PNG; returns its facts."""
    width, height = (min(int(arguments[side]), MAX_SIDE) for side in ("width", "height"))
    painter = _Painter(width, height, arguments.get("font", ""))
    for shape in arguments["shapes"]:
        painter.paint(shape)
    picture = painter.picture.resize((width, height), PIL.Image.Resampling.LANCZOS)
    picture.save(arguments["target"], "PNG", optimize=True)
    return {"kind": "image", "mime": "image/png", "width": width, "height": height}


class _Painter:
    def __init__(self, width: int, height: int, font: str) -> None:
        size = (width * OVERSAMPLING, height * OVERSAMPLING)
        self.picture = PIL.Image.new("RGB", size, "#000000")
        self.font = font

    def paint(self, shape: dict[str, Any]) -> None:
        points = [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in shape["points"]]
        size, width = shape["size"] * OVERSAMPLING, shape["width"] * OVERSAMPLING
        if shape["kind"] == "glow":
            return self.glow(points[0], size, shape["fill"], shape["opacity"])
        if shape["opacity"] >= 1:
            self.draw(PIL.ImageDraw.Draw(self.picture), shape, points, size, width)
            return None
        # Only around the shape: there may be hundreds, and the whole picture is large.
        reach = size + width
        left, top = (int(max(0, min(place) - reach)) for place in zip(*points, strict=True))
        right, bottom = (int(max(place) + reach) + 1 for place in zip(*points, strict=True))
        box = (left, top, min(right, self.picture.width), min(bottom, self.picture.height))
        if box[0] >= box[2] or box[1] >= box[3]:
            return None
        below = self.picture.crop(box)
        layer = below.copy()
        local_points = [(x - left, y - top) for x, y in points]
        self.draw(PIL.ImageDraw.Draw(layer), shape, local_points, size, width)
        self.picture.paste(PIL.Image.blend(below, layer, shape["opacity"]), box[:2])
        return None

    def draw(
        self,
        draw: Any,
        shape: dict[str, Any],
        points: list[tuple[float, float]],
        size: float,
        width: float,
    ) -> None:
        fill, stroke = shape["fill"] or None, shape["stroke"] or None
        match shape["kind"]:
            case "rect":
                draw.rounded_rectangle(
                    (*points[0], *points[1]), size, fill, stroke, max(1, round(width))
                )
            case "circle":
                x, y = points[0]
                reach = size + (width / 2 if stroke else 0)
                box = (x - reach, y - reach, x + reach, y + reach)
                draw.ellipse(box, fill, stroke, max(1, round(width)))
            case "polygon":
                draw.polygon(points, fill)
            case "curve":
                self.curve(draw, points, stroke or "#ffffff", width, shape["dashed"])
            case "text":
                font = _font(self.font, round(size))
                draw.text(points[0], shape["words"], fill or "#ffffff", font, anchor="ls")

    def curve(
        self,
        draw: Any,
        points: list[tuple[float, float]],
        colour: str,
        width: float,
        is_dashed: bool,
    ) -> None:
        along = np.linspace(0, 1, CURVE_POINTS)[:, None]
        a, b, c, d = (np.array(point) for point in points)
        back = 1 - along
        line = back**3 * a + 3 * back**2 * along * b + 3 * back * along**2 * c + along**3 * d
        spots = [(float(x), float(y)) for x, y in line]
        if not is_dashed:
            draw.line(spots, colour, max(1, round(width)), joint="curve")
            return
        for start in range(0, len(spots) - 1, 2):
            draw.line(spots[start : start + 2], colour, max(1, round(width)))

    def glow(self, middle: tuple[float, float], size: float, fill: str, opacity: float) -> None:
        pixels = np.asarray(self.picture, dtype=np.float32)
        height, width = pixels.shape[:2]
        y, x = np.ogrid[:height, :width]
        distance = np.sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / max(size, 1.0)
        weight = (np.clip(1 - distance, 0, 1) * opacity)[..., None]
        light = np.array(PIL.ImageColor.getrgb(fill)[:3], dtype=np.float32)
        blend = pixels * (1 - weight) + light * weight
        self.picture = PIL.Image.fromarray(np.clip(blend + 0.5, 0, 255).astype(np.uint8))


@lru_cache(maxsize=8)
def _font(path: str, size: int) -> Any:
    if path and Path(path).is_file():
        try:
            font = PIL.ImageFont.truetype(path, size)
            font.set_variation_by_axes([620])
        except OSError:
            pass  # This FreeType reads no WOFF2.
        else:
            return font
    return PIL.ImageFont.load_default(size)
