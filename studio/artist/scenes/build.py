"""From a brief to a stage: the place, its figures, the weather, and how it is developed."""

from __future__ import annotations

from collections.abc import Callable

from studio.artist.drawing.birds import Flock, flock
from studio.artist.drawing.effects import Beam
from studio.artist.drawing.grade import Finish
from studio.artist.drawing.particles import Flurry, flurry
from studio.artist.drawing.stage import Element, Space, Stage
from studio.artist.places.abstract import paint_abstract
from studio.artist.places.backdrop import paint_backdrop
from studio.artist.places.city import paint_city
from studio.artist.places.easel import HOURS, Easel, Hour, Setting
from studio.artist.places.indoors import paint_room, paint_tabletop
from studio.artist.places.land import paint_land
from studio.artist.places.paper import paint_paper
from studio.artist.places.sea import paint_sea
from studio.artist.places.space import paint_space
from studio.artist.places.street import paint_street
from studio.artist.places.theatre import paint_theatre
from studio.artist.places.underwater import paint_underwater
from studio.artist.prompt.brief import Brief
from studio.artist.scenes.casting import cast
from studio.media.raster import hex_colour, mix, shade

SETTINGS: dict[str, Callable[[Easel], Setting]] = {
    "land": paint_land,
    "sea": paint_sea,
    "city": paint_city,
    "space": paint_space,
    "tabletop": paint_tabletop,
    "studio": paint_tabletop,
    "room": paint_room,
    "underwater": paint_underwater,
    "paper": paint_paper,
    "abstract": paint_abstract,
    "backdrop": paint_backdrop,
    "street": paint_street,
    "theatre": paint_theatre,
}
# Where one sees the sky.
OUTDOORS = frozenset({"land", "sea", "city", "street"})

FLURRIES: tuple[Flurry, ...] = (
    "rain",
    "snow",
    "embers",
    "fireflies",
    "petals",
    "leaves",
    "confetti",
    "bubbles",
)


def build(brief: Brief, width: int, height: int) -> Stage:
    """Paint everything a brief asks for, on a canvas for a picture of width × height pixels."""
    setting_name = _setting_of(brief)
    easel = Easel(brief, Space(width, height), _hour(brief, setting_name))
    setting = SETTINGS[setting_name](easel)
    elements: list[Element] = [*setting.back]
    if brief.flock and setting_name in OUTDOORS:
        elements.append(_flock(easel))
    elements += [*cast(easel, setting), *setting.front]
    elements.extend(_beams(easel, setting))
    elements.extend(_air(easel, setting, setting_name))
    return Stage(easel.space, elements, _finish(easel, setting), _sounds(brief, setting))


def _setting_of(brief: Brief) -> str:
    # Drawings of every kind lie on paper, wherever their subject would be at home.
    if brief.style != "picture":
        return "paper"
    return brief.setting


def _hour(brief: Brief, setting: str) -> Hour:
    hour = brief.hour
    if not hour:
        hour = "storm" if brief.weather & {"storm", "rain"} else DEFAULT_HOURS.get(setting, "day")
        if setting == "land" and not brief.weather:
            hour = ("day", "dawn", "sunset")[_pick(brief, 3)]
        if brief.ground == "lava":
            hour = "sunset"
    found = HOURS[hour]
    if brief.ground == "mars" and not found.dark:
        found = Hour(
            hex_colour("a8785a"),
            hex_colour("e8b890"),
            hex_colour("fff2de"),
            found.height,
            found.key,
        )
    if brief.weather & {"fog", "snow"} and not found.dark:
        grey = mix(found.horizon, (0.8, 0.82, 0.84), 0.5)
        found = Hour(mix(found.top, grey, 0.55), grey, found.sun, found.height, found.key * 0.92)
    if brief.weather & {"storm"} and not found.dark and hour != "storm":
        found = Hour(
            shade(mix(found.top, HOURS["storm"].top, 0.6), 0.9),
            mix(found.horizon, HOURS["storm"].horizon, 0.4),
            found.sun,
            found.height,
            found.key * 0.85,
        )
    if brief.tint and setting in OUTDOORS:
        found = Hour(
            mix(found.top, shade(brief.tint, 0.7), 0.4),
            mix(found.horizon, brief.tint, 0.4),
            found.sun,
            found.height,
            found.key,
            found.dark,
        )
    return found


DEFAULT_HOURS = {"sea": "sunset", "city": "night", "space": "night", "room": "day", "land": "day"}


def _pick(brief: Brief, count: int) -> int:
    from studio.media.raster import seeded_rng

    return int(seeded_rng(brief.prompt, brief.seed, "hour").integers(count))


def _flock(easel: Easel) -> Flock:
    hour = easel.hour
    colour, tips = (shade(hour.top, 0.3), shade(hour.top, 0.2))
    if easel.brief.flock == "gulls":
        level = 0.55 if hour.dark else 0.97
        colour, tips = shade(mix((1.0, 1.0, 1.0), hour.sun, 0.4), level), hex_colour("4a5058")
    return flock(easel.rng("flock"), easel.space, colour, tips, -easel.side)


def _beams(easel: Easel, setting: Setting) -> list[Element]:
    """A lighthouse at dusk or night turns its light."""
    from studio.artist.scenes.casting import lantern_of

    place = lantern_of(easel, setting)
    if place is None:
        return []
    strength = 0.5 if easel.hour.dark else 0.24
    return [
        Beam(
            place[0], place[1], easel.space.width * 0.9, (1.0, 0.93, 0.74), 0.72, strength=strength
        )
    ]


def _air(easel: Easel, setting: Setting, name: str) -> list[Element]:
    """What falls and floats: first what the words ask for, else what the place has."""
    asked = [kind for kind in FLURRIES if kind in easel.brief.weather and easel.allows(kind)]
    if "storm" in easel.brief.weather and easel.allows("rain") and "rain" not in asked:
        asked.append("rain")
    if name == "paper":
        asked = []
    if name == "space" and "snow" in asked:
        asked.remove("snow")
    kinds: list[Flurry] = asked[:2]
    if not kinds and setting.air and easel.allows(setting.air, "particles"):
        kinds = [setting.air]
    return [flurry(kind, easel.rng(f"air {kind}")) for kind in kinds]


def _finish(easel: Easel, setting: Setting) -> Finish:
    finish = Finish(easel.rng("grain"), bloom=setting.bloom, vignette=setting.vignette)
    grade = easel.brief.grade
    if grade == "noir":
        finish.saturation, finish.contrast = 0.0, 1.2
    elif grade == "vintage":
        finish.saturation, finish.fade, finish.warmth, finish.grain = 0.78, 0.07, 0.9, 3.0
    elif grade == "pastel":
        finish.saturation, finish.fade, finish.contrast = 0.85, 0.10, 0.92
    elif grade == "vivid":
        finish.saturation = 1.28
    elif grade == "cold":
        finish.warmth = -0.9
    elif grade == "warm":
        finish.warmth = 0.9
    elif grade == "moody":
        finish.contrast, finish.saturation, finish.vignette = 1.18, 0.9, 0.45
    if not easel.allows("grain", "noise"):
        finish.grain = 0.0
    if not easel.allows("vignette"):
        finish.vignette = 0.0
    return finish


def _sounds(brief: Brief, setting: Setting) -> tuple[str, ...]:
    sounds = list(setting.sounds)
    if brief.weather & {"rain", "storm"}:
        sounds = ["rain", *[sound for sound in sounds if sound != "birds"]]
    if brief.weather & {"embers"}:
        sounds.append("fire")
    return tuple(dict.fromkeys(sounds))
