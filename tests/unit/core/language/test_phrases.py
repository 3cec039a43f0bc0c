"""Phrases in a text."""

from __future__ import annotations

import pytest

from core.language.phrases import Phrases, Words, words_of

_LENGTHS = Phrases(
    lambda: {"en": {"s": "# seconds, # s", "slow": "slower"}, "de": {"s": "# sekunden"}}
)


@pytest.mark.parametrize("text", ["15-seconds", "fifteen seconds", "15 secnods", "15 secods"])
def test_phrase_is_recognized_however_it_is_written(text: str) -> None:
    match = _LENGTHS.match(words_of(text), 0)
    assert match is not None
    assert (match.j, match.value) == (2, "s")


def test_other_word_is_no_misspelling() -> None:
    assert _LENGTHS.match(words_of("flower"), 0) is None


def test_misspelling_is_of_the_language_of_the_text() -> None:
    german = words_of("ein Film mit der Katze und dem Hund, 15 Sekundn")
    assert [match.value for match in _LENGTHS.find(german)] == ["s"]
    english = words_of("the film of my cat with the dog, 15 sekundn")
    assert list(_LENGTHS.find(english)) == []


def test_no_phrase_reaches_beyond_the_last_word() -> None:
    table = Phrases(lambda: {"en": {True: "my video clip"}})
    assert table.match(Words("about my video"), 1, 6) is None
