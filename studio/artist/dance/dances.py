"""The nine choreographies: steps, music, places, clothes, and how they are cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from studio.artist.dance.moves import MOVES, Posture, between
from studio.artist.dance.puppet import Wardrobe
from studio.media.raster import hex_colour

# How long one step takes to turn into the next, in beats.
_CHANGE = 0.35


@dataclass(frozen=True, slots=True)
class Dance:
    """steps: names of moves with the beats each lasts, a minus before the name mirrors it; over
    and over. beats: the whole choreography. music: words for the composer. places: prompts.
    lights: colors that take turns bar by bar, as hex. cuts: beats each shot lasts, over and over.
    air: what flies about in it."""

    bpm: float
    key: str
    music: str
    steps: tuple[tuple[str, float], ...]
    beats: int
    places: tuple[str, ...]
    lights: tuple[str, ...]
    wardrobe: Wardrobe
    cuts: tuple[int, ...]
    air: str = ""

    def posture(self, beat: float) -> Posture:
        """The dancer so many beats into the dance."""
        length = sum(beats for _, beats in self.steps)
        now = beat % length
        at = 0.0
        for index, (name, beats) in enumerate(self.steps):
            if now < at + beats:
                own = _step(name, now - at)
                since = now - at
                if since < _CHANGE and beat >= _CHANGE:
                    last, lasted = self.steps[index - 1]
                    before = _step(last, lasted + since)
                    return between(before, own, since / _CHANGE)
                return own
            at += beats
        return _step(self.steps[0][0], now)


def _step(name: str, beat: float) -> Posture:
    if name.startswith("-"):
        return MOVES[name[1:]].mirrored().at(beat)
    return MOVES[name].at(beat)


def _wear(top: str, trousers: str, shoes: str, accent: str, **more: str | bool) -> Wardrobe:
    colours = (hex_colour(code) for code in (top, trousers, shoes, accent))
    return Wardrobe(*colours, **more)  # type: ignore[arg-type]


DANCES: Mapping[str, Dance] = {
    "rasputin": Dance(
        bpm=126, key="A minor", music="festive disco dance with strings and brass, driving",
        steps=(("heel digs", 4), ("squat kicks", 8), ("clap high", 4), ("heel digs", 4),
               ("spin", 4), ("squat kicks", 8)),
        beats=32,
        places=("village at night, full moon", "red abstract glow", "golden room at evening",
                "mountains at sunset"),
        lights=("ff5a3c", "ffc04d", "ff3b6b", "ffe9b0"),
        wardrobe=_wear("8e1f2b", "1d1b26", "17131a", "e0b04a", hat="fur", bare_arms=False),
        cuts=(4, 4, 2, 2, 4), air="snow",
    ),
    "big-guy": Dance(
        bpm=98, key="C major", music="funky pop groove, upbeat, happy",
        steps=(("stomp", 4), ("flex", 4), ("-stomp", 4), ("bounce", 4), ("point", 4),
               ("flex", 4), ("hop", 4), ("arms wave", 4)),
        beats=32,
        places=("city street in the afternoon", "yellow abstract glow", "beach at noon",
                "park in summer"),
        lights=("ffd24d", "4dc3ff", "ff8a4d", "9dff6b"),
        wardrobe=_wear("f0a830", "2f4a8a", "f5f5f5", "e8403a", hat="cap", shorts=True),
        cuts=(4, 4, 4, 2, 2),
    ),
    "keep-it-gangsta": Dance(
        bpm=90, key="E minor", music="hip-hop trap, dark, deep 808",
        steps=(("lean back", 8), ("shoulders", 4), ("roll", 4), ("bounce", 4), ("-lean back", 4),
               ("roll", 4), ("shoulders", 4)),
        beats=32,
        places=("neon city street at night in the rain", "city skyline at dusk",
                "blue abstract glow"),
        lights=("8a4dff", "2ee6c8", "ff3ba0", "4d7dff"),
        wardrobe=_wear("20242e", "3a3f4d", "f5f5f5", "d8b24a", hat="cap", bare_arms=False),
        cuts=(4, 2, 2, 4, 4),
    ),
    "this-is-america": Dance(
        bpm=120, key="F minor", music="hip-hop, afro percussion, choir, dramatic beat",
        steps=(("shoulders", 4), ("step touch", 4), ("roll", 4), ("point", 4), ("stomp", 4),
               ("lean back", 4), ("-step touch", 4), ("hop", 4)),
        beats=32,
        places=("empty room in daylight", "city street at dawn", "grey room at evening",
                "orange abstract glow"),
        lights=("fff0d0", "ffb36b", "ffffff", "ff7a4d"),
        wardrobe=_wear("c8c2b4", "8a8578", "6b4a30", "e8d9a0", bare_arms=True),
        cuts=(8, 4, 4, 2, 2, 4),
    ),
    "chinese-new-year": Dance(
        bpm=112, key="D major", music="festival dance with taiko, flute and bells, joyful",
        steps=(("lion", 8), ("fan", 8), ("hop", 4), ("clap high", 4), ("spin", 4), ("fan", 4)),
        beats=32,
        places=("red city street at night", "golden abstract glow", "red mountains at sunset",
                "garden at night"),
        lights=("ff3b2e", "ffd24d", "ff6b3b", "ffe08a"),
        wardrobe=_wear("d0202a", "d0202a", "20161a", "ffd24d", bare_arms=False, hair="short"),
        cuts=(4, 4, 2, 2, 4), air="confetti",
    ),
    "spongebob": Dance(
        bpm=134, key="G major", music="chiptune surf, playful, happy, fast",
        steps=(("noodle", 4), ("floss", 4), ("hop", 4), ("-noodle", 4), ("jacks", 4),
               ("floss", 4), ("hips", 4), ("noodle", 4)),
        beats=32,
        places=("coral reef under water", "beach with blue sky", "underwater with sun rays",
                "yellow abstract glow"),
        lights=("7fe9ff", "ffe14d", "ff9ad1", "8affb0"),
        wardrobe=_wear("ffe14d", "8a5a2b", "17131a", "e8403a", shorts=True),
        cuts=(4, 2, 2, 4, 4), air="bubbles",
    ),
    "chanel": Dance(
        bpm=118, key="C minor", music="elegant house dance, deep, piano",
        steps=(("strut", 4), ("frame", 4), ("hips", 4), ("-frame", 4), ("strut", 4),
               ("spin", 4), ("point", 4), ("frame", 4)),
        beats=32,
        places=("white marble room", "black abstract glow", "paris street at night",
                "golden room at evening"),
        lights=("fff3dd", "e8c98a", "ffffff", "d0b0ff"),
        wardrobe=_wear("f4f1ea", "15141a", "15141a", "15141a", hat="hat", hair="long",
                       bare_arms=False),
        cuts=(4, 4, 2, 2, 4, 4),
    ),
    "crystal-light-aerobics-1988": Dance(
        bpm=132, key="E major", music="eighties synthwave workout, energetic, happy, fast",
        steps=(("knee lifts", 8), ("jacks", 8), ("step touch", 4), ("arms wave", 4),
               ("jacks", 4), ("knee lifts", 4)),
        beats=32,
        places=("pink abstract glow", "turquoise room in daylight", "purple abstract glow",
                "sunset beach with palm"),
        lights=("ff6bd0", "4df0ff", "ffe14d", "b06bff"),
        wardrobe=_wear("ff4fa8", "27c4c9", "fafafa", "ffe14d", hat="band", hair="long"),
        cuts=(4, 4, 4, 2, 2),
    ),
    "plastic-dream-sequence": Dance(
        bpm=106, key="B minor", music="dreamy synthwave with bells and pads, retro",
        steps=(("machine", 8), ("frame", 4), ("noodle", 4), ("spin", 4), ("machine", 4),
               ("arms wave", 4), ("frame", 4)),
        beats=32,
        places=("pink clouds at dawn", "purple galaxy in space", "pink abstract glow",
                "pastel room in daylight"),
        lights=("ffb3e6", "b3e6ff", "e0b3ff", "fff0b3"),
        wardrobe=_wear("f7c6e0", "bfe8f5", "ffffff", "c9a8ff", hair="long", hat="glasses"),
        cuts=(4, 4, 8, 2, 2), air="petals",
    ),
}  # fmt: skip
