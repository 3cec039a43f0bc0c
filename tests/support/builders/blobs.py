"""Small pictures that carry what phones write into them, and uploads that hold them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import av
import numpy as np
from PIL import Image

from accounts.models import User
from core import clock
from media import blobs
from media.blobs import FileFacts
from media.models import Blob, Upload

GPS = 0x8825
SECRET = "taken at home"


def jpeg_with_place(colour: str = "orange", size: tuple[int, int] = (32, 18)) -> bytes:
    """A JPEG whose EXIF holds a position and a comment."""
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(GPS)[2] = (48.0, 12.0, 30.0)
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def film_with_place() -> bytes:
    """An MP4 of five frames whose tags hold a position and a title."""
    return film({"location": "+48.2000+012.5000/", "title": SECRET})


def film(
    tags: Mapping[str, str],
    container: str = "mp4",
    codec: str = "libx264",
    *,
    frames: int = 5,
    size: tuple[int, int] = (64, 36),
) -> bytes:
    """A black film with these tags."""
    file = io.BytesIO()
    # Without it, MP4 and MOV take some names of tags only.
    options = {"movflags": "use_metadata_tags"} if container in ("mp4", "mov") else {}
    with av.open(file, "w", format=container, options=options) as output:
        output.metadata.update(tags)
        stream: Any = output.add_stream(codec, rate=5)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(frames):
            pixels = np.zeros((size[1], size[0], 3), np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def make_blob(
    data: bytes, *, kind: str = "image", mime: str = "image/jpeg", width: int | None = None
) -> Blob:
    """Bytes in the store, with their row. width: in pixels, as the row says."""
    folder = blobs.attempt_dir("test")
    try:
        path = folder / "file"
        path.write_bytes(data)
        return blobs.record(blobs.store(path, FileFacts(kind, mime, width)))
    finally:
        blobs.discard(folder)


def make_upload(owner: User, blob: Blob, filename: str = "holiday.jpg") -> Upload:
    """A finished upload of these bytes."""
    now = clock.now()
    return Upload.objects.create(
        owner=owner, slot="test", blob=blob, filename=filename, expires_at=now, completed_at=now
    )
