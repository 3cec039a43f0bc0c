"""Carrying out what an instruction asks for, step by step, inside its mask or region."""

from __future__ import annotations

from collections.abc import Sequence

from studio.artist.edits.color_steps import COLOURED
from studio.artist.edits.editor import Editor, like
from studio.artist.edits.object_steps import CHANGED
from studio.artist.edits.shape_steps import RESHAPED
from studio.artist.instructions.clauses import Step
from studio.media.image.effects import flourished
from studio.media.image.masks import feathered, painted_in
from studio.media.raster import ByteArray


def follow(editor: Editor, steps: Sequence[Step]) -> ByteArray:
    """All the steps in order; the picture after them."""
    before = editor.picture
    for step in steps:
        _take(editor, step)
    if editor.kept is not None and editor.picture.shape == before.shape:
        editor.picture = painted_in(before, editor.picture, 1 - editor.kept)
    if editor.mask is not None:
        editor.picture = painted_in(before, like(editor.picture, before), feathered(editor.mask))
    return editor.picture


def _take(editor: Editor, step: Step) -> None:
    if step.verb in RESHAPED:
        # A mask cannot hold what changes the place of things.
        if editor.mask is not None:
            editor.warn(f"“{step.said}” would change more than the mask allows and was skipped.")
            return
        RESHAPED[step.verb](editor, step)
        editor.found, editor.reshaped = None, True
    elif step.verb in CHANGED:
        CHANGED[step.verb](editor, step)
    elif step.verb in COLOURED:
        editor.locally(step, lambda rgb: COLOURED[step.verb](editor, rgb, step))
    else:
        editor.locally(
            step, lambda rgb: flourished(rgb, step.verb, step.amount, step.colour, editor.seed)
        )
