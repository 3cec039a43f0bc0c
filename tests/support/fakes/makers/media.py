"""Small real files that the servers give out: of the size and length that are asked for."""

from __future__ import annotations

import io
import tempfile
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, UnidentifiedImageError

from studio.tests.support.films import SAMPLE_RATE, make_clip, tone
from tests.support.builders.models3d import glb
from tests.support.fakes.openai_server import png

TYPES = {
    "png": "image/png",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "glb": "model/gltf-binary",
}
SIDE = 320


def file_of(name: str, size: tuple[int, int], seconds: float) -> bytes:
    """Make the file of this name, by its ending. Images differ by name."""
    match name.rpartition(".")[2]:
        case "png":
            return png(size, name)
        case "mp4":
            return _clip(seconds, size)
        case "mp3":
            return mp3(seconds)
        case "wav":
            return _wav(seconds)
        case _:
            return glb()


@dataclass(frozen=True)
class FileFacts:
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


def facts_of(content: bytes) -> FileFacts | None:
    """Read the size of an image, or the length of a video or a sound; None of anything else."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return FileFacts(*image.size)
    except UnidentifiedImageError:
        pass
    try:
        with av.open(io.BytesIO(content)) as container:
            seconds = (container.duration or 0) / av.time_base
    except av.FFmpegError:
        return None
    return FileFacts(duration_s=seconds)


def size_of(body: Mapping[str, Any]) -> tuple[int, int]:
    """Read the size that a body asks for, in any provider's words; ratios become small images."""
    if "width" in body and "height" in body:
        return int(body["width"]), int(body["height"])
    if isinstance(body.get("image_size"), Mapping):
        return size_of(body["image_size"])
    words = ("ratio", "size", "aspect_ratio", "aspectRatio")
    text = next((str(body[word]) for word in words if word in body), "16:9")
    sides = text.replace("x", ":").split(":")
    if len(sides) != 2 or not all(side.isdigit() and int(side) for side in sides):
        sides = ["16", "9"]
    width, height = int(sides[0]), int(sides[1])
    if max(width, height) > 64:
        return width, height
    return (SIDE, SIDE * height // width) if width >= height else (SIDE * width // height, SIDE)


def seconds_of(body: Mapping[str, Any], usual: float = 1.0) -> float:
    """Read the length that a body asks for, at most half a minute."""
    words = ("duration", "durationSeconds", "length")
    text = next((str(body[word]) for word in words if word in body), "").removesuffix("s")
    return min(float(text), 30.0) if text.replace(".", "", 1).isdigit() else usual


@lru_cache(maxsize=16)
def _clip(seconds: float, size: tuple[int, int]) -> bytes:
    # Its shape is as asked; large ones would take seconds to encode.
    scale = min(1.0, SIDE / max(size))
    width, height = (max(2, round(side * scale / 2) * 2) for side in size)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        make_clip(path, frames=max(1, round(seconds * 8)), fps=8, size=(width, height))
        return path.read_bytes()


@lru_cache(maxsize=16)
def mp3(seconds: float) -> bytes:
    """Make a tone as MP3."""
    held = io.BytesIO()
    with av.open(held, "w", format="mp3") as container:
        stream: Any = container.add_stream("libmp3lame", rate=SAMPLE_RATE)
        stream.layout = "stereo"
        sound = np.ascontiguousarray(tone(seconds))
        frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout="stereo")
        frame.rate = SAMPLE_RATE
        for one in (frame, None):
            container.mux(stream.encode(one))
    return held.getvalue()


@lru_cache(maxsize=16)
def _wav(seconds: float) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes((tone(seconds)[0] * 32767).astype("<i2").tobytes())
    return held.getvalue()
