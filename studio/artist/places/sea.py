"""Open water: swell to the horizon, a path of glitter under sun or moon, a far shore."""

from __future__ import annotations

import numpy as np

from studio.artist.drawing.effects import Glitter, glint_texture
from studio.artist.drawing.stage import Element, Motion
from studio.artist.places import cliffs, quay
from studio.artist.places.easel import Easel, Setting
from studio.artist.places.land import mist
from studio.artist.places.sky import paint_sky
from studio.media.raster import Colour, clouds, hex_colour, mix, paint, ridge, shade, smoothstep

HORIZON = 0.58
DEEP = hex_colour("0d3f5e")
SAND = hex_colour("d9bd8c")


def paint_sea(easel: Easel) -> Setting:
    hour = easel.hour
    back: list[Element] = [*paint_sky(easel, HORIZON)]
    lake = easel.mentions(
        "lake", "river", "pond", "bay", "lagoon", "fjord", "mountain", "mountains"
    )
    if (
        lake
        or easel.mentions("island", "coast", "harbor", "harbour", "shore")
        or easel.rng("shore").random() < 0.4
    ):
        back.append(_far_shore(easel, 0.16 if lake else 0.05))
    top = int(easel.space.y(HORIZON))
    back.append(_water(easel))
    back.append(_glitter(easel, top))
    rocky = easel.mentions("cliff", "cliffs", "rock", "rocks", "rocky", "headland")
    lead = easel.brief.roles[0].name if easel.brief.roles else ""
    ashore = rocky and (easel.leads_on_land or lead in ("", *cliffs.BUILT))
    beach = not rocky and easel.mentions("beach", "sand", "shore", "shoreline", "coast")
    beach = beach or (not rocky and easel.leads_on_land)
    if rocky and not ashore:
        back.extend(cliffs.far_cliff(easel))
    if "fog" in easel.brief.weather:
        back.append(mist(easel, HORIZON, 0.5, 0.6))
    if easel.mentions("harbor", "harbour", "marina"):
        back.extend(quay.moorings(easel))
    back.append(_swell(easel, 0.80, 0.66, 0.55))
    front: list[Element] = [_swell(easel, 0.94, 0.9, 0.8)]
    if beach:
        back.append(_beach(easel))
        front = []
    if ashore:
        back.append(_swell(easel, 0.94, 0.6, 0.8))
        back.extend(cliffs.headland(easel))
        front = []
    return Setting(
        back=back,
        front=front,
        light=easel.outdoor_light(),
        floor=0.80 if ashore else 0.90,
        haze=hour.horizon,
        shadow=0.45 if beach or ashore else 0.0,
        reflection=0.0 if beach or ashore else 0.4,
        water=0.75 if beach or ashore else 0.84,
        figure_scale=0.88 if ashore else 1.0,
        founded=cliffs.BUILT if ashore else (),
        air="dust",
        sounds=("waves", "wind"),
    )


def _sea_colours(easel: Easel) -> tuple[Colour, Colour]:
    """(at the horizon, nearby)."""
    hour = easel.hour
    far = mix(hour.horizon, hour.top, 0.3)
    near = mix(shade(hour.top, 0.6), shade(DEEP, 0.35 if hour.dark else 0.9), 0.55)
    return far, near


def _water(easel: Easel) -> Element:
    far, near = _sea_colours(easel)
    down = np.clip((easel.v - HORIZON) / (1 - HORIZON), 0, 1.3)
    noise = clouds(
        easel.rng("water"), easel.height, easel.width, cells=4, octaves=5, gain=0.6, stretch=6
    )
    crests = np.sin(down**0.55 * 62 + noise * 20)
    body = np.clip(down, 0, 1)[..., None] ** 0.7
    rgb = paint(far) * (1 - body) + paint(near) * body
    rgb = rgb * (0.95 + (0.05 + 0.06 * down) * crests + 0.22 * (noise - 0.5))[..., None]
    path = np.exp(-(((easel.u - easel.sun[0]) * easel.aspect / (0.05 + 0.3 * down)) ** 2))
    rgb = (
        rgb
        + paint(easel.hour.sun)
        * (path * (0.16 + 0.2 * smoothstep(0.2, 1, crests)) * easel.hour.key)[..., None]
    )
    edge = np.clip((easel.v - HORIZON) * easel.space.height + 0.5, 0, 1)
    return easel.layer(np.asarray(rgb, np.float32), edge, 0.2, "water")


def _glitter(easel: Easel, top: int) -> Glitter:
    u, v = easel.u[top:], easel.v[top:]
    down = np.clip((v - HORIZON) / (1 - HORIZON), 0, 1.2)
    path = np.exp(-(((u - easel.sun[0]) * easel.aspect / (0.055 + 0.34 * down)) ** 2))
    mask = np.clip(path + 0.12 * (1 - down), 0, 1) * smoothstep(0.0, 0.03, down)
    rng = easel.rng("glitter")
    rows, columns = mask.shape
    textures = (glint_texture(rng, rows, columns), glint_texture(rng, rows, columns))
    return Glitter(np.asarray(mask, np.float32), textures, easel.hour.sun, 0.22, top)


def _far_shore(easel: Easel, tall: float) -> Element:
    rng = easel.rng("far shore")
    crest = np.abs(ridge(rng, easel.width, peaks=2, roughness=0.55)) + 0.15
    columns = easel.u[0]
    span = np.ones_like(columns)
    if tall < 0.1:
        middle = 0.5 + 0.3 * easel.side
        span = np.clip(1 - np.abs(columns - middle) / 0.38, 0, 1) ** 0.6
    profile = HORIZON + 0.004 - tall * crest * span
    below = (easel.v - profile[None]) * easel.space.height
    alpha = np.clip(below + 0.5, 0, 1) * np.clip(
        (HORIZON + 0.006 - easel.v) * easel.space.height + 0.5, 0, 1
    )
    colour = mix(shade(easel.hour.top, 0.55), easel.hour.horizon, 0.4)
    veil = np.clip((easel.v - HORIZON + tall) / max(tall, 0.01), 0, 1)[..., None]
    rgb = paint(colour) * (1 - 0.5 * veil) + paint(easel.hour.horizon) * 0.5 * veil
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.12, "far shore")


def _swell(easel: Easel, level: float, depth: float, strength: float) -> Element:
    """One rolling wave with a lit crest, moving up and down."""
    rng = easel.rng(f"swell {level}")
    profile = level + 0.012 * ridge(rng, easel.width, peaks=3, octaves=5, roughness=0.45)
    below = easel.v - profile[None]
    row = easel.space.height
    alpha = np.clip(below * row + 0.5, 0, 1) * smoothstep(0.0, 0.03, below) * strength
    far, near = _sea_colours(easel)
    noise = clouds(rng, easel.height, easel.width, cells=6, octaves=4, gain=0.6, stretch=5)
    crests = np.sin(below * 70 + noise * 14)
    rgb = paint(mix(near, far, 0.12)) * (0.86 + 0.13 * crests + 0.3 * (noise - 0.5))[..., None]
    crest = np.exp(-np.clip(below, 0, None) / 0.012)
    rgb = np.asarray(rgb + paint(easel.hour.horizon) * (crest * 0.22)[..., None], np.float32)
    motion = Motion(bob=0.006, drift=0.004 * easel.side, period_s=3.6, phase=level * 9)
    return easel.layer(np.asarray(rgb, np.float32), alpha, depth, f"swell {level}", motion)


def _beach(easel: Easel) -> Element:
    rng = easel.rng("beach")
    slope = (
        0.83
        + 0.05 * (easel.u[0] - 0.5) * easel.side
        + 0.012 * ridge(rng, easel.width, peaks=2, octaves=5)
    )
    below = easel.v - slope[None]
    alpha = np.clip(below * easel.space.height + 0.5, 0, 1)
    grain = clouds(rng, easel.height, easel.width, cells=30, octaves=3, stretch=1.5)
    hour = easel.hour
    light = mix(hour.sun, hour.horizon, 0.35)
    key = 0.35 if hour.dark else 0.9
    sand = (SAND[0] * light[0] * key, SAND[1] * light[1] * key, SAND[2] * light[2] * key)
    wet = smoothstep(0.07, 0.0, below)[..., None]
    rgb = paint(sand) * (0.92 + 0.2 * (grain - 0.5))[..., None]
    rgb = rgb * (1 - 0.4 * wet) + paint(hour.horizon) * 0.25 * wet
    foam = np.exp(-(((below - 0.006) / 0.006) ** 2)) * smoothstep(0.35, 0.6, grain)
    rgb = rgb + foam[..., None] * 0.5
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.68, "beach")
