"""Words → tempo, key, meter and the prompt that `generate_music` takes; and `compose_instrumental`.
Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from compose.brief.read import read_brief
from compose.writers import tables
from compose.writers.ideas import KEY, METER, MOODS, Idea, idea_of, require_topic
from compose.writers.wording import pick, sentence
from core.language.sentences import capital, shorten, tidy
from tools.catalog.compose_instrumental import ComposeInstrumental

SHORTEST_S, LONGEST_S, USUAL_S = 10.0, 600.0, 60.0
_LONGEST_WORDS: Final = 400
_LONGEST_STRUCTURE: Final = 240
# Keys that are easy to sing and to play.
_MAJOR_KEYS: Final = ("C major", "D major", "E major", "F major", "G major", "A major", "Bb major")
_MINOR_KEYS: Final = ("A minor", "C minor", "D minor", "E minor", "F# minor", "G minor", "B minor")
_BPM: Final = re.compile(
    r"\b(\d{2,3})\s?(?:bpm|beats per minute|schl[aä]ge|pulsaciones)\b", re.IGNORECASE
)
_ACCIDENTALS: Final = {"#": "#", "♯": "#", "sharp": "#", "b": "b", "♭": "b", "flat": "b"}
_MISSING: Final = {
    "style": "It doesn't name a style, such as jazz or ambient.",
    "instruments": "It doesn't name an instrument.",
    "tempo": "It doesn't say how fast it is.",
}


@dataclass(frozen=True, slots=True)
class Music:
    """Music to play. bpm: beats a minute; timesig: beats in a bar; seconds: the length asked for;
    prompt: what `generate_music` takes. players: base, rhythm, lead and color.
    """

    bpm: int
    keyscale: str
    timesig: int
    seconds: float
    prompt: str
    players: tuple[str, ...]

    @property
    def bar_s(self) -> float:
        """The length of a bar in seconds."""
        return self.timesig * 60 / self.bpm

    @property
    def fields(self) -> dict[str, Any]:
        """Return the fields that the answers of both tools have."""
        return {
            "bpm": self.bpm,
            "keyscale": self.keyscale,
            "timesig": self.timesig,
            "music_prompt": self.prompt,
            "duration_seconds": self.seconds,
        }

    @property
    def bars(self) -> int:
        """Return the bars that fill the length best, at least one."""
        return max(1, round(self.seconds / self.bar_s))


def music_of(
    text: str, idea: Idea, own_words: str, seconds: float | None, *, has_lyrics: bool = False
) -> Music:
    """Plan the music for a text. own_words: for it alone; they win over the text's."""
    own = tidy(own_words) or idea.manner
    everything = f"{own_words} {text}"
    # A song about a house is no house music; a piece for a film is what its words describe.
    name = style_in(own_words) or style_in(idea.manner) or ("" if has_lyrics else style_in(text))
    is_quiet = any(tables.names("music", mood, everything) for mood in ("sad", "slow"))
    usual = "cinematic" if not has_lyrics else "piano" if is_quiet else "pop"
    style = tables.MUSIC.styles[name or usual]
    bpm, key = _bpm(everything, style), _key(everything, style)
    meter = METER.search(everything)
    players = _players(style, everything)
    prompt = _prompt(own, name, players, (f"{bpm} BPM", key), has_lyrics=has_lyrics)
    length = min(max(seconds or USUAL_S, SHORTEST_S), LONGEST_S)
    return Music(bpm, key, int(meter[1]) if meter else style.beats, length, prompt, players)


def missing_in_music(text: str) -> list[str]:
    """Return sentences about what a description of music leaves open."""
    has = {
        "style": style_in(text),
        "instruments": tables.names("music", "instruments", text),
        "tempo": _BPM.search(text) or any(tables.names("music", n, text) for n in ("slow", "fast")),
    }
    return [note for name, note in _MISSING.items() if not has[name]]


def style_in(text: str) -> str:
    """Return the style that most words name, the earlier one of the table for as many; or ""."""
    hits = {
        name: len({match.word for match in tables.matches("music", name, text)})
        for name in tables.MUSIC.styles
    }
    most = max(hits.values())
    return next(name for name, count in hits.items() if count == most) if most else ""


def says_how_it_sounds(text: str) -> bool:
    """Return whether words name a style of music or an occasion, such as a lullaby."""
    return bool(style_in(text)) or any(tables.names("music", mood, text) for mood in MOODS)


def _bpm(text: str, style: tables.Style) -> int:
    if match := _BPM.search(text):
        return min(max(int(match[1]), 30), 300)
    low, high = style.tempo
    if tables.names("music", "slow", text):
        return low
    return high if tables.names("music", "fast", text) else (low + high) // 4 * 2


def _key(text: str, style: tables.Style) -> str:
    if match := KEY.search(text):
        is_minor = match[3].lower() in ("minor", "min", "moll", "mineur", "menor")
        accidental = _ACCIDENTALS.get((match[2] or "").strip(" -").lower(), "")
        return f"{match[1].upper()}{accidental} {'minor' if is_minor else 'major'}"
    is_sad = tables.names("music", "sad", text)
    is_glad = any(tables.names("music", name, text) for name in ("glad", "birthday", "love"))
    is_minor = style.minor if is_sad == is_glad else is_sad
    return pick(_MINOR_KEYS if is_minor else _MAJOR_KEYS, text)


def _players(style: tables.Style, text: str) -> tuple[str, ...]:
    """Return the style's instruments, with one that the words name for the lead."""
    base, rhythm, lead, color = style.played.split("; ")
    names = [match.word for match in tables.matches("music", "instruments", text)]
    english = tables.MUSIC.instruments
    leads = (english.get(name, name) for name in names if not tables.names("music", "rhythm", name))
    return base, rhythm, next((name for name in leads if name not in style.played), lead), color


def _prompt(
    own: str, style: str, players: tuple[str, ...], facts: tuple[str, str], *, has_lyrics: bool
) -> str:
    """Return the caller's words first, then what they leave open."""
    own = shorten(own, _LONGEST_WORDS).rstrip(".")
    parts = [own]
    if style and style_in(own) != style:
        parts.append(style.replace("-", " "))
    if not tables.names("music", "instruments", own):
        parts.append(", ".join(players))
    parts += [fact for fact, pattern in zip(facts, (_BPM, KEY), strict=True)
              if not pattern.search(own)]  # fmt: skip
    parts.append("clear lead vocal" if has_lyrics else "instrumental, no vocals")
    return ", ".join(part for part in dict.fromkeys(parts) if part)


def compose_instrumental(form: ComposeInstrumental.Params) -> dict[str, Any]:
    """Write the answer's body; see `docs/reference/tools.md` for the arguments.

    Raises InvalidInput where no argument says what the piece is for or sounds like.
    """
    brief = read_brief(form.prompt)
    text = brief.text
    idea = idea_of(text, of_music=True)
    own_words = form.music_prompt or ""
    # Its sound alone is enough to play.
    if not (idea.manner or own_words):
        require_topic(idea, "prompt", "the piece is for or sounds like", "slow piano for a wedding")
    own = own_words or shorten(tidy(text), _LONGEST_STRUCTURE)
    music = music_of(text, idea, own, form.duration_seconds or brief.seconds)
    scenes = idea.topics if len(idea.topics) > 1 else ()
    return {
        "structure": structure_of(music, scenes),
        "title": capital(shorten(tidy(text), 60)),
        **music.fields,
    }


def structure_of(music: Music, scenes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the sections in order. Their bars fill the length within half a bar.

    scenes: what is seen meanwhile, spread over the sections; may be empty.
    """
    forms = tables.MUSIC.forms
    form = forms[max(least for least in forms if least <= music.bars)]
    values = dict(zip(("base", "rhythm", "lead", "color"), music.players, strict=True))
    structure = []
    for number, (section, bars) in enumerate(_bars(music.bars, form).items()):
        description = sentence(tables.MUSIC.played[section].format(**values))
        if scenes:
            scene = shorten(scenes[number * len(scenes) // len(form)], 160)
            description = f"{description} On screen: {sentence(scene)}"
        structure.append({"section": section, "bars": bars, "description": description})
    return structure


def _bars(total: int, form: Mapping[str, float]) -> dict[str, int]:
    """Bars of each section, at least one, in phrases of four or two where there is room."""
    step = 4 if total >= 8 * len(form) else 2 if total >= 4 * len(form) else 1
    whole = sum(form.values())
    bars = {section: max(step, round(total * weight / whole / step) * step)
            for section, weight in form.items()}  # fmt: skip
    # What doesn't fit a phrase goes to the longest section, which bears it best.
    longest = max(bars, key=bars.__getitem__)
    bars[longest] += total - sum(bars.values())
    return bars
