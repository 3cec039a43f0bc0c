"""From words about a camera's place to the place: side, height, distance."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from studio.artist.views.views import Camera

# Where one stands around a subject, in degrees; the camera's right is positive.
SIDES = (
    (r"front[- ]right", 45.0),
    (r"front[- ]left", -45.0),
    (r"(?:back|rear)[- ]right", 135.0),
    (r"(?:back|rear)[- ]left", -135.0),
    (r"\b(?:back|rear|behind)\b", 180.0),
    (r"three[- ]quarter", 45.0),
    (r"\bright\b", 90.0),
    (r"\bleft\b", -90.0),
    (r"\b(?:side|profile)\b", 90.0),
    (r"\bfront(?:al)?\b|straight on|head[- ]on", 0.0),
)
HEIGHTS = (
    (r"bird'?s?[- ]eye|overhead|top[- ]down|top view|from the top", 1.15),
    (r"high[- ]angle|from (?:high )?above|looking down|drone|aerial", 1.0),
    (r"elevated|higher|raised|from up", 0.55),
    (r"low[- ]angle|from below|looking up|worm'?s?[- ]eye|ground level|lower\b", -0.9),
    (r"eye[- ]level|level shot|straight", 0.0),
)
DISTANCES = (
    (r"extreme close|macro", 1.9),
    (r"close[- ]?up|closeup", 1.5),
    (r"closer|nearer|zoom(?:ed)? in|move in", 1.3),
    (r"medium|mid[- ]shot|normal distance", 1.0),
    (r"\b(?:extreme )?(?:wide|long|full|establishing)\b|zoom(?:ed)? out", 0.8),
    (r"(?:further|farther)(?: away)?|move back|step back|distant", 0.84),
)
# A picture shows its front: this is how far to a side one can go before it would be a guess.
FARTHEST_DEG = 22


@dataclass(frozen=True, slots=True)
class Stand:
    """What a description says: degrees around, height, zoom; None for what it says nothing of."""

    around: float | None
    pitch: float | None
    zoom: float | None

    @property
    def is_understood(self) -> bool:
        return not (self.around is None and self.pitch is None and self.zoom is None)

    @property
    def is_behind(self) -> bool:
        return self.around is not None and abs(self.around) > 100

    def camera(self, strength: float = 1.0) -> Camera:
        """strength: 0 stays where the picture was taken from, 1 goes all the way."""
        around = math.radians(self.around or 0.0)
        zoom = 1 + ((self.zoom or 1.0) - 1) * strength
        return Camera(math.sin(around) * strength, (self.pitch or 0.0) * strength, zoom)


def read_stand(description: str) -> Stand:
    """Read words such as "front-right quarter view elevated shot close-up"."""
    lowered = description.lower()
    return Stand(_turn(lowered), _first(lowered, HEIGHTS), _first(lowered, DISTANCES))


def _turn(lowered: str) -> float | None:
    named = _first(lowered, SIDES)
    degrees = re.search(r"(-?\d{1,3})\s*(?:°|deg)", lowered)
    if degrees and named not in (135.0, -135.0, 180.0):
        turn = min(180.0, abs(float(degrees[1])))
        leftwards = degrees[1].startswith("-") or (named is not None and named < 0)
        return -turn if leftwards else turn
    return named


def _first(lowered: str, table: tuple[tuple[str, float], ...]) -> float | None:
    return next((value for phrase, value in table if re.search(phrase, lowered)), None)
