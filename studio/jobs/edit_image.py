"""Change a picture as told in words, everywhere or inside a mask, with further pictures' help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mediakit.decode import open_image
from mediakit.job_protocol import Report
from studio.artist.edits.editing import follow
from studio.artist.edits.editor import Editor
from studio.artist.instructions.clauses import Step
from studio.artist.instructions.negative_prompt import without_refused
from studio.artist.instructions.reading import Reading, read_instructions
from studio.artist.selection.regions import Regions
from studio.job_io.images import bounded, open_whole, variations, wanted_size
from studio.job_io.mask_window import window_on
from studio.job_io.order import Order
from studio.media.image.masks import open_marks, weighted
from studio.media.image.refining import STRENGTHS
from studio.media.image.resizing import fitted
from studio.media.raster import ByteArray, on_white

KNOWN = (
    "light, contrast, color, warmth, sharpness, blur, black and white, styles, night,"
    " sunset, seasons and weather, text, crop, rotate, flip, frame, backgrounds, "
    "colors of things, adding subjects and removing what a mask marks"
)


def run(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Ports: `image`, the picture and then any references; `mask`. A file for each variation.

    With a mask every pixel outside it stays as it was, to the bit in a PNG. meta: `steps`, what was
    done in order, and `not_understood`. Raises Refused without a picture.
    """
    order = Order(arguments)
    whole = open_whole(order, "edit")
    media = order.media("image")
    others = [bounded(order, open_image(medium["path"])) for medium in media[1:]]
    marks = _marks(order, whole)
    window = None if marks is None else window_on(order, whole, marks)
    if window is None:
        source, medium = bounded(order, whole), media[0]
        mask = None if marks is None else weighted(marks)
    else:
        # What the file's maker noted is about all of it.
        source, mask, medium = window.source, window.mask, {}
    regions = Regions(on_white(source), medium, order.warn)
    if order.params.get("personaName"):
        order.warn("Personas aren't supported. Only the image was used.")

    def make(index: int) -> tuple[ByteArray, Mapping[str, Any]]:
        reading = read_instructions(
            order.prompt(index), pictures=len(media), masked=mask is not None
        )
        _say_what_was_not_understood(order, reading, len(others))
        wanted, refusals = without_refused(reading.steps, order.negative)
        order.warn_all(refusals)
        steps = [*_varied(wanted, index), *_wished(order, reading)]
        editor = Editor(source, medium, others, mask, order.seed + index, order.warn, regions)
        editor.negative = order.negative
        edited = follow(editor, steps)
        picture = _sized(order, edited if window is None else window.laid_back(edited))
        return picture, {
            "steps": [_noted(step) for step in steps],
            "not_understood": list(reading.unknown),
        }

    return variations(order, report, make)


def _marks(order: Order, source: ByteArray) -> ByteArray | None:
    given = order.media("mask")
    if not given:
        return None
    height, width = source.shape[:2]
    marks = open_marks(given[0]["path"], width, height)
    if not marks.any():
        order.warn("The mask is empty, so nothing changed. Paint the area to change.")
    return marks


def _say_what_was_not_understood(order: Order, reading: Reading, others: int) -> None:
    for clause in reading.unknown:
        order.warn(f"“{clause}” wasn't understood and was skipped.")
    if not reading.steps:
        order.warn(f"Nothing changed. The built-in studio can change {KNOWN}.")
    composing = {"collage", "palette", "blend", "inset", "behind"}
    if others and not composing & {step.verb for step in reading.steps}:
        order.warn(
            "Reference images weren't used. Ask to match their colors, place them "
            "side by side, blend, overlay, or use one as the background."
        )
    elif others > 1 and "collage" not in {step.verb for step in reading.steps}:
        order.warn("Only the first reference image was used.")


def _varied(steps: Sequence[Step], index: int) -> list[Step]:
    """Variations of one wish: the same steps at other strengths, and other seeds."""
    fixed = ("crop", "rotate", "frame", "extend", "inset", "letter")
    factor = STRENGTHS[index % len(STRENGTHS)]
    return [
        step if step.verb in fixed else replace(step, amount=round(step.amount * factor, 3))
        for step in steps
    ]


def _wished(order: Order, reading: Reading) -> list[Step]:
    """What parameters ask for on top of the words."""
    transparent = order.params.get("gptImageBackground") == "transparent"
    if transparent and all(step.verb != "cut out" for step in reading.steps):
        return [Step("cut out", "transparent background")]
    return []


def _sized(order: Order, picture: ByteArray) -> ByteArray:
    """In the size asked for, cut to its shape; without a wish the steps' own size."""
    params = order.params
    if not (params.get("width") or params.get("height") or params.get("aspectRatio")):
        return picture
    width, height = wanted_size(order, picture)
    return fitted(picture, width, height)


def _noted(step: Step) -> dict[str, Any]:
    kept = {"verb": step.verb, "amount": step.amount, "where": step.where, "what": step.what}
    return {name: value for name, value in kept.items() if value not in ("", 1.0)}
