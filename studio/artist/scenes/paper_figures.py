"""Figures on paper: drawn in pencil or ink, hatched, or painted in watercolor."""

from __future__ import annotations

import math

import cv2
import numpy as np

from studio.artist.drawing.effects import Drawing
from studio.artist.drawing.figure import Figure
from studio.artist.drawing.stage import Element, Motion, sheet
from studio.artist.places.easel import Easel
from studio.media.raster import ByteArray, FloatArray, blur, clouds, luminance, paint

GRAPHITE = (0.17, 0.17, 0.19)

INK = (0.06, 0.06, 0.09)


def drawn_on_paper(
    easel: Easel, figure: Figure, left: int, top: int, depth: float, index: int
) -> list[Element]:
    """The figure as a pencil, ink or watercolour drawing."""
    if easel.brief.style == "watercolour":
        cover, rgb, order = _watercolour(easel, figure, index)
    else:
        cover, order = _hatched(easel, figure, index)
        colour = INK if easel.brief.style == "ink" else GRAPHITE
        rgb = np.broadcast_to(paint(colour), (*cover.shape, 3)).astype(np.float32)
    pixels = sheet(rgb, cover, easel.rng(f"drawing {index}"))
    return [
        Drawing(
            pixels,
            order,
            left,
            top,
            0.6,
            Motion(sway=0.006, breathe=0.004, period_s=3.0, hinge=top + figure.foot[1]),
        )
    ]


def _hatched(easel: Easel, figure: Figure, index: int) -> tuple[FloatArray, ByteArray]:
    """Contours, and tone in layers of hatching: (cover 0 to 1, order 0 to 255)."""
    rng = easel.rng(f"hatching {index}")
    height, width = figure.alpha.shape
    tone = 1 - np.clip(luminance(figure.rgb), 0, 1)
    spacing = max(3.0, easel.space.height / 105)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    wander = clouds(rng, height, width, cells=5, octaves=3) * spacing * 2.2
    cover = np.zeros((height, width), np.float32)
    order = np.full((height, width), 255.0, np.float32)
    diagonal = x + y
    reach = float(diagonal.max()) or 1.0
    for level, (angle, threshold) in enumerate(((38, 0.16), (38, 0.36), (-42, 0.52), (82, 0.68))):
        turn = math.radians(angle)
        along = (
            x * math.sin(turn) + y * math.cos(turn) + wander + (spacing / 2 if level == 1 else 0)
        )
        line = np.exp(-((((along % spacing) - spacing / 2) / (0.17 * spacing)) ** 2))
        amount = np.clip((tone - threshold) / 0.2, 0, 1)
        stroke = line * amount * (0.4 + 0.1 * level)
        earlier = 105 + 36 * level + 34 * diagonal / reach
        order = np.where((stroke > 0.03) & (order > 254), earlier, order)
        cover = np.maximum(cover, stroke) + 0.25 * np.minimum(cover, stroke)
    smudge = blur(np.clip(tone - 0.12, 0, 1) * figure.alpha, spacing * 0.7) * (
        0.2 if easel.brief.style == "sketch" else 0.05
    )
    cover = np.maximum(cover, smudge) * figure.alpha
    order = np.where(order > 254, 100 + 110 * diagonal / reach, order)
    lines = blur(figure.ink, max(0.4, easel.space.height / 1200))
    tooth = blur(rng.standard_normal((height, width), dtype=np.float32), 0.7)
    cover = np.maximum(cover, np.clip(lines * 1.15, 0, 1) * 0.95)
    if easel.brief.style == "sketch":
        # Graphite catches on the tooth of the paper.
        cover = cover * np.clip(0.86 + 0.3 * tooth, 0.3, 1.15)
    order = np.where(lines > 0.08, 100 * figure.order, order)
    order = cv2.erode(order, np.ones((3, 3), np.uint8))
    return np.asarray(np.clip(cover, 0, 1), np.float32), np.asarray(
        np.clip(order, 0, 255), np.uint8
    )


def _watercolour(
    easel: Easel, figure: Figure, index: int
) -> tuple[FloatArray, FloatArray, ByteArray]:
    """Color in washes with darker rims and blooms, thin ink lines over it."""
    rng = easel.rng(f"wash {index}")
    height, width = figure.alpha.shape
    flow = clouds(rng, height, width, cells=4, octaves=5, gain=0.6)
    wash = cv2.bilateralFilter(np.asarray(np.clip(figure.rgb, 0, 1), np.float32), 9, 0.14, 7)
    edge = np.clip(figure.alpha - blur(figure.alpha, 0.012 * figure.scale), 0, 1)
    rgb = wash * (0.9 + 0.35 * flow[..., None]) + 0.12
    rgb = rgb * (1 - 0.4 * edge[..., None])
    cover = figure.alpha * (0.6 + 0.35 * flow + 0.5 * edge)
    lines = figure.ink * 0.75
    rgb = rgb * (1 - lines[..., None]) + paint(INK) * lines[..., None]
    y = np.mgrid[0:height, 0:width][0].astype(np.float32)
    order = np.where(lines > 0.1, 110 * figure.order, 120 + 130 * flow * (y / max(1, height)))
    return (
        np.asarray(np.clip(np.maximum(cover, lines), 0, 1), np.float32),
        np.asarray(np.clip(rgb, 0, 1), np.float32),
        np.asarray(np.clip(order, 0, 255), np.uint8),
    )
