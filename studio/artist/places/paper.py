"""A sheet of paper on a drafting table, seen from above: ruler, pencils, a set square."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, light_sheet
from studio.artist.drawing.figure import Light
from studio.artist.drawing.stage import Element
from studio.artist.places.easel import Easel, Setting
from studio.media.raster import Colour, FloatArray, blur, clouds, hex_colour, mix, paint, smoothstep

PAPER = hex_colour("f3eee2")
# Where the sheet lies: (left, top, right, bottom) of the picture.
SHEET = (0.13, -0.04, 0.87, 1.04)


def paint_paper(easel: Easel) -> Setting:
    wood = easel.brief.surface.colour or (
        hex_colour("3c5147") if easel.rng("desk").random() < 0.4 else hex_colour("8a6444")
    )
    back: list[Element] = [
        easel.layer(_desk(easel, wood), None, 0.55, "desk"),
        _sheet(easel),
        *_tools(easel),
    ]
    return Setting(
        back=back,
        front=[_leaf_shade(easel)],
        light=Light(
            lamp=(-0.6, 0.7, 0.5),
            key=(1, 1, 1),
            sky=(0.45, 0.45, 0.45),
            floor=(0.25, 0.25, 0.25),
            rim_strength=0.15,
        ),
        floor=0.90,
        haze=PAPER,
        shadow=0.0,
        air="dust",
        sounds=("pencil", "room"),
        bloom=0.25,
    )


def _desk(easel: Easel, colour: Colour) -> FloatArray:
    noise = clouds(easel.rng("desk wood"), easel.height, easel.width, cells=3, octaves=5, stretch=8)
    fibre = clouds(
        easel.rng("desk fibre"), easel.height, easel.width, cells=70, octaves=2, stretch=20
    )
    rgb = paint(colour) * (0.72 + 0.3 * noise + 0.25 * (fibre - 0.5))[..., None]
    lamp = np.exp(-((np.hypot((easel.u - 0.2) * easel.aspect, easel.v - 0.1) / 0.95) ** 2))
    return np.asarray(rgb * (0.5 + 0.75 * lamp)[..., None], np.float32)


def _sheet(easel: Easel) -> Element:
    """The paper, slightly turned, with its tooth, faint construction lines and a soft shadow."""
    space = easel.space
    turn = math.radians(-1.6 * easel.side)
    corners = [(SHEET[i], SHEET[j]) for i, j in ((0, 1), (2, 1), (2, 3), (0, 3))]
    centre = (space.x(0.5), space.y(0.5))
    points = []
    for u, v in corners:
        dx, dy = space.x(u) - centre[0], space.y(v) - centre[1]
        points.append(
            (
                centre[0] + dx * math.cos(turn) - dy * math.sin(turn),
                centre[1] + dx * math.sin(turn) + dy * math.cos(turn),
            )
        )
    mask = np.zeros((easel.height, easel.width), np.uint8)
    cv2.fillPoly(mask, [np.rint(np.array(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    solid = mask.astype(np.float32) / 255
    tooth = easel.rng("tooth").standard_normal((easel.height, easel.width), dtype=np.float32)
    tooth = blur(tooth, 0.8) * 0.022
    stain = clouds(easel.rng("stain"), easel.height, easel.width, cells=3, octaves=4)
    lamp = np.exp(-((np.hypot((easel.u - 0.25) * easel.aspect, easel.v - 0.15) / 1.15) ** 2))
    level = 0.74 + 0.26 * lamp + tooth + 0.05 * (stain - 0.5)
    rgb = (
        paint((easel.brief.tint and mix(easel.brief.tint, PAPER, 0.7)) or PAPER) * level[..., None]
    )
    guides = _guides(easel) * 0.3
    rgb = rgb * (1 - guides[..., None]) + paint((0.42, 0.5, 0.6)) * guides[..., None]
    shadow = blur(
        np.roll(np.roll(solid, round(space.height * 0.012), 0), round(space.height * 0.014), 1),
        space.height * 0.02,
    )
    alpha = np.maximum(solid, shadow * 0.55)
    rgb = rgb * solid[..., None] / np.maximum(alpha, 1e-3)[..., None]
    return easel.layer(np.asarray(rgb, np.float32), alpha, 0.6, "sheet")


def _guides(easel: Easel) -> FloatArray:
    """Construction lines: axes, a circle, a base line."""
    space, rng = easel.space, easel.rng("guides")
    lines = np.zeros((easel.height, easel.width), np.uint8)
    thick = max(1, round(space.height / 560))
    x = round(space.x(0.5))
    cv2.line(lines, (x, round(space.y(0.06))), (x, round(space.y(0.96))), 150, thick, cv2.LINE_AA)
    for v in (0.90, 0.52, 0.14):
        wander = float(rng.normal(0, 0.002))
        cv2.line(
            lines,
            (round(space.x(0.22)), round(space.y(v))),
            (round(space.x(0.78)), round(space.y(v + wander))),
            150,
            thick,
            cv2.LINE_AA,
        )
    cv2.circle(lines, (x, round(space.y(0.5))), round(space.unit * 0.4), 110, thick, cv2.LINE_AA)
    return np.asarray(lines.astype(np.float32) / 255, np.float32)


def _tools(easel: Easel) -> list[Element]:
    """A pencil, a steel rule and an eraser at the edges, with shadows."""
    space = easel.space
    unit = space.height
    rgb = np.zeros((easel.height, easel.width, 3), np.float32)
    alpha = np.zeros((easel.height, easel.width), np.float32)

    def bar(
        u: float,
        v: float,
        length: float,
        thick: float,
        angle: float,
        colour: Colour,
        *,
        shine: float = 0.25,
    ) -> None:
        x, y = space.x(u), space.y(v)
        dx, dy = math.cos(angle) * length * unit / 2, math.sin(angle) * length * unit / 2
        nx, ny = -math.sin(angle) * thick * unit / 2, math.cos(angle) * thick * unit / 2
        quad = np.array(
            [
                (x - dx - nx, y - dy - ny),
                (x + dx - nx, y + dy - ny),
                (x + dx + nx, y + dy + ny),
                (x - dx + nx, y - dy + ny),
            ]
        )
        mask = np.zeros(alpha.shape, np.uint8)
        cv2.fillPoly(mask, [np.rint(quad * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        solid = mask.astype(np.float32) / 255
        shadow = (
            blur(np.roll(solid, (round(unit * 0.007), round(unit * 0.009)), (0, 1)), unit * 0.008)
            * 0.5
        )
        across = (
            (easel.u * space.width + space.left - x) * -math.sin(angle)
            + (easel.v * space.height + space.top - y) * math.cos(angle)
        ) / (thick * unit)
        level = (
            0.8
            + shine * np.cos(across * 3.0)
            + shine * 0.5 * np.exp(-(((across + 0.2) / 0.08) ** 2))
        )
        for cover, paint_ in (
            (shadow * (1 - solid), np.zeros_like(rgb)),
            (solid, paint(colour) * level[..., None]),
        ):
            total = cover + alpha * (1 - cover)
            share = np.where(total > 1e-4, cover / np.maximum(total, 1e-4), 0)[..., None]
            rgb[:] = rgb + (paint_ - rgb) * share
            alpha[:] = total

    right = 0.945
    bar(right, 0.42, 0.78, 0.055, math.pi / 2 - 0.05, hex_colour("c9ced4"), shine=0.12)
    angle = -math.pi / 2 + 0.32
    bar(0.075, 0.55, 0.5, 0.026, angle, hex_colour("e2a73a"))
    bar(
        0.075 + 0.28 * math.cos(angle) / easel.aspect,
        0.55 + 0.28 * math.sin(angle),
        0.06,
        0.024,
        angle,
        hex_colour("e8cfa4"),
    )
    bar(
        0.075 + 0.315 * math.cos(angle) / easel.aspect,
        0.55 + 0.315 * math.sin(angle),
        0.018,
        0.01,
        angle,
        hex_colour("2b2b2e"),
    )
    bar(
        0.075 - 0.265 * math.cos(angle) / easel.aspect,
        0.55 - 0.265 * math.sin(angle),
        0.035,
        0.026,
        angle,
        hex_colour("d9798a"),
    )
    bar(0.9, 0.91, 0.11, 0.06, 0.3, hex_colour("f4f2ee"), shine=0.06)
    marks = np.zeros(alpha.shape, np.uint8)
    for tick in range(38):
        v = 0.06 + 0.019 * tick
        x = space.x(right) - unit * 0.026 + (0.42 - v) * unit * 0.05
        reach = 0.02 if tick % 5 == 0 else 0.011
        cv2.line(
            marks,
            (round(x), round(space.y(v))),
            (round(x + unit * reach), round(space.y(v) + 1)),
            200,
            1,
            cv2.LINE_AA,
        )
    ticks = (marks.astype(np.float32) / 255)[..., None]
    marked = np.asarray(rgb * (1 - ticks) + 0.2 * ticks, np.float32)
    return [easel.layer(marked, alpha, 0.66, "tools")]


def _leaf_shade(easel: Easel) -> Element:
    """Light from a window with leaves before it, moving over the table."""
    noise = clouds(easel.rng("leaf light"), easel.height, easel.width, cells=3, octaves=3)
    light = smoothstep(0.42, 0.75, noise) * np.exp(
        -((np.hypot((easel.u - 0.2) * easel.aspect, easel.v - 0.15) / 0.9) ** 2)
    )
    warm = light[..., None] * paint((0.16, 0.13, 0.08))
    return Pulse(light_sheet(np.asarray(warm, np.float32)), 0.75, 0.1, 1.0, 4.2, math.pi)
