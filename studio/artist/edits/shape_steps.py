"""Steps that change the shape of a picture or the place of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from studio.artist.art_vocabulary import COLOURS
from studio.artist.edits import composing, inserting
from studio.artist.edits.editor import Editor
from studio.artist.instructions.clauses import Step
from studio.media.image import geometry
from studio.media.image.cutout import SURE, subject_of
from studio.media.image.resizing import LARGEST_PIXELS, LARGEST_SIDE, fitted, resized
from studio.media.raster import on_white


def _crop(editor: Editor, step: Step) -> None:
    if step.where:
        side, share = step.where.split()[0], 0.5 if "half" in step.where else 1 / 3
        width, height = editor.size
        cut = max(1, round((width if side in ("left", "right") else height) * share))
        editor.picture = np.ascontiguousarray({
            "left": editor.picture[:, :cut], "right": editor.picture[:, -cut:],
            "top": editor.picture[:cut], "bottom": editor.picture[-cut:],
        }[side])  # fmt: skip
    elif ":" in step.what:
        wide, high = (float(part) for part in step.what.split(":"))
        ratio = min(20.0, max(0.05, wide / high)) if high else 1.0
        editor.picture = geometry.cropped_to_shape(editor.picture, ratio, _centre(editor))
    elif step.what == "subject":
        box = inserting.covered(editor.regions().subject())
        editor.picture = geometry.cropped_around(editor.picture, box, 0.25)
    else:
        editor.picture = geometry.cropped_tighter(editor.picture, step.amount)


def _centre(editor: Editor) -> tuple[float, float]:
    """Where the subject is, so that cropping to a shape keeps it."""
    height, width = editor.picture.shape[:2]
    factor = min(1.0, 256 / max(height, width))
    small = resized(editor.picture, max(1, round(width * factor)), max(1, round(height * factor)))
    cut = subject_of(on_white(small))
    if cut.score < SURE or cut.box is None:
        return (0.5, 0.5)
    return ((cut.box[0] + cut.box[2]) / 2, (cut.box[1] + cut.box[3]) / 2)


def _straighten(editor: Editor, step: Step) -> None:
    tilt = geometry.tilt_of(editor.picture)
    if abs(tilt) < 0.15:
        editor.warn("The image is level already or has no clear horizon, so it wasn't rotated.")
        return
    editor.picture = geometry.rotated(editor.picture, -tilt)


def _extend(editor: Editor, step: Step) -> None:
    width, height = editor.size
    if step.place:
        wide, high = (float(part) for part in step.place.split(":"))
        shape = min(5.0, max(0.2, wide / high)) if high else 1.0
        grown = (max(width, round(height * shape)), max(height, round(width / shape)))
        across, down = grown[0] - width, grown[1] - height
        sides = (across // 2, down // 2, across - across // 2, down - down // 2)
    else:
        share = 0.22 * step.amount
        names = step.what.split() or ["left", "top", "right", "bottom"]
        x, y = round(width * share), round(height * share)
        sides = tuple(  # type: ignore[assignment]
            length if name in names else 0
            for name, length in (("left", x), ("top", y), ("right", x), ("bottom", y))
        )
    editor.picture = geometry.extended(editor.picture, *sides)
    editor.warn("The new space at the edges mirrors the image.")


def _resize(editor: Editor, step: Step) -> None:
    width, height = editor.size
    if "x" in step.what:
        wide, high = (int(part) for part in step.what.split("x"))
    else:
        wide, high = round(width * float(step.what)), round(height * float(step.what))
    if not (
        1 <= wide <= LARGEST_SIDE and 1 <= high <= LARGEST_SIDE and wide * high <= LARGEST_PIXELS
    ):
        editor.warn(f"{wide}×{high} isn't supported. The size is unchanged.")
        return
    editor.picture = fitted(editor.picture, wide, high)


def _frame(editor: Editor, step: Step) -> None:
    if step.what in ("circle", "rounded"):
        editor.picture = geometry.cut_to(editor.picture, step.what)
        return
    colour = step.colour or COLOURS["white"]
    editor.picture = geometry.bordered(
        editor.picture, colour, step.amount, polaroid=step.what == "polaroid"
    )


def _collage(editor: Editor, step: Step) -> None:
    if editor.others:
        pictures = [editor.picture, *editor.others]
        editor.picture = composing.side_by_side([on_white(one) for one in pictures])


RESHAPED: Mapping[str, Callable[[Editor, Step], None]] = {
    "crop": _crop,
    "straighten": _straighten,
    "rotate": lambda editor, step: setattr(
        editor, "picture", geometry.rotated(editor.picture, step.amount)
    ),
    "flip": lambda editor, step: setattr(
        editor, "picture", geometry.flipped(editor.picture, step.what == "vertical")
    ),
    "extend": _extend,
    "resize": _resize,
    "frame": _frame,
    "collage": _collage,
}
