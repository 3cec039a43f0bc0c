"""Say what can be measured in a clip, and answer questions as far as that goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mediakit.errors import Refused
from mediakit.job_protocol import Report
from studio.job_io.job_results import outcome
from studio.media.image.palette import main_colours
from studio.media.video.description import answer, described
from studio.media.video.frame_analysis import Watched, watch
from studio.media.video.motion import Motion
from studio.media.video.reader import Film, open_film
from studio.media.video.sound_analysis import listen

_CURVE = 24  # points of the curves of light and motion
_MADE_OF = ("prompt", "seed", "setting", "camera", "provider", "bpm")


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Port: `video`. Makes no file.

    values: `message`, the answer for people; `analysis`, the facts it rests on; `question`, what
    was asked, if anything. Raises Refused without a video.
    """
    clips = arguments["media"].get("video") or []
    if not clips:
        raise Refused("Add a video to analyze.", "ASSET_NOT_FOUND")
    warnings: list[str] = []
    film = open_film(clips[0]["path"], warnings)
    watched = watch(film, lambda fraction, message: report(0.85 * fraction, message))
    report(0.87, "Listening")
    facts = facts_of(film, watched, clips[0].get("meta") or {})
    question = str(arguments["params"].get("prompt") or "").strip()
    message = answer(facts, question) if question else described(facts)
    values: dict[str, Any] = {"message": message, "analysis": facts}
    if question:
        values["question"] = question[:2000]
    report(1.0, "Done")
    return outcome(values=values, warnings=warnings)


def facts_of(film: Film, watched: Watched, meta: Mapping[str, Any]) -> dict[str, Any]:
    """Everything measured, as JSON. Times in seconds, light from 0 to 1."""
    facts: dict[str, Any] = {
        "width": film.width,
        "height": film.height,
        "fps": round(float(film.fps), 3),
        "duration_s": round(watched.seconds(watched.count), 3),
        "frames": watched.count,
        "cuts_s": [watched.seconds(cut) for cut in watched.cuts],
        "shots": [
            {"start": start, "end": end, **_camera(watched, start, end)}
            for start, end in watched.shots
        ],
        "brightness": round(float(watched.light.mean()) / 255, 3),
        "brightness_over_time": _curve(watched, watched.light / 255),
        "motion": round(float(watched.steps.mean()), 2),
        "motion_over_time": _curve(watched, watched.steps),
        "black": [_span(*span) for span in watched.black],
        "frozen": [_span(*span) for span in watched.frozen],
        "palette": _palette(watched),
        "sound": listen(film),
    }
    if meta.get("prompt"):
        facts["made_from"] = {name: meta[name] for name in _MADE_OF if name in meta}
    spoken = meta.get("text") or " ".join(
        str(cue.get("text", "")) for cue in meta.get("cues") or () if isinstance(cue, Mapping)
    )
    if spoken:
        facts["spoken"] = str(spoken)
    return facts


def _camera(watched: Watched, start: float, end: float) -> dict[str, Any]:
    """What the camera does in a shot, and how far, in picture widths a second."""
    moves = [m for n, m in watched.moves if start <= watched.seconds(n) < end]
    if not moves:
        return {"camera": "unknown"}
    dx, dy, zoom = (
        float(np.median([getattr(m, name) for m in moves])) for name in ("dx", "dy", "zoom")
    )
    motion = Motion(dx, dy, zoom, float(np.mean([m.own for m in moves])))
    return {
        "camera": camera_word(motion),
        "pan": round(-motion.dx, 4),
        "tilt": round(motion.dy, 4),
        "zoom": round(motion.zoom, 4),
        "moving": round(motion.own, 4),
    }


def camera_word(motion: Motion) -> str:
    """The move someone would call this, from a motion a second."""
    strengths = {
        "pan right": -motion.dx,
        "pan left": motion.dx,
        "tilt up": motion.dy,
        "tilt down": -motion.dy,
        "push in": (motion.zoom - 1) / 2,
        "pull out": (1 - motion.zoom) / 2,
    }
    word = max(strengths, key=lambda name: strengths[name])
    return word if strengths[word] > 0.006 else "static"


def _curve(watched: Watched, values: Any) -> list[float]:
    pieces = np.array_split(values, min(_CURVE, watched.count))
    return [round(float(piece.mean()), 3) for piece in pieces]


def _span(start: float, end: float) -> dict[str, float]:
    return {"start": start, "end": end}


def _palette(watched: Watched) -> list[dict[str, Any]]:
    if not watched.samples:
        return []
    return [swatch.facts() for swatch in main_colours(np.concatenate(watched.samples))]
