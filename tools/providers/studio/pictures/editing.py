"""Carrying out what an instruction asks for, step by step, inside its mask or region."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from tools.providers.studio.pictures import geometry, inserting, mending, tones
from tools.providers.studio.pictures.airs import Air
from tools.providers.studio.pictures.canvas import fitted, on_colours, resized
from tools.providers.studio.pictures.cutout import SURE, subject_of, without_fringe
from tools.providers.studio.pictures.flourishes import blurred, flourished, lens_blurred
from tools.providers.studio.pictures.instructions import Step
from tools.providers.studio.pictures.lettering import lettered
from tools.providers.studio.pictures.masks import feathered, painted_in
from tools.providers.studio.pictures.phrasebook import EFFECTS
from tools.providers.studio.pictures.regions import Regions
from tools.providers.studio.pictures.styles import read_style, styled
from tools.providers.studio.scenes.brief import read
from tools.providers.studio.scenes.raster import ByteArray, FloatArray, on_white
from tools.providers.studio.scenes.words import COLOURS

NEUTRAL = (0.5, 0.5, 0.5)
# What changes the shape or the place of things; a mask cannot hold these.
RESHAPING = frozenset(
    {"crop", "rotate", "straighten", "flip", "extend", "resize", "frame", "collage"}
)


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
    done: list[str] = field(default_factory=list)
    _kept: FloatArray | None = None
    _reshaped: bool = False

    def follow(self, steps: Sequence[Step]) -> ByteArray:
        """All the steps in order; the picture after them."""
        before = self.picture
        for step in steps:
            self._take(step)
        if self._kept is not None and self.picture.shape == before.shape:
            self.picture = painted_in(before, self.picture, 1 - self._kept)
        if self.mask is not None:
            self.picture = painted_in(before, _like(self.picture, before), feathered(self.mask))
        return self.picture

    def regions(self) -> Regions:
        """Regions of the picture as it was given: changes of light do not move them."""
        if self.found is None:
            own = {} if self._reshaped else self.medium
            self.found = Regions(on_white(self.picture), own, self.warn)
        return self.found

    def _take(self, step: Step) -> None:
        if self.mask is not None and step.verb in RESHAPING:
            self.warn(f"“{step.said}” would change more than the mask allows; it was left out.")
            return
        if step.verb in _WHOLE:
            _WHOLE[step.verb](self, step)
        elif step.verb in _LOCAL:
            self._local(step)
        else:
            self._locally(
                step, lambda rgb: flourished(rgb, step.verb, step.amount, step.colour, self.seed)
            )
        if step.verb in RESHAPING:
            self.found, self._reshaped = None, True
        self.done.append(step.verb)

    def _local(self, step: Step) -> None:
        self._locally(step, lambda rgb: _LOCAL[step.verb](self, rgb, step))

    def _locally(self, step: Step, change: Callable[[ByteArray], ByteArray]) -> None:
        """A change of light or colour, inside the step's region only."""
        where = self._where(step)
        changed = on_colours(self.picture, change)
        self.picture = changed if where is None else painted_in(self.picture, changed, where)

    def _where(self, step: Step) -> FloatArray | None:
        """The step's region; inside a mask the mask alone says where."""
        if not step.where or step.verb == "letter":
            return None
        if self.mask is not None and step.where not in EFFECTS:
            return None
        return self.regions().mask(step.where)

    @property
    def size(self) -> tuple[int, int]:
        return self.picture.shape[1], self.picture.shape[0]


def _like(picture: ByteArray, other: ByteArray) -> ByteArray:
    """With as many channels as another."""
    if picture.shape[2] == other.shape[2]:
        return picture
    if other.shape[2] == 3:
        return on_white(picture)
    return np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])


# Changes of light and colour: RGB in, RGB out.


def _sharpness(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if step.amount < 0:
        return blurred(rgb, 0.25 * -step.amount)
    return mending.sharpened(mending.clarified(rgb, 0.25 * step.amount), 0.9 * step.amount)


def _saturation(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if step.amount < 0:
        return tones.saturated(rgb, max(-1.0, 0.55 * step.amount))
    return tones.vibrant(tones.saturated(rgb, 0.25 * step.amount), 0.45 * step.amount)


def _contrast(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    opened = tones.stretched(rgb, 0.3, by_channel=False) if step.amount > 0 else rgb
    return tones.contrasted(opened, 0.6 * step.amount)


def _tint(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return tones.tinted(rgb, step.colour or NEUTRAL, min(0.8, 0.42 * step.amount))


def _air(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return Air(rgb, editor.regions(), step.amount, editor.seed).changed(step.what)


def _style(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    return styled(rgb, read_style(step.what), editor.seed)


def _letter(editor: Editor, rgb: ByteArray, step: Step) -> ByteArray:
    if editor.mask is None:
        return lettered(
            rgb,
            step.what,
            kind=step.where or "title",
            place=step.place,
            colour=step.colour,
            size=step.amount,
        )
    # Into the marked part, as large as it takes.
    left, top, right, bottom = _pixels(inserting.box_of(editor.mask), rgb)
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


_LOCAL: Mapping[str, Callable[[Editor, ByteArray, Step], ByteArray]] = {
    "exposure": lambda editor, rgb, step: tones.exposed(rgb, 0.6 * step.amount),
    "contrast": _contrast,
    "saturation": _saturation,
    "warmth": lambda editor, rgb, step: tones.warmed(rgb, 0.55 * step.amount),
    "sharpness": _sharpness,
    "tint": _tint,
    "air": _air,
    "style": _style,
    "letter": _letter,
}


# Changes of what is there and where.


def _keep(editor: Editor, step: Step) -> None:
    if not step.where or editor.mask is not None:
        return
    kept = editor.regions().mask(step.where)
    if kept is not None:
        editor._kept = kept if editor._kept is None else np.maximum(editor._kept, kept)


def _blur(editor: Editor, step: Step) -> None:
    if step.where == "background" and editor.mask is None:
        sharp = editor.regions().subject()
        editor.picture = on_colours(
            editor.picture, lambda rgb: lens_blurred(rgb, sharp, step.amount)
        )
        return
    editor._locally(step, lambda rgb: blurred(rgb, step.amount, step.what))


def _recolour(editor: Editor, step: Step) -> None:
    colour = step.colour or NEUTRAL
    where = (
        editor.mask if editor.mask is not None else editor.regions().mask(step.where or "subject")
    )
    if where is not None:
        region = where
        editor.picture = on_colours(
            editor.picture, lambda rgb: inserting.recoloured(rgb, region, colour)
        )


def _background(editor: Editor, step: Step) -> None:
    width, height = editor.size
    rgb = on_white(editor.picture)
    if step.colour is not None:
        behind = inserting.plain(step.colour, width, height)
    else:
        behind = _scene(editor, step.what)
    if editor.mask is not None:
        # The mask marks the background; how far in the subject reaches is its business.
        editor.picture = behind
        return
    subject = editor.regions().subject()
    if editor.picture.shape[2] == 4:
        # A cut-out brings its own outline.
        subject = np.asarray(editor.picture[..., 3] / 255, np.float32)
    editor.picture = inserting.on_background(rgb, subject, behind, harmonise=step.colour is None)


def _scene(editor: Editor, what: str) -> ByteArray:
    brief = read(what)
    if brief.unknown:
        names = ", ".join(f"“{name}”" for name in brief.unknown[:6])
        editor.warn(f"The studio could not draw: {names}.")
    return inserting.drawn_scene(what, *editor.size, editor.seed)


def _cut_out(editor: Editor, step: Step) -> None:
    marked = editor.mask
    alpha = np.asarray(1 - marked, np.float32) if marked is not None else editor.regions().subject()
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
        above = _sky_alone(step.what, width, height, editor.seed)
    editor.picture = painted_in(editor.picture, _like(above, editor.picture), sky)


def _sky_alone(what: str, width: int, height: int, seed: int) -> ByteArray:
    """The upper part of a drawn scene, stretched over the picture."""
    factor = min(1.0, 1024 / max(width, height))
    wide, high = round(width * factor), round(height * factor)
    scene = inserting.drawn_scene(f"{what}, sky over the sea", wide, high, seed)
    return np.ascontiguousarray(resized(scene[: max(1, high // 2)], width, height))


def _remove(editor: Editor, step: Step) -> None:
    mask = editor.mask
    if mask is None:
        mask = _generous(editor.regions().mask(step.where or "subject"))
        editor.warn(
            f"Without a mask the studio guessed where “{step.where}” is; draw a mask to be exact."
        )
    if mask is not None:
        region = mask
        editor.picture = on_colours(editor.picture, lambda rgb: inserting.removed(rgb, region))


def _generous(mask: FloatArray | None) -> FloatArray | None:
    """A guessed outline is seldom wide enough: what it leaves standing is a ghost."""
    if mask is None:
        return None
    side = max(3, round(min(mask.shape) / 40)) | 1
    return np.asarray(cv2.dilate(mask, np.ones((side, side), np.uint8)), np.float32)


def _add(editor: Editor, step: Step) -> None:
    brief = read(step.what)
    if brief.unknown:
        names = ", ".join(f"“{name}”" for name in brief.unknown[:6])
        editor.warn(f"The studio could not draw: {names}.")
    rgb = on_white(editor.picture)
    if editor.mask is not None:
        box = inserting.box_of(editor.mask)
        size = 1.35
    else:
        box = inserting.spot(step.place) or inserting.roomiest(rgb)
        size = step.amount
    editor.picture = on_colours(
        editor.picture,
        lambda colours: inserting.subject_added(
            colours, step.what, box=box, seed=editor.seed, size=size
        ),
    )


def _replace(editor: Editor, step: Step) -> None:
    mask = editor.mask if editor.mask is not None else editor.regions().mask(step.where)
    if mask is None:
        return
    region = mask
    box = inserting.box_of(region)
    editor.picture = on_colours(editor.picture, lambda rgb: inserting.removed(rgb, region))
    editor.picture = on_colours(
        editor.picture,
        lambda rgb: inserting.subject_added(
            rgb, step.what, box=_roomy(box), seed=editor.seed, size=1.35
        ),
    )


def _roomy(box: inserting.Box) -> inserting.Box:
    """A little larger, the feet on the same line."""
    wide, high = box[2] - box[0], box[3] - box[1]
    return (
        max(0.0, box[0] - 0.15 * wide), max(0.0, box[1] - 0.12 * high),
        min(1.0, box[2] + 0.15 * wide), min(1.0, box[3] + 0.04 * high),
    )  # fmt: skip


def _paint(editor: Editor, step: Step) -> None:
    """A bare description for a masked part: its subjects into the hole, or its scene."""
    brief = read(step.what)
    if brief.roles and editor.mask is not None:
        region = editor.mask
        editor.picture = on_colours(editor.picture, lambda rgb: inserting.removed(rgb, region))
        _add(editor, step)
    else:
        editor.picture = _like(_scene(editor, step.what), editor.picture)


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
        box = inserting.box_of(editor.regions().subject())
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
        editor.warn("The picture is level already, or shows no line to go by; it was not turned.")
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
    editor.warn("The new space at the edges mirrors the picture; the studio does not invent more.")


def _resize(editor: Editor, step: Step) -> None:
    width, height = editor.size
    if "x" in step.what:
        wide, high = (int(part) for part in step.what.split("x"))
    else:
        wide, high = round(width * float(step.what)), round(height * float(step.what))
    if not (1 <= wide <= 8192 and 1 <= high <= 8192 and wide * high <= 12_600_000):
        editor.warn(f"{wide}×{high} is outside what the studio makes; the size stayed.")
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


def _compose(editor: Editor, step: Step) -> None:
    others = [on_white(other) for other in editor.others]
    rgb = on_white(editor.picture)
    if not others:
        return
    if step.verb == "collage":
        editor.picture = inserting.side_by_side([rgb, *others])
    elif step.verb == "palette":
        editor.picture = on_colours(
            editor.picture, lambda own: inserting.toned_like(own, others[0], step.amount)
        )
    elif step.verb == "blend":
        editor.picture = inserting.blended(rgb, others[0], step.amount)
    elif step.verb == "inset":
        editor.picture = on_colours(
            editor.picture,
            lambda own: inserting.inset(own, editor.others[0], step.place, step.amount),
        )
    else:
        behind = fitted(others[0], *editor.size)
        editor.picture = inserting.on_background(rgb, editor.regions().subject(), behind)


_WHOLE: Mapping[str, Callable[[Editor, Step], None]] = {
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
    "collage": _compose,
    "palette": _compose,
    "blend": _compose,
    "inset": _compose,
    "behind": _compose,
}
