"""Moves: where hips, hands and feet are at every moment of a few beats.

Lengths are shares of the dancer's height. Left and right are the viewer's. Hands are given from
their shoulder, feet from the spot the dancer stands on; knees and elbows follow by themselves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Posture:
    """One moment. x, y: of the hips, from where they are at rest. lean, nod: of trunk and head,
    degrees to the right. turn: 1 faces us, -1 mirrored, in between sideways. lift: off the ground.
    lh, rh, lf, rf: hands and feet, x to the right and y up."""

    x: float = 0.0
    y: float = 0.0
    lean: float = 0.0
    nod: float = 0.0
    turn: float = 1.0
    lift: float = 0.0
    lhx: float = -0.09
    lhy: float = -0.27
    rhx: float = 0.09
    rhy: float = -0.27
    lfx: float = -0.08
    lfy: float = 0.0
    rfx: float = 0.08
    rfy: float = 0.0

    def mirrored(self) -> Posture:
        return Posture(
            -self.x, self.y, -self.lean, -self.nod, self.turn, self.lift,
            -self.rhx, self.rhy, -self.lhx, self.lhy,
            -self.rfx, self.rfy, -self.lfx, self.lfy,
        )  # fmt: skip


STANDING = Posture()
_NAMES = tuple(field.name for field in fields(Posture))


@dataclass(frozen=True, slots=True)
class Move:
    """Postures at beats, over and over. beats: after so many it begins again. keys: in order, each
    the beat and what differs from standing. snap: 0 flows, 1 hits each key and holds it."""

    beats: float
    keys: tuple[tuple[float, Posture], ...]
    snap: float = 0.4

    def at(self, beat: float) -> Posture:
        """The posture so many beats after the move began."""
        now = beat % self.beats
        index = max((i for i, (at, _) in enumerate(self.keys) if at <= now), default=-1)
        start, before = self.keys[index]
        end, after = self.keys[(index + 1) % len(self.keys)]
        span = (end - start) % self.beats or self.beats
        share = ((now - start) % self.beats) / span
        return between(before, after, self._eased(share))

    def _eased(self, share: float) -> float:
        """How far on the way. A dancer arrives on the beat, not after it."""
        flowing = 0.5 - 0.5 * math.cos(math.pi * share)
        # Held at first, then quickly there.
        wait = 0.55 * self.snap
        late = max(0.0, (share - wait) / (1 - wait))
        hitting = late * late * (3 - 2 * late)
        return flowing + (hitting - flowing) * self.snap

    def mirrored(self) -> Move:
        keys = tuple((at, posture.mirrored()) for at, posture in self.keys)
        return replace(self, keys=keys)


def between(before: Posture, after: Posture, share: float) -> Posture:
    first, second = _values(before), _values(after)
    return Posture(*(a + (b - a) * share for a, b in zip(first, second, strict=True)))


def _values(posture: Posture) -> list[float]:
    return [getattr(posture, name) for name in _NAMES]


def _move(beats: float, snap: float, **keys: Posture) -> Move:
    """keys: `b0`, `b0_5`, `b1` … the beat with an underscore for the point."""
    listed = tuple((float(name[1:].replace("_", ".")), at) for name, at in keys.items())
    return Move(beats, listed, snap)


def _both_ways(first: Posture, beats: float = 2, snap: float = 0.5) -> Move:
    """A posture and its mirror image in turn, a dip of the knees between."""
    half = beats / 2
    low = between(first, first.mirrored(), 0.5)
    low = replace(low, y=low.y - 0.035)
    keys = ((0.0, first), (half / 2, low), (half, first.mirrored()), (1.5 * half, low))
    return Move(beats, keys, snap)


def _p(**changes: float) -> Posture:
    return replace(STANDING, **changes)


_UP = {"lhx": -0.1, "lhy": 0.28, "rhx": 0.1, "rhy": 0.28}
_HIPS = {"lhx": 0.035, "lhy": -0.2, "rhx": -0.035, "rhy": -0.2}
_FOLDED = {"lhx": 0.2, "lhy": -0.1, "rhx": -0.2, "rhy": -0.08}

MOVES: Mapping[str, Move] = {
    "bounce": _move(
        1, 0.2,
        b0=_p(y=-0.045, lean=-2, lhx=-0.12, lhy=-0.16, rhx=0.12, rhy=-0.16),
        b0_5=_p(y=0.0, lean=2, lhx=-0.13, lhy=-0.2, rhx=0.13, rhy=-0.2),
    ),
    "step touch": _both_ways(
        _p(x=0.07, lean=4, nod=4, rfx=0.2, lfx=-0.02, lfy=0.01, lhx=-0.2, lhy=-0.08, rhx=0.02,
           rhy=-0.16, y=-0.02), 2, 0.4,
    ),
    "arms wave": _both_ways(
        _p(x=0.05, lean=8, nod=6, lhx=0.0, lhy=0.29, rhx=0.22, rhy=0.2, rfx=0.12), 2, 0.1
    ),
    "squat kicks": _move(
        2, 0.7,
        b0=_p(y=-0.17, lfx=-0.36, lfy=0.1, rfx=0.05, lean=5, **_FOLDED),
        b0_5=_p(y=-0.12, lfx=-0.08, rfx=0.08, lift=0.02, **_FOLDED),
        b1=_p(y=-0.17, rfx=0.36, rfy=0.1, lfx=-0.05, lean=-5, **_FOLDED),
        b1_5=_p(y=-0.12, lfx=-0.08, rfx=0.08, lift=0.02, **_FOLDED),
    ),
    "heel digs": _both_ways(
        _p(y=-0.03, rfx=0.24, rfy=0.035, lean=-5, nod=-5, **_FOLDED), 2, 0.6
    ),
    "clap high": _move(
        2, 0.6,
        b0=_p(y=-0.05, lhx=-0.22, lhy=-0.02, rhx=0.22, rhy=-0.02, lfx=-0.12, rfx=0.12),
        b1=_p(y=0.0, lift=0.015, lhx=0.1, lhy=0.27, rhx=-0.1, rhy=0.27, lfx=-0.12, rfx=0.12),
    ),
    "hips": _both_ways(_p(x=0.075, lean=-9, nod=5, y=-0.02, rfx=0.13, lfx=-0.09, **_HIPS), 2, 0.3),
    "point": _move(
        4, 0.7,
        b0=_p(x=0.05, lean=8, nod=8, rhx=0.2, rhy=0.24, lfx=-0.17, rfx=0.11, lhx=0.03, lhy=-0.2),
        b1=_p(x=-0.02, lean=-4, rhx=-0.25, rhy=-0.2, lfx=-0.17, rfx=0.11, y=-0.05, lhx=0.03,
              lhy=-0.2),
        b2=_p(x=0.05, lean=8, nod=8, rhx=0.22, rhy=0.22, lfx=-0.17, rfx=0.11, lhx=0.03, lhy=-0.2),
        b3=_p(x=-0.02, lean=-4, rhx=-0.25, rhy=-0.2, lfx=-0.17, rfx=0.11, y=-0.05, lhx=0.03,
              lhy=-0.2),
    ),
    "jacks": _move(
        2, 0.3,
        b0=_p(y=-0.03),
        b0_5=_p(lift=0.05, lhx=-0.26, lhy=0.02, rhx=0.26, rhy=0.02, lfx=-0.13, rfx=0.13),
        b1=_p(y=-0.05, lfx=-0.2, rfx=0.2, **_UP),
        b1_5=_p(lift=0.05, lhx=-0.26, lhy=0.02, rhx=0.26, rhy=0.02, lfx=-0.13, rfx=0.13),
    ),
    "knee lifts": _both_ways(
        _p(rfx=0.1, rfy=0.24, x=-0.03, lean=3, lhx=0.09, lhy=-0.02, rhx=0.23, rhy=-0.12,
           lfx=-0.05, lift=0.01), 2, 0.4,
    ),
    "floss": _move(
        2, 0.5,
        b0=_p(x=-0.07, lhx=0.12, lhy=-0.26, rhx=0.22, rhy=-0.2, lean=3),
        b0_5=_p(x=0.07, lhx=-0.22, lhy=-0.2, rhx=-0.12, rhy=-0.26, lean=-3),
        b1=_p(x=-0.07, lhx=0.04, lhy=-0.27, rhx=0.22, rhy=-0.18, lean=3),
        b1_5=_p(x=0.07, lhx=-0.22, lhy=-0.18, rhx=-0.04, rhy=-0.27, lean=-3),
    ),
    "machine": _move(
        4, 1.0,
        b0=_p(lhx=-0.2, lhy=0.12, rhx=0.18, rhy=-0.18, nod=-10, lean=-3),
        b1=_p(lhx=-0.18, lhy=-0.18, rhx=0.2, rhy=0.12, nod=10, lean=3),
        b2=_p(lhx=0.05, lhy=-0.12, rhx=-0.05, rhy=-0.12, nod=0, y=-0.06),
        b3=_p(lhx=-0.28, lhy=0.0, rhx=0.28, rhy=0.0, nod=-8, lfx=-0.14),
    ),
    "frame": _move(
        4, 0.9,
        b0=_p(x=0.04, lean=-7, nod=9, lhx=0.04, lhy=0.22, rhx=-0.05, rhy=0.1, rfx=0.16),
        b1=_p(x=-0.04, lean=7, nod=-9, lhx=0.05, lhy=0.1, rhx=-0.04, rhy=0.22, lfx=-0.16),
        b2=_p(lhx=-0.27, lhy=0.08, rhx=-0.035, rhy=-0.2, lean=-5, nod=-6, rfx=0.15),
        b3=_p(rhx=0.27, rhy=0.08, lhx=0.035, lhy=-0.2, lean=5, nod=6, lfx=-0.15),
    ),
    "roll": _move(
        2, 0.25,
        b0=_p(y=-0.09, x=-0.04, lean=-7, lhx=0.08, lhy=-0.1, rhx=0.0, rhy=-0.18, lfx=-0.15,
              rfx=0.15),
        b0_5=_p(y=-0.05, lhx=0.0, lhy=-0.18, rhx=-0.08, rhy=-0.1, lfx=-0.15, rfx=0.15),
        b1=_p(y=-0.09, x=0.04, lean=7, lhx=0.08, lhy=-0.1, rhx=0.0, rhy=-0.18, lfx=-0.15,
              rfx=0.15),
        b1_5=_p(y=-0.05, lhx=0.0, lhy=-0.18, rhx=-0.08, rhy=-0.1, lfx=-0.15, rfx=0.15),
    ),
    "lean back": _both_ways(
        _p(x=-0.05, lean=-11, nod=-7, y=-0.05, lhx=-0.12, lhy=-0.18, rhx=0.2, rhy=-0.02, lfx=-0.17,
           rfx=0.14), 4, 0.5,
    ),
    "shoulders": _move(
        1, 0.4,
        b0=_p(y=-0.06, lean=-6, nod=5, lhx=-0.2, lhy=-0.12, rhx=0.17, rhy=-0.2, lfx=-0.13,
              rfx=0.13),
        b0_5=_p(y=-0.03, lean=6, nod=-5, lhx=-0.17, lhy=-0.2, rhx=0.2, rhy=-0.12, lfx=-0.13,
                rfx=0.13),
    ),
    "stomp": _both_ways(
        _p(x=-0.05, rfx=0.17, rfy=0.14, lfx=-0.13, y=-0.03, lean=-5, lhx=-0.17, lhy=0.12, rhx=0.19,
           rhy=0.08), 2, 0.6,
    ),
    "flex": _move(
        2, 0.7,
        b0=_p(y=-0.05, lhx=-0.12, lhy=0.14, rhx=0.12, rhy=0.14, lfx=-0.17, rfx=0.17),
        b1=_p(y=-0.09, lhx=0.03, lhy=-0.17, rhx=-0.03, rhy=-0.17, lfx=-0.17, rfx=0.17, nod=6),
    ),
    "lion": _move(
        4, 0.45,
        b0=_p(y=-0.13, lfx=-0.22, rfx=0.22, lhx=0.02, lhy=-0.02, rhx=-0.02, rhy=-0.02, nod=-8),
        b1=_p(y=-0.1, x=0.06, lfx=-0.22, rfx=0.22, lhx=-0.02, lhy=0.25, rhx=0.06, rhy=0.25, nod=8),
        b2=_p(y=-0.13, lfx=-0.22, rfx=0.22, lhx=-0.24, lhy=0.02, rhx=0.24, rhy=0.02, nod=-8),
        b3=_p(y=-0.02, lift=0.07, x=-0.06, lfx=-0.12, rfx=0.14, rfy=0.05, **_UP),
    ),
    "fan": _both_ways(
        _p(x=0.04, lean=6, nod=-6, rhx=0.25, rhy=0.17, lhx=0.035, lhy=-0.2, rfx=0.17, rfy=0.01,
           y=-0.05), 4, 0.3,
    ),
    "noodle": _move(
        2, 0.0,
        b0=_p(x=-0.06, y=-0.03, lean=8, nod=-9, lhx=-0.25, lhy=0.1, rhx=0.25, rhy=-0.1, lfx=-0.1),
        b0_5=_p(x=-0.02, y=-0.06, lhx=-0.27, lhy=0.0, rhx=0.27, rhy=0.0),
        b1=_p(x=0.06, y=-0.03, lean=-8, nod=9, lhx=-0.25, lhy=-0.1, rhx=0.25, rhy=0.1, rfx=0.1),
        b1_5=_p(x=0.02, y=-0.06, lhx=-0.27, lhy=0.0, rhx=0.27, rhy=0.0),
    ),
    "hop": _move(
        1, 0.1,
        b0=_p(y=-0.06, lhx=-0.16, lhy=-0.12, rhx=0.16, rhy=-0.12),
        b0_5=_p(lift=0.075, lhx=-0.22, lhy=0.06, rhx=0.22, rhy=0.06, lfx=-0.1, rfx=0.1),
    ),
    "strut": _both_ways(
        _p(x=0.05, lean=-4, nod=5, rfx=0.06, rfy=0.05, lfx=-0.03, lhx=0.035, lhy=-0.2, rhx=0.17,
           rhy=-0.22), 2, 0.4,
    ),
    "spin": _move(
        4, 0.0,
        b0=_p(y=-0.02, turn=1.0, lhx=-0.25, lhy=0.02, rhx=0.25, rhy=0.02),
        b1=_p(turn=-1.0, lhx=0.05, lhy=-0.1, rhx=-0.05, rhy=-0.1, lift=0.015),
        b2=_p(turn=1.0, y=-0.05, lfx=-0.14, rfx=0.14, **_UP),
        b3=_p(turn=1.0, y=-0.03, lhx=-0.24, lhy=0.06, rhx=0.24, rhy=0.06),
    ),
}  # fmt: skip
