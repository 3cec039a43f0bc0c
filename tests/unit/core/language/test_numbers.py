"""Numbers and ordinals in words."""

from __future__ import annotations

import re

import pytest

from core.language.numbers import (
    number_of,
    number_pattern,
    number_word,
    ordinal_of,
    ordinal_pattern,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7),
        ("1,5", 1.5),
        ("Twelve", 12),
        ("twenty-five", 25),
        ("fünf", 5),
        ("funf", 5),
        ("fünfundzwanzig", 25),
        ("a", 1),
        ("une", 1),
        ("quatre-vingts", 80),
        ("treinta y cinco", 35),
        ("zero", 0),
        ("cat", None),
        ("", None),
    ],
)
def test_number_is_read_in_digits_and_words(text: str, value: float | None) -> None:
    assert number_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("first", 1), ("2nd", 2), ("Première", 1), ("dritten", 3), ("cuarta", 4), ("last", None)],
)
def test_ordinal_is_a_position(text: str, value: int | None) -> None:
    assert ordinal_of(text) == value


def test_small_numbers_are_written_as_words() -> None:
    assert [number_word(count) for count in (0, 3, 10, 11)] == ["no", "three", "ten", "11"]


def test_longest_word_of_a_pattern_matches() -> None:
    assert re.match(number_pattern(), "fourteen shots")[0] == "fourteen"
    assert re.match(ordinal_pattern(), "Fourth".lower())[0] == "fourth"
    assert re.match(number_pattern(with_articles=False), "a dog") is None
