"""A small still of a picture, a film or a 3D model, to show before it is opened.

Child process only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import PIL.Image

from media.sandbox.model_still import model_still
from mediakit.decode import open_av, open_image, sniff_file
from mediakit.errors import Refused
from mediakit.file_type import IMAGES, MODELS
from mediakit.frames import upright_rgb

# What a still of a film is chosen from: so many moments, spread over its length.
MOMENTS = 5
# Looked at at this width; a frame in the middle of a fade is told apart just as well.
LOOK_WIDTH = 160
QUALITY = 80


def poster(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; target; width, the most pixels across. Writes a WebP; its facts.

    Of a film, the most telling of a few moments: sharp and rich in color, so neither black nor in
    the middle of a fade; of a model, a view as on a turntable. Raises Refused for what shows
    nothing.
    """
    views = _views(arguments["path"], int(arguments["width"]))
    picture = max(views, key=_telling) if len(views) > 1 else views[0]
    width, height = _save(picture, arguments["target"], int(arguments["width"]))
    return {"kind": "image", "mime": "image/webp", "width": width, "height": height}


def looks(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; target; width, the most pixels across. Writes all that a poster is chosen
    from as `<target>-0.webp` and so on; their count. Raises Refused for what shows nothing.
    """
    views = _views(arguments["path"], int(arguments["width"]))
    for place, picture in enumerate(views):
        _save(picture, f"{arguments['target']}-{place}.webp", int(arguments["width"]))
    return {"count": len(views)}


def _views(path: str, width: int) -> list[np.ndarray]:
    """Return what a file shows: an image itself, a few moments of a film, a model as on a
    turntable."""
    mime = sniff_file(path).mime
    if mime in IMAGES:
        return [open_image(path)]
    if mime in MODELS:
        return [model_still(path, width, width * 5 // 8)]
    moments = list(_moments(path))
    if not moments:
        raise Refused("This video can't be shown.")
    return moments


def _save(picture: np.ndarray, target: str, most: int) -> tuple[int, int]:
    """Write it as WebP, at most so many pixels across; its width and height."""
    small = _at_most(picture, most)
    PIL.Image.fromarray(small).save(target, "WEBP", quality=QUALITY, method=6)
    height, width = small.shape[:2]
    return width, height


def _moments(path: str) -> Iterator[np.ndarray]:
    with open_av(path) as media:
        if not media.streams.video:
            return
        stream = media.streams.video[0]
        seconds = media.duration_s or 0.0
        moments = iter([seconds * (n + 0.5) / MOMENTS for n in range(MOMENTS)])
        moment = next(moments)
        for frame in media.decode(stream):
            if (frame.time or 0.0) >= moment:
                yield upright_rgb(frame)
                following = next(moments, None)
                if following is None:
                    return
                moment = following


def _telling(picture: np.ndarray) -> float:
    look = _at_most(picture, LOOK_WIDTH)
    grey = cv2.cvtColor(look, cv2.COLOR_RGB2GRAY)
    sharpness = float(cv2.Laplacian(grey, cv2.CV_32F).std())
    colour = float(cv2.cvtColor(look, cv2.COLOR_RGB2HSV)[..., 1].mean())
    return sharpness * (64 + colour)


def _at_most(picture: np.ndarray, width: int) -> np.ndarray:
    tall, wide = picture.shape[:2]
    if wide <= width:
        return np.ascontiguousarray(picture)
    size = (width, max(1, round(tall * width / wide)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))
