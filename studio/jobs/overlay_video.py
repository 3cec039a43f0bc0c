"""Lay words, pictures and clips over a clip, each at its place and for its time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from mediakit.typefaces import undrawable
from studio.job_io.job_results import comment_of, outcome, video_file
from studio.media.audio.samples import SAMPLE_RATE, Sound
from studio.media.raster import Frame
from studio.media.video import cues
from studio.media.video.frame_edits import retouch, working_size
from studio.media.video.overlays import Overlay, OverlayReader
from studio.media.video.reader import Film, open_film
from studio.media.video.soundtrack import Lane, film_chunks, limited, mixed

_DECLICK = SAMPLE_RATE // 100


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `video`; `image` and `clips`, to lay over, which overlays name by position.

    Raises Refused without a video, for an overlay without its words or picture, and for times that
    cannot be meant.
    """
    media, params = arguments["media"], arguments["params"]
    clips = media.get("video") or []
    if not clips:
        raise Refused("Add a video for the overlays.", "ASSET_NOT_FOUND")
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    size = working_size(film)
    reader = OverlayReader(film, size, media.get("image") or [], media.get("clips") or [], warnings)
    overlays = reader.read(params.get("overlays") or [])
    words = "".join(str(item.get("text") or "") for item in params.get("overlays") or [])
    if missing := undrawable(words, 12):
        warnings.append(f"These characters can't be shown: {' '.join(missing)}.")

    def draw(frame: Frame, number: int) -> Frame:
        for overlay in overlays:
            overlay.draw(frame, number)
        return frame

    path = Path(arguments["out"]) / "overlaid.mp4"
    audio = sound_of(film, overlays)
    comment = comment_of(arguments)
    message = "Adding overlays"
    loudness = retouch(film, path, size, draw, report, message, audio=audio, comment=comment)
    meta: dict[str, Any] = {"overlays": len(overlays), "loudness_lufs": loudness}
    meta.update(cues.spoken(clips[0]))
    file = video_file(
        path,
        width=size[0],
        height=size[1],
        duration_s=float(film.frame_count() / film.fps),
        fps=film.fps,
        meta=meta,
    )
    report(1.0, "Done")
    return outcome([file], warnings=warnings)


def sound_of(film: Film, overlays: Iterable[Overlay]) -> Iterable[Sound] | None:
    """The clip's sound with that of the clips laid over it; None: only its own."""
    heard = [
        _lane(film, overlay, overlay.clip)
        for overlay in overlays
        if overlay.clip is not None and overlay.clip.has_sound and overlay.volume > 0
    ]
    if not heard:
        return None
    total = _samples(film, film.frame_count())
    own = Lane(0, total, lambda: film_chunks(film, total))
    return limited(mixed([own, *heard], total))


def _lane(film: Film, overlay: Overlay, clip: Film) -> Lane:
    start, end = _samples(film, overlay.first), _samples(film, overlay.end)
    length = min(end - start, round(clip.duration_s * SAMPLE_RATE))

    def sound() -> Iterable[Sound]:
        return (chunk * overlay.volume for chunk in film_chunks(clip, length))

    return Lane(start, length, sound, _DECLICK, _DECLICK)


def _samples(film: Film, frames: int) -> int:
    return round(frames / film.fps * SAMPLE_RATE)
