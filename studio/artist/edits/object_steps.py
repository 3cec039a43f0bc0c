"""Steps that change what is in a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from studio.artist.edits import composing, inserting
from studio.artist.edits.color_steps import NEUTRAL
from studio.artist.edits.editor import Editor, like
from studio.artist.instructions.clauses import Step
from studio.artist.prompt.brief import read
from studio.media.image import geometry, tones
from studio.media.image.cutout import without_fringe
from studio.media.image.effects import blurred, lens_blurred
from studio.media.image.inpainting import removed
from studio.media.image.masks import painted_in
from studio.media.image.resizing import fitted, on_colours, resized
from studio.media.raster import ByteArray, FloatArray, on_white


def _keep(editor: Editor, step: Step) -> None:
    if not step.where or editor.mask is not None:
        return
    kept = editor.regions().mask(step.where)
    if kept is not None:
        editor.kept = kept if editor.kept is None else np.maximum(editor.kept, kept)


def _blur(editor: Editor, step: Step) -> None:
    where = editor.where(step)
    if where is not None and step.where.startswith(("background", "except ")):
        sharp = np.asarray(1 - where, np.float32)
        editor.picture = on_colours(
            editor.picture, lambda rgb: lens_blurred(rgb, sharp, step.amount)
        )
        return
    editor.locally(step, lambda rgb: blurred(rgb, step.amount, step.what))


def _recolour(editor: Editor, step: Step) -> None:
    colour = step.colour or NEUTRAL
    where = (
        editor.mask if editor.mask is not None else editor.regions().mask(step.where or "subject")
    )
    if where is not None:
        region = where
        editor.picture = on_colours(
            editor.picture, lambda rgb: tones.recoloured(rgb, region, colour)
        )


def _background(editor: Editor, step: Step) -> None:
    width, height = editor.size
    rgb = on_white(editor.picture)
    if step.colour is not None:
        behind = inserting.plain(step.colour, width, height)
    else:
        behind = inserting.drawn_scene(editor.brief(step.what), *editor.size)
    if editor.mask is not None:
        # The mask marks the background; how far in the subject reaches is its business.
        editor.picture = behind
        return
    subject = editor.regions().subject()
    if editor.picture.shape[2] == 4:
        # A cut-out brings its own outline.
        subject = np.asarray(editor.picture[..., 3] / 255, np.float32)
    editor.picture = composing.on_background(rgb, subject, behind, harmonise=step.colour is None)


def _cut_out(editor: Editor, step: Step) -> None:
    if editor.mask is not None:
        alpha = np.asarray(1 - editor.mask, np.float32)
    else:
        # With a region it alone is left, without one what stands out.
        named = editor.regions().mask(step.where)
        alpha = editor.regions().subject() if named is None else named
    clean = on_colours(editor.picture, lambda rgb: without_fringe(rgb, alpha))
    editor.picture = geometry.with_alpha(clean, alpha)


def _sky(editor: Editor, step: Step) -> None:
    width, height = editor.size
    sky = editor.mask if editor.mask is not None else editor.regions().mask("sky")
    if sky is None:
        return
    if step.colour is not None and not read(step.what).hour:
        above = inserting.plain(step.colour, width, height)
    else:
        above = _sky_alone(editor, step.what)
    editor.picture = painted_in(editor.picture, like(above, editor.picture), sky)


def _sky_alone(editor: Editor, what: str) -> ByteArray:
    """The upper part of a drawn scene, stretched over the picture."""
    width, height = editor.size
    factor = min(1.0, 1024 / max(width, height))
    wide, high = round(width * factor), round(height * factor)
    brief = read(f"{what}, sky over the sea", seed=editor.seed, negative=editor.negative)
    scene = inserting.drawn_scene(brief, wide, high)
    return np.ascontiguousarray(resized(scene[: max(1, high // 2)], width, height))


def _remove(editor: Editor, step: Step) -> None:
    mask = editor.mask
    if mask is None:
        mask = _generous(editor.regions().mask(step.where or "subject"))
        editor.warn(
            f"Without a mask, the position of “{step.where}” was estimated. Paint a "
            "mask to be exact."
        )
    if mask is not None:
        region = mask
        editor.picture = on_colours(editor.picture, lambda rgb: removed(rgb, region))


def _generous(mask: FloatArray | None) -> FloatArray | None:
    """A guessed outline is seldom wide enough: what it leaves standing is a ghost."""
    if mask is None:
        return None
    side = max(3, round(min(mask.shape) / 40)) | 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.float32)


def _add(editor: Editor, step: Step) -> None:
    if editor.mask is not None:
        box, size = inserting.covered(editor.mask), 1.35
    else:
        rgb = on_white(editor.picture)
        box, size = inserting.spot(step.place) or inserting.roomiest(rgb), step.amount
    _draw_in(editor, step.what, box, size)


def _draw_in(editor: Editor, what: str, box: inserting.Box, size: float) -> None:
    brief = editor.brief(what)
    editor.picture = on_colours(
        editor.picture, lambda rgb: inserting.subject_added(rgb, brief, box=box, size=size)
    )


def _replace(editor: Editor, step: Step) -> None:
    mask = editor.mask if editor.mask is not None else editor.regions().mask(step.where)
    if mask is None:
        return
    region = mask
    editor.picture = on_colours(editor.picture, lambda rgb: removed(rgb, region))
    _draw_in(editor, step.what, _roomy(inserting.covered(region)), 1.35)


def _roomy(box: inserting.Box) -> inserting.Box:
    """A little larger, the feet on the same line."""
    wide, high = box[2] - box[0], box[3] - box[1]
    return (
        max(0.0, box[0] - 0.15 * wide), max(0.0, box[1] - 0.12 * high),
        min(1.0, box[2] + 0.15 * wide), min(1.0, box[3] + 0.04 * high),
    )  # fmt: skip


def _paint(editor: Editor, step: Step) -> None:
    """A bare description for a masked part: its subjects into the hole, or its scene."""
    brief = editor.brief(step.what)
    if brief.roles and editor.mask is not None:
        region = editor.mask
        editor.picture = on_colours(editor.picture, lambda rgb: removed(rgb, region))
        _add(editor, step)
    else:
        scene = inserting.drawn_scene(brief, *editor.size)
        editor.picture = like(scene, editor.picture)


def _compose(editor: Editor, step: Step) -> None:
    others = [on_white(other) for other in editor.others]
    rgb = on_white(editor.picture)
    if not others:
        return
    if step.verb == "collage":
        editor.picture = composing.side_by_side([rgb, *others])
    elif step.verb == "palette":
        editor.picture = on_colours(
            editor.picture, lambda own: composing.toned_like(own, others[0], step.amount)
        )
    elif step.verb == "blend":
        editor.picture = composing.blended(rgb, others[0], step.amount)
    elif step.verb == "inset":
        editor.picture = on_colours(
            editor.picture,
            lambda own: composing.inset(own, editor.others[0], step.place, step.amount),
        )
    else:
        behind = fitted(others[0], *editor.size)
        editor.picture = composing.on_background(rgb, editor.regions().subject(), behind)


CHANGED: Mapping[str, Callable[[Editor, Step], None]] = {
    "keep": _keep,
    "blur": _blur,
    "recolour": _recolour,
    "background": _background,
    "cut out": _cut_out,
    "sky": _sky,
    "remove": _remove,
    "add": _add,
    "replace": _replace,
    "paint": _paint,
    "palette": _compose,
    "blend": _compose,
    "inset": _compose,
    "behind": _compose,
}
