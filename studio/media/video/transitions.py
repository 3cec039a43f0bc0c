"""How one clip turns into the next: reading what was asked for, and drawing it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.media.raster import Frame

Blend = Callable[[Frame, Frame, float], Frame]

DEFAULT_S = 0.5
MAX_S = 2.0


@dataclass(frozen=True, slots=True)
class Transition:
    """kind: "cut" or a key of BLENDS. duration_s: seconds both clips are seen; 0 for a cut."""

    kind: str
    duration_s: float


def read_transition(asked: Any) -> tuple[Transition, str]:
    """What was asked for, as an object or a plain word, and a warning when it is not known.

    Accepts {type | kind | name, durationSeconds | duration | seconds} and strings such as
    "crossfade". Nothing asked is a cut, as the public contract says.
    """
    if not asked:
        return Transition("cut", 0.0), ""
    settings: Mapping[str, Any] = asked if isinstance(asked, Mapping) else {"type": asked}
    name = _first(settings, "type", "kind", "name") or "fade"
    word = re.sub(r"[^a-z]", "", str(name).lower())
    kind = _NAMES.get(word, word)
    warning = ""
    if kind != "cut" and kind not in BLENDS:
        warning = f"Unknown transition {name!r}. A crossfade was used."
        kind = "fade"
    if kind == "cut":
        return Transition("cut", 0.0), warning
    length = _first(settings, "durationSeconds", "duration_seconds", "duration", "seconds")
    try:
        duration = DEFAULT_S if length is None else float(length)
    except (TypeError, ValueError):
        warning = f"The transition's duration {length!r} isn't a number. {DEFAULT_S} s was used."
        duration = DEFAULT_S
    if duration > MAX_S:
        warning = f"The transition was limited to {MAX_S:g} s (you asked for {duration:g} s)."
    duration = min(max(duration, 0.0), MAX_S)
    return Transition(kind if duration else "cut", duration), warning


def _fade(old: Frame, new: Frame, done: float) -> Frame:
    return cv2.addWeighted(old, 1 - done, new, done, 0)


def _through(level: int) -> Blend:
    def blend(old: Frame, new: Frame, done: float) -> Frame:
        shown, part = (old, 1 - 2 * done) if done < 0.5 else (new, 2 * done - 1)
        plain = np.full_like(shown, level)
        return cv2.addWeighted(shown, part, plain, 1 - part, 0)

    return blend


def _wipe(axis: int, *, from_end: bool) -> Blend:
    """The new picture is uncovered by an edge, a few pixels soft, moving along the axis."""

    def blend(old: Frame, new: Frame, done: float) -> Frame:
        length = old.shape[axis]
        soft = max(2.0, length / 50)
        place = np.arange(length, dtype=np.float32)
        place = length - 1 - place if from_end else place
        share = np.clip((done * (length + soft) - place) / soft, 0, 1)
        share = share[:, None, None] if axis == 0 else share[None, :, None]
        return np.rint(old + (new.astype(np.float32) - old) * share).astype(np.uint8)

    return blend


def _slide(axis: int, *, towards_start: bool) -> Blend:
    """The new picture pushes in, the old one out, along the axis."""

    def blend(old: Frame, new: Frame, done: float) -> Frame:
        # Eased: a slide at even speed starts and stops with a jerk.
        shift = round(old.shape[axis] * done * done * (3 - 2 * done))
        pair = (old, new) if towards_start else (new, old)
        strip = np.concatenate(pair, axis=axis)
        start = shift if towards_start else old.shape[axis] - shift
        window = slice(start, start + old.shape[axis])
        return np.ascontiguousarray(strip[window] if axis == 0 else strip[:, window])

    return blend


# Names and directions as in FFmpeg's xfade, which the public contract refers to.
BLENDS: Mapping[str, Blend] = {
    "fade": _fade,
    "fadeblack": _through(0),
    "fadewhite": _through(255),
    "wipeleft": _wipe(1, from_end=True),
    "wiperight": _wipe(1, from_end=False),
    "wipeup": _wipe(0, from_end=True),
    "wipedown": _wipe(0, from_end=False),
    "slideleft": _slide(1, towards_start=True),
    "slideright": _slide(1, towards_start=False),
    "slideup": _slide(0, towards_start=True),
    "slidedown": _slide(0, towards_start=False),
}
_NAMES = {
    "none": "cut",
    "hardcut": "cut",
    "hard": "cut",
    "crossfade": "fade",
    "xfade": "fade",
    "dissolve": "fade",
    "crossdissolve": "fade",
    "mix": "fade",
    "fadetoblack": "fadeblack",
    "dipblack": "fadeblack",
    "diptoblack": "fadeblack",
    "fadetowhite": "fadewhite",
    "flash": "fadewhite",
    "wipe": "wipeleft",
    "slide": "slideleft",
    "push": "slideleft",
}


def _first(settings: Mapping[str, Any], *names: str) -> Any:
    return next((settings[name] for name in names if settings.get(name) is not None), None)
