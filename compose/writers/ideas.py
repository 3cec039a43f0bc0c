"""The subject of a text, without the words in which it is asked for. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from compose.brief.nothing import names_nothing
from compose.brief.subject import about_what
from compose.language import TABLES
from compose.writers.tables import MUSIC
from core import errors
from core.language.cleaning import fold, one_of
from core.language.numbers import number_of, number_pattern
from core.language.phrases import Words
from core.language.sentences import shorten, tidy

_LONGEST_READ: Final = 2_000
_LONGEST_IDEA: Final = 90
# Compounds such as Erklärvideo or Geburtstagslied.
_COMPOUNDS: Final = ("lied", "song", "musik", "video", "film", "clip")
SENTENCES: Final = re.compile(r"(?<=[.!?…。！？])\s|\n")
_PARTS: Final = re.compile(r"[,;:](?=\s|$)|\s[–—-]\s")
# A quotation of three words or more.
SPEECH: Final = re.compile(r"[\"“„«](?=(?:\S{1,30}\s{1,3}){2})([^\"“”„«»]{1,500})[\"”“»]")
_EDGES: Final = " \t,;:.!?…()[]*#–—-"
KEY: Final = re.compile(
    r"(?:\b(?:in|en)\s)?\b([A-G])\s?(#|♯|b|♭|-?\s?sharp|-?\s?flat)?\s?-?\s?"
    r"(major|minor|maj|min|dur|moll|majeur|mineur|mayor|menor)\b",
    re.IGNORECASE,
)
METER: Final = re.compile(r"(?<![\d:/])([2346])/[48](?![\d/])")
_SHAPE: Final = re.compile(r"(?<![\w:])\d{1,2}:\d{1,2}(?![\w:])")
# Lengths, tempos and numbers of scenes.
_MEASURE: Final = re.compile(
    rf"(?<!\w)(?:(?:in|mit|en|of)\s)?{number_pattern(with_articles=False)}[\s-]?"
    rf"(?:{TABLES.pattern('ideas', 'units')})(?:[\s-](?:long|lang|de|of))?(?!\w)",
    re.IGNORECASE,
)
_LISTS: Final = TABLES.subject("ideas")
_SONGS: Final = TABLES.subject("songs")
_DULL: Final = (
    "requests", "articles", "owners", "links", "small", "units", "films", "songs", "general",
    "sounds",
)  # fmt: skip
_PEOPLE: Final = one_of("i we you ich wir du je")
# Moods of a song: each has verses of its own.
MOODS: Final = ("sad", "birthday", "child", "love")


@dataclass(frozen=True, slots=True)
class Idea:
    """topics: what it is about, a phrase for each sentence, in the text's own words; none where
    nothing says it. manner: how it is to be, such as `sad sea shanty`, of the words before "about".
    """

    topics: tuple[str, ...]
    manner: str

    @property
    def topic(self) -> str:
        return self.topics[0] if self.topics else ""


def idea_of(text: str, *, of_music: bool = False) -> Idea:
    """Read what a text is about. of_music: words that name a style of music are its manner."""
    text = text[:_LONGEST_READ]
    if not of_music and (rest := SPEECH.sub(" ", text)) != text:
        # What is to be said says what the film is about only where nothing else does.
        idea = idea_of(rest)
        return idea if idea.topics else idea_of(" ".join(SPEECH.findall(text)), of_music=True)
    for pattern in (KEY, METER, _SHAPE, _MEASURE):
        text = pattern.sub(" ", text)
    topics: list[str] = []
    manners: list[str] = []
    whom: list[str] = []
    for sentence in SENTENCES.split(text):
        phrases = []
        for part in _PARTS.split(sentence):
            manner, topic, person = _manner_and_topic(part.split(), of_music=of_music)
            whom += [person] if person else []
            manners += [manner] if manner else []
            phrases += [topic] if topic else []
        topic = tidy(", ".join(phrases)).strip(_EDGES)
        topics += [shorten(topic, _LONGEST_IDEA)] if topic else []
    return Idea((*topics, *whom), tidy(", ".join(manners)))


def without_request(text: str) -> str:
    """Return a text without the words in which it is asked for: `a cat` of "please make me a video
    of a cat"."""
    words = text.split(maxsplit=12)
    plain = [_bare(word) for word in words]
    link = _link(plain, of_music=False)
    if link is None or not all(_is_dull(word, of_music=False) for word in plain[:link]):
        return text
    return " ".join([*_word_in_link(words[link]), *words[link + 1 :]])


def require_topic(idea: Idea, argument: str, of_what: str, example: str) -> None:
    """Raise InvalidInput, with the remedy, where a text doesn't say what it is about."""
    if idea.topics:
        return
    message = f"`{argument}` doesn't say what {of_what}. Write it, such as “{example}”."
    raise errors.InvalidInput(
        message,
        code="brief.subject_needed",
        person=message.replace("`", ""),
        details={"issues": [{"path": argument, "message": message}]},
    )


def _manner_and_topic(words: list[str], *, of_music: bool) -> tuple[str, str, str]:
    """Return the manner and the topic in a part of a sentence, and whom a song is for."""
    manners: list[str] = []
    is_for = False
    plain = [_bare(word) for word in words]
    while (link := _link(plain, of_music=of_music, is_again=bool(manners))) is not None:
        manners += [_manner(words[:link], plain[:link])]
        is_for = of_music and plain[link] in _SONGS["for"]
        words = [*_word_in_link(words[link]), *words[link + 1 :]]
        plain = [_bare(word) for word in words]
    manner = " ".join(filter(None, manners))
    # After "about" a word for music is what it is about: a song about jazz.
    if all(_is_dull(word, of_music=of_music and not manners) for word in plain):
        return f"{manner} {_manner(words, plain)}".strip(), "", ""
    if not manners and not of_music and any(word in _LISTS["sounds"] for word in plain):
        return "", "", ""
    start, end = 0, len(plain)
    while start < len(plain) - 1 and not manners and plain[start] in _LISTS["requests"]:
        start += 1
    if set(plain[:start]) <= _PEOPLE:
        # "We open on Monday" asks for nothing.
        start = 0
    if of_music and plain[-1] in _LISTS["songs"]:
        # "A love song" is about love.
        start, end = start + (plain[start] in _LISTS["articles"]), end - 1
    about, person = about_what(" ".join(words[start:end])) if is_for else ("", "")
    topic = about or " ".join(words[start:end])
    return manner, _topic(topic.split()), person


def _link(plain: list[str], *, of_music: bool, is_again: bool = False) -> int | None:
    """Find where the words for what is made end: at the "about" of "a song about rain"."""
    if plain[:1] and plain[0] in ("about", "uber", "sur", "sobre", "para"):
        return 0
    for at, word in enumerate(plain[:10]):
        # "A piece for a wedding with a violin": only the first may be "with".
        is_other = is_again and word in _LISTS["small"]
        is_elided = at > 0 and word.startswith(("d'", "d’"))
        is_link = is_elided or (word in _LISTS["links"] and not is_other)
        if is_link and any(_is_ordered(one, of_music=of_music) for one in plain[:at]):
            return at
    return None


def _word_in_link(link: str) -> list[str]:
    """Return the word that a link such as `d'un` holds."""
    return [link[2:]] if link.startswith(("d'", "d’")) else []


def _bare(word: str) -> str:
    return fold(word.strip(_EDGES + "\"'“”„«»"))


def _topic(words: list[str]) -> str:
    text = " ".join(words).strip(_EDGES)
    return "" if not _names_something(text) else text


def _manner(words: list[str], plain: list[str]) -> str:
    """Return those of the words before "about" that say more than that something is made."""
    names = (*_DULL[:6], "general", "films")
    return " ".join(
        word.strip(_EDGES)
        for word, bare in zip(words, plain, strict=True)
        if _is_word(bare) and number_of(bare) is None and not any(bare in _LISTS[n] for n in names)
    )


def _is_ordered(word: str, *, of_music: bool) -> bool:
    """Tell whether a word names what is made: a film, a song, or a style of music."""
    is_music = of_music and (word in _LISTS["general"] or word in _music_words())
    is_compound = len(word) > 6 and word.endswith(_COMPOUNDS)
    return is_music or is_compound or word in _LISTS["songs" if of_music else "films"]


def _is_dull(word: str, *, of_music: bool) -> bool:
    """Tell whether a word says nothing of what it is about."""
    is_music = of_music and word in _music_words() and word not in _occasions()
    is_listed = any(word in _LISTS[name] for name in _DULL)
    return is_music or is_listed or not _is_word(word) or number_of(word) is not None


def _names_something(text: str) -> bool:
    """Return whether a phrase names something, and was not typed at random."""
    words = Words(text)
    return any(word in _occasions() for word in words.word) or not names_nothing(words)


def _is_word(text: str) -> bool:
    """Tell whether there is a letter, a digit or a picture of a thing."""
    return any(character.isalnum() or ord(character) > 0x2190 for character in text)


@cache
def _music_words() -> frozenset[str]:
    """Every word that names a style, a mood or an instrument."""
    names = (*MUSIC.styles, *MOODS, "glad", "slow", "fast", "instruments")
    return frozenset().union(*(TABLES.words("music", name) for name in names))


@cache
def _occasions() -> frozenset[str]:
    """Return words of a mood that a song may well be about."""
    return frozenset().union(*(TABLES.words("music", name) for name in ("birthday", "love")))
