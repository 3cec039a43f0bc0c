"""Pictures to film: our own are rebuilt in layers, others get an estimated depth."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import PIL.Image

from mediakit.decode import open_image
from studio.artist.drawing.particles import flurry
from studio.artist.drawing.stage import Element, Stage
from studio.artist.prompt.brief import Brief, read
from studio.artist.scenes.build import FLURRIES, build
from studio.artist.scenes.rendering import Scene
from studio.artist.scenes.stills import Still
from studio.media.image.resizing import no_larger
from studio.media.raster import ByteArray, on_white, seeded_rng

# How unlike, in 8-bit steps on average, a rebuilt picture may be and still count as the same:
# a lossy file differs by one or two, another seed by tens.
SAME = 4.0
# The same for the most unlike of the cells compared: something painted in later is not ours.
SAME_ANYWHERE = 48.0
LONGEST_NOTE = 60_000
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
    own = own_stage(image, notes_of(medium))
    if own is not None:
        return Reference(own, (width, height))
    return Reference(Still(handy(image), air_of(brief)), (width, height))


def notes_of(medium: Mapping[str, Any]) -> Mapping[str, Any]:
    """What its maker wrote about a picture: kept by the run, or else inside the PNG itself.

    The sender of a picture may have written the notes too: believe them only as far as the pixels
    bear them out, as `own_stage` does.
    """
    kept: Mapping[str, Any] = medium.get("meta") or {}
    if kept:
        return kept
    try:
        with PIL.Image.open(medium["path"], formats=("PNG",)) as picture:
            comment = str(picture.info.get("Comment") or "")
        found = json.loads(comment) if len(comment) <= LONGEST_NOTE else {}
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def noted_brief(meta: Mapping[str, Any]) -> Brief | None:
    """The brief that notes of ours tell of; None for those of others and unreadable ones."""
    if meta.get("provider") != "studio":
        return None
    try:
        return read(
            str(meta["prompt"]),
            seed=int(meta["seed"]),
            negative=str(meta.get("negative_prompt") or ""),
        )
    except (KeyError, TypeError, ValueError):
        return None


def own_stage(image: ByteArray, meta: Mapping[str, Any]) -> Stage | None:
    """The stage a picture was taken from, if it is one of ours and really looks like this."""
    if meta.get("role") or meta.get("subjects") is None:
        return None
    brief = noted_brief(meta)
    if brief is None:
        return None
    height, width = image.shape[:2]
    stage = build(brief, width, height)
    small = (64, max(8, round(64 * height / width)))
    seen = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
    drawn = cv2.resize(stage.still(), small, interpolation=cv2.INTER_AREA)
    unlike = np.abs(seen.astype(np.float32) - drawn.astype(np.float32)).mean(axis=2)
    return stage if unlike.mean() < SAME and unlike.max() < SAME_ANYWHERE else None


def air_of(brief: Brief) -> tuple[Element, ...]:
    """Weather the words ask for, else a little dust in the light."""
    asked = [kind for kind in FLURRIES if kind in brief.weather and kind not in brief.removed]
    rng = seeded_rng(brief.prompt, brief.seed, "air over a still")
    if asked:
        return tuple(flurry(kind, rng) for kind in asked[:2])
    return (flurry("dust", rng, amount=0.6),)


def handy(image: ByteArray) -> ByteArray:
    """No larger than a film needs: every frame passes over all of its pixels."""
    return no_larger(image, LARGEST_STILL, 2)
