"""Writing a still picture as the order asks, saying in the file how it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from studio.scenes.orders import Order
from studio.scenes.raster import ByteArray, on_white

FORMATS = {
    "png": ("PNG", "image/png"),
    "jpg": ("JPEG", "image/jpeg"),
    "webp": ("WEBP", "image/webp"),
}


def picture_file(
    order: Order, picture: ByteArray, meta: Mapping[str, Any], index: int
) -> dict[str, Any]:
    """Write one variation in the wanted format; the answer's entry for it.

    picture: (h, w, 3 or 4) RGB or RGBA uint8. Reads outputFormat and gptImageOutputCompression.
    """
    wanted = str(order.params.get("outputFormat") or "png").lower().replace("jpeg", "jpg")
    if wanted not in FORMATS:
        order.warn(f"Saved as PNG. “{wanted}” isn't supported.")
        wanted = "png"
    if wanted == "jpg" and picture.shape[2] == 4:
        order.warn("JPEG has no transparency, so transparent areas are white.")
        picture = on_white(picture)
    compression = order.params.get("gptImageOutputCompression")
    quality = 92 if compression is None else max(1, 100 - int(compression))
    path = order.out / f"image-{index + 1}.{wanted}"
    save_image(picture, path, meta, quality=quality)
    height, width = picture.shape[:2]
    return {
        "path": str(path),
        "kind": "image",
        "mime": FORMATS[wanted][1],
        "width": width,
        "height": height,
        "duration_s": None,
        "fps": None,
        "meta": dict(meta),
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
