"""H.264 in BT.709 as all our films have it: the same bytes for the same pictures.

Child process only.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

# With macroblock-tree rate control this build of x264 gives different bytes for the same pictures
# at widths that 128 does not divide. Without it, and with a fixed number of threads, it does not.
_X264 = {
    "preset": "veryfast",
    "threads": "2",
    "x264-params": "mbtree=0:colorprim=bt709:transfer=bt709:colormatrix=bt709",
}
_BT709 = 1  # the number of BT.709 among primaries, transfers and matrices alike (ITU-T H.273)


class VideoTrack:
    """The pictures of an MP4 that is open for writing.

    rate: frames a second. size: width and height in pixels, both even. crf: x264's quality, where
    less is better. time_base: seconds a unit of the frames' times; 1 / rate unless given.
    """

    def __init__(
        self,
        container: Any,
        *,
        rate: Fraction,
        size: tuple[int, int],
        crf: int,
        time_base: Fraction | None = None,
    ) -> None:
        self._container = container
        self._time_base = time_base or 1 / rate
        options = {**_X264, "crf": str(crf)}
        self._stream: Any = container.add_stream("libx264", rate=rate, options=options)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        context = self._stream.codec_context
        context.time_base = self._time_base
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = ColorRange.MPEG
        # One for all frames, in this thread; see `mediakit.frames.ToRgb`.
        self._scaler = VideoReformatter()

    def write(self, frame: npt.NDArray[np.uint8], at: int) -> None:
        """Append (height, width, 3) uint8 RGB in BT.709. at: its time, in units of time_base."""
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        picture = self._scaler.reformat(
            picture,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            interpolation=Interpolation.BILINEAR,
            threads=1,
        )
        picture.pts, picture.time_base = at, self._time_base
        self._container.mux(self._stream.encode(picture))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))
