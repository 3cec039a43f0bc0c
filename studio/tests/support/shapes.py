"""Drawn shapes whose place is known exactly, over a background that is not quite plain."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

WIDTH, HEIGHT = 320, 180
RED, BLUE, GREEN = (205, 45, 40), (35, 70, 190), (45, 150, 60)


def backdrop(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A grey-green wall, lighter above, with a little grain."""
    rows = np.linspace(1.1, 0.8, height)[:, None, None]
    grain = np.random.default_rng(5).normal(0, 2, (height, width, 1))
    return np.clip(np.array([120, 135, 125]) * rows + grain, 0, 255).astype(np.uint8)


def draw_disc(
    picture: np.ndarray, centre: tuple[int, int], radius: int, colour: tuple[int, int, int]
) -> np.ndarray:
    """A shaded disc, in place; the mask of it."""
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    away = np.hypot(x - centre[0], y - centre[1])
    mask = away <= radius
    shade = 1.1 - 0.35 * away / radius
    picture[mask] = np.clip(np.array(colour) * shade[mask][:, None], 0, 255)
    return mask


def draw_star(
    picture: np.ndarray, centre: tuple[int, int], radius: int, colour: tuple[int, int, int]
) -> np.ndarray:
    """A star of five points, in place; the mask of it."""
    angles = np.arange(10) * np.pi / 5 - np.pi / 2
    reach = np.where(np.arange(10) % 2, 0.5, 1.0) * radius
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None] + centre
    filled = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(filled, [np.round(points).astype(np.int32)], 1)
    picture[filled > 0] = colour
    return filled > 0


def saved(picture: np.ndarray, path: Path) -> Path:
    Image.fromarray(picture).save(path)
    return path


def mask_of(file: dict) -> np.ndarray:
    """What a job's mask picture selects."""
    return np.asarray(Image.open(file["path"]).convert("L")) > 127
