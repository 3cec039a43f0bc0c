"""The measures heads and bodies are drawn in, and what draws in them.

Hats and held things draw with a frame alone, so they need to know neither faces nor clothes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from studio.artist.drawing.figure import Material, Point
from studio.artist.drawing.pen import Pen
from studio.artist.people.appearance import Look
from studio.artist.people.poses import Stance

RX, RY = 0.088, 0.104
CHILD = 0.7


class HeadFrame:
    """A head about its middle. turn: -1 looks left in profile, 0 at us; look: 1 far up.

    x, y: its middle; size: 1 for an adult's; tilt: degrees to the left. back: seen from behind.
    """

    def __init__(
        self,
        pen: Pen,
        look: Look,
        x: float,
        y: float,
        size: float,
        *,
        turn: float,
        raised: float,
        tilt: float = 0.0,
        back: bool = False,
    ) -> None:
        self.pen, self.look = pen, look
        self.x, self.y, self.size = x, y, size
        self.turn, self.raised, self.back = turn, raised, back
        self._cos, self._sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
        self.skin = Material(look.skin, "skin")
        self.hair = Material(look.hair, "fur")

    # Points: a head is 2 wide (-1 to 1) and 2 high (-1 chin to 1 crown) in these measures.

    def at(self, a: float, b: float) -> Point:
        dx, dy = a * RX * self.size, b * RY * self.size
        return (self.x + dx * self._cos - dy * self._sin, self.y + dx * self._sin + dy * self._cos)

    def all(self, points: Sequence[Point]) -> list[Point]:
        return [self.at(a, b) for a, b in points]

    def on(self, longitude: float, b: float) -> tuple[Point, float]:
        """A place on the face, and how wide things there look (0 edge-on)."""
        angle = longitude + self.turn * 1.15
        width = math.sqrt(max(0.08, 1 - (b * 0.55) ** 2))
        return (math.sin(angle) * width, b + 0.16 * self.raised), max(0.0, math.cos(angle))

    def blob(self, points: Sequence[Point], material: Material, *, line: bool = True) -> None:
        self.pen.blob(self.all(points), material, line=line)

    def oval(
        self, a: float, b: float, ra: float, rb: float, material: Material, *, line: bool = False
    ) -> None:
        x, y = self.at(a, b)
        tilt = math.degrees(math.atan2(self._sin, self._cos))
        rx, ry = ra * RX * self.size, rb * RY * self.size
        self.pen.ellipse(x, y, rx, ry, material, tilt=tilt, line=line)

    def stroke(
        self,
        points: Sequence[Point],
        widths: Sequence[float],
        material: Material,
        *,
        line: bool = False,
    ) -> None:
        scaled = [width * RX * self.size for width in widths]
        self.pen.limb(self.all(points), scaled, material, line=line)


class BodyFrame:
    """A body about its hips. The measures of a stance are scaled here for children."""

    def __init__(self, pen: Pen, look: Look, pose: Stance) -> None:
        self.pen, self.look, self.pose = pen, look, pose
        self.k = CHILD if look.child else 1.0
        self.side = 0.5 if pose.side or look.view == "profile" else 1.0
        self.back = look.view == "back"
        self.turn = {"profile": -1.0, "back": 0.0}.get(look.view, pose.turn)
        lean = math.radians(pose.lean)
        self._cos, self._sin = math.cos(lean), math.sin(lean)
        self.cloth = Material(look.main, "metal" if look.top == "armour" else "cloth")
        self.lower = Material(look.second, "metal" if look.top == "armour" else "cloth")
        self.skin = Material(look.skin, "skin")
        if look.top == "suit" and "mask" in look.extras:
            self.cloth = self.lower = Material(look.main, "gloss")

    # Points.

    def at(self, x: float, y: float) -> Point:
        """A place measured from the hips along the trunk."""
        hx, hy = self.pose.hip
        return (
            self.k * (hx + x * self._cos - y * self._sin),
            self.k * (hy + x * self._sin + y * self._cos),
        )

    def all(self, points: Sequence[Point]) -> list[Point]:
        return [self.at(x, y) for x, y in points]

    def trunk(self, points: Sequence[Point], material: Material, *, line: bool = True) -> None:
        self.pen.blob(self.all(points), material, line=line)

    def stroke(
        self,
        points: Sequence[Point],
        widths: Sequence[float],
        material: Material,
        *,
        line: bool = False,
    ) -> None:
        self.pen.limb(self.all(points), [w * self.k for w in widths], material, line=line)

    def hand(self, index: int) -> Point:
        x, y = self.pose.hands[index]
        return (x * self.k, y * self.k)
