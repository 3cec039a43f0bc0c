"""Putting figures into a place: size, shadow, reflection, their own movement and light."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np

from studio.artist.drawing.effects import Pulse, Sweep, light_sheet, steam, trimmed
from studio.artist.drawing.figure import Figure
from studio.artist.drawing.pen import Pen
from studio.artist.drawing.stage import STILL, Element, Flipbook, Layer, Motion, sheet
from studio.artist.people.poses import CYCLES, MOVING, action_of
from studio.artist.places.easel import Easel, Setting
from studio.artist.prompt.brief import Role
from studio.artist.scenes.paper_figures import drawn_on_paper
from studio.artist.subjects import SUBJECTS, Subject
from studio.media.raster import ByteArray, FloatArray, blur, clouds, luminance, mix, paint
from studio.media.text import words_of

# Where the first, second and third figure stand (u for a leading figure on the right), how large
# they are and how near.
MARKS = ((0.56, 1.0, 0.72), (0.22, 0.55, 0.64), (0.86, 0.45, 0.6))
FAR_SHORE = 0.59
# What a portrait shows of someone, in their own units.
BUST = (-0.4, 0.4, 0.46, 1.16)
DRIVING = words_of(
    """
    drives driving drive passes passing rides riding ride races racing speeds speeding rolls
    rolling cruises cruising travels travelling traveling
    """
)
FLYING = words_of("flies flying fly flight soars soaring glides gliding swims swimming swim dives")
# One round of a vehicle's wheels, in seconds, and the pages of it.
WHEELS = {
    "car": (0.42, 10),
    "bus": (0.42, 10),
    "bicycle": (0.25, 6),
    "motorcycle": (0.21, 5),
    "train": (1.6, 24),
}
# The same of what beats its wings whenever it is in the air, and of rotors.
WINGS = {"bird": (0.75, 12), "butterfly": (0.6, 10), "helicopter": (0.33, 8)}
# How far walkers come in a second, in their own heights.
PACES = {"walk": 0.245, "run": 0.72, "skate": 0.3}
SCENERY_MARKS = ((0.54, 1.0, 0.68), (0.24, 0.72, 0.5), (0.84, 0.6, 0.48))


def cast(easel: Easel, setting: Setting) -> list[Element]:
    """Every figure of the brief, the farthest first."""
    placed: list[tuple[float, list[Element]]] = []
    for index, role in enumerate(easel.brief.roles):
        subject = SUBJECTS[role.name]
        marks = SCENERY_MARKS if subject.scenery else MARKS
        u, size, depth = marks[index]
        if role.name == "person" and index and easel.brief.roles[0].name == "person":
            # People side by side are of one size.
            size, depth = 0.92, 0.7
        alone = len(easel.brief.roles) == 1
        if alone and (easel.brief.style != "picture" or _is_centred(easel)):
            u = 0.5
        u = u if easel.side > 0 else 1 - u
        placed.append((depth, _figure(easel, setting, role, subject, index, u, size, depth)))
    placed.sort(key=lambda pair: pair[0])
    return [element for _, elements in placed for element in elements]


def draw_figure(
    easel: Easel,
    setting: Setting,
    role: Role,
    subject: Subject,
    scale: float,
    index: int,
    phase: float = 0.0,
) -> Figure:
    """The figure alone, lit as the place is. phase: of its own movement, 0 to 1."""
    close = _is_close(easel, subject)
    pen = Pen(
        scale=scale,
        reach=BUST if close else subject.reach,
        light=setting.light,
        rng=easel.rng(f"figure {index}"),
        colour=role.colour,
        finish=role.finish,
        word=role.word,
        traits=role.traits,
        wear=dict(role.wear),
        framing="portrait" if close else "",
        phase=phase,
        lines=easel.brief.style != "picture",
    )
    subject.draw(pen)
    return pen.finished()


def _is_centred(easel: Easel) -> bool:
    """What is shown alone before a backdrop, or asked to be, stands in the middle."""
    return easel.brief.setting == "backdrop" or easel.mentions("centred", "centered")


def _is_close(easel: Easel, subject: Subject) -> bool:
    return easel.brief.framing == "portrait" and subject.name == "person"


def _scale(easel: Easel, setting: Setting, subject: Subject, size: float) -> float:
    """Pixels per unit: as large as the subject likes to be, but within the picture."""
    left, right, bottom, top = subject.reach
    space = easel.space
    if _is_close(easel, subject):
        alone = len(easel.brief.roles) == 1
        return space.unit * (1.75 if alone else 1.45) * max(size, 0.85)
    wanted = subject.size * space.unit * size * setting.figure_scale
    widest = 0.78 * space.width * min(1.0, size + 0.1) / (right - left)
    tallest = 0.82 * space.height * size / (top - bottom)
    return min(wanted, widest, tallest)


def _figure(
    easel: Easel,
    setting: Setting,
    role: Role,
    subject: Subject,
    index: int,
    u: float,
    size: float,
    depth: float,
) -> list[Element]:
    space = easel.space
    scale = _scale(easel, setting, subject, size)
    figure = draw_figure(easel, setting, role, subject, scale, index)
    # Profiles look into the picture; they are drawn facing left.
    turned = u < 0.5 and subject.name not in ("watch", "phone", "photo_camera", "lighthouse")
    if turned:
        figure = figure.mirrored()
    row = _row(easel, setting, subject, scale, depth)
    left, top = round(space.x(u) - figure.foot[0]), round(row - figure.foot[1])
    motion = _motion(easel, subject, row, index)
    action = action_of(role.traits | {role.word}) if subject.name == "person" else ""
    if action in MOVING:
        # Slides with the feet, so that these do not.
        pace = PACES[action] * scale / space.height * (1 if turned else -1)
        motion = Motion(drift=pace)
    driving = subject.gesture == "drive" and easel.mentions(*DRIVING)
    round_ = (CYCLES[action], 10) if action in CYCLES else WINGS.get(subject.name)
    if driving:
        round_ = WHEELS.get(subject.name)
        motion = Motion(
            drift=0.07 if turned else -0.07, bob=0.0028, sway=0.002, period_s=0.5, hinge=row
        )
    if subject.stands == "air" and easel.mentions(*FLYING):
        motion = replace(motion, drift=0.05 if turned else -0.05)
    if easel.brief.style != "picture":
        return drawn_on_paper(easel, figure, left, top, depth, index)
    elements: list[Element] = []
    close = _is_close(easel, subject)
    grounded = subject.stands != "air" and setting.shadow > 0 and not close
    afloat = _floats(setting, subject)
    if grounded and not afloat:
        shadow = _contact_shadow(easel, setting, figure, space.x(u), row, depth, index)
        shadow.motion = Motion(drift=motion.drift)
        elements.append(shadow)
    if setting.reflection > 0.02 and subject.stands != "air" and not close:
        elements.append(_reflection(easel, setting, figure, left, row, depth, index, afloat))
    rgb = _hazed(easel, setting, figure, depth)
    pixels = sheet(rgb, figure.alpha, easel.rng(f"figure {index} rounding"))
    layer = Layer(pixels, depth, motion, left, top, extends=False, figure=role.name)
    if round_ is not None:

        def page(phase: float) -> ByteArray:
            moved = draw_figure(easel, setting, role, subject, scale, index, phase)
            moved = moved.mirrored() if turned else moved
            rng = easel.rng(f"figure {index} rounding")
            return sheet(_hazed(easel, setting, moved, depth), moved.alpha, rng)

        layer = Flipbook(
            pixels,
            depth,
            motion,
            left,
            top,
            extends=False,
            figure=role.name,
            paint=page,
            cycle_s=round_[0],
            count=round_[1],
        )
    elements.append(layer)
    if figure.glow.any():
        elements.append(_own_light(easel, figure, left, top, depth, motion, index))
    if setting.sweep and index == 0:
        alpha = np.asarray(np.clip(figure.alpha, 0, 1) * 255, np.uint8)
        tint = mix(setting.light.rim, (1, 1, 1), 0.6)
        elements.append(Sweep(alpha, left, top, depth, tint))
    if subject.name == "cup" and easel.allows("steam"):
        elements.append(
            steam(easel.rng("steam"), space, space.x(u), row - 0.68 * scale, 0.55 * scale, depth)
        )
    return elements


def _floats(setting: Setting, subject: Subject) -> bool:
    on_water = setting.water is not None and subject.stands == "water"
    return on_water and subject.name not in setting.founded


def _row(easel: Easel, setting: Setting, subject: Subject, scale: float, depth: float) -> float:
    """The canvas row of the figure's origin."""
    space = easel.space
    _left, _right, bottom, top = subject.reach
    if _is_close(easel, subject):
        # The picture ends at the chest; the canvas goes on a little.
        return space.y(1.0) + (BUST[2] + 0.1) * scale
    if subject.stands == "air":
        middle = setting.sky
        return space.y(middle) + (top + bottom) / 2 * scale
    if setting.water is not None and _floats(setting, subject):
        return space.y(setting.water) - 0.1 * space.height * (0.72 - depth)
    if setting.water is not None and subject.scenery and depth < MARKS[0][2] - 0.1:
        # Mountains and houses stand on the far shore, not in the water.
        return space.y(FAR_SHORE)
    # Without a floor things float about.
    if setting.shadow == 0 and setting.water is None and easel.brief.style == "picture":
        return space.y(0.5) + (top + bottom) / 2 * scale
    # Farther figures stand higher up.
    floor = setting.floor - 0.42 * (0.72 - depth)
    return max(space.y(floor), space.y(0.06) + top * scale)


def _motion(easel: Easel, subject: Subject, row: float, index: int) -> Motion:
    phase = 0.9 * index
    gentle = {
        "breathe": Motion(breathe=0.008, sway=0.006, period_s=2.9, phase=phase, hinge=row),
        "sway": Motion(sway=0.035, period_s=3.4, phase=phase, hinge=row),
        "bob": Motion(bob=0.008, period_s=2.6, phase=phase, hinge=row),
        "float": Motion(bob=0.018, sway=0.012, period_s=3.6, phase=phase, hinge=row),
        "drive": Motion(bob=0.0028, sway=0.002, period_s=0.5, phase=phase, hinge=row),
    }
    motion = gentle.get(subject.gesture, STILL)
    if subject.stands == "water" and subject.gesture != "none":
        return Motion(sway=0.04, bob=0.009, period_s=3.4, phase=phase, hinge=row)
    if easel.brief.setting == "underwater":
        return Motion(sway=0.03, bob=0.014, period_s=3.2, phase=phase, hinge=row)
    return motion


def _hazed(easel: Easel, setting: Setting, figure: Figure, depth: float) -> FloatArray:
    """Far figures take on the color of the air, and at night all keep some of the dark."""
    veil = max(0.0, 0.7 - depth) * 0.9
    if easel.brief.weather & {"fog"}:
        veil += 0.12
    return np.asarray(figure.rgb + (paint(setting.haze) - figure.rgb) * min(0.6, veil), np.float32)


def _contact_shadow(
    easel: Easel, setting: Setting, figure: Figure, x: float, row: float, depth: float, index: int
) -> Layer:
    """The figure's own outline pressed flat: dark where it touches, softer away from the lamp."""
    height, width = figure.alpha.shape
    squash = 0.16
    pad = round(0.16 * height)
    lean = -setting.light.lamp[0] * 0.5
    rows = max(4, round(height * squash)) + 2 * pad
    sheet_ = np.zeros((rows, width + 4 * pad), np.float32)
    matrix = np.array(
        [
            [1, -lean * squash * 2, 2 * pad + lean * squash * 2 * figure.foot[1]],
            [0, -squash, pad + squash * figure.foot[1]],
        ],
        np.float32,
    )
    cast_ = cv2.warpAffine(figure.alpha, matrix, (sheet_.shape[1], rows))
    cast_ = blur(cast_, 0.028 * height) * 0.75
    # What is close to the ground darkens it most.
    foot = figure.alpha[max(0, round(figure.foot[1] - 0.07 * figure.scale)) : round(figure.foot[1])]
    core = np.zeros_like(sheet_)
    if foot.size:
        footprint = foot.max(axis=0)
        thick = max(2, round(0.022 * figure.scale))
        core[pad - thick // 2 : pad + thick - thick // 2, 2 * pad : 2 * pad + width] = footprint[
            None
        ]
        core = blur(core, 0.014 * figure.scale) * 1.25
    alpha = np.clip(np.maximum(cast_, core), 0, 1) * setting.shadow
    rgb = np.broadcast_to(paint(setting.shadow_colour), (*alpha.shape, 3)).astype(np.float32)
    pixels = sheet(rgb, np.asarray(alpha, np.float32), easel.rng(f"shadow {index}"))
    left = round(x - figure.foot[0]) - 2 * pad
    return Layer(pixels, depth, STILL, left, round(row) - pad, extends=False)


def _reflection(
    easel: Easel,
    setting: Setting,
    figure: Figure,
    left: int,
    row: float,
    depth: float,
    index: int,
    afloat: bool,
) -> Layer:
    """The figure upside down, fading and blurring with distance; broken up on water."""
    upright = figure.rgb[: max(2, round(figure.foot[1]))][::-1]
    alpha = figure.alpha[: max(2, round(figure.foot[1]))][::-1]
    squash = 0.55 if afloat else 0.8
    rows = max(2, round(alpha.shape[0] * squash))
    rgb = cv2.resize(
        upright * alpha[..., None], (alpha.shape[1], rows), interpolation=cv2.INTER_AREA
    )
    cover = cv2.resize(alpha, (alpha.shape[1], rows), interpolation=cv2.INTER_AREA)
    if afloat:
        y, x = np.mgrid[0:rows, 0 : alpha.shape[1]].astype(np.float32)
        wave = (
            np.sin(y * 34 / rows + 5 * clouds(easel.rng("ripple"), rows, alpha.shape[1], cells=4))
            * (0.006 + 0.02 * y / rows)
            * figure.scale
        )
        rgb = cv2.remap(rgb, x + wave, y, cv2.INTER_LINEAR)
        cover = cv2.remap(cover, x + wave, y, cv2.INTER_LINEAR)
    down = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
    sharp, soft = blur(cover, 0.004 * figure.scale), blur(cover, 0.02 * figure.scale)
    cover = sharp * (1 - down) + soft * down
    colour = blur(rgb, 0.008 * figure.scale) / np.maximum(blur(cover, 0.5), 0.05)[..., None]
    fade = np.clip(1 - down * (1.1 if afloat else 1.5), 0, 1) ** 1.3
    pixels = sheet(
        np.asarray(np.clip(colour, 0, 1) * 0.85, np.float32),
        np.asarray(cover * fade * setting.reflection, np.float32),
        easel.rng(f"reflection {index}"),
    )
    motion = Motion(sway=-0.03, period_s=3.4, hinge=row) if afloat else STILL
    return Layer(pixels, depth, motion, left, round(row), extends=False)


def _own_light(
    easel: Easel, figure: Figure, left: int, top: int, depth: float, motion: Motion, index: int
) -> Pulse:
    """Eyes, lamps and flames shine a little beyond themselves, and breathe."""
    pad = round(0.12 * figure.scale)
    framed = cv2.copyMakeBorder(figure.glow, pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=0)
    strength = (
        0.75 if easel.hour.dark or luminance(paint(easel.hour.horizon)[None])[0] < 0.5 else 0.35
    )
    halo = blur(framed, 0.014 * figure.scale) * 0.6 + blur(framed, 0.05 * figure.scale) * 0.9
    light, x, y = trimmed(light_sheet(np.asarray(halo * strength, np.float32)))
    return Pulse(light, depth, 0.55, 1.0, 1.9, math.pi / 2, left - pad + x, top - pad + y, motion)


# Drawings


def lantern_of(easel: Easel, setting: Setting) -> tuple[float, float] | None:
    """Where a lighthouse's lamp is on the canvas, if there is one that would be lit."""
    if easel.brief.style != "picture" or not easel.allows("beam", "light"):
        return None
    if easel.hour.height > 0.65 and not easel.hour.dark:
        return None
    for index, role in enumerate(easel.brief.roles):
        if role.name == "lighthouse":
            subject = SUBJECTS[role.name]
            u, size, depth = MARKS[index]
            scale = _scale(easel, setting, subject, size)
            row = _row(easel, setting, subject, scale, depth)
            return easel.space.x(u if easel.side > 0 else 1 - u), row - 0.85 * scale
    return None
