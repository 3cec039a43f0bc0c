"""Conversion of pictures of all modes and color spaces. Child process only."""

from __future__ import annotations

import io
import math

import numpy as np
import PIL.ExifTags
import PIL.Image
import PIL.ImageCms

from mediakit.errors import Refused


def shrink(picture: PIL.Image.Image, most_pixels: int) -> PIL.Image.Image:
    """Return a picture that was opened and not yet decoded, with at most so many pixels."""
    scale = math.sqrt(most_pixels / (picture.width * picture.height))
    size = (int(picture.width * scale), int(picture.height * scale))
    turn = picture.getexif().get(PIL.ExifTags.Base.Orientation)
    # JPEG is made smaller while it is decoded.
    picture.draft(None, size)
    if picture.mode in ("1", "P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    small = picture.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=2.0)
    if turn:
        small.getexif()[PIL.ExifTags.Base.Orientation] = turn
    return small


def as_srgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Colors as everyone shows them; phones write wider spaces. A broken profile is ignored."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    try:
        srgb = PIL.ImageCms.profileToProfile(
            picture,
            PIL.ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            PIL.ImageCms.createProfile("sRGB"),
            outputMode="RGBA" if picture.mode == "RGBA" else "RGB",
        )
    except (PIL.ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture
    return srgb or picture


def as_rgb(picture: PIL.Image.Image) -> PIL.Image.Image:
    """Return a picture in RGB or, with transparency, RGBA. Raises Refused for floating point."""
    if picture.mode in ("RGB", "RGBA"):
        return picture
    if picture.mode.startswith("I"):
        # 16 bits a sample; Pillow would clip at 255 instead of scaling.
        grey = np.clip(np.asarray(picture, dtype=np.int64) // 257, 0, 255).astype(np.uint8)
        return PIL.Image.fromarray(grey).convert("RGB")
    if picture.mode == "F":
        raise Refused("Floating-point images aren't supported. Use PNG or JPEG.")
    transparent = "A" in picture.getbands() or "transparency" in picture.info
    return picture.convert("RGBA" if transparent else "RGB")
