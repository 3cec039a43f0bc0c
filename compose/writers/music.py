"""Songs and instrumental pieces: `compose_lyrics`, the person's lines as verses with a refrain of
their first line; `compose_instrumental`, sections in bars; tempo, key and meter of both. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from compose.plain_settings import PlainReading, read_plain
from compose.writers.wording import require_words, sentences_of, table, within_bytes
from core.language.sentences import capital, shorten, tidy
from tools.catalog.compose_instrumental import ComposeInstrumental
from tools.catalog.compose_lyrics import ComposeLyrics

_SHORTEST_S, _LONGEST_S, _USUAL_S = 10.0, 600.0, 60.0
# In bytes: an answer has to fit in what chat models and clients take.
LONGEST_WORDS: Final = 6_000
# Signs that all languages share. They stay in the words, too.
_BPM: Final = re.compile(r"(?<!\d)(\d{2,3}) ?bpm\b", re.IGNORECASE)
_METER: Final = re.compile(r"(?<![\d:/])([2346])/[48](?![\d/])")
# "A minor accident" is no key: an A without an accidental needs an "in" before it.
_KEY: Final = re.compile(
    r"(?<![\w#♯♭])(?:[B-G](?:[#♯b♭]|-sharp|-flat)?|A(?:[#♯b♭]|-sharp|-flat)|(?<=\bin )A)"
    r" ?(?:major|minor|maj|min)\b"
)
_TABLE: Final = table("music")
_FORMS: Final[Mapping[int, Mapping[str, float]]] = {
    int(bars): form for bars, form in _TABLE["forms"].items()
}


# From so many characters on, each sentence of a line is one.
_LONG_LINE, _LONGEST_REFRAIN = 80, 120
# Of a verse; they are longer where there would be more verses than these.
_LINES, _MOST_VERSES = 4, 6
_TAG: Final = re.compile(r"\[[^\]\n]{1,40}\]")
# Settings that this tool has a place for. The words of any other are sung.
_FIELDS: Final = frozenset({"kind", "seconds", "sound.music", "sound.music_words"})
# In bytes.
_LONGEST_SOUND: Final = 2_000
_CUT: Final = "The text is too long to send back whole, so its end was left out."
OWN_WORDS: Final = "These are your own lines: a language model writes rhymes and further verses."


def music_of(
    reading: PlainReading, text: str, sound: str, seconds: float | None, ending: str
) -> dict[str, Any]:
    """Return tempo, key, meter, length and the prompt that `generate_music` takes, as the answers
    of both tools have them. sound: how it sounds; it comes first in the prompt, `ending` last."""
    whole_text = f"{sound} {text}"
    bpm, key, meter = (pattern.search(whole_text) for pattern in (_BPM, _KEY, _METER))
    if seconds is None and "seconds" in reading.from_words:
        seconds = reading.plan.seconds
    beats = min(max(int(bpm[1]), 30), 300) if bpm else 100
    keyscale = _key(key[0]) if key else "C major"
    tempo = "" if _BPM.search(sound) else f"{beats} BPM"
    scale = "" if _KEY.search(sound) else keyscale
    return {
        "bpm": beats,
        "keyscale": keyscale,
        "timesig": int(meter[1]) if meter else 4,
        "music_prompt": ", ".join(filter(None, (sound.rstrip(" .,;"), tempo, scale, ending))),
        "duration_seconds": min(max(seconds or _USUAL_S, _SHORTEST_S), _LONGEST_S),
    }


def _key(words: str) -> str:
    """Return a key as `generate_music` takes it: `F# minor` of `F-sharp min`."""
    sign = re.sub(r" ?m.*", "", words)[1:]
    accidental = "#" if sign in ("#", "♯", "-sharp") else "b" if sign else ""
    return f"{words[0]}{accidental} {'minor' if 'min' in words else 'major'}"


def compose_instrumental(form: ComposeInstrumental.Params) -> dict[str, Any]:
    """Return the body of the tool's answer. Raises InvalidInput where neither the prompt nor
    `music_prompt` has a letter."""
    sound = within_bytes(tidy(form.music_prompt or form.prompt), LONGEST_WORDS)
    require_words(sound, "prompt", "the piece is for or sounds like", "slow piano for a wedding")
    reading, ending = read_plain(form.prompt), "instrumental, no vocals"
    music = music_of(reading, form.prompt, sound, form.duration_seconds, ending)
    bars = round(music["duration_seconds"] * music["bpm"] / music["timesig"] / 60)
    title = capital(shorten(tidy(form.prompt), 60))
    return {"structure": structure_of(max(bars, 1)), "title": title, **music}


def structure_of(bars: int) -> list[dict[str, Any]]:
    """Return sections in order whose bars add up to so many, in phrases of four or two where there
    is room."""
    form = _FORMS[max(least for least in _FORMS if least <= bars)]
    step = 4 if bars >= 8 * len(form) else 2 if bars >= 4 * len(form) else 1
    whole = sum(form.values())
    counts = {section: max(step, round(bars * weight / whole / step) * step)
              for section, weight in form.items()}  # fmt: skip
    # What doesn't fit a phrase goes to the longest section, which bears it best.
    counts[max(counts, key=counts.__getitem__)] += bars - sum(counts.values())
    descriptions = _TABLE["played"]
    return [
        {"section": section, "bars": count, "description": descriptions[section]}
        for section, count in counts.items()
    ]


def compose_lyrics(form: ComposeLyrics.Params) -> dict[str, Any]:
    """Return the body of the tool's answer. Raises InvalidInput for a prompt without a letter."""
    require_words(form.prompt, "prompt", "the song is about", "a song about my dog Bruno")
    reading = read_plain(form.prompt)
    text, sound = reading.plan.shows, reading.plan.sound.music_words
    if not _FIELDS.issuperset(reading.from_words):
        text, sound = form.prompt, ""
    # Of a song that is written in one stretch both are the same words.
    sound = "" if sound == text else sound
    lines = lines_of(within_bytes(text, LONGEST_WORDS)) or [shorten(tidy(form.prompt), 200)]
    first = next((line for line in lines if not _TAG.fullmatch(line)), lines[0])
    sound = tidy(form.music_prompt or "") or sound or shorten(first, 200)
    is_cut = len(form.prompt.encode("utf-8", "replace")) > LONGEST_WORDS
    sound = within_bytes(sound, _LONGEST_SOUND)
    music = music_of(reading, form.prompt, sound, form.duration_seconds, "clear lead vocal")
    return {
        "lyrics": sheet_of(lines),
        "title": capital(shorten(first, 60)),
        **music,
        "language": shorten(tidy(form.language or ""), 20) or "unknown",
        "notes": [OWN_WORDS, *([_CUT] if is_cut else [])],
        "warnings": [],
    }


def lines_of(text: str) -> list[str]:
    """Return the lines to sing of a text with a letter; of a long line its sentences."""
    lines = [tidy(line) for line in text.splitlines()]
    parts = (sentences_of(line) if len(line) > _LONG_LINE else [line] for line in lines)
    return [part for line in parts for part in line if part]


def sheet_of(lines: Sequence[str]) -> str:
    """Return lines as verses, each with a refrain of the first line behind it. Lines that name
    their own sections, such as [Verse], stay as they are."""
    if any(_TAG.fullmatch(line) for line in lines):
        return "\n".join(lines)
    size = max(_LINES, -(-len(lines) // _MOST_VERSES))
    verses = ["\n".join(lines[at : at + size]) for at in range(0, len(lines), size)]
    refrain = shorten(lines[0], _LONGEST_REFRAIN)
    return "\n\n".join(f"[Verse]\n{verse}\n\n[Chorus]\n{refrain}" for verse in verses)
