"""A street of house fronts that runs to a vanishing point: village, old town or market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, light_sheet, trimmed
from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.land import lit
from studio.artist.places.sky import paint_sky
from studio.media.raster import (
    ByteArray,
    Colour,
    blur,
    clouds,
    hex_colour,
    mix,
    paint,
    shade,
    smoothstep,
)

# The eye: the horizon's v, and how high it is above the pavement, in metres.
HORIZON, EYE = 0.6, 1.7
# Half the street from front to front, and half the carriageway, in metres.
WALLS, KERB = 5.4, 3.6
# How many picture heights a metre takes up at a distance of one metre.
FOCUS = 1.25
NEAREST, FARTHEST = 3.2, 64.0

WALL_COLOURS = tuple(
    hex_colour(code) for code in ("c9a27a", "b9735a", "d8c9a8", "8fa3a6", "a8604c", "c2b59f")
)
TILES = tuple(hex_colour(code) for code in ("7d3f33", "5b4a46", "6b4a3a"))
AWNINGS = tuple(hex_colour(code) for code in ("b8402f", "2f6f8f", "3f8a55", "d19a2e"))
FRUIT = tuple(hex_colour(code) for code in ("e2542f", "f0a52e", "7fb03a", "d8c23a", "a03a5c"))
SNOW, ASPHALT, STONE = hex_colour("eef3fa"), hex_colour("6a6a6c"), hex_colour("9a938a")
PANE, LAMPLIGHT = hex_colour("3d4a56"), (1.0, 0.8, 0.46)


@dataclass(slots=True)
class Sheet:
    """What is painted at one depth. light: what shines, (h, w, 3)."""

    easel: Easel
    bend: float
    rgb: ByteArray = field(init=False)
    mask: ByteArray = field(init=False)
    light: ByteArray = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.easel.height, self.easel.width)
        self.rgb = np.zeros((*shape, 3), np.uint8)
        self.mask = np.zeros(shape, np.uint8)
        self.light = np.zeros((*shape, 3), np.uint8)

    def at(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Canvas pixels of a place in metres: x right, y up from the ground, z away."""
        space = self.easel.space
        metre = FOCUS * space.unit / z
        return space.x(0.5 + self.bend) + x * metre, space.y(HORIZON) + (EYE - y) * metre

    def fill(self, corners: Sequence[tuple[float, float, float]], colour: Colour) -> None:
        """A flat face, seen through the air before it."""
        z = sum(corner[2] for corner in corners) / len(corners)
        veil = 1 - np.exp(-max(0.0, z - 6) / (22 if self.foggy else 75))
        seen = mix(colour, self.easel.hour.horizon, float(veil))
        points = np.rint(np.array([self.at(*corner) for corner in corners]) * 16).astype(np.int32)
        cv2.fillPoly(self.rgb, [points], [round(255 * c) for c in seen], cv2.LINE_8, 4)
        cv2.fillPoly(self.mask, [points], 255, cv2.LINE_8, 4)
        cv2.fillPoly(self.light, [points], 0, cv2.LINE_8, 4)

    def shine(self, corners: Sequence[tuple[float, float, float]], colour: Colour) -> None:
        points = np.rint(np.array([self.at(*corner) for corner in corners]) * 16).astype(np.int32)
        cv2.fillPoly(self.light, [points], [round(255 * c) for c in colour], cv2.LINE_8, 4)

    @property
    def foggy(self) -> bool:
        return bool(self.easel.brief.weather & {"fog", "snow"})

    def layers(self, depth: float, purpose: str) -> list[Element]:
        rgb = self.rgb.astype(np.float32) / 255
        grain = clouds(
            self.easel.rng(f"{purpose} plaster"), *self.mask.shape, cells=24, octaves=3, gain=0.7
        )
        rgb *= (0.86 + 0.28 * grain)[..., None]
        soft = cv2.GaussianBlur(self.mask, (0, 0), 0.6).astype(np.float32) / 255
        layers: list[Element] = [self.easel.layer(rgb, soft, depth, purpose)]
        if self.light.any():
            unit = self.easel.space.height
            light = self.light.astype(np.float32) / 255
            halo = 0.85 * light + 0.9 * blur(light, unit / 70) + 1.1 * blur(light, unit / 18)
            sheet, left, top = trimmed(light_sheet(np.asarray(halo, np.float32)))
            layers.append(Pulse(sheet, depth, 0.86, 1.0, 2.9, depth * 9, left, top))
        return layers


def paint_street(easel: Easel) -> Setting:
    hour = easel.hour
    bend = 0.06 * easel.side * -1
    far, near = Sheet(easel, bend), Sheet(easel, bend)
    village = easel.mentions("village", "villages", "hamlet")
    for side in (-1, 1):
        _row_of_houses(easel, far, near, side, village)
    back: list[Element] = [*paint_sky(easel, HORIZON), _road(easel, bend)]
    if easel.mentions("market", "marketplace", "bazaar", "fair"):
        for side in (-1, 1):
            _stalls(easel, near, side)
    for z in (30.0, 17.0, 10.0, 6.2):
        for side in (-1, 1):
            _lamp(easel, near if z < 14 else far, side, z)
    back.extend(far.layers(0.3, "houses afar"))
    back.extend(near.layers(0.5, "houses nearby"))
    return Setting(
        back=back,
        front=[],
        light=easel.outdoor_light(),
        floor=0.91,
        haze=hour.horizon,
        reflection=0.2 if "rain" in easel.brief.weather else 0.0,
        shadow=0.5,
        air="dust",
        sounds=("street",),
        bloom=0.9 if _lamps_lit(easel) else 0.6,
    )


def snowy(easel: Easel) -> bool:
    asked = easel.mentions("snowy", "snow", "winter", "christmas") or "snow" in easel.brief.weather
    return asked and easel.allows("snow")


def snow(easel: Easel) -> Colour:
    """Lying snow: it keeps some light of its own when everything else is dark."""
    return mix(lit(easel, SNOW), (0.84, 0.89, 0.97), 0.45)


def _lamps_lit(easel: Easel) -> bool:
    return easel.hour.dark or easel.hour.height < 0.3 or "storm" in easel.brief.weather


def _row_of_houses(easel: Easel, far: Sheet, near: Sheet, side: int, village: bool) -> None:
    """One side of the street, from its far end to beside us."""
    rng = easel.rng(f"houses {side}")
    houses: list[tuple[float, float, float, Colour, Colour]] = []
    z = NEAREST
    while z < FARTHEST:
        long = (5.0 + 3.5 * rng.random()) * (1.0 if village else 1.1)
        tall = 3.2 + 1.6 * rng.random() if village else 6.0 + 4.5 * rng.random()
        wall = WALL_COLOURS[int(rng.integers(len(WALL_COLOURS)))]
        houses.append((z, long, tall, wall, TILES[int(rng.integers(len(TILES)))]))
        z += long + (1.6 * rng.random() if village else 0.0)
    for z, long, tall, wall, roof in reversed(houses):
        _house(easel, near if z < 14 else far, side, (z, z + long, tall), wall, roof)


def _house(
    easel: Easel,
    sheet: Sheet,
    side: int,
    size: tuple[float, float, float],
    wall: Colour,
    roof: Colour,
) -> None:
    z0, z1, tall = size
    rng = easel.rng(f"house {side} {z0:.2f}")
    x, deep = side * WALLS, side * (WALLS + 3.0)
    ridge = tall + 2.2
    cover = snow(easel) if snowy(easel) else lit(easel, roof)
    # The sun lights one side of the street.
    sunny = 1.0 if side * (easel.sun[0] - 0.5) < 0 else 0.72
    face = lit(easel, shade(wall, sunny))
    sheet.fill([(x, 0, z0), (deep, 0, z0), (deep, ridge, z0), (x, tall, z0)], shade(face, 0.62))
    slope = [(x - side * 0.35, tall - 0.2, z0 - 0.2), (x - side * 0.35, tall - 0.2, z1)]
    sheet.fill([*slope, (deep, ridge, z1), (deep, ridge, z0 - 0.2)], cover)
    sheet.fill([(x, 0, z0), (x, 0, z1), (x, tall, z1), (x, tall, z0)], face)
    plinth = snow(easel) if snowy(easel) else shade(face, 0.7)
    sheet.fill([(x, 0, z0), (x, 0, z1), (x, 0.5, z1), (x, 0.5, z0)], plinth)
    eaves = [(x, tall - 0.25, z0), (x, tall - 0.25, z1), (x, tall, z1), (x, tall, z0)]
    sheet.fill(eaves, snow(easel) if snowy(easel) else shade(face, 0.55))
    share = 0.62 if _lamps_lit(easel) else 0.0
    count = max(2, int((z1 - z0) / 2.0))
    door = int(rng.integers(count))
    for storey in range(max(1, int((tall - 0.4) / 2.7))):
        low = 1.0 + 2.75 * storey
        for index in range(count):
            middle = z0 + (index + 0.5) * (z1 - z0) / count
            bottom, top, half = low, low + 1.45, 0.46
            if storey == 0 and index == door:
                bottom, top, half = 0.0, 2.1, 0.5
            _opening(easel, sheet, (x, middle, half, bottom, top), rng.random() < share, face)


def _opening(
    easel: Easel,
    sheet: Sheet,
    place: tuple[float, float, float, float, float],
    shining: bool,
    face: Colour,
) -> None:
    """A window with frame and sill, or a door."""
    x, middle, half, bottom, top = place

    def upright(grow: float, low: float, high: float) -> list[tuple[float, float, float]]:
        z0, z1 = middle - half - grow, middle + half + grow
        return [(x, low, z0), (x, low, z1), (x, high, z1), (x, high, z0)]

    sheet.fill(upright(0.12, bottom - 0.1 * (bottom > 0), top + 0.12), mix(face, SNOW, 0.45))
    if bottom == 0:
        sheet.fill(upright(0.0, 0.0, top), lit(easel, hex_colour("4c3626")))
        return
    sheet.fill(upright(0.0, bottom, top), lit(easel, PANE))
    if shining:
        sheet.fill(upright(0.0, bottom, top), (0.72, 0.5, 0.24))
        sheet.shine(upright(0.0, bottom, top), (0.34, 0.24, 0.11))
    half_bar = [(x, bottom, middle - 0.04), (x, bottom, middle + 0.04)]
    half_bar += [(x, top, middle + 0.04), (x, top, middle - 0.04)]
    sheet.fill(half_bar, mix(face, SNOW, 0.45))
    if snowy(easel):
        sheet.fill(upright(0.16, bottom - 0.14, bottom + 0.04), snow(easel))


def _lamp(easel: Easel, sheet: Sheet, side: int, z: float) -> None:
    """A cast-iron street lamp at the kerb."""
    x, iron = side * (KERB + 0.35), lit(easel, hex_colour("25272b"))

    def pillar(half: float, low: float, high: float) -> list[tuple[float, float, float]]:
        return [(x - half, low, z), (x + half, low, z), (x + half, high, z), (x - half, high, z)]

    sheet.fill(pillar(0.13, 0.0, 0.5), iron)
    sheet.fill(pillar(0.055, 0.4, 3.1), iron)
    glass = [(x - 0.15, 3.1, z), (x + 0.15, 3.1, z), (x + 0.24, 3.62, z), (x - 0.24, 3.62, z)]
    sheet.fill(glass, LAMPLIGHT if _lamps_lit(easel) else lit(easel, hex_colour("dfe3df")))
    if _lamps_lit(easel):
        sheet.shine(glass, LAMPLIGHT)
    hat = snow(easel) if snowy(easel) else iron
    sheet.fill([(x - 0.3, 3.62, z), (x + 0.3, 3.62, z), (x, 3.95, z)], hat)


def _stalls(easel: Easel, sheet: Sheet, side: int) -> None:
    """Market stalls along the fronts: striped awnings over boxes of fruit."""
    rng = easel.rng(f"stalls {side}")
    for z in (20.0, 15.0, 10.8, 7.4):
        outer, inner = side * (WALLS - 0.2), side * (KERB - 0.7)
        colour = lit(easel, AWNINGS[int(rng.integers(len(AWNINGS)))])
        z1 = z + 2.6
        table = [(inner, 0.9, z), (inner, 0.9, z1), (outer, 1.1, z1), (outer, 1.1, z)]
        wood = lit(easel, hex_colour("7a5738"))
        sheet.fill([(inner, 0, z), (outer, 0, z), (outer, 0.95, z), (inner, 0.9, z)], wood)
        front = [(inner, 0, z), (inner, 0, z1), (inner, 0.9, z1), (inner, 0.9, z)]
        sheet.fill(front, shade(wood, 0.75))
        sheet.fill(table, shade(wood, 1.15))
        for index in range(26):
            across, along = rng.random(), z + 0.1 + 2.3 * rng.random()
            x, size = inner + (outer - inner) * across, 0.13
            fruit = lit(easel, FRUIT[(index // 6) % len(FRUIT)])
            heap = [(x - size, 0.98, along), (x, 0.9, along), (x + size, 0.98, along)]
            heap += [(x + 0.8 * size, 1.18, along), (x - 0.8 * size, 1.18, along)]
            sheet.fill(heap, fruit)
        for end in (z, z1):
            post = [(inner - 0.04, 0.0, end), (inner + 0.04, 0.0, end)]
            post += [(inner + 0.04, 2.3, end), (inner - 0.04, 2.3, end)]
            sheet.fill(post, wood)
        stripes = 8
        for index in range(stripes):
            a, b = (outer + (inner - outer) * (index + step) / stripes for step in (0, 1))
            rise = 0.6 / stripes
            ya, yb = 2.9 - rise * index, 2.9 - rise * (index + 1)
            tone = colour if index % 2 else lit(easel, hex_colour("f2ece0"))
            sheet.fill([(a, ya, z), (b, yb, z), (b, yb, z1), (a, ya, z1)], tone)
            sheet.fill([(a, ya, z), (b, yb, z), (b, yb - 0.34, z), (a, ya - 0.34, z)], tone)


def _road(easel: Easel, bend: float) -> Element:
    """Carriageway and pavements, under snow with tracks or wet where the weather says."""
    space = easel.space
    below = np.clip(easel.v - HORIZON, 1e-4, None) * space.height
    z = FOCUS * space.unit * EYE / below
    x = (easel.u - 0.5 - bend) * space.width * z / (FOCUS * space.unit)
    noise = clouds(easel.rng("road"), easel.height, easel.width, cells=20, octaves=4, stretch=2.5)
    inside = smoothstep(KERB + 0.06, KERB - 0.06, np.abs(x))[..., None]
    rows = np.sin(z * 9) * np.sin(x * 6 + np.floor(z * 9 / np.pi) * 1.57)
    cobbles = smoothstep(24.0, 5.0, z) * 0.12 * rows
    rgb = paint(lit(easel, ASPHALT)) * inside + paint(lit(easel, STONE)) * (1 - inside)
    rgb = rgb * (0.8 + 0.4 * noise + cobbles)[..., None]
    kerb = np.exp(-(((np.abs(x) - KERB) / 0.09) ** 2))[..., None]
    rgb = rgb * (1 - 0.35 * kerb)
    if snowy(easel):
        tracks = np.exp(-(((np.abs(x) - 0.95) / 0.28) ** 2)) * (0.45 + 0.5 * noise)
        white = paint(snow(easel)) * (0.86 + 0.2 * noise - 0.12 * kerb[..., 0])[..., None]
        rgb = white + (rgb * 0.9 - white) * (0.6 * tracks)[..., None]
    if _lamps_lit(easel):
        for lamp in (6.2, 10.0, 17.0):
            pools = np.exp(-(((np.abs(x) - KERB) / 2.0) ** 2) - ((z - lamp) / (0.22 * lamp)) ** 2)
            rgb = rgb + paint(LAMPLIGHT) * (0.3 * pools)[..., None]
    veil = (1 - np.exp(-np.clip(z - 6, 0, None) / 45))[..., None]
    rgb = rgb + (paint(easel.hour.horizon) - rgb) * veil
    alpha = np.clip((easel.v - HORIZON) * space.height + 0.5, 0, 1)
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "road")
