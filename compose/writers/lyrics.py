"""`compose_lyrics`: rhymed sections that fit the length, and the music for them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from compose.brief.read import read_brief
from compose.language import TABLES
from compose.writers.ideas import MOODS, Idea, idea_of, require_topic
from compose.writers.music import Music, music_of
from compose.writers.tables import names, with_values
from compose.writers.wording import begins_with_article, in_a_sentence, number_of, pick
from core.language.cleaning import fold
from core.language.numbers import LANGUAGES
from core.language.sentences import capital, shorten, tidy
from tools.catalog.compose_lyrics import ComposeLyrics

_LONGEST_SUBJECT: Final = 32
_LONGEST_LINE: Final = 70
# A sung line takes two bars, unless these are so short or long that it would be rushed or drawn
# out, in seconds.
_SHORT_LINE_S, _LONG_LINE_S = 3.2, 7.2
# Of a section.
_LINES: Final = 4
# By how many sections fit.
_FORMS: Final = (
    "C", "VC", "CVC", "VCVC", "VCVCO", "VCVCBC", "IVCVCBC", "IVCVCBCO", "IVCVCVCBC",
    "IVCVCVCBCO", "IVCVCSVCBCO", "IVCVCSVCBCCO", "IVCVCVCSVCBCO", "IVCVCVCSVCBCCO",
)  # fmt: skip
_TAGS: Final = {
    "V": "Verse", "C": "Chorus", "B": "Bridge", "I": "Intro", "S": "Solo", "O": "Outro",
}  # fmt: skip
NO_RHYMES: Final = (
    "These are the prompt's own words: without a language model, songs are written in English,"
    " German, French and Spanish."
)


def compose_lyrics(form: ComposeLyrics.Params) -> dict[str, Any]:
    """Write the answer's body; see `docs/reference/tools.md` for the arguments.

    Raises InvalidInput where the prompt doesn't say what the song is about.
    """
    brief = read_brief(form.prompt)
    text, seconds = brief.text, form.duration_seconds or brief.seconds
    idea = idea_of(text, of_music=True)
    require_topic(idea, "prompt", "the song is about", "a song about my dog Bruno")
    music = music_of(text, idea, form.music_prompt or "", seconds, has_lyrics=True)
    language = language_for(form.language or "", brief.language)
    song = _Song(idea, text, language) if language in LANGUAGES else None
    subject = song.hook if song else idea.topic
    return {
        "lyrics": _sheet(form_of(music), song.section) if song else _plain(form_of(music), idea),
        "title": capital(shorten(subject, 60)),
        **music.fields,
        "language": language,
        "notes": [],
        "warnings": [] if song else [NO_RHYMES],
    }


def language_for(name: str, language: str) -> str:
    """Return the code of the language that the caller names, else the text's, else English."""
    name = fold(name.strip())
    if not name or name in ("unknown", "auto", "und"):
        return language or "en"
    codes = TABLES.meanings("songs", "names")
    return codes.get(re.split(r"[-_]", name)[0]) or shorten(name, 20)


def form_of(music: Music) -> tuple[str, int]:
    """Return the sections that fit the length, as letters of `_FORMS`, and how many lines each
    has."""
    line_s = 2 * music.bar_s
    if line_s < _SHORT_LINE_S:
        line_s *= 2
    elif line_s > _LONG_LINE_S:
        line_s /= 2
    total = max(1, round(music.seconds / line_s))
    if total < _LINES:
        return "C", 2
    # Long songs get longer verses rather than more of them.
    lines = _LINES if total <= _LINES * len(_FORMS) else 2 * _LINES
    count = min(max(1, total // lines), len(_FORMS))
    return _FORMS[count - 1], lines


class _Song:
    """Fills sections with the lines of a language. In the verses none comes twice before all
    were sung."""

    def __init__(self, idea: Idea, text: str, language: str) -> None:
        self._language, self._text = language, text
        subject, self._own = _subject(idea)
        is_german = language == "de"
        self._subject = _nominative(subject) if is_german else subject
        self.hook = _hook(self._subject, is_german=is_german)
        self._mood = next((mood for mood in MOODS if names("music", mood, text)), "any")
        if self._mood == "birthday" and names("music", "birthday", self.hook):
            self._mood = "any"
        chorus = "any" if self._mood == "love" else self._mood
        self._chorus = self._with_subject(self._pick(f"choruses_{chorus}"))
        self._couplets = self._in_order()

    def section(self, letter: str, number: int, count: int) -> list[str]:
        """Return so many lines of a section. number: how many such came before."""
        if letter == "C":
            return self._chorus[:count]
        if letter == "B":
            return self._with_subject(self._pick("bridges"))
        if letter == "O":
            return self._with_subject(self._pick("closings"))
        if letter != "V":
            return []
        # What the person says of the subject, in their own words, opens the first verse.
        own = self._own if number == 0 else []
        own = own * 2 if len(own) == 1 else own
        couplets = (
            self._with_subject(next(self._couplets)) for _ in range((count - len(own)) // 2)
        )
        return [*own, *(line for couplet in couplets for line in couplet)]

    def _in_order(self) -> Iterator[str]:
        """Return the couplets: those that name the subject in turn with the others."""
        every = self._in_any_order("verses_any")
        naming = [couplet for couplet in every if "{" in couplet]
        others = [couplet for couplet in every if "{" not in couplet]
        if self._mood != "any":
            others = [*self._in_any_order(f"verses_{self._mood}"), *others]
        if self._mood == "sad":
            naming, others = others, naming
        while True:
            for at in range(max(len(naming), len(others))):
                yield from (group[at] for group in (naming, others) if at < len(group))

    def _in_any_order(self, name: str) -> list[str]:
        groups = TABLES.texts("songs", name, self._language)
        return sorted(groups, key=lambda group: number_of(self._text, group))

    def _pick(self, name: str) -> str:
        return pick(TABLES.texts("songs", name, self._language), self._text)

    def _with_subject(self, group: str) -> list[str]:
        values = {"s": self._subject, "h": self.hook}
        values |= {slot.upper(): capital(value) for slot, value in values.items()}
        return [capital(with_values(line, values)) for line in group.split(" / ")]


def _sheet(form: tuple[str, int], section: Callable[[str, int, int], list[str]]) -> str:
    """Return all sections, a blank line between them."""
    letters, lines = form
    parts = []
    for at, letter in enumerate(letters):
        number = letters[:at].count(letter)
        parts.append("\n".join([f"[{_TAGS[letter]}]", *section(letter, number, lines)]))
    return "\n\n".join(parts)


def _subject(idea: Idea) -> tuple[str, list[str]]:
    """Return a short phrase for what the song is about, and lines of what else the person says."""
    subject = idea.topic.split(", ")[0]
    words = subject.split()
    breaks = TABLES.words("ideas", "breaks")
    own_names = [at for at, word in enumerate(words) if at and len(word) > 1 and word.istitle()]
    if len(subject) > _LONGEST_SUBJECT and own_names and begins_with_article(subject):
        subject = " ".join(words[: own_names[0] + 1])
    ends = [at for at, word in enumerate(words) if at and fold(word) in breaks]
    while len(subject) > _LONGEST_SUBJECT and ends:
        subject = " ".join(words[: ends.pop()])
    clause = next((at for at, word in enumerate(words) if at and fold(word) in _CLAUSES), None)
    if clause is not None and len(subject.split()) > clause:
        subject = " ".join(words[:clause])
    subject = shorten(subject, _LONGEST_SUBJECT)
    own = [capital(shorten(topic, _LONGEST_LINE)) for topic in idea.topics[:2]]
    is_all = subject == idea.topic and len(own) == 1
    return in_a_sentence(subject), [] if is_all else own


def _nominative(subject: str) -> str:
    """Return a German phrase as it is called: of `einen müden Igel` that is `ein müder Igel`."""
    first, *rest = subject.split()
    article = TABLES.meanings("songs", "nominative").get(first.lower(), first)
    is_masculine = article != first and first.lower().endswith("en")
    if is_masculine and len(rest) > 1 and rest[0].islower() and rest[0].endswith("en"):
        rest[0] = f"{rest[0][:-2]}{'e' if article == 'der' else 'er'}"
    return " ".join([article, *rest])


_CLAUSES: Final = frozenset(("who", "whom", "which", "that", "when", "where", "qui", "que"))


def _hook(subject: str, *, is_german: bool) -> str:
    """Return what is called out: of `my dog Bruno` Bruno, of `the sea` sea; `my dog` stays."""
    first, *rest = subject.split()
    own_names = [word for word in rest if word[:1].isupper()]
    if own_names and begins_with_article(subject) and not is_german:
        return " ".join(own_names)
    is_plain = 0 < len(rest) < 3 and fold(first) in TABLES.words("ideas", "articles")
    return " ".join(rest) if is_plain else subject


def _plain(form: tuple[str, int], idea: Idea) -> str:
    """Return the prompt's own words as verses and a refrain, for other languages."""
    lines = [capital(shorten(tidy(topic), 80)) for topic in idea.topics[:8]]

    def section(letter: str, number: int, count: int) -> list[str]:
        if letter == "V":
            return [lines[(number * 2 + at) % len(lines)] for at in range(min(2, len(lines)))]
        return lines[:1] * min(count, 2) if letter in "CO" else []

    return _sheet(form, section)
