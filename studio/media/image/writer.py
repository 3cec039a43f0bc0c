"""Writing a still picture, with a note in the file of how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from studio.media.raster import ByteArray

FORMATS = {
    "png": ("PNG", "image/png"),
    "jpg": ("JPEG", "image/jpeg"),
    "webp": ("WEBP", "image/webp"),
}


def save_image(
    picture: ByteArray, path: Path, meta: Mapping[str, Any], *, quality: int = 92
) -> None:
    """Write RGB or RGBA pixels as the path's ending says, with `meta` as the file's own comment.

    A JPEG takes RGB only.
    """
    image = Image.fromarray(picture)
    comment = json.dumps(meta, ensure_ascii=False, sort_keys=True)
    if path.suffix == ".png":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("Comment", comment)
        # Level 3 writes three times as fast as the default for one part in twenty more bytes.
        image.save(path, "PNG", pnginfo=notes, compress_level=3)
    elif path.suffix == ".jpg":
        image.save(path, "JPEG", quality=quality, comment=comment.encode()[:60_000])
    else:
        exif = Image.Exif()
        exif[0x010E] = comment  # ImageDescription
        image.save(path, "WEBP", quality=quality, method=3, exif=exif)
