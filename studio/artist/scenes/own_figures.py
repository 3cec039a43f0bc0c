"""The figures of pictures that the studio drew itself, cut out exactly: its layers are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.artist.drawing.stage import Layer, Shot, Stage
from studio.artist.scenes.references import notes_of, own_stage
from studio.media.image.compositing import lay
from studio.media.image.cutout import Cut
from studio.media.raster import ByteArray, FloatArray

# A figure of which less than this share of the picture is seen is not there.
SMALLEST_FIGURE = 0.0005


def drawn_figures(medium: Mapping[str, Any], image: ByteArray) -> list[Cut] | None:
    """Every figure of a picture our studio drew, exactly; None when it is not one of ours."""
    stage = own_stage(image, notes_of(medium))
    return None if stage is None else figures_of(stage)


def figures_of(stage: Stage) -> list[Cut]:
    """The figures of a stage as its still shows them, the leading one first."""
    # Drawings on paper are lines, not figures with an inside.
    names = [one.figure for one in stage.elements if isinstance(one, Layer) and one.figure]
    cuts = []
    for name in dict.fromkeys(names):
        mask = _seen(stage, name)
        if mask.mean() > SMALLEST_FIGURE:
            cuts.append(Cut(mask, 1.0, name))
    return sorted(cuts, key=lambda cut: -cut.area)


def _seen(stage: Stage, name: str) -> FloatArray:
    """Where a figure is seen: white, with what stands before it in black."""
    space = stage.space
    shot = Shot(space, space.width, space.height)
    frame = np.zeros((space.height, space.width, 3), np.uint8)
    started = False
    for one in stage.elements:
        if not isinstance(one, Layer):
            continue
        mine = one.figure == name
        started = started or mine
        if started:
            sheet = np.zeros_like(one.pixels)
            sheet[..., 3] = one.pixels[..., 3]
            if mine:
                sheet[..., :3] = one.pixels[..., 3:]
            lay(frame, sheet, one.matrix(shot), extends=one.extends)
    return np.asarray(frame[..., 0].astype(np.float32) / 255)
