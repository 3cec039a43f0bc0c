"""How someone holds themselves: where hips, hands and feet are, at each moment of a movement.

Measures are shares of an adult's height: x right, y up, the ground at 0. Movements that go
somewhere go left, as profiles do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from studio.artist.art_vocabulary import table

Point = tuple[float, float]

ACTIONS = table("actions")
# Seconds one round of a movement takes; what is not here is held.
CYCLES = {
    "walk": 1.1,
    "run": 0.66,
    "dance": 1.8,
    "wave": 0.9,
    "guitar": 0.8,
    "sing": 2.4,
    "cheer": 0.9,
    "jump": 1.2,
    "skate": 2.4,
    "swim": 2.0,
}
MOVING = frozenset({"walk", "run", "skate"})


@dataclass(frozen=True, slots=True)
class Stance:
    """One moment. turn: 0 faces us, -1 looks left in profile. lean: degrees to the left.

    look: how far up the head is raised. hands, feet: left one and right one as we see them;
    before: whether that hand passes in front of the body. knees, elbows: to which side they bend.
    """

    hip: Point = (0.0, 0.47)
    lean: float = 0.0
    turn: float = -0.25
    look: float = 0.0
    feet: tuple[Point, Point] = ((-0.062, 0.045), (0.085, 0.045))
    hands: tuple[Point, Point] = ((-0.152, 0.442), (0.158, 0.44))
    before: tuple[bool, bool] = (False, True)
    knees: tuple[float, float] = (-0.4, 0.4)
    elbows: tuple[float, float] = (-0.8, 0.8)
    side: bool = False
    seat: float = 0.0


def action_of(words: Collection[str]) -> str:
    """What someone does, from the words about them; "stand" when none says."""
    if "up" in words and words & {"looking", "looks", "gazing", "look"}:  # type: ignore[operator]
        return "look"
    found = [ACTIONS[word] for word in words if word in ACTIONS]
    for action in ("guitar", "read", "sit", "run", "skate", "dance", "jump", "wave", "walk"):
        if action in found:
            return action
    return sorted(found)[0] if found else "stand"


def stance(action: str, phase: float) -> Stance:
    """phase: 0 to 1, one round of the movement."""
    return STANCES.get(action, _stand)(phase)


def _stand(phase: float) -> Stance:
    return Stance()


def _foot(phase: float, stride: float, lift: float) -> Point:
    """Half the time on the ground and going back, half of it swinging forwards."""
    phase %= 1.0
    if phase < 0.5:
        return (-stride + 4 * stride * phase, 0.045)
    q = (phase - 0.5) * 2
    eased = q * q * (3 - 2 * q)
    return (stride - 2 * stride * eased, 0.045 + lift * math.sin(math.pi * q))


def _walk(phase: float) -> Stance:
    swing = math.cos(2 * math.pi * phase)
    bob = 0.008 * math.cos(4 * math.pi * phase)
    return Stance(
        hip=(0.0, 0.462 - bob),
        lean=3.0,
        turn=-0.62,
        feet=(_foot(phase, 0.135, 0.06), _foot(phase + 0.5, 0.135, 0.06)),
        hands=((0.15 * swing, 0.5 + 0.02 * abs(swing)), (-0.15 * swing, 0.5 + 0.02 * abs(swing))),
        before=(False, True),
        knees=(-1, -1),
        elbows=(1, 1),
        side=True,
    )


def _run(phase: float) -> Stance:
    phase += 0.08
    swing = math.cos(2 * math.pi * phase)
    bob = 0.02 * math.cos(4 * math.pi * phase)
    first, second = _foot(phase, 0.24, 0.2), _foot(phase + 0.5, 0.24, 0.2)
    return Stance(
        hip=(0.0, 0.455 + bob),
        lean=11.0,
        turn=-0.68,
        feet=(first, (second[0], second[1] + 0.05)),
        hands=((0.02 + 0.17 * swing, 0.6 - 0.03 * swing), (-0.02 - 0.17 * swing, 0.6)),
        before=(False, True),
        knees=(-1, -1),
        elbows=(1, 1),
        side=True,
    )


def _dance(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        hip=(0.015 * swing, 0.475 + 0.01 * abs(swing)),
        lean=4 * swing,
        turn=-0.35 - 0.3 * swing,
        look=0.2,
        feet=((-0.24 - 0.03 * swing, 0.17 + 0.05 * swing), (0.02, 0.045)),
        hands=((-0.23, 0.9 + 0.05 * swing), (0.28, 0.76 - 0.06 * swing)),
        before=(False, True),
        knees=(-0.5, 0.3),
        elbows=(-1, 1),
    )


def _wave(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        turn=-0.12,
        hands=((-0.152, 0.442), (0.25 + 0.05 * swing, 0.93)),
        before=(False, True),
        elbows=(-1, 1),
    )


def _sit(phase: float) -> Stance:
    return Stance(
        hip=(0.06, 0.3),
        turn=-0.35,
        feet=((-0.16, 0.045), (-0.07, 0.045)),
        hands=((-0.09, 0.39), (0.0, 0.38)),
        before=(True, True),
        knees=(-1, -1),
        elbows=(-1, 1),
        seat=0.25,
    )


def _read(phase: float) -> Stance:
    return Stance(
        hip=(0.06, 0.3),
        turn=-0.3,
        look=-0.5,
        feet=((-0.16, 0.045), (-0.07, 0.045)),
        hands=((-0.13, 0.47), (0.03, 0.47)),
        before=(True, True),
        knees=(-1, -1),
        elbows=(-1, 1),
        seat=0.25,
    )


def _guitar(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        turn=-0.3,
        look=-0.2,
        hands=((-0.235, 0.62), (0.075, 0.535 + 0.02 * swing)),
        before=(True, True),
        elbows=(-1, 1),
    )


def _sing(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        turn=-0.2,
        look=0.3,
        lean=2 * swing,
        hands=((-0.055, 0.765), (0.27, 0.7 + 0.03 * swing)),
        before=(True, True),
    )


def _cheer(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        hip=(0.0, 0.475),
        turn=-0.1,
        look=0.25,
        hands=((-0.22, 0.98 + 0.03 * swing), (0.22, 1.0 - 0.03 * swing)),
        before=(False, False),
        feet=((-0.09, 0.045), (0.1, 0.045)),
    )


def _jump(phase: float) -> Stance:
    lift = 0.1 + 0.05 * math.sin(2 * math.pi * phase)
    return Stance(
        hip=(0.0, 0.47 + lift),
        turn=-0.2,
        look=0.3,
        feet=((-0.15, 0.16 + lift), (0.14, 0.1 + lift)),
        hands=((-0.24, 0.92 + lift), (0.24, 0.94 + lift)),
        before=(False, False),
    )


def _skate(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        hip=(0.0, 0.44 + 0.012 * swing),
        lean=6,
        turn=-0.6,
        feet=((-0.13, 0.115), (0.13, 0.115)),
        hands=((-0.26, 0.66 + 0.02 * swing), (0.26, 0.7 - 0.02 * swing)),
        before=(False, True),
        knees=(-1, 1),
    )


def _look(phase: float) -> Stance:
    return Stance(turn=-0.45, look=0.9)


def _point(phase: float) -> Stance:
    return Stance(turn=-0.5, hands=((-0.36, 0.8), (0.158, 0.44)), before=(True, False))


def _swim(phase: float) -> Stance:
    swing = math.sin(2 * math.pi * phase)
    return Stance(
        hip=(0.0, 0.5),
        lean=14,
        turn=-0.55,
        feet=((0.05, 0.1 + 0.03 * swing), (0.16, 0.12 - 0.03 * swing)),
        hands=((-0.3, 0.72 + 0.03 * swing), (0.22, 0.62 - 0.03 * swing)),
        before=(False, True),
    )


def _fight(phase: float) -> Stance:
    return Stance(
        turn=-0.5,
        feet=((-0.15, 0.045), (0.15, 0.045)),
        hip=(0.0, 0.45),
        hands=((-0.24, 0.7), (0.2, 0.55)),
        before=(True, True),
    )


STANCES: dict[str, Callable[[float], Stance]] = {
    "stand": _stand,
    "walk": _walk,
    "run": _run,
    "dance": _dance,
    "wave": _wave,
    "sit": _sit,
    "read": _read,
    "guitar": _guitar,
    "sing": _sing,
    "cheer": _cheer,
    "jump": _jump,
    "skate": _skate,
    "look": _look,
    "point": _point,
    "swim": _swim,
    "fight": _fight,
}


def bend(start: Point, end: Point, first: float, second: float, side: float) -> tuple[Point, Point]:
    """(joint, end) of two bones from `start` towards `end`; side: where the joint goes, -1 left."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    far = math.hypot(dx, dy) or 1e-6
    reach = min(far, (first + second) * 0.998)
    ux, uy = dx / far, dy / far
    end = (start[0] + ux * reach, start[1] + uy * reach)
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    out = math.sqrt(max(0.0, first**2 - along**2))
    nx, ny = -uy, ux
    # Of the two ways to bend, the one that goes to the named side.
    if nx * side < 0 or (abs(nx) < 0.02 and ny > 0):
        nx, ny = -nx, -ny
    out *= min(1.0, abs(side))
    return (start[0] + ux * along + nx * out, start[1] + uy * along + ny * out), end
