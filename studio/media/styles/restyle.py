"""Which looks the words of a prompt ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from studio.media.raster import Frame
from studio.media.styles.grades import Tint
from studio.media.styles.look import Look
from studio.media.styles.video_styles import LOOKS

# How a picture is made: one of these at most. How it is lit: up to two on top.
_MEDIA: Mapping[str, str] = {
    "anime": "anime manga ghibli cartoon toon cel animated animation cel-shaded pixar disney",
    "comic": "comic comics pop-art halftone superhero graphic-novel lichtenstein",
    "watercolor": "watercolor watercolour aquarelle gouache wash washes",
    "oil": "oil painting painted painterly impasto impressionist impressionism gogh monet canvas",
    "sketch": "sketch pencil drawing charcoal graphite",
    "edges": "canny outline outlines lineart line-art ink inked edges",
    "pixels": "pixel pixels pixel-art 8-bit 8bit 16-bit voxel retro-game",
}
_LIGHT: Mapping[str, str] = {
    "glass": "glass glassy perfume crystal luxury glossy reflections reflection reflective "
    "commercial jewel jewelry diamond polished advertisement ad premium liquid chrome mirror",
    "noir": "noir black-and-white monochrome greyscale grayscale b&w hitchcock",
    "vintage": "vintage retro sepia super-8 8mm old faded seventies 70s nostalgic polaroid kodak",
    "neon": "neon cyberpunk cyber synthwave futuristic tokyo blade-runner glowing rave",
    "golden": "golden sunset sunrise dawn sunlit warm amber honey autumn desert summer",
    "cold": "cold winter ice icy frozen snow snowy frost arctic moonlight blue-hour rainy",
    "dream": "dream dreamy soft pastel ethereal fairy fairytale romantic heavenly haze hazy misty",
    "cinematic": "cinematic film movie blockbuster hollywood anamorphic dramatic epic",
    "tape": "vhs glitch tape analog camcorder crt nineties 90s retro-tv",
}
LIGHT_LOOKS = frozenset(_LIGHT)
_COLOURS: Mapping[str, tuple[int, int, int]] = {
    "red": (220, 40, 40), "crimson": (180, 20, 50), "coral": (255, 120, 90),
    "orange": (255, 140, 30), "yellow": (250, 220, 60), "green": (60, 180, 80),
    "emerald": (20, 160, 110), "olive": (120, 130, 50), "mint": (150, 235, 195),
    "teal": (0, 140, 140), "turquoise": (50, 210, 200), "cyan": (30, 220, 255),
    "blue": (50, 100, 230), "navy": (20, 35, 100), "indigo": (75, 40, 170),
    "violet": (140, 70, 220), "purple": (140, 50, 190), "lavender": (190, 165, 240),
    "magenta": (255, 40, 200), "pink": (255, 140, 190), "rose": (235, 110, 140),
    "brown": (130, 85, 50), "sepia": (150, 110, 70), "cream": (250, 235, 205),
}  # fmt: skip
_LOOK_WORDS = {word: look for table in (_MEDIA, _LIGHT) for look, of in table.items()
               for word in of.split()}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Restyle:
    """looks: names in `looks.LOOKS`, in the order they are drawn. colors: of a tint, or none."""

    looks: tuple[str, ...]
    colours: tuple[tuple[int, int, int], ...] = ()
    warning: str = ""


def read_restyle(
    prompt: str, negative: str = "", more: Mapping[str, str] = MappingProxyType({})
) -> Restyle:
    """The looks and colors that the words name; what stands after "no" or "without" is left out.

    more: further media, a look's name with its words, before ours. Words that name none give the
    "cinematic" grade and a warning that says what is known.
    """
    meanings = {**_LOOK_WORDS, **{word: look for look, of in more.items() for word in of.split()}}
    media_known = {**_MEDIA, **more}
    words = _words(_without_refusals(prompt))
    refused = {meanings.get(word) for word in _words(negative)}
    found: dict[str, int] = {}
    for word in words:
        look = meanings.get(word)
        if look and look not in refused:
            found[look] = found.get(look, 0) + 1
    media = sorted((name for name in found if name in media_known), key=lambda n: -found[n])
    light = sorted((name for name in found if name in _LIGHT), key=lambda n: -found[n])
    # "A film of ..." names no look when something else does.
    if light and len(light) > 1 and "cinematic" in light:
        light.remove("cinematic")
    looks = (*media[:1], *light[: 1 if media else 2])
    colours = tuple(_COLOURS[word] for word in words if word in _COLOURS)[:2]
    if looks or colours:
        return Restyle(looks, colours)
    return Restyle(
        ("cinematic",),
        warning="No known style in the prompt, so a cinematic grade was used. Try: "
        f"{', '.join(sorted([*media_known, *_LIGHT]))}, or the name of a "
        "color.",
    )


def make_looks(
    restyle: Restyle,
    width: int,
    height: int,
    seed: int,
    known: Mapping[str, type[Look]] = LOOKS,
) -> list[Look]:
    """The looks ready to draw pictures of that size. known: the looks by name."""
    made = [known[name](width, height, seed + n) for n, name in enumerate(restyle.looks)]
    if restyle.colours:
        dark, light = (restyle.colours * 2)[:2]
        made.append(Tint(width, height, seed, dark, light))
    return made


def draw(looks: Sequence[Look], frame: Frame, at: float) -> Frame:
    """One picture through all the looks; at: how far into the clip it is, 0 to 1."""
    for look in looks:
        frame = look.draw(frame, at)
    return frame


def _words(text: str) -> list[str]:
    """Words in order, each once; "pixel art" and "pixel-art" both give pixel-art."""
    plain = re.findall(r"[a-z0-9&]+(?:-[a-z0-9&]+)*", text.lower())
    pairs = [f"{a}-{b}" for a, b in pairwise(plain)]
    triples = [f"{a}-{b}" for a, b in zip(pairs, plain[2:], strict=False)]
    parts = [part for word in plain if "-" in word for part in word.split("-")]
    return list(dict.fromkeys([*triples, *pairs, *plain, *parts]))


def _without_refusals(prompt: str) -> str:
    return re.sub(r"\b(?:no|not|without|avoid|never)\s+(?:any\s+|a\s+)?[\w-]+", " ", prompt.lower())
