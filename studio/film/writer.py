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

from media.sandbox.encoding import VideoTrack

Sound = npt.NDArray[np.float32]

SAMPLE_RATE = 48_000

# x264's quality of a film.
_CRF = 23
_AUDIO_BITRATE = 192_000  # below that the encoder drops what is above 15 kHz
# Container, codec and sample format by the file's ending.
_SOUND_FORMATS = {
    "m4a": ("mp4", "aac", "fltp"),
    "mp3": ("mp3", "libmp3lame", "fltp"),
    "flac": ("flac", "flac", "s16"),
    "wav": ("wav", "pcm_s16le", "s16"),
}
_MILLI = Fraction(1, 1000)


class Feed:
    """Chunks of sound, (channels, n) float32 each, taken in any amounts."""

    def __init__(self, chunks: Iterable[Sound]) -> None:
        self._chunks = iter(chunks)
        self._rest: Sound | None = None

    def take(self, samples: int) -> Sound:
        """The next so many samples, fewer only at the end."""
        parts: list[Sound] = []
        have = 0
        while have < samples:
            chunk = next(self._chunks, None) if self._rest is None else self._rest
            if chunk is None:
                break
            parts.append(chunk[:, : samples - have])
            rest = chunk[:, samples - have :]
            self._rest = rest if rest.shape[1] else None
            have += parts[-1].shape[1]
        if len(parts) > 1:
            return np.concatenate(parts, axis=1)
        return parts[0] if parts else np.zeros((2, 0), np.float32)


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


class SoundTrack:
    """Stereo AAC beside the pictures of an MP4. chunks: (2, n) float32 each, in order."""

    def __init__(self, container: Any, chunks: Iterable[Sound]) -> None:
        self._container = container
        self._stream = _aac_stream(container)
        self._feed = Feed(chunks)
        self._samples = 0

    def write_until(self, second: Fraction) -> None:
        """Write what is heard before that time, silence where nothing is left."""
        end = int(second * SAMPLE_RATE)
        if end <= self._samples:
            return
        part = self._feed.take(end - self._samples)
        missing = end - self._samples - part.shape[1]
        if missing:
            part = np.pad(part, ((0, 0), (0, missing)))
        self._container.mux(self._stream.encode(_audio_frame(part, self._samples)))
        self._samples = end

    def finish(self) -> None:
        """Flush the encoder."""
        self._container.mux(self._stream.encode(None))


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


def write_audio(path: str | Path, audio: npt.NDArray[np.float32], *, comment: str = "") -> None:
    """Write sound as m4a (AAC), mp3, flac or wav (16 bit both), by the path's ending.

    audio: (2, n) float32 at 48000 Hz, nominally within ±1. Raises ValueError on another ending.
    """
    ending = Path(path).suffix.lstrip(".").lower()
    if ending not in _SOUND_FORMATS:
        raise ValueError(f"Cannot write sound as .{ending}: use {', '.join(_SOUND_FORMATS)}.")
    container_format, codec, form = _SOUND_FORMATS[ending]
    options = {"movflags": "+faststart"} if ending == "m4a" else {}
    with av.open(str(path), "w", format=container_format, options=options) as container:
        if comment:
            container.metadata["comment"] = comment
        stream: Any
        if codec == "aac":
            stream = _aac_stream(container)
        else:
            stream = container.add_stream(codec, rate=SAMPLE_RATE, layout="stereo")
            if codec == "libmp3lame":
                stream.bit_rate = 192_000
        for start in range(0, audio.shape[1], SAMPLE_RATE):
            chunk = audio[:, start : start + SAMPLE_RATE]
            container.mux(stream.encode(_audio_frame(chunk, start, form)))
        container.mux(stream.encode(None))


def _aac_stream(container: Any) -> Any:
    stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
    stream.bit_rate = _AUDIO_BITRATE
    return stream


def _audio_frame(samples: npt.NDArray[np.float32], start: int, form: str = "fltp") -> av.AudioFrame:
    clipped = np.clip(samples, -1.0, 1.0)
    if form == "s16":
        interleaved = np.rint(clipped.T * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout="stereo")
    else:
        planes = np.ascontiguousarray(clipped, dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout="stereo")
    frame.sample_rate = SAMPLE_RATE
    frame.pts, frame.time_base = start, Fraction(1, SAMPLE_RATE)
    return frame
