"""Writing films and sound: H.264 and AAC in MP4, the same bytes for the same pictures."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from mediakit.encoding import VideoTrack
from studio.media.audio.samples import Sound
from studio.media.audio.writer import SoundTrack

# x264's quality of a film.
_CRF = 23
_MILLI = Fraction(1, 1000)


class VideoWriter:
    """An MP4 film, written frame by frame: H.264 yuv420p in BT.709, stereo AAC, made to stream.

    width, height: pixels, both even. fps: frames a second; a float such as 29.97 is taken as the
    fraction it stands for. audio: (2, n) float32 at 48000 Hz, nominally within ±1, or chunks of it
    in order; it is cut, or filled up with silence, to the length of the pictures. None: a film
    without a sound track. subtitles: (start s, end s, text) in order, a track that players offer.
    comment: kept in the file's metadata. Raises ValueError on an odd size or a wrong array.

    Equal calls give equal bytes. Use it as a context manager, or call `close`.
    """

    def __init__(
        self,
        path: str | Path,
        width: int,
        height: int,
        fps: float | Fraction,
        *,
        audio: Sound | Iterable[Sound] | None = None,
        comment: str = "",
        subtitles: Sequence[tuple[float, float, str]] = (),
    ) -> None:
        if width % 2 or height % 2 or width < 2 or height < 2:
            raise ValueError(f"Film size {width}×{height} must be even on both sides.")
        if isinstance(audio, np.ndarray) and (audio.ndim != 2 or audio.shape[0] != 2):
            raise ValueError(f"Audio must be (2, samples), not {audio.shape}.")
        self.width, self.height = width, height
        self.rate = frame_rate(fps)
        self.frames = 0
        self._container: Any = av.open(
            str(path), "w", format="mp4", options={"movflags": "+faststart"}
        )
        if comment:
            self._container.metadata["comment"] = comment
        self._video = VideoTrack(self._container, rate=self.rate, size=(width, height), crf=_CRF)
        chunks = [audio] if isinstance(audio, np.ndarray) else audio
        self._sound = None if chunks is None else SoundTrack(self._container, chunks)
        self._titles = Titles(self._container, subtitles) if subtitles else None

    @property
    def duration_s(self) -> float:
        """Seconds written so far."""
        return float(self.frames / self.rate)

    def add(self, frame: npt.NDArray[np.uint8]) -> None:
        """Append one picture: (height, width, 3) uint8 RGB. Raises ValueError on another shape."""
        if frame.shape != (self.height, self.width, 3) or frame.dtype != np.uint8:
            raise ValueError(
                f"Frame must be uint8 {(self.height, self.width, 3)}, "
                f"not {frame.dtype} {frame.shape}."
            )
        self._video.write(frame, self.frames)
        self.frames += 1
        # Sound goes in beside its pictures, so that a player need not seek back and forth.
        if self._sound is not None:
            self._sound.write_until(self.frames / self.rate)
        if self._titles is not None:
            self._titles.write_until(self.frames / self.rate)

    def close(self) -> None:
        """Flush and finish the file. Closing twice is harmless."""
        if self._container is None:
            return
        self._video.finish()
        if self._sound is not None:
            self._sound.finish()
        self._container.close()
        self._container = None

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Titles:
    """A track of subtitles (mov_text), written beside the pictures. Players show it when asked."""

    def __init__(self, container: Any, cues: Sequence[tuple[float, float, str]]) -> None:
        self._container = container
        # A muxed stream: the encoder would want a header that only ASS files have.
        self._stream: Any = container.add_mux_stream("mov_text")
        self._stream.time_base = _MILLI
        self._cues = deque(cues)

    def write_until(self, second: Fraction | float) -> None:
        while self._cues and self._cues[0][0] <= second:
            start, end, text = self._cues.popleft()
            words = text.encode()
            packet = av.Packet(len(words).to_bytes(2, "big") + words)
            packet.stream = self._stream
            packet.time_base = _MILLI
            packet.pts = packet.dts = round(start * 1000)
            packet.duration = round((end - start) * 1000)
            self._container.mux(packet)


def frame_rate(fps: float | Fraction) -> Fraction:
    """The exact frame rate a number stands for: 29.97 is 30000/1001, 24.0 is 24."""
    if isinstance(fps, Fraction):
        return fps
    whole = Fraction(round(fps))
    for candidate in (whole, whole * 1000 / 1001):
        if abs(float(candidate) - fps) < 0.005:
            return candidate
    return Fraction(fps).limit_denominator(1001)
