"""Pictures to film: our own are rebuilt in layers, others get an estimated depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from media.sandbox.decode import open_image
from tools.providers.studio.scenes.brief import Brief, read
from tools.providers.studio.scenes.build import build
from tools.providers.studio.scenes.effects import Flurry, flurry
from tools.providers.studio.scenes.raster import ByteArray, chance, on_white
from tools.providers.studio.scenes.shooting import Scene
from tools.providers.studio.scenes.stage import Element
from tools.providers.studio.scenes.stills import Still

# How unlike, in 8-bit steps on average, a rebuilt picture may be and still count as the same:
# a lossy file differs by one or two, another seed by tens.
SAME = 4.0
LARGEST_STILL = 1024


@dataclass(slots=True)
class Reference:
    """A picture to film. size: its own (width, height). is_last: the film ends on it."""

    scene: Scene
    size: tuple[int, int]
    is_last: bool = False


def open_reference(medium: Mapping[str, Any], brief: Brief) -> Reference:
    """Open a picture for a film of `brief`. Raises what `open_image` raises on a bad file."""
    image = on_white(open_image(medium["path"]))
    height, width = image.shape[:2]
    own = _rebuilt(image, medium.get("meta") or {})
    if own is not None:
        return Reference(own, (width, height))
    return Reference(Still(_handy(image), _air(brief)), (width, height))


def _rebuilt(image: ByteArray, meta: Mapping[str, Any]) -> Scene | None:
    """The stage a picture was taken from, if it is one of ours and really looks like this."""
    if meta.get("provider") != "studio" or "prompt" not in meta or "seed" not in meta:
        return None
    try:
        brief = read(
            str(meta["prompt"]),
            seed=int(meta["seed"]),
            negative=str(meta.get("negative_prompt") or ""),
        )
    except (TypeError, ValueError):
        return None
    height, width = image.shape[:2]
    if meta.get("role") or meta.get("subjects") is None:
        return None
    stage = build(brief, width, height)
    small = (64, max(8, round(64 * height / width)))
    seen = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    drawn = cv2.resize(stage.still(), small, interpolation=cv2.INTER_AREA)
    unlike = float(np.abs(seen.astype(np.float32) - drawn.astype(np.float32)).mean())
    return stage if unlike < SAME else None


def _air(brief: Brief) -> tuple[Element, ...]:
    """Weather the words ask for, else a little dust in the light."""
    kinds: tuple[Flurry, ...] = (
        "rain",
        "snow",
        "embers",
        "fireflies",
        "petals",
        "leaves",
        "confetti",
        "bubbles",
    )
    asked = [kind for kind in kinds if kind in brief.weather and kind not in brief.removed]
    dice = chance(brief.prompt, brief.seed, "air over a still")
    if asked:
        return tuple(flurry(kind, dice) for kind in asked[:2])
    return (flurry("dust", dice, amount=0.6),)


def _handy(image: ByteArray) -> ByteArray:
    """No larger than a film needs: every frame passes over all of its pixels."""
    height, width = image.shape[:2]
    factor = min(1.0, LARGEST_STILL / max(width, height))
    if factor == 1.0:
        return image
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
