"""Pictures as a service wants them: its size, its file format, its kind of mask. Child only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import PIL.Image

from mediakit.decode import open_image, open_reduced, sniff_file

# Below this alpha a mask's pixel is to be repainted; a brush has soft edges.
REPAINTED_BELOW = 128
# Types of photos, which as PNG would take many times as much.
_PHOTOS = ("image/jpeg", "image/heic", "image/avif", "image/webp")


def reframe(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, target, out; width and height, to fill them exactly, cut at the edges; or
    longest, the most pixels along either side. Writes an upright PNG; its width and height.

    Raises Refused for what is no picture.
    """
    picture = open_image(arguments["path"])
    if arguments.get("width"):
        picture = _filling(picture, int(arguments["width"]), int(arguments["height"]))
    elif arguments.get("longest"):
        picture = _at_most(picture, int(arguments["longest"]))
    return _save(picture, arguments["target"])


def reduce(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, target, out; most, its pixels. Writes an image of more pixels than we take
    as large as we do.

    Its mime, width and height; {} for an image that needs nothing. Raises Refused.
    """
    small = open_reduced(arguments["path"], arguments["most"])
    if small is None:
        return {}
    is_photo = sniff_file(arguments["path"]).mime in _PHOTOS
    kind = "JPEG" if is_photo and small.shape[2] == 3 else "PNG"
    options = {"quality": 95, "subsampling": 0} if kind == "JPEG" else {"compress_level": 3}
    PIL.Image.fromarray(np.ascontiguousarray(small)).save(arguments["target"], kind, **options)
    height, width = small.shape[:2]
    return {"mime": f"image/{kind.lower()}", "width": width, "height": height}


def mask(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path, target, out; width and height of the picture it lies on. Writes a PNG that
    is fully transparent where the mask says repaint, and opaque elsewhere; its width and height,
    and share, how much of it is repainted, 0 to 1.

    A mask says so by transparency; one without any, as drawn elsewhere, by white on black. Raises
    Refused for what is no picture.
    """
    pixels = open_image(arguments["path"])
    keep = pixels[..., 3] if pixels.shape[2] == 4 else 255 - pixels.mean(axis=2).astype(np.uint8)
    size = (int(arguments["width"]), int(arguments["height"]))
    # Cut like the picture: both fill the same size from the same middle.
    keep = _filling(np.ascontiguousarray(keep), *size)
    alpha = np.where(keep < REPAINTED_BELOW, 0, 255).astype(np.uint8)
    black = np.zeros((*alpha.shape, 3), dtype=np.uint8)
    facts = _save(np.dstack([black, alpha]), arguments["target"])
    return {**facts, "share": float((alpha == 0).mean())}


def _filling(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    old_height, old_width = picture.shape[:2]
    scale = max(width / old_width, height / old_height)
    size = (max(width, round(old_width * scale)), max(height, round(old_height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cover = cv2.resize(picture, size, interpolation=how)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return cover[top : top + height, left : left + width]


def _at_most(picture: np.ndarray, longest: int) -> np.ndarray:
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _save(picture: np.ndarray, target: str) -> dict[str, Any]:
    PIL.Image.fromarray(np.ascontiguousarray(picture)).save(target, "PNG")
    height, width = picture.shape[:2]
    return {"width": width, "height": height}
