"""Camera moves: which one the words ask for, and where the camera is at each moment."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from studio.media.numbers import ease
from studio.media.text import words_of

Move: TypeAlias = Literal[
    "push_in",
    "pull_out",
    "pan_left",
    "pan_right",
    "tilt_up",
    "tilt_down",
    "orbit",
    "handheld",
    "static",
]
MOVES: tuple[Move, ...] = (
    "push_in",
    "pull_out",
    "pan_left",
    "pan_right",
    "tilt_up",
    "tilt_down",
    "orbit",
    "handheld",
    "static",
)

# In order: the first that matches wins, so the more particular phrases come first.
SIDEWAYS = r"\b(?:pan|pans|panning|track|tracks|tracking|truck|slide|slides|sliding)(?: \w+)?"
UPRIGHT = r"(?:tilt|tilts|tilting|crane|cranes|craning|pedestal|boom|lower|lowers)"
FORWARD = r"(?:push(?:es|ing)?|dolly|dollies|zoom(?:s|ing)?)"
PHRASES: tuple[tuple[str, Move], ...] = (
    (
        r"\b(static|locked|fixed|stationary|motionless)[- ]?(off|down)?[- ]+(camera|shot|frame)",
        "static",
    ),
    (r"\b(locked[- ]?off|tripod|still camera|no camera (move|movement|motion))\b", "static"),
    (r"camera (is |stays |remains |holds )?(static|locked|fixed|still)", "static"),
    (r"\b(pull(s|ing)?|zoom(s|ing)?|dolly|dollies|track(s|ing)?)[- ]?(out|back)\b", "pull_out"),
    (r"\b(pulls? away|moves? away|widens?|reveals?|wide reveal)\b", "pull_out"),
    (SIDEWAYS + r" (to the )?left", "pan_left"),
    (SIDEWAYS + r" (to the )?right", "pan_right"),
    (r"\b" + UPRIGHT + r"( \w+)? down", "tilt_down"),
    (r"\b" + UPRIGHT + r"\b", "tilt_up"),
    (r"\b(rise|rises|rising|aerial|drone|jib)\b", "tilt_up"),
    (r"\b(orbit|orbits|orbiting|arc|arcs|arcing|circles|circling|turntable|360)\b", "orbit"),
    (r"\b(revolves?|rotates?|rotating) around\b|\baround the\b", "orbit"),
    (r"\b" + FORWARD + r"\b", "push_in"),
    (r"\b(creeps?|moves? (in|closer)|closer|approach(es)?)\b", "push_in"),
    (r"\b(pan|pans|panning|tracking|lateral|sideways)\b", "pan_right"),
    (r"\b(handheld|hand-held|shaky|found footage)\b", "handheld"),
    (r"\b(static|locked)\b", "static"),
)

# Words that only say where the camera goes: nothing to draw, nothing to warn about.
CAMERA_WORDS = words_of(
    """
    camera shot shots frame framing push pushes pushing pull pulls pulling zoom zooms zooming
    dolly dollies track tracks tracking truck pan pans panning tilt tilts tilting crane cranes
    craning jib boom pedestal orbit orbits orbiting arc arcs arcing circle circles circling
    handheld shaky static locked tripod move moves movement motion closer approach approaches
    reveal reveals rise rises rising aerial drone lateral sideways left right up down in out
    back wide medium close closeup angle low high lens focal bokeh shallow depth field dof 35mm
    50mm 85mm macro turntable establishing footage cut cuts take pov overhead eye level
    """
)


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is. x, y: sideways and up, in picture widths and heights at the nearest
    depth. zoom: 1 at rest. pivot: the depth that stays in place while the rest moves past it."""

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    pivot: float = 0.0


REST = Pose()


def read_move(text: str) -> Move | None:
    """The move a prompt asks for, or None when it says nothing about the camera."""
    lowered = text.lower()
    return next((move for phrase, move in PHRASES if re.search(phrase, lowered)), None)


def pose(move: Move, t: float, seconds: float) -> Pose:
    """The camera at t (0 first frame, 1 last frame) of a shot of so many seconds.

    A move starts at rest, so that a film made from a picture opens on that picture. Longer shots
    travel farther, to the limit of what is painted beyond the picture's edges.
    """
    reach = min(1.25, 0.75 + 0.05 * seconds)
    across = min(1.0, reach)
    e = ease(t)
    if move == "push_in":
        return Pose(zoom=1 + 0.22 * reach * e, pivot=0.72)
    if move == "pull_out":
        return Pose(zoom=1 - 0.13 * across * e, pivot=0.72)
    if move == "pan_left":
        return Pose(x=-0.09 * across * e, zoom=1.02)
    if move == "pan_right":
        return Pose(x=0.09 * across * e, zoom=1.02)
    if move == "tilt_up":
        return Pose(y=0.09 * across * e, zoom=1.02)
    if move == "tilt_down":
        return Pose(y=-0.09 * across * e, zoom=1.02)
    if move == "orbit":
        angle = 2 * math.pi * e * 0.5
        return Pose(x=0.085 * reach * math.sin(angle), zoom=1 + 0.05 * e, pivot=0.72)
    if move == "handheld":
        seconds_in = t * seconds
        return Pose(
            x=0.006 * math.sin(2.1 * seconds_in) + 0.004 * math.sin(5.3 * seconds_in),
            y=0.006 * math.sin(2.7 * seconds_in) + 0.003 * math.sin(4.4 * seconds_in),
            zoom=1.03,
        )
    return REST
