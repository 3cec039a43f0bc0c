"""A picture while it is being edited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.artist.instructions.clauses import Step
from studio.artist.instructions.vocabulary import EFFECTS
from studio.artist.prompt.brief import Brief, read
from studio.artist.selection.regions import Regions
from studio.media.image.masks import painted_in
from studio.media.image.resizing import on_colours
from studio.media.raster import ByteArray, FloatArray, on_white


@dataclass(slots=True)
class Editor:
    """A picture being edited. picture: (h, w, 3 or 4) uint8; others: further pictures, likewise.

    mask: (h, w), 0 to 1, where it may change; None for everywhere. medium: the file it came from.
    warn: told what could not be done as asked.
    """

    picture: ByteArray
    medium: Mapping[str, Any]
    others: Sequence[ByteArray]
    mask: FloatArray | None
    seed: int
    warn: Callable[[str], None]
    # What was found in the picture as it was given; variations of one wish share it.
    found: Regions | None = None
    kept: FloatArray | None = None
    reshaped: bool = False
    # What is not to be drawn, whatever a step describes.
    negative: str = ""

    def regions(self) -> Regions:
        """Regions of the picture as it was given: changes of light do not move them."""
        if self.found is None:
            own = {} if self.reshaped else self.medium
            self.found = Regions(on_white(self.picture), own, self.warn)
        return self.found

    def brief(self, what: str) -> Brief:
        """What a description asks to draw; warns of what cannot be."""
        brief = read(what, seed=self.seed, negative=self.negative)
        if brief.warning:
            self.warn(brief.warning)
        return brief

    def locally(self, step: Step, change: Callable[[ByteArray], ByteArray]) -> None:
        """A change of light or color, inside the step's region only."""
        where = self.where(step)
        changed = on_colours(self.picture, change)
        self.picture = changed if where is None else painted_in(self.picture, changed, where)

    def where(self, step: Step) -> FloatArray | None:
        """The step's region; inside a mask the mask alone says where."""
        if not step.where or step.verb == "letter":
            return None
        if self.mask is not None and step.where not in EFFECTS:
            return None
        return self.regions().mask(step.where)

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]


def like(picture: ByteArray, other: ByteArray) -> ByteArray:
    """With as many channels as another."""
    if picture.shape[2] == other.shape[2]:
        return picture
    if other.shape[2] == 3:
        return on_white(picture)
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
