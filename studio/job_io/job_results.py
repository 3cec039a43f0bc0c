"""What a job function hands back for a file it wrote; every one says that it is a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

PROVIDER = "studio"
_SOUND_MIMES = {
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
}

Result = dict[str, Any]


def video_file(
    path: Path,
    *,
    width: int,
    height: int,
    duration_s: float,
    fps: Fraction | float,
    meta: Mapping[str, Any],
) -> Result:
    """One MP4. width, height: pixels; duration_s: seconds."""
    return {
        "path": str(path),
        "kind": "video",
        "mime": "video/mp4",
        "width": width,
        "height": height,
        "duration_s": round(duration_s, 3),
        "fps": round(float(fps), 3),
        "meta": _marked(meta),
    }


def image_file(path: Path, mime: str, size: tuple[int, int], meta: Mapping[str, Any]) -> Result:
    """One still picture. size: width and height in pixels."""
    return {
        "path": str(path),
        "kind": "image",
        "mime": mime,
        "width": size[0],
        "height": size[1],
        "duration_s": None,
        "fps": None,
        "meta": dict(meta),
    }


def audio_file(path: Path, *, duration_s: float, meta: Mapping[str, Any]) -> Result:
    """One sound file, of a kind that `write_audio` writes. duration_s: seconds."""
    return {
        "path": str(path),
        "kind": "audio",
        "mime": _SOUND_MIMES[path.suffix],
        "width": None,
        "height": None,
        "duration_s": round(duration_s, 3),
        "fps": None,
        "meta": _marked(meta),
    }


def outcome(
    files: Sequence[Result] = (),
    *,
    values: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> Result:
    """The whole answer of a job function."""
    # A warning said for every variation is said once.
    return {
        "files": list(files),
        "values": dict(values or {}),
        "warnings": list(dict.fromkeys(warnings)),
    }


def comment_of(arguments: Mapping[str, Any]) -> str:
    """Return what a film's own metadata says of it; "" unless it is of draft quality."""
    return "draft: studio" if arguments.get("draft", True) else ""


def _marked(meta: Mapping[str, Any]) -> dict[str, Any]:
    return {"draft": True, "provider": PROVIDER, **meta}
