"""What a made film really is: decoded, counted and measured, not believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True)
class Film:
    """codec as FFmpeg names it; width and height in pixels; seconds from the decoded frames."""

    codec: str
    pix_fmt: str
    width: int
    height: int
    frames: int
    fps: float
    seconds: float
    audio: str | None


def probe_film(path: Path) -> Film:
    """Decode a whole film and count."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        audio = container.streams.audio[0].codec_context.name if container.streams.audio else None
        frames = sum(1 for _ in container.decode(video=0))
        fps = float(video.average_rate or 0)
        context = video.codec_context
        return Film(
            codec=context.name,
            pix_fmt=str(context.pix_fmt),
            width=context.width,
            height=context.height,
            frames=frames,
            fps=fps,
            seconds=frames / fps,
            audio=audio,
        )
