"""What is read from a finished clip or recording: a frame, a stretch, and where a voice speaks.

For the server, which calls it in its sandbox.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import av
import numpy as np
import PIL.Image

from mediakit.decode import open_av
from mediakit.errors import Refused
from mediakit.frames import upright_rgb
from studio.media.audio.samples import SAMPLE_RATE
from studio.media.video.frame_edits import working_size
from studio.media.video.reader import open_film
from studio.media.video.soundtrack import film_chunks
from studio.media.video.writer import VideoWriter

RATE = 16_000
WINDOW_S = 0.02
# A pause is so much quieter than the loud parts, for so long.
PAUSE_DB, PAUSE_S = 32.0, 0.14
# Below this nothing is said at all.
SILENT = 1e-4


def frame(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; target; start, in seconds: None for the last frame. Writes the frame that
    the clip shows then as PNG; its facts. Raises Refused."""
    start = arguments.get("start")
    picture = _last(arguments["path"]) if start is None else _frame_at(arguments["path"], start)
    if picture is None:
        raise Refused("This video can't be read.")
    PIL.Image.fromarray(picture).save(arguments["target"], "PNG")
    height, width = picture.shape[:2]
    return {"kind": "image", "mime": "image/png", "width": width, "height": height}


def stretch(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path; target; start, end, in seconds. Writes this part of the clip as MP4, with
    its sound; its facts. Raises Refused."""
    film = open_film(arguments["path"], [])
    total = film.frame_count()
    first = min(total - 1, max(0, round(arguments["start"] * film.fps)))
    end = min(total, max(first + 1, round(arguments["end"] * film.fps)))
    skip, samples = (round(n / film.fps * SAMPLE_RATE) for n in (first, end - first))
    sound = film_chunks(film, samples, skip=skip) if film.has_sound else None
    width, height = working_size(film)
    target = arguments["target"]
    with VideoWriter(target, width, height, film.fps, audio=sound) as writer:
        for picture in islice(film.frames(size=(width, height)), first, end):
            writer.add(picture)
            report(writer.frames / (end - first), "Cutting")
    facts = {"kind": "video", "mime": "video/mp4", "width": width, "height": height}
    return {**facts, "duration_s": writer.duration_s}


def _last(path: str) -> Any:
    last = None
    with open_av(path) as media:
        if media.pictures is not None:
            for frame in media.decode(media.pictures):
                last = frame
        return None if last is None else upright_rgb(last)


def _frame_at(path: str, second: float) -> Any:
    film = open_film(path, [])
    number = min(film.frame_count() - 1, max(0, round(second * film.fps)))
    return next(islice(film.frames(), number, None), None)


def speech(arguments: dict[str, Any], report: Callable[[float, str], None]) -> dict[str, Any]:
    """arguments: path. `seconds`: how long it lasts; `spoken`: [start, end] in seconds of each
    stretch between pauses, in order; empty for silence. Raises Refused for what is no sound."""
    size = round(RATE * WINDOW_S)
    levels: list[np.ndarray[Any, Any]] = []
    rest = np.empty(0, np.float32)
    samples = 0
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with open_av(arguments["path"]) as media:
        if media.sound is None:
            raise Refused("This file has no audio in it.")
        for frame in media.decode(media.sound):
            for part in resampler.resample(frame):
                heard = part.to_ndarray().reshape(-1).astype(np.float32)
                samples += len(heard)
                rest = np.concatenate((rest, heard))
                whole = len(rest) // size * size
                windows = rest[:whole].reshape(-1, size)
                levels.append(np.sqrt(np.mean(windows * windows, axis=1)))
                rest = rest[whole:]
    level = np.concatenate(levels) if levels else np.empty(0, np.float32)
    return {"seconds": samples / RATE, "spoken": _spoken(level)}


def _spoken(level: np.ndarray[Any, Any]) -> list[list[float]]:
    if not len(level) or float(level.max()) < SILENT:
        return []
    loud = float(np.percentile(level, 95)) or float(level.max())
    is_loud = level > loud * 10 ** (-PAUSE_DB / 20)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], is_loud, [False])).astype(np.int8)))
    found: list[list[float]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        begins, ends = float(start) * WINDOW_S, float(end) * WINDOW_S
        if found and begins - found[-1][1] < PAUSE_S:
            found[-1][1] = ends
        else:
            found.append([begins, ends])
    return [[round(begins, 3), round(ends, 3)] for begins, ends in found]
