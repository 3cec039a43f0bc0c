"""Briefs by hypothesis: words of five languages, settings in any order, and what each sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

SUBJECTS = (
    *("a portrait of a woman", "a town square at noon", "a silent monk", "a jazz band plays piano"),
    *("three pictures on a wall", "a landscape painter", "a mute swan", "a music box turns"),
    *("a silent film star bows", "the second hand of a clock", "ten minutes to midnight"),
    *("a video store in the rain", "a clip in her hair", "my photo album on a table"),
    *("a vertical garden", "a narrator's chair", "a song bird", "an image in a mirror"),
    *("a widescreen television in a bar", "a crop field", "a square cake", "a script on a desk"),
    *("a portrait photo of an old sailor", "a man in a silent film", "a film noir alley"),
    *("three images on a wall", "he fires 3 shots", "a 1980s disco", "a piano"),
    *("the sound of music", "a run of 100 m in ten seconds", "a trailer park at dusk"),
    *("the voice of the sea", "a teacher chooses from 4 books", "a dance without music"),
    *("ein Mönch im Nebel", "eine Katze schläft auf dem Klavier", "der Bahnhof um halb neun"),
    *("un chat noir traverse la rue", "une place carrée à Paris", "le violon de ma grand-mère"),
    *("un faro en la tormenta", "una plaza vacía al amanecer", "la abuela de Inés baila"),
    *("猫がピアノを弾いている", "夜の東京に雨が降る", "三枚の絵"),
)
# Each form of a setting with the fields of the plan that it sets, and how.
SETTINGS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "length": {
        "15 s": {"seconds": 15},
        "20 seconds": {"seconds": 20},
        "0:30": {"seconds": 30},
        "1 min 10 s": {"seconds": 70},
        "about 12 sec long": {"seconds": 12},
        "ten seconds": {"seconds": 10},
    },
    "shape": {
        "9:16": {"aspect": "9:16"},
        "in 4:3": {"aspect": "4:3"},
        "square": {"aspect": "1:1"},
        "portrait format": {"aspect": "9:16"},
        "widescreen": {"aspect": "16:9"},
        "format: 21:9": {"aspect": "21:9"},
    },
    "count": {
        "3 shots": {"scenes": 3},
        "five scenes": {"scenes": 5},
        "in 4 clips": {"scenes": 4},
        "shots: 2": {"scenes": 2},
    },
    "music": {
        "soft piano": {"sound.music": True, "sound.music_words": "soft piano"},
        "upbeat pop music": {"sound.music": True, "sound.music_words": "upbeat pop"},
        "music: bouzouki": {"sound.music": True, "sound.music_words": "bouzouki"},
        "with a dreamy score": {"sound.music": True, "sound.music_words": "dreamy"},
        "no music": {"sound.music": False},
    },
    "voice": {
        "calm female narrator": {"sound.speech": True},
        "voice-over": {"sound.speech": True},
        'narrator: "Zwölf Boxkämpfer"': {"sound.speech": True, "sound.spoken": "Zwölf Boxkämpfer"},
    },
    "choice": {"let me choose from 4": {"choice": (4, 1)}},
    "approval": {"ask me before the film is made": {"approves_images": True}},
}
OPENINGS: Mapping[str, Mapping[str, Any]] = {
    "": {},
    "Make a film about ": {"kind": "film"},
    "Make a 15-second vertical teaser for ": {"kind": "film", "seconds": 15, "aspect": "9:16"},
    "An image of ": {"kind": "image"},
    "Four shots of ": {"scenes": 4},
    "Square video with no sound of ": {
        **{"kind": "film", "aspect": "1:1", "sound.music": False, "sound.speech": False}
    },
}


@dataclass(frozen=True)
class Written:
    """A brief, its words that are no settings, and what it sets."""

    brief: str
    shows: str
    sets: Mapping[str, Any]


@st.composite
def briefs(draw: st.DrawFn, opening: str | None = None) -> Written:
    """Write subjects that hold words of settings, and settings in any order between them."""
    separator = draw(st.sampled_from([", ", "; ", ". ", "、", "\n"]))
    opening = draw(st.sampled_from(list(OPENINGS))) if opening is None else opening
    subjects = draw(st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=3, unique=True))
    # Several lines are a list of shots.
    subjects = subjects[:1] if separator == "\n" else subjects
    sets = dict(OPENINGS[opening])
    parts = []
    for kind in draw(st.lists(st.sampled_from(list(SETTINGS)), unique=True)):
        form = draw(st.sampled_from(list(SETTINGS[kind])))
        if not sets.keys() & SETTINGS[kind][form].keys():
            parts.append(form)
            sets |= SETTINGS[kind][form]
    whole = [opening + subjects[0], *subjects[1:]]
    for part in parts:
        place = draw(st.integers(1 if opening else 0, len(whole)))
        whole.insert(place, part)
    return Written(separator.join(whole), separator.join(subjects), sets)
