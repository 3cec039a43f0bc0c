"""Small pictures that carry what phones write into them, and uploads that hold them."""

from __future__ import annotations

import io

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
    file = io.BytesIO()
    with av.open(file, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["location"] = "+48.2000+012.5000/"
        container.metadata["title"] = SECRET
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((36, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
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
