"""Steps of light, color, weather, style and lettering: RGB in, RGB out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from mediakit.typefaces import undrawable
from studio.artist.art_vocabulary import COLOURS
from studio.artist.edits import inserting
from studio.artist.edits.captions import lettered
from studio.artist.edits.editor import Editor
from studio.artist.edits.weather import Air
from studio.artist.instructions.clauses import Step
from studio.media.image import cleanup, tones
from studio.media.image.effects import blurred
from studio.media.raster import ByteArray
from studio.media.styles.image_styles import read_style, styled

NEUTRAL = (0.5, 0.5, 0.5)


def _sharpness(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if step.amount < 0:
        return blurred(rgb, 0.25 * -step.amount)
    return cleanup.sharpened(cleanup.clarified(rgb, 0.25 * step.amount), 0.9 * step.amount)


def _saturation(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if step.amount < 0:
        return tones.saturated(rgb, max(-1.0, 0.55 * step.amount))
    return tones.vibrant(tones.saturated(rgb, 0.25 * step.amount), 0.45 * step.amount)


def _contrast(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    opened = tones.stretched(rgb, 0.3, by_channel=False) if step.amount > 0 else rgb
    return tones.contrasted(opened, 0.6 * step.amount)


def _tint(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return tones.tinted(rgb, step.colour or NEUTRAL, min(0.8, 0.42 * step.amount))


def _split_tone(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    dark, light = (COLOURS[name] for name in step.what.split())
    return tones.split_toned(rgb, dark, light, step.amount)


def _air(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return Air(rgb, editor.regions(), step.amount, editor.seed).changed(step.what)


def _style(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return styled(rgb, read_style(step.what), editor.seed)


def _letter(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if missing := undrawable(step.what):
        editor.warn(f"These characters can't be drawn: {missing[:20]}.")
    if editor.mask is None:
        return lettered(
            rgb,
            step.what,
            kind=step.where or "title",
            place=step.place,
            colour=step.colour,
            size=step.amount,
            subject=editor.regions().sure_subject(),
        )
    # Into the marked part, as large as it takes.
    left, top, right, bottom = _pixels(inserting.covered(editor.mask), rgb)
    out = rgb.copy()
    part = np.ascontiguousarray(rgb[top:bottom, left:right])
    out[top:bottom, left:right] = lettered(
        part, step.what, place="middle", colour=step.colour, size=3 * step.amount
    )
    return out


def _pixels(box: inserting.Box, picture: ByteArray) -> tuple[int, int, int, int]:
    height, width = picture.shape[:2]
    return (
        round(box[0] * width), round(box[1] * height),
        round(box[2] * width), round(box[3] * height),
    )  # fmt: skip


COLOURED: Mapping[str, Callable[[Editor, ByteArray, Step], ByteArray]] = {
    "exposure": lambda editor, rgb, step: tones.exposed(rgb, 0.6 * step.amount),
    "contrast": _contrast,
    "saturation": _saturation,
    "warmth": lambda editor, rgb, step: tones.warmed(rgb, 0.55 * step.amount),
    "sharpness": _sharpness,
    "tint": _tint,
    "lean": lambda editor, rgb, step: tones.leaning(rgb, step.colour or NEUTRAL, step.amount),
    "split tone": _split_tone,
    "air": _air,
    "style": _style,
    "letter": _letter,
}
