"""Rock by the sea: a headland to stand on, its face falling into the surf."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel
from studio.artist.places.land import lit
from studio.media.raster import FloatArray, clouds, hex_colour, mix, paint, ridge, smoothstep

ROCK, TURF = hex_colour("6b6259"), hex_colour("5c7d3f")
# What stands in the water only where there is no rock to build on.
BUILT = ("lighthouse",)
# The v feet stand at, and where the rock ends: so far from the middle, away from the figure.
TOP, EDGE = 0.75, 0.22


def headland(easel: Easel) -> list[Element]:
    """A cliff under the leading figure, which stands `easel.side` of the middle; surf at its foot.

    The sea stays open on the other side, from the horizon down.
    """
    return [_cliff(easel, 0.5 - EDGE * easel.side, TOP, 0.66, "headland")]


def far_cliff(easel: Easel) -> list[Element]:
    """A cliff across the water, for those who pass below it."""
    return [_cliff(easel, 0.5 + 0.2 * easel.side, 0.34, 0.3, "far cliff", foot=0.66)]


def _cliff(
    easel: Easel, edge: float, top: float, depth: float, name: str, foot: float = 1.2
) -> Element:
    rng = easel.rng(name)
    # Distance from the edge, positive over the land.
    inland = (easel.u[0] - edge) * easel.side * easel.aspect
    rough = ridge(rng, easel.width, peaks=3, octaves=6, roughness=0.5)
    rise = 0.035 * np.clip(inland, 0, 0.6)
    profile = top - rise + 0.008 * rough
    face = _face(easel, rng)
    # The face leans out a little on its way down, with ledges.
    down = np.clip(easel.v - top, 0, None)
    ledges = 0.05 * (face - 0.5) + 0.3 * down + 0.03 * np.floor(down * 9 + 2 * face) / 2
    over_land = (easel.u - edge) * easel.side * easel.aspect + ledges
    row = easel.space.height
    alpha = np.clip((easel.v - profile[None]) * row + 0.5, 0, 1)
    alpha = alpha * np.clip(over_land * row * 0.6 + 0.5, 0, 1)
    alpha = alpha * np.clip((foot - easel.v) * row + 0.5, 0, 1)
    below = easel.v - profile[None]
    stone = paint(lit(easel, ROCK)) * (1.0 + 2.0 * (face - 0.5))[..., None]
    edge_light = np.exp(-np.clip(over_land, 0, None) / 0.05)
    stone = stone + paint(easel.hour.sun) * (0.16 * edge_light * easel.hour.key)[..., None]
    turf = clouds(rng, easel.height, easel.width, cells=40, octaves=3, stretch=0.5)
    thick = 0.05 if foot > 1 else 0.014
    fringe = smoothstep(thick + 0.05 * turf, 0.35 * thick, below) * smoothstep(
        0.0, 0.04, over_land - 0.02 * turf
    )
    green = paint(lit(easel, TURF)) * (0.62 + 0.75 * turf)[..., None]
    rgb = stone + (green - stone) * fringe[..., None]
    if foot < 1:
        rgb = rgb + (paint(easel.hour.horizon) - rgb) * 0.42
        spray = smoothstep(0.018, 0.0, foot - easel.v + 0.012 * (turf - 0.5))
    else:
        level = 0.985 + 0.02 * np.sin(easel.u * 30)
        spray = smoothstep(0.11, 0.0, over_land) * smoothstep(level - 0.05, level, easel.v)
        spray = spray * smoothstep(0.3, 0.6, turf)
    white = paint(mix(easel.hour.horizon, (1.0, 1.0, 1.0), 0.5))
    rgb = rgb + (white - rgb) * (0.7 * spray)[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, depth, name)


def _face(easel: Easel, rng: np.random.Generator) -> FloatArray:
    """Broken strata: level beds, cracked from top to bottom. About 0 to 1."""
    beds = clouds(rng, easel.height, easel.width, cells=14, octaves=4, gain=0.6, stretch=5)
    cracks = clouds(rng, easel.height, easel.width, cells=5, octaves=5, gain=0.6, stretch=0.35)
    lines = smoothstep(0.025, 0.0, np.abs(cracks - 0.5)) * 0.12
    return np.asarray(np.clip(0.55 * beds + 0.45 * cracks - lines, 0, 1), np.float32)
