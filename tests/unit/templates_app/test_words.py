"""What counts as a word of a template, and that no text yields anything a query could trip over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.tokenizer import WORD_LENGTH, line_of, tag_word, words_of
from templates_app.word_index import fts_query, tsquery


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two-shot product teaser", ["two", "shot", "product", "teaser"]),
        ("Café MÜLLER", ["cafe", "muller"]),
        ("猫の映画", ["猫", "の", "映", "画"]),
        ("हिन्दी", ["हिन्दी"]),
        ("🦊 fox", ["🦊", "fox"]),
        ("snake_case", ["snake", "case"]),
        ("\x00 '\" \\ & | ! ( ) : *", []),
        ("w" * 90, ["w" * WORD_LENGTH]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert list(words_of(text)) == words


@given(st.text())
def test_words_hold_nothing_that_means_something_to_a_query(text: str) -> None:
    for word in words_of(text):
        assert word
        assert not set(word) & set(" \"'\\&|!():*<>#@_-\x00\n\t")


@given(st.text())
def test_words_of_words_are_the_same_words(text: str) -> None:
    once = [word for word in words_of(text) if len(word) < WORD_LENGTH]
    assert list(words_of(" ".join(once))) == once


@pytest.mark.parametrize("tag", ["Sci-Fi", "sci fi", "SCI_FI", " sci  fi "])
def test_spellings_of_a_tag_are_one_tag(tag: str) -> None:
    assert tag_word(tag) == "#sci_fi"


def test_a_tag_without_words_is_none() -> None:
    assert tag_word("!!!") == ""


def test_both_databases_are_asked_for_all_words() -> None:
    words = ["#sci_fi ", "neon"]
    assert tsquery(words) == "'#sci_fi' & 'neon':*"
    assert fts_query(words) == '"#sci_fi" AND "neon"*'


def test_a_line_holds_each_word_once_up_to_a_number() -> None:
    assert line_of(["a", "b", "", "a", "c"], 2) == " a b "
