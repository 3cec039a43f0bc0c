"""Pictures for tests: drawn shapes with known places, and photograph-like scenes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build


def scene(
    prompt: str = "a lighthouse by the sea", width: int = 320, height: int = 180
) -> np.ndarray:
    """A picture the studio draws, (height, width, 3) uint8."""
    return build(read(prompt, seed=3), width, height).still()


def shapes(width: int = 320, height: int = 180) -> np.ndarray:
    """A blue sky over green ground, a red disc left of the middle, a gray block to its right."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[: height // 2] = (110, 160, 220)
    picture[height // 2 :] = (70, 120, 60)
    cv2.circle(picture, (width // 4, height // 2), height // 5, (205, 40, 45), -1, cv2.LINE_AA)
    cv2.rectangle(
        picture,
        (width * 5 // 8, height // 3),
        (width * 7 // 8, height * 3 // 4),
        (150, 150, 150),
        -1,
    )
    return picture


def grainy(picture: np.ndarray, sigma: float = 12.0, seed: int = 5) -> np.ndarray:
    """The picture with the noise of a sensitive film."""
    rng = np.random.default_rng(seed)
    return np.clip(picture + rng.normal(0, sigma, picture.shape), 0, 255).astype(np.uint8)


def save(path: Path, picture: np.ndarray) -> Path:
    """As a PNG; the path."""
    Image.fromarray(picture).save(path)
    return path


def load(file: dict) -> np.ndarray:
    """The pixels of an answer's file as they are stored, RGB or RGBA."""
    return np.asarray(Image.open(file["path"]))
