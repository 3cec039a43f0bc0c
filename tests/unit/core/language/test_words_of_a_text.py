"""Words of a text, and walking over them."""

from __future__ import annotations

from core.language.phrases import words_of


def test_listed_words_around_a_place_are_walked_over() -> None:
    words = words_of("please make it very blue, with a fade")
    blue = words.word.index("blue")
    assert words.at(words.back(blue, {"it", "very"})) == "it"
    assert words.at(words.on(blue, {"blue", ","})) == "with"
    assert words.at(words.until(blue, {","})) == ","
    assert words.until(blue, {"?"}) == len(words)
    assert words.until(blue, {"?"}, 2) == blue + 2


def test_claimed_words_are_no_part_of_the_rest() -> None:
    words = words_of("my photo of a dog in ten seconds")
    words.claim(0, 3, "the picture:")
    words.claim(5, 8)
    assert words.rest(0, len(words)) == "the picture: a dog"


def test_hyphens_and_apostrophes_inside_a_word_are_no_marks() -> None:
    assert words_of("l'été, 15-second close-up").word == [
        "l",
        "ete",
        ",",
        "15",
        "second",
        "close",
        "up",
    ]
