"""Tables of words in TOML: `<folder>/<language>/<subject>.toml`, loaded once, at first use.

A file has lists of words (`name = "one two"`), lists of phrases (`name = "phrase, other phrase"`)
and tables of phrases with their meanings (`[name]`, `meaning = "phrase, other phrase"`). What has
the same name in several languages goes together. Texts that are written for people are arrays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cache, cached_property
from pathlib import Path
from tomllib import loads
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import AfterValidator, RootModel

from core.language.cleaning import fold
from core.language.numbers import LANGUAGES
from core.language.phrases import Phrases

T = TypeVar("T")


Entry = str | list[str] | dict[str, str]


def choice_of(literal: Any) -> Callable[[str], Any]:
    """Return what reads the key of a table as one of a Literal's values."""
    return {value: value for value in get_args(literal)}.__getitem__


def _separate(text: str) -> list[str]:
    return _BETWEEN.split(text.strip())


def _validate(text: str) -> str:
    line = " ".join(text.split())
    entries = _separate(line) if _BETWEEN.search(line) else line.split()
    if "" in entries:
        raise ValueError("write phrases as `one, two`")
    if twice := sorted({entry for entry in entries if entries.count(entry) > 1}):
        raise ValueError(f"listed twice: {', '.join(twice)}")
    return line


# A comma between spaces is a word of a list of words.
_BETWEEN = re.compile(r"(?<=\S),(?:\s+|$)")
PhraseList = Annotated[str, AfterValidator(_validate)]


class SubjectFile(RootModel[dict[str, PhraseList | list[str] | dict[str, PhraseList]]]):
    """A file of one language on one subject."""


class WordSet(Set[str]):
    """Words of all languages, folded; loaded at first use."""

    def __init__(self, list_words: Callable[[], Iterator[str]]) -> None:
        self._list_words = list_words

    @classmethod
    def _from_iterable(cls, it: object) -> frozenset[str]:  # type: ignore[override]
        return frozenset(it)  # type: ignore[call-overload]

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(map(fold, self._list_words()))

    def __contains__(self, word: object) -> bool:
        return word in self.words

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


class _WordLists(dict[str, "WordSet"]):
    def __init__(self, tables: Tables, subject: str) -> None:
        super().__init__()
        self._tables, self._subject = tables, subject

    def __missing__(self, name: str) -> WordSet:
        self[name] = self._tables.words(self._subject, name)
        return self[name]


def pattern_of(phrases: Iterable[str]) -> str:
    """Return a part of a pattern that matches one of some phrases, with or without accents."""
    spellings = {spelling for phrase in phrases for spelling in (phrase, fold(phrase))}
    in_order = sorted(spellings, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", r"[\s-]") for phrase in in_order)


class Tables:
    """The tables of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = cache(self._load)

    def phrases(
        self, subject: str, name: str, parse: Callable[[str], T], *, compounds: bool = False
    ) -> Phrases[T]:
        """Return a table of phrases. parse: makes a meaning of its key. compounds: a German word
        that ends with one is one."""
        return Phrases(lambda: self._by_language(subject, name, parse), compounds=compounds)

    def phrase_list(self, subject: str, name: str) -> Phrases[bool]:
        """Return a list of phrases as a table in which all mean the same."""
        return Phrases(
            lambda: {
                language: {True: phrases}
                for language in LANGUAGES
                if isinstance(phrases := self._file(language, subject).get(name), str)
            }
        )

    def words(self, subject: str, name: str) -> WordSet:
        """Return a list of words."""
        return WordSet(
            lambda: (word for text in self._lists(subject, name) for word in text.split())
        )

    def subject(self, subject: str) -> Mapping[str, WordSet]:
        """Return the lists of words of a subject by their names."""
        return _WordLists(self, subject)

    def texts(self, subject: str, name: str, language: str) -> list[str]:
        """Return the texts of a language; the English ones where it has none."""
        texts = self._file(language, subject).get(name) or self._file("en", subject)[name]
        return cast(list[str], texts)

    def meanings(self, subject: str, name: str) -> Mapping[str, str]:
        """Return what the phrases of all languages mean, folded."""
        return {
            fold(phrase): meaning
            for table in self._by_language(subject, name, str).values()
            for meaning, phrases in table.items()
            for phrase in _separate(phrases)
        }

    def pattern(self, subject: str, name: str) -> str:
        """Return a part of a pattern that matches a phrase of a list, with or without accents."""
        return pattern_of(
            phrase for text in self._lists(subject, name) for phrase in _separate(text)
        )

    def entries(self, subject: str, name: str) -> Mapping[str, Mapping[str, list[str]]]:
        """Return the phrases of a table, by language and by meaning."""
        return {
            language: {meaning: _separate(phrases) for meaning, phrases in table.items()}
            for language, table in self._by_language(subject, name, str).items()
        }

    def _lists(self, subject: str, name: str) -> Iterator[str]:
        lists = (self._file(language, subject).get(name) for language in LANGUAGES)
        return (text for text in lists if isinstance(text, str))

    def check(self) -> list[str]:
        """Return what is wrong in the files, each with its path."""
        problems = []
        for path in sorted(self.folder.glob("*/*.toml")):
            try:
                self._load(path.parent.name, path.stem)
            except ValueError as error:
                problems.append(f"{path.relative_to(self.folder)}: {error}")
            if path.parent.name not in LANGUAGES:
                problems.append(f"{path.relative_to(self.folder)}: no language that is read")
        return problems

    def _by_language(
        self, subject: str, name: str, parse: Callable[[str], T]
    ) -> Mapping[str, Mapping[T, str]]:
        tables = {language: self._file(language, subject).get(name) for language in LANGUAGES}
        return {
            language: {parse(meaning): phrases for meaning, phrases in table.items()}
            for language, table in tables.items()
            if isinstance(table, dict)
        }

    def _load(self, language: str, subject: str) -> Mapping[str, Entry]:
        path = self.folder / language / f"{subject}.toml"
        if not path.exists():
            return {}
        return SubjectFile.model_validate(loads(path.read_text(encoding="utf-8"))).root
