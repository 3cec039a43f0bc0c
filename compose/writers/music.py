"""Words → tempo, key, metre and the prompt that `generate_music` takes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compose.brief.read import read_brief
from compose.writers.music_styles import (
    FAST_WORDS,
    MAJOR_WORDS,
    MINOR_WORDS,
    PIECE,
    SLOW_WORDS,
    SONG,
    STYLES,
    MusicStyle,
)
from compose.writers.wording import clipped, folded, number_of, tidy, word_set, words_of

SHORTEST_S, LONGEST_S, USUAL_S = 10.0, 600.0, 60.0
_LONGEST_WORDS = 400

# Keys that are easy to sing and to play.
_MAJOR_KEYS = ("C major", "D major", "E major", "F major", "G major", "A major", "Bb major")
_MINOR_KEYS = ("A minor", "C minor", "D minor", "E minor", "F# minor", "G minor", "B minor")
_BPM = re.compile(r"\b(\d{2,3})\s*(?:bpm|beats per minute|schl[aä]ge)\b", re.IGNORECASE)
_KEY = re.compile(
    r"\b([A-G])\s?(#|♯|b|♭|-?\s?sharp|-?\s?flat)?\s?-?\s?(major|minor|maj|min|dur|moll|majeur|mineur"
    r"|mayor|menor)\b",
    re.IGNORECASE,
)
_TOPIC = re.compile(r"\b(?:about|for|über|für|sur|pour|sobre|para)\b", re.IGNORECASE)
_METRE = re.compile(r"(?<![\d:/])([2346])/([48])(?![\d/])")
_MINOR_NAMES = frozenset({"minor", "min", "moll", "mineur", "menor"})


@dataclass(frozen=True, slots=True)
class Music:
    """What to play. bpm: beats a minute; timesig: beats in a bar; seconds: the length asked for;
    prompt: what `generate_music` takes. instruments: as `MusicStyle` has them, with those that the
    words name.
    """

    style: MusicStyle
    bpm: int
    keyscale: str
    timesig: int
    seconds: float
    prompt: str
    instruments: tuple[str, str, str, str]

    @property
    def bar_s(self) -> float:
        """The length of a bar in seconds."""
        return self.timesig * 60 / self.bpm

    @property
    def bars(self) -> int:
        """Those that fill the length best, at least one."""
        return max(1, round(self.seconds / self.bar_s))


def music_of(text: str, music_prompt: str, seconds: float | None, *, sung: bool = False) -> Music:
    """The music for a text. music_prompt: the caller's words for it, which win over the text's.

    seconds: None takes the text's length, else a minute. sung: it has lyrics.
    """
    words = words_of(f"{music_prompt} {text}")
    # A song about a house is no house music.
    head = _TOPIC.split(text, maxsplit=1)[0] if sung else text
    style = (
        style_of(words_of(music_prompt)) or style_of(words_of(head)) or (SONG if sung else PIECE)
    )
    both = f"{music_prompt} {text}"
    bpm = _bpm(both, words, style)
    key = _key(both, words, style)
    length = seconds or read_brief(text).seconds or USUAL_S
    length = min(max(float(length), SHORTEST_S), LONGEST_S)
    timesig = _metre(both, style)
    played = _instruments(style, words)
    prompt = _prompt(style, played, music_prompt, f"{bpm} BPM", key, sung=sung)
    return Music(style, bpm, key, timesig, length, prompt, played)


def missing_in_music(text: str) -> list[str]:
    """Sentences about what a description of music leaves open."""
    words = words_of(text)
    notes = []
    if style_of(words) is None:
        notes.append("It doesn't name a style, such as jazz or ambient.")
    if not _INSTRUMENTS & set(words):
        notes.append("It doesn't name an instrument.")
    if not _BPM.search(text) and not (SLOW_WORDS | FAST_WORDS) & set(words):
        notes.append("It doesn't say how fast it is.")
    return notes


def style_of(words: list[str]) -> MusicStyle | None:
    """The style that most words name; the earlier one of the table when several do."""
    wanted = set(words)
    hits = [(len(wanted & set(style.words.split())), style) for style in STYLES]
    most = max(count for count, _ in hits)
    return next(style for count, style in hits if count == most) if most else None


def _bpm(text: str, words: list[str], style: MusicStyle) -> int:
    said = _BPM.search(text)
    if said:
        return min(max(int(said[1]), 30), 300)
    low, high = style.tempo
    if SLOW_WORDS & set(words):
        return low
    if FAST_WORDS & set(words):
        return high
    # Even tempos are what players expect; the text decides which of them.
    return low + number_of("bpm", *words) % (high - low + 1) // 2 * 2


def _key(text: str, words: list[str], style: MusicStyle) -> str:
    said = _KEY.search(text)
    if said:
        mode = "minor" if said[3].lower() in _MINOR_NAMES else "major"
        mark = (said[2] or "").strip(" -").lower()
        accidental = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}.get(mark)
        return f"{said[1].upper()}{accidental or ''} {mode}"
    sad, glad = len(MINOR_WORDS & set(words)), len(MAJOR_WORDS & set(words))
    is_minor = style.minor if sad == glad else sad > glad
    keys = _MINOR_KEYS if is_minor else _MAJOR_KEYS
    return keys[number_of("key", *words) % len(keys)]


def _metre(text: str, style: MusicStyle) -> int:
    said = _METRE.search(text)
    return int(said[1]) if said else style.timesig


def _instruments(style: MusicStyle, words: list[str]) -> tuple[str, str, str, str]:
    """The style's, with what the words name for the lead and the base."""
    base, rhythm, lead, color = style.instruments
    named = [_ENGLISH.get(word, word) for word in words if word in _INSTRUMENTS]
    new = [word for word in dict.fromkeys(named) if word not in " ".join(style.instruments)]
    new = [word for word in new if word not in _RHYTHM]
    return (new[1] if len(new) > 1 else base, rhythm, new[0] if new else lead, color)


_RHYTHM = word_set("drums drum bass percussion")
_ENGLISH = {
    "klavier": "piano", "gitarre": "guitar", "geige": "violin", "schlagzeug": "drums",
    "guitare": "guitar", "violon": "violin", "batterie": "drums", "guitarra": "guitar",
    "bateria": "drums", "sax": "saxophone", "synths": "synth",
}  # fmt: skip


def _prompt(
    style: MusicStyle,
    played: tuple[str, ...],
    words: str,
    bpm: str,
    key: str,
    *,
    sung: bool,
) -> str:
    """The caller's words first, then what they leave open."""
    own = clipped(tidy(words), _LONGEST_WORDS).rstrip(".")
    mood = "wistful" if key.endswith("minor") else "warm and bright"
    has_instruments = bool(set(words_of(own)) & _INSTRUMENTS)
    parts = [own or f"{style.name}, {mood}"]
    if own and style.name not in folded(own):
        parts.append(style.name)
    if not has_instruments:
        parts.append(", ".join(played))
    if not _BPM.search(own):
        parts.append(bpm)
    if not _KEY.search(own):
        parts.append(key)
    parts.append("clear lead vocal" if sung else "instrumental, no vocals")
    return ", ".join(part for part in dict.fromkeys(parts) if part)


_INSTRUMENTS = word_set(
    """
    piano guitar drums drum strings violin cello bass synth synths saxophone sax trumpet brass
    flute harp organ ukulele banjo percussion choir bells klavier gitarre geige schlagzeug
    guitare violon batterie guitarra violin bateria
    """
)
