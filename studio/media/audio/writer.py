"""Writing sound: AAC beside the pictures of an MP4, and files of their own."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from studio.media.audio.samples import SAMPLE_RATE, Sound

_AUDIO_BITRATE = 192_000  # below that the encoder drops what is above 15 kHz

# Container, codec and sample format by the file's ending.
_SOUND_FORMATS = {
    "m4a": ("mp4", "aac", "fltp"),
    "mp3": ("mp3", "libmp3lame", "fltp"),
    "flac": ("flac", "flac", "s16"),
    "wav": ("wav", "pcm_s16le", "s16"),
}


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
