"""`compose_lyrics`: rhymed sections that fit the length, and the music for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from compose.brief.read import read_brief
from compose.writers.lyric_banks.bank import Bank, Couplet, Quatrain
from compose.writers.lyric_banks.english import ENGLISH
from compose.writers.lyric_banks.french import FRENCH
from compose.writers.lyric_banks.german import GERMAN
from compose.writers.lyric_banks.spanish import SPANISH
from compose.writers.music import Music, music_of
from compose.writers.music_styles import SAD_WORDS
from compose.writers.song_words import SongWords, song_words, title_of
from compose.writers.wording import capital, clipped, folded, pick, shuffled, tidy, words_of
from tools.catalog.compose_lyrics import ComposeLyrics

BANKS: Final[Mapping[str, Bank]] = {
    "en": ENGLISH,
    "de": GERMAN,
    "fr": FRENCH,
    "es": SPANISH,
}
_NAMES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("en", "english", "englisch", "anglais", "ingles"), "en"),
    **dict.fromkeys(("de", "german", "deutsch", "allemand", "aleman"), "de"),
    **dict.fromkeys(("fr", "french", "francais", "franzosisch", "frances"), "fr"),
    **dict.fromkeys(("es", "spanish", "espanol", "spanisch", "espagnol", "castellano"), "es"),
}
_LONGEST_TEXT = 6_000

# A sung line takes two bars, unless these are so short or long that it would be rushed or drawn
# out, in seconds.
_SHORT_LINE_S, _LONG_LINE_S = 3.2, 7.2
# Of a section.
_LINES = 4
# V verse, C chorus, B bridge, I intro, S solo, O outro: by how many sections fit.
_FORMS: Final = (
    "C", "VC", "CVC", "VCVC", "VCVCO", "VCVCBC", "IVCVCBC", "IVCVCBCO", "IVCVCVCBC",
    "IVCVCVCBCO", "IVCVCSVCBCO", "IVCVCSVCBCCO", "IVCVCVCSVCBCO", "IVCVCVCSVCBCCO",
)  # fmt: skip
_TAGS: Final = {
    "V": "Verse", "C": "Chorus", "B": "Bridge", "I": "Intro", "S": "Solo", "O": "Outro",
}  # fmt: skip


def compose_lyrics(form: ComposeLyrics.Params) -> dict[str, Any]:
    """The answer's body; see `docs/reference/tools.md` for the arguments."""
    text = form.prompt[:_LONGEST_TEXT]
    brief = read_brief(text)
    words = form.music_prompt or brief.sound.music_words
    music = music_of(text, words, form.duration_seconds, sung=True)
    language = language_for(form.language or "", brief.language, set(words_of(text)))
    named = song_words(brief.text)
    bank = BANKS.get(language)
    shape = form_of(music)
    if bank is None:
        lyrics = _plain(shape, named, brief.text)
    else:
        lyrics = _Writer(bank, named, brief.text).sheet(shape)
    notes = []
    if bank is None:
        notes.append("The rules have no rhymes in this language: these are the brief's own words.")
    return {
        "lyrics": lyrics,
        "title": title_of(named, brief.text),
        "bpm": music.bpm,
        "keyscale": music.keyscale,
        "timesig": music.timesig,
        "music_prompt": music.prompt,
        "duration_seconds": music.seconds,
        "language": language,
        "notes": notes,
    }


def language_for(asked: str, read: str, words: set[str]) -> str:
    """ISO 639-1 code: what the caller names, else what the brief is written in, else English."""
    name = folded(asked.strip())
    if name and name not in ("unknown", "auto", "und"):
        known = _NAMES.get(name) or _NAMES.get(name.split("-")[0].split("_")[0])
        return known or clipped(name, 20)
    return read or _language_by_themes(words) or "en"


def _language_by_themes(words: set[str]) -> str:
    """For texts too short to tell otherwise: `Sommer am Meer`. "" when several languages fit."""
    hits = {
        code: len(words & frozenset().union(*bank.themes.values())) for code, bank in BANKS.items()
    }
    most = max(hits.values())
    best = [code for code, count in hits.items() if count == most]
    return best[0] if most and len(best) == 1 else ""


@dataclass(frozen=True, slots=True)
class Shape:
    """sections: letters of `_FORMS`. lines: of each section that is sung."""

    sections: str
    lines: int


def form_of(music: Music) -> Shape:
    """Which sections fit the length, and how many lines each has."""
    line_s = 2 * music.bar_s
    if line_s < _SHORT_LINE_S:
        line_s *= 2
    elif line_s > _LONG_LINE_S:
        line_s /= 2
    total = max(1, round(music.seconds / line_s))
    if total < _LINES:
        return Shape("C", 2)
    # Long songs get longer verses rather than more of them.
    lines = _LINES if total <= _LINES * len(_FORMS) else 2 * _LINES
    count = min(max(1, total // lines), len(_FORMS))
    return Shape(_FORMS[count - 1], lines)


class _Writer:
    """Fills sections from a bank, without saying anything twice but the chorus."""

    def __init__(self, bank: Bank, named: SongWords, text: str) -> None:
        self._bank, self._named = bank, named
        self._seed = text
        words = set(words_of(text))
        self._themes = [name for name, of in bank.themes.items() if words & of]
        themed = (bank.themed_choruses.get(name, ()) for name in self._themes)
        usual = bank.sad_choruses if words & SAD_WORDS else bank.choruses
        choruses = next((group for group in themed if group), usual)
        self._chorus = self._filled(pick(self._usable(choruses), text, "chorus"))
        self._bridges = shuffled(self._usable(bank.bridges), text, "bridge")
        self._couplets = self._in_order()

    def sheet(self, shape: Shape) -> str:
        """The whole text, a blank line between sections."""
        return "\n\n".join(
            "\n".join([f"[{_TAGS[section]}]", *self._lines(section, shape.lines)])
            for section in shape.sections
        )

    def _lines(self, section: str, count: int) -> list[str]:
        if section == "C":
            return self._chorus[:count]
        if section == "V":
            return [line for _ in range(count // 2) for line in self._filled(self._next())]
        if section == "B":
            bridge = self._bridges.pop(0) if self._bridges else self._chorus
            return self._filled(bridge)
        if section == "O":
            return self._filled(pick(self._usable(self._bank.closings), self._seed, "closing"))
        return []

    def _next(self) -> Couplet:
        return next(self._couplets)

    def _in_order(self) -> Iterator[Couplet]:
        """First what fits the brief's themes, in turn with what fits any; then all of it again."""
        fitting = [
            couplet
            for name in self._themes
            for couplet in shuffled(self._usable(self._bank.verses.get(name, ())), self._seed, name)
        ]
        usual = shuffled(self._usable(self._bank.verses[""]), self._seed, "")
        # What names the subject comes early: a listener must know what it is about.
        usual.sort(key=lambda couplet: "{" not in "".join(couplet))
        mixed: list[Couplet] = []
        while fitting or usual:
            mixed += [queue.pop(0) for queue in (fitting, usual) if queue]
        rest = [
            couplet
            for name in self._bank.verses
            if name and name not in self._themes and name in _ANYWHERE
            for couplet in self._usable(self._bank.verses[name])
        ]
        while True:
            yield from mixed
            yield from rest

    def _usable(self, groups: tuple[Any, ...]) -> list[Any]:
        """Groups whose slots can be filled."""
        missing = [
            slot
            for slot, value in (
                ("{s}", self._named.subject),
                ("{w}", self._named.others),
                ("{h}", self._named.hook),
            )
            if not value
        ]
        fits = [g for g in groups if not any(slot in "".join(g).lower() for slot in missing)]
        return fits or [tuple(_emptied(line) for line in group) for group in groups]

    def _filled(self, group: Couplet | Quatrain | list[str]) -> list[str]:
        other = pick(self._named.others, self._seed, *group) if self._named.others else ""
        values = {"s": self._named.subject, "h": self._named.hook, "w": other}
        lines = []
        for line in group:
            for slot, value in values.items():
                line = line.replace(f"{{{slot}}}", value)
                line = line.replace(f"{{{slot.upper()}}}", capital(value))
            lines.append(capital(line))
        return lines


# Themes that disturb no other subject, for very long songs.
_ANYWHERE: Final = frozenset({"night", "road", "city", "sea", "rain"})


def _emptied(line: str) -> str:
    """Without its slots, for a brief that names nothing short."""
    for slot in ("{s}", "{h}", "{w}", "{S}", "{H}", "{W}"):
        line = line.replace(f"{slot}, ", "").replace(f", {slot}", "").replace(slot, "la la la")
    return capital(line)


def _plain(shape: Shape, named: SongWords, text: str) -> str:
    """The brief's own words as verses and a refrain, for languages without a bank."""
    pieces = [clipped(tidy(part), 80) for part in text.replace("\n", ".").split(".")]
    lines = [piece for piece in pieces if piece][:8] or ["la la la"]
    hook = capital(named.hook or clipped(lines[0], 40))
    sections = []
    for number, section in enumerate(shape.sections):
        if section == "V":
            count = min(2, len(lines))
            body = [capital(lines[(number + turn) % len(lines)]) for turn in range(count)]
        elif section in "CO":
            body = [hook, "la la la la", hook][: 3 if section == "C" else 1]
        else:
            body = []
        sections.append("\n".join([f"[{_TAGS[section]}]", *body]))
    return "\n\n".join(sections)
