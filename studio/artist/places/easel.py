"""What places are painted with: the brief, the canvas, random generators, the hour's colors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from studio.artist.drawing.figure import Light
from studio.artist.drawing.particles import Flurry
from studio.artist.drawing.stage import STILL, Element, Layer, Motion, Space, cropped, sheet
from studio.artist.prompt.brief import Brief
from studio.artist.subjects import SUBJECTS
from studio.media.raster import Colour, FloatArray, hex_colour, mix, seeded_rng, shade


@dataclass(frozen=True, slots=True)
class Hour:
    """The light of a time of day. sun: color of sun or moon; height: where it stands, 0 horizon
    to 1 zenith; key: how strongly it lights things; dark: lamps are on."""

    top: Colour
    horizon: Colour
    sun: Colour
    height: float
    key: float
    dark: bool = False


HOURS: dict[str, Hour] = {
    "dawn": Hour(hex_colour("5b78b4"), hex_colour("fbc9a6"), hex_colour("ffeacb"), 0.22, 0.92),
    "day": Hour(hex_colour("3b86cf"), hex_colour("d2e8f3"), hex_colour("fffbef"), 0.72, 1.0),
    "sunset": Hour(hex_colour("3f3a7d"), hex_colour("ff9c58"), hex_colour("ffdf9e"), 0.14, 0.85),
    "night": Hour(
        hex_colour("060a22"), hex_colour("31487f"), hex_colour("e6ecff"), 0.62, 0.62, True
    ),
    "neon": Hour(hex_colour("0f0a2b"), hex_colour("a2328f"), hex_colour("ff8adf"), 0.3, 0.6, True),
    "storm": Hour(hex_colour("333d48"), hex_colour("a3adb3"), hex_colour("e3ebef"), 0.6, 0.7),
}


@dataclass(slots=True)
class Setting:
    """A painted place, waiting for its figures.

    back, front: elements behind and before them. floor: where feet stand, as v (0 top, 1 bottom).
    reflection, shadow: how strongly the floor shows a figure again, or its shadow. haze: what far
    things fade into. air: what floats about without being asked for.
    """

    back: list[Element]
    front: list[Element]
    light: Light
    floor: float
    haze: Colour
    reflection: float = 0.0
    shadow: float = 0.5
    shadow_colour: Colour = (0.02, 0.02, 0.04)
    water: float | None = None
    sky: float = 0.46
    air: Flurry | None = None
    sounds: tuple[str, ...] = ("wind",)
    sweep: bool = False
    figure_scale: float = 1.0
    bloom: float = 0.8
    vignette: float = 0.28
    founded: tuple[str, ...] = ()


@dataclass(slots=True)
class Easel:
    """One brief on one canvas. u, v: see `Space.grid`. sun: where it stands, as (u, v)."""

    brief: Brief
    space: Space
    hour: Hour
    u: FloatArray = field(init=False)
    v: FloatArray = field(init=False)
    sun: tuple[float, float] = field(init=False)
    # Which side of the middle the leading figure stands on: -1 left, 1 right.
    side: int = field(init=False)

    def __post_init__(self) -> None:
        self.u, self.v = self.space.grid()
        rng = self.rng("layout")
        self.side = 1 if rng.random() < 0.5 else -1
        sun_u = 0.5 - self.side * (0.16 + 0.16 * float(rng.random()))
        self.sun = (sun_u, 0.56 - 0.42 * self.hour.height - 0.04 * float(rng.random()))

    def rng(self, purpose: str) -> np.random.Generator:
        """Dice of their own for every purpose: a change in one leaves the others alone."""
        return seeded_rng(self.brief.prompt, self.brief.seed, purpose)

    @property
    def height(self) -> int:
        return self.space.canvas_height

    @property
    def width(self) -> int:
        return self.space.canvas_width

    @property
    def aspect(self) -> float:
        return self.space.width / self.space.height

    @property
    def leads_on_land(self) -> bool:
        """Whether the leading figure has feet to stand on."""
        roles = self.brief.roles
        return bool(roles) and SUBJECTS[roles[0].name].stands in ("ground", "table")

    def allows(self, *names: str) -> bool:
        """Whether none of these words was ruled out ("no clouds", a negative prompt)."""
        return not any(name in self.brief.removed for name in names)

    def mentions(self, *names: str) -> bool:
        return any(name in self.brief.drawn for name in names)

    def layer(
        self,
        rgb: npt.NDArray[Any],
        alpha: npt.NDArray[Any] | None,
        depth: float,
        purpose: str,
        motion: Motion = STILL,
    ) -> Layer:
        """A full-width sheet."""
        pixels, top = cropped(sheet(rgb, alpha, self.rng(f"{purpose} rounding")))
        return Layer(pixels, depth, motion, 0, top)

    def distance_to_sun(self) -> FloatArray:
        """In picture heights, over the canvas."""
        return np.asarray(
            np.hypot((self.u - self.sun[0]) * self.aspect, self.v - self.sun[1]), np.float32
        )

    def outdoor_light(self) -> Light:
        """The lamp where the sun is; the rim from behind it when it is low."""
        hour = self.hour
        across = (self.sun[0] - 0.5) * 2
        low = hour.height < 0.4
        return Light(
            lamp=(across * 0.9, 0.35 + 0.6 * hour.height, 0.35 if low else 0.65),
            key=shade(hour.sun, hour.key),
            sky=shade(mix(hour.top, hour.horizon, 0.5), 0.62),
            floor=shade(mix(hour.horizon, hour.top, 0.4), 0.3),
            rim=self.brief.accent or hour.sun,
            rim_strength=0.85 if low or hour.dark else 0.4,
            rim_side=1.0 if across > 0 else -1.0,
        )
