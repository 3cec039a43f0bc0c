"""What music the words ask for: style, tempo, key, metre and instruments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Style:
    """A way of playing. Instruments are names in `instruments.INSTRUMENTS`; "" leaves one out.

    tempo: the range of beats a minute it feels right in. swing: where the offbeat falls, as a share
    of the beat. harmony: a key of `score.PROGRESSIONS`. comping, bass_line, beat: how chords, bass
    and drums move, see `score`. sevenths: chords of four notes. room_s: how long the room rings;
    wet: how much of it. pump: how far the mix ducks under the kick. dust: crackle, dulled treble.
    """

    name: str
    tempo: tuple[int, int]
    chords: str
    comping: str
    bass: str
    bass_line: str
    lead: str
    beat: str
    harmony: str = "songs"
    minor: bool | None = None
    swing: float = 0.5
    arpeggio: str = ""
    pad: str = ""
    sevenths: bool = False
    busy: float = 0.5
    room_s: float = 1.6
    wet: float = 0.2
    pump: float = 0.0
    dust: bool = False


STYLES: Mapping[str, Style] = {
    style.name: style
    for style in (
        Style(
            "ambient", (58, 72), "pad", "hold", "sub bass", "root", "bell", "none",
            harmony="floating", arpeggio="harp", pad="choir", sevenths=True, busy=0.25,
            room_s=4.5, wet=0.5,
        ),
        Style(
            "piano", (64, 84), "piano", "broken", "piano", "root", "piano", "none",
            pad="strings", busy=0.45, room_s=2.4, wet=0.28,
        ),
        Style(
            "synthwave", (88, 108), "super saw", "hold", "synth bass", "eighths", "synth lead",
            "eighties", minor=True, arpeggio="synth pluck", pad="pad", pump=0.25, room_s=2.0,
        ),
        Style(
            "lo-fi", (70, 86), "electric piano", "charleston", "upright bass", "root fifth",
            "electric piano", "dusty", harmony="jazz", swing=0.6, sevenths=True, busy=0.4,
            dust=True, room_s=1.0, wet=0.14,
        ),
        Style(
            "orchestral", (76, 104), "strings", "hold", "strings", "root", "brass", "taiko",
            harmony="epic", minor=True, arpeggio="spiccato", pad="choir", busy=0.4,
            room_s=3.2, wet=0.35,
        ),
        Style(
            "techno", (122, 132), "synth pluck", "offbeats", "synth bass", "offbeat", "synth pluck",
            "four", harmony="loops", minor=True, arpeggio="synth pluck", pad="pad", pump=0.55,
            busy=0.6, room_s=1.4,
        ),
        Style(
            "dance", (120, 128), "super saw", "offbeats", "synth bass", "offbeat", "synth lead",
            "four", arpeggio="synth pluck", pump=0.5, busy=0.6,
        ),
        Style(
            "jazz", (104, 138), "piano", "charleston", "upright bass", "walking", "saxophone",
            "swing", harmony="jazz", swing=0.65, sevenths=True, busy=0.65, room_s=1.2, wet=0.16,
        ),
        Style(
            "hip-hop", (78, 94), "electric piano", "hold", "deep 808", "808", "bell", "trap",
            harmony="loops", minor=True, busy=0.4, room_s=1.2, wet=0.16,
        ),
        Style(
            "rock", (108, 136), "guitar", "eighths", "synth bass", "eighths", "guitar", "rock",
            pad="super saw", busy=0.5, room_s=1.2, wet=0.16,
        ),
        Style(
            "pop", (100, 120), "electric piano", "eighths", "synth bass", "octaves", "synth lead",
            "pop", arpeggio="synth pluck", pad="pad", minor=False, busy=0.55,
        ),
        Style(
            "folk", (84, 108), "guitar", "broken", "upright bass", "root fifth", "flute", "shaker",
            busy=0.5, minor=False, room_s=1.4, wet=0.2,
        ),
        Style(
            "chiptune", (120, 150), "square lead", "broken", "square lead", "octaves",
            "square lead", "rock", minor=False, busy=0.8, room_s=0.4, wet=0.05,
        ),
        Style(
            "drum and bass", (168, 176), "pad", "hold", "sub bass", "root", "synth pluck", "break",
            harmony="loops", minor=True, arpeggio="bell", busy=0.4, room_s=2.2,
        ),
        Style(
            "cinematic", (72, 92), "piano", "broken", "sub bass", "root", "strings", "pulse",
            harmony="epic", arpeggio="harp", pad="strings", busy=0.35, room_s=3.0, wet=0.34,
        ),
    )
}  # fmt: skip

# The first style whose words are found most often plays; ties go to the earlier one.
_STYLE_WORDS: Mapping[str, str] = {
    "lo-fi": "lofi lo-fi chillhop study dusty vinyl chill",
    "synthwave": "synthwave retrowave outrun vaporwave eighties 80s neon retro cyberpunk",
    "drum and bass": "dnb jungle breakbeat drum-and-bass liquid",
    "techno": "techno minimal industrial trance rave warehouse acid",
    "dance": "house edm dance disco club party festival electro electronic eurodance",
    "jazz": "jazz jazzy swing bebop bossa lounge noir blues bluesy saxophone",
    "hip-hop": "hip-hop hiphop trap rap drill boom-bap 808 r&b rnb",
    "orchestral": "orchestral orchestra epic symphonic trailer heroic battle fantasy brass choir",
    "chiptune": "chiptune 8-bit 8bit arcade videogame nintendo",
    "rock": "rock punk metal grunge guitar-driven electric-guitar indie",
    "folk": "folk acoustic country guitar fingerpicked campfire ukulele celtic banjo",
    "ambient": "ambient drone meditation meditative ethereal space spacey atmospheric pads pad "
    "dreamy soundscape sleep calm relaxing spa floating",
    "piano": "piano classical ballad lullaby solo sonata nocturne tender intimate waltz",
    "pop": "pop upbeat corporate funk funky commercial advert advertising jingle summer cheerful",
    "cinematic": "cinematic film score documentary soundtrack emotional inspiring suspense tension "
    "underscore dramatic perfume luxury elegant",
}
# What an instrument's name in the prompt changes.
_PLAYERS: Mapping[str, Mapping[str, str]] = {
    "piano": {"chords": "piano"},
    "rhodes": {"chords": "electric piano"},
    "keys": {"chords": "electric piano"},
    "strings": {"pad": "strings"},
    "violin": {"lead": "strings"},
    "cello": {"lead": "strings"},
    "brass": {"lead": "brass"},
    "trumpet": {"lead": "brass"},
    "horns": {"lead": "brass"},
    "saxophone": {"lead": "saxophone"},
    "sax": {"lead": "saxophone"},
    "flute": {"lead": "flute"},
    "guitar": {"chords": "guitar"},
    "harp": {"arpeggio": "harp"},
    "bells": {"lead": "bell"},
    "chimes": {"lead": "bell"},
    "pads": {"pad": "pad"},
    "pad": {"pad": "pad"},
    "choir": {"pad": "choir"},
    "arpeggio": {"arpeggio": "synth pluck"},
    "arpeggios": {"arpeggio": "synth pluck"},
    "arps": {"arpeggio": "synth pluck"},
    "synth": {"lead": "synth lead"},
    "808": {"bass": "deep 808"},
    "taiko": {"beat": "taiko"},
    "brushed": {"beat": "swing"},
    "shaker": {"beat": "shaker"},
    "walking": {"bass": "upright bass", "bass_line": "walking"},
}


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MINOR = _set(
    "sad dark moody melancholy melancholic lonely night tense mysterious haunting gloomy brooding "
    "sorrowful noir eerie ominous suspense minor tragic"
)
_MAJOR = _set(
    "happy upbeat joyful bright cheerful uplifting hopeful sunny playful triumphant warm summer "
    "inspiring festive major optimistic"
)
_SLOW = _set("slow calm gentle relaxed sleepy mellow peaceful")
_FAST = _set("fast energetic driving frantic intense urgent")
_SINGING = _set("vocal vocals singer singing sung voice voices rap rapper rapping lyrics")

# As they are usually written: a signature has fewer accidentals that way.
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True, slots=True)
class MusicBrief:
    """What to play. tonic: 0 (C) to 11 (B); metre: beats in a bar; bpm: beats a minute."""

    style: Style
    bpm: float
    tonic: int
    minor: bool
    metre: int
    warnings: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        return f"{NOTES[self.tonic]} {'minor' if self.minor else 'major'}"


def read_brief(prompt: str, params: Mapping[str, Any], rng: np.random.Generator) -> MusicBrief:
    """Read words and parameters; what neither says is drawn from `rng`.

    params: `bpm`, `keyscale` and `timesig` of the tool; they stand above the prompt's words.
    """
    words = _words(prompt)
    warnings = []
    style, known = _style(words)
    if prompt.strip() and not known and not words & (_MINOR | _MAJOR | _SLOW | _FAST):
        warnings.append(
            f"No known style in the prompt, so {style.name} was used. Try: "
            f"{', '.join(sorted(STYLES))}."
        )
    if words & _SINGING and not re.search(
        r"\b(no|without|non)[ -](vocal|sing|lyric|voice|rap)|instrumental", prompt.lower()
    ):
        warnings.append("Singing isn't supported. The music is instrumental.")
    minor = style.minor
    if words & _MINOR or words & _MAJOR:
        minor = len(words & _MINOR) >= len(words & _MAJOR)
    drawn_minor = bool(rng.random() < 0.5)
    minor = drawn_minor if minor is None else minor
    tonic = int(rng.integers(12))
    bpm = _tempo(style, words, rng)
    asked_key = params.get("keyscale") or _key_in(prompt)
    if asked_key:
        read = read_key(str(asked_key))
        if read is None:
            warnings.append(f"{asked_key!r} isn't a known key. Write it as A minor.")
        else:
            tonic, stated_minor = read
            minor = minor if stated_minor is None else stated_minor
    asked_bpm = params.get("bpm") or _bpm_in(prompt)
    if asked_bpm:
        bpm = min(max(float(asked_bpm), 30.0), 300.0)
    metre = int(params.get("timesig") or _metre_in(prompt, words))
    if metre not in (2, 3, 4, 6):
        warnings.append(f"Bars of {metre} beats aren't supported. 4 was used.")
        metre = 4
    return MusicBrief(style, bpm, tonic, minor, metre, tuple(warnings))


def read_key(text: str) -> tuple[int, bool | None] | None:
    """Read "F# minor", "Bb major", "Am" or "C"; None as the mode where none is said."""
    match = re.fullmatch(
        r"\s*([A-Ga-g])\s*+(#|♯|sharp|b|♭|flat)?[\s-]*+(major|maj|minor|min|m|M)?\s*", text
    )
    if not match:
        return None
    letter, accidental, mode = match.groups()
    shift = 0 if not accidental else 1 if accidental in ("#", "♯", "sharp") else -1
    minor = None if not mode else mode in ("minor", "min", "m")
    return (_LETTERS[letter.upper()] + shift) % 12, minor


def _style(words: set[str]) -> tuple[Style, bool]:
    hits = {name: len(words & set(of.split())) for name, of in _STYLE_WORDS.items()}
    best = max(hits, key=lambda name: hits[name])
    # A name alone, such as "piano", is the instrument when another word names the style.
    known = hits[best] > 0
    style = STYLES[best if known else "cinematic"]
    changes: dict[str, str] = {}
    for word, players in _PLAYERS.items():
        if word in words and style.name != word:
            changes.update(players)
    if words & {"drumless", "no-drums", "without-drums", "beatless"}:
        changes["beat"] = "none"
    elif words & {"drums", "beat", "beats", "percussion"} and style.beat == "none":
        changes["beat"] = "pop"
    return replace(style, **changes), known or bool(changes)  # type: ignore[arg-type]


def _words(prompt: str) -> set[str]:
    text = prompt.lower()
    found = set(re.findall(r"[a-z0-9&]+(?:-[a-z0-9]+)*", text))
    found |= {part for word in found for part in word.split("-")}
    # Words that only mean something together.
    for phrase in (
        "drum and bass",
        "no drums",
        "without drums",
        "hip hop",
        "lo fi",
        "electric guitar",
    ):
        if phrase in text:
            found.add(phrase.replace(" ", "-"))
    return found


def _tempo(style: Style, words: set[str], rng: np.random.Generator) -> float:
    slow, fast = style.tempo
    if words & _SLOW:
        fast = (slow + fast) // 2
        slow = round(slow * 0.92)
    elif words & _FAST:
        slow = (slow + fast) // 2
        fast = round(fast * 1.1)
    return float(rng.integers(slow, fast + 1))


def _bpm_in(prompt: str) -> float | None:
    match = re.search(
        r"\b(\d{2,3})(?:\.\d{1,9})?\s{0,9}-?\s{0,9}bpm\b", prompt.lower()
    ) or re.search(r"\bbpm\s{0,9}[:=]?\s{0,9}(\d{2,3})\b", prompt.lower())
    return float(match[1]) if match else None


def _key_in(prompt: str) -> str | None:
    match = re.search(
        r"\b([A-G](?:#|♯|b|♭| sharp| flat)?)[ -](major|minor|maj|min)\b", prompt
    ) or re.search(r"\bkey of ([A-G](?:#|♯|b|♭)?)( major| minor)?\b", prompt)
    return " ".join(part.strip() for part in match.groups() if part) if match else None


def _metre_in(prompt: str, words: set[str]) -> int:
    match = re.search(r"\b([236])/[48]\b", prompt)
    if match:
        return int(match[1])
    return 3 if "waltz" in words else 4
