"""Small films and sounds for tests, made on the spot, and looking into what came out."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from studio.media.audio.samples import SAMPLE_RATE
from studio.media.video.reader import open_film
from studio.media.video.writer import VideoWriter

WIDTH, HEIGHT = 320, 180


def tone(seconds: float, hertz: float = 440.0, level: float = 0.2) -> np.ndarray:
    """A sine, (2, n) float32 at 48 kHz."""
    wave = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return np.stack([wave, wave]).astype(np.float32)


def picture(
    index: int, colour: tuple[int, int, int], width: int = WIDTH, height: int = HEIGHT
) -> np.ndarray:
    """A shaded wall of one color with a bright square that moves right by 2 pixels a frame."""
    shade = np.linspace(0.6, 1.0, width)[None, :, None]
    frame = np.broadcast_to(np.array(colour) * shade, (height, width, 3)).astype(np.uint8).copy()
    left, top, side = width // 8 + 2 * index, height // 3, height // 4
    frame[top : top + side, left : left + side] = (250, 240, 220)
    return frame


def make_clip(
    path: Path,
    *,
    frames: int = 24,
    fps: float = 24,
    colour: tuple[int, int, int] = (40, 90, 140),
    size: tuple[int, int] = (WIDTH, HEIGHT),
    hertz: float | None = 440.0,
) -> Path:
    """A film of `picture`s; hertz: the pitch of its sound, None for a film without any."""
    sound = None if hertz is None else tone(frames / fps, hertz)
    with VideoWriter(path, *size, fps, audio=sound) as writer:
        for index in range(frames):
            writer.add(picture(index, colour, *size))
    return path


def make_raw_clip(
    path: Path, frames: list[np.ndarray], times_ms: list[int], *, rotation: int = 0
) -> Path:
    """A film as a phone writes it: frames at any times, turned by a display matrix.

    rotation: degrees counter-clockwise that a player must turn the stored pictures by.
    """
    height, width = frames[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=30, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if rotation:
            stream.set_display_rotation(rotation)
        for frame, at in zip(frames, times_ms, strict=True):
            shown = av.VideoFrame.from_ndarray(frame, format="rgb24")
            shown.pts, shown.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return path


# Numbers of ITU-T H.273: primaries, transfer, matrix.
HLG, PQ, BT709, BT601 = (9, 18, 9), (9, 16, 9), (1, 1, 1), (6, 6, 6)
_WEIGHTS = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}


def make_tagged_clip(
    path: Path,
    patches: list[tuple[float, float, float]],
    *,
    tags: tuple[int, int, int] = HLG,
    full_range: bool = False,
    bits: int = 10,
    frames: int = 3,
    side: int = 64,
    rotation: int = 0,
) -> Path:
    """A film as phones record it: squares of colors side by side, HEVC or H.264 with color tags.

    patches: R'G'B' signals, 0 to 1, in the colors that `tags` name. bits: 10 (HEVC) or 8 (H.264).
    rotation: degrees counter-clockwise that a player must turn the stored pictures by.
    """
    red, blue = _WEIGHTS[tags[2]]
    rgb = np.array(patches).T
    luma = red * rgb[0] + (1 - red - blue) * rgb[1] + blue * rgb[2]
    planes = [luma, (rgb[2] - luma) / (2 - 2 * blue), (rgb[0] - luma) / (2 - 2 * red)]
    scale = 1 << (bits - 8)
    most = (1 << bits) - 1
    steps = (most, most, 0, most // 2 + 1) if full_range else (219 * scale, 224 * scale, 16, 128)
    width = side * len(patches)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx265" if bits == 10 else "libx264", rate=25)
        stream.options = {"crf": "4", "preset": "ultrafast", "x265-params": "log-level=none"}
        stream.width, stream.height = width, side
        stream.pix_fmt = "yuv420p10le" if bits == 10 else "yuv420p"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = tags
        context.color_range = 2 if full_range else 1
        if rotation:
            stream.set_display_rotation(rotation)
        picture = av.VideoFrame(width, side, stream.pix_fmt)
        for number, (plane, values) in enumerate(zip(picture.planes, planes, strict=True)):
            black = steps[2] * (1 if full_range else scale) if number == 0 else 0
            middle = 0 if number == 0 else steps[3] * (1 if full_range else scale)
            codes = np.rint(values * steps[min(number, 1)] + black + middle).astype(np.uint16)
            row = np.repeat(codes, side if number == 0 else side // 2)
            rows = np.broadcast_to(row, (plane.height, row.size))
            stored = np.zeros(
                (plane.height, plane.line_size // (2 if bits == 10 else 1)), np.uint16
            )
            stored[:, : row.size] = rows
            plane.update(stored.astype("<u2" if bits == 10 else np.uint8).tobytes())
        for at in range(frames):
            picture.pts, picture.time_base = at, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def arguments(tool: str, out: Path, *, params: dict | None = None, **media: Any) -> dict:
    """The arguments of a job function; media: a path or a list of paths by port."""
    ports = {
        port: [{"path": str(path), "kind": port, "mime": "", "meta": {}} for path in _listed(paths)]
        for port, paths in media.items()
    }
    studio = {"width": WIDTH, "height": HEIGHT, "fps": 24, "max_duration_s": 600}
    return {
        "tool": tool,
        "params": params or {},
        "media": ports,
        "seed": 7,
        "out": str(out),
        "studio": studio,
    }


def all_frames(path: str | Path) -> list[np.ndarray]:
    """Every picture of a film at its own rate."""
    return list(open_film(path).frames())


def difference(first: np.ndarray, second: np.ndarray) -> float:
    """Mean absolute difference of two pictures, 0 to 255."""
    return float(np.abs(first.astype(int) - second.astype(int)).mean())


def pitch(sound: np.ndarray) -> float:
    """The strongest frequency in Hz."""
    mono = sound.mean(axis=0) * np.hanning(sound.shape[1])
    return float(np.abs(np.fft.rfft(mono)).argmax() * SAMPLE_RATE / sound.shape[1])


def no_report(fraction: float, message: str) -> None:
    """Takes a job function's progress and forgets it."""


def _listed(paths: Any) -> list[Path]:
    return list(paths) if isinstance(paths, list | tuple) else [paths]
