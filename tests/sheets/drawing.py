"""A result as a picture: frames of a clip, the shape of a sound, a mesh from its side, words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mediakit.decode import open_image
from studio.media.video.reader import open_film, sound_chunks

CELL = (384, 216)
STRIP = 4
CAPTION, GAP = 20, 8
PAPER, INK, FAINT = (20, 20, 24), (222, 222, 228), (140, 140, 150)


def strip_of(path: Path) -> list[Image.Image]:
    """Frames of a clip, evenly spread from its first to its last."""
    film = open_film(path)
    count = film.frame_count()
    wanted = {round(place * (count - 1) / (STRIP - 1)) for place in range(STRIP)}
    return [
        _fitted(Image.fromarray(frame))
        for place, frame in enumerate(film.frames())
        if place in wanted
    ]


def picture_of(path: Path) -> list[Image.Image]:
    """A picture; what is transparent shows a chequered ground."""
    pixels = np.ascontiguousarray(open_image(path))
    picture = Image.fromarray(pixels)
    if picture.mode == "RGBA":
        rows, columns = np.indices(pixels.shape[:2]) // 16
        ground = np.where((rows + columns) % 2, 90, 60).astype(np.uint8)
        below = Image.fromarray(np.dstack([ground] * 3)).convert("RGBA")
        picture = Image.alpha_composite(below, picture)
    return [_fitted(picture.convert("RGB"))]


def wave_of(path: Path) -> list[Image.Image]:
    """Loudness over time above, pitch over time below."""
    sound = np.concatenate(list(sound_chunks(path)), axis=1).mean(axis=0)
    width, height = CELL[0] * 2, CELL[1]
    page = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(page)
    middle = height // 4
    for x, part in enumerate(np.array_split(sound, width)):
        reach = float(np.abs(part).max(initial=0)) * middle * 0.95
        pen.line([(x, middle - reach), (x, middle + reach)], fill=(240, 180, 90))
    page.paste(_spectrum(sound, width, height // 2), (0, height // 2))
    return [page]


def mesh_of(path: Path) -> list[Image.Image]:
    """A GLB from three sides, its faces shaded by where they look."""
    import trimesh

    mesh = trimesh.load(path, force="mesh")
    points = np.asarray(mesh.vertices - mesh.bounds.mean(axis=0))
    points /= np.abs(points).max() or 1
    return [_shaded(points, np.asarray(mesh.faces), turn) for turn in (-0.7, 0.0, 0.7)]


def words_of(values: dict[str, Any]) -> list[Image.Image]:
    """What a tool without media answered."""
    page = Image.new("RGB", (CELL[0] * 2, CELL[1]), PAPER)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(15)
    lines: list[str] = []
    for paragraph in str(values.get("message", values)).splitlines():
        line = ""
        for word in paragraph.split():
            if pen.textlength(f"{line} {word}", font) > CELL[0] * 2 - 24:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines.append(line)
    pen.multiline_text((12, 10), "\n".join(lines[:10]), font=font, fill=INK, spacing=5)
    return [page]


def page_of(rows: Sequence[tuple[str, Sequence[Image.Image]]], cells: int = 6) -> Image.Image:
    """Titled results, one after the other in lines of so many cells."""
    step = (CELL[0] + GAP, CELL[1] + CAPTION + GAP)
    places, column, line = [], 0, 0
    for _title, pictures in rows:
        width = sum(-(-picture.width // CELL[0]) for picture in pictures)
        if column + width > cells:
            column, line = 0, line + 1
        places.append((column, line))
        column += width
    page = Image.new("RGB", (cells * step[0], (line + 1) * step[1]), PAPER)
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(13)
    for (title, pictures), (column, line) in zip(rows, places, strict=True):
        x, y = column * step[0], line * step[1]
        room = 0
        for picture in pictures:
            page.paste(picture, (x + room, y))
            room += picture.width
        while pen.textlength(title, font) > room:
            title = title[:-1]
        pen.text((x + 2, y + CELL[1] + 3), title, font=font, fill=FAINT)
    return page


def _fitted(picture: Image.Image) -> Image.Image:
    page = Image.new("RGB", CELL, (0, 0, 0))
    small = picture.copy()
    small.thumbnail(CELL, Image.Resampling.LANCZOS)
    page.paste(small, ((CELL[0] - small.width) // 2, (CELL[1] - small.height) // 2))
    return page


def _spectrum(sound: np.ndarray, width: int, height: int) -> Image.Image:
    size = 2048
    starts = np.linspace(0, max(0, len(sound) - size), width).astype(int)
    window = np.hanning(size)
    parts = np.stack([np.pad(sound[s : s + size], (0, size))[:size] * window for s in starts])
    power = np.log1p(np.abs(np.fft.rfft(parts)) * 40)
    bands = np.unique(np.geomspace(3, size // 2 - 1, height).astype(int))
    shown = power[:, bands].T[::-1]
    grey = np.clip(shown / (shown.max() or 1) * 255, 0, 255).astype(np.uint8)
    colour = cv2.applyColorMap(cv2.resize(grey, (width, height)), cv2.COLORMAP_INFERNO)
    return Image.fromarray(cv2.cvtColor(colour, cv2.COLOR_BGR2RGB))


def _shaded(points: np.ndarray, faces: np.ndarray, turn: float) -> Image.Image:
    sine, cosine = np.sin(turn), np.cos(turn)
    turned = points @ np.array([[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]])
    corners = turned[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    light = np.clip(normals @ np.array([0.3, 0.5, 0.8]), 0.05, 1)
    size = np.array(CELL)
    flat = (corners[..., :2] * [1, -1] * CELL[1] * 0.46 + size / 2).astype(np.int32)
    page = np.full((CELL[1], CELL[0], 3), PAPER, np.uint8)
    for place in np.argsort(corners[..., 2].mean(axis=1)):
        if normals[place, 2] > 0:
            shade = int(60 + 180 * light[place])
            cv2.fillConvexPoly(page, flat[place], (shade, shade, int(shade * 0.94)))
    return Image.fromarray(page)
