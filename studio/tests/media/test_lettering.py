"""Lettering: lines that fit, evenly broken, in a typeface that is always there."""

from __future__ import annotations

import numpy as np
import pytest

from studio.media.image.lettering import (
    Lettering,
    letter,
    read_colour,
    text_width,
    undrawable,
    wrap,
)

STYLE = Lettering(size=24)
WORDS = "The quick brown fox jumps over the lazy dog and runs away into the wood"


@pytest.mark.parametrize("width", [120, 200, 320, 900])
def test_lines_fit_and_are_as_few_and_even_as_can_be(width: int) -> None:
    lines = wrap(WORDS, STYLE, width)
    assert " ".join(lines) == WORDS
    widths = [text_width(line, STYLE) for line in lines]
    assert max(widths) <= width
    assert len(lines) <= np.ceil(text_width(WORDS, STYLE) / width) + 1
    if len(lines) == 2:
        assert min(widths) > 0.8 * max(widths)


def test_words_too_wide_are_broken_and_line_breaks_kept() -> None:
    lines = wrap("Donaudampfschifffahrtsgesellschaft\nnext", STYLE, 120)
    assert "".join(lines[:-1]) == "Donaudampfschifffahrtsgesellschaft"
    assert lines[-1] == "next"
    assert max(text_width(line, STYLE) for line in lines) <= 120


def test_europes_latin_letters_are_drawn_and_others_named() -> None:
    assert undrawable("Žluťoučký kůň, façade, ő Ł ğ ẞ € “…” – —") == ""
    assert undrawable("Привет 東 fox") == "Привет東"
    assert undrawable("a\u200d\ufe0f b") == ""


def test_a_sheet_holds_every_line_between_soft_edges() -> None:
    sheet = letter(["One", "Two"], STYLE)
    assert sheet.shape[0] > 2 * 24
    assert sheet[[0, -1]].max() == sheet[:, [0, -1]].max() == 0
    # Premultiplied: no color above its alpha.
    assert (sheet[..., :3] <= sheet[..., 3:]).all()
    rows = np.flatnonzero((sheet[..., :3].min(axis=2) > 240).any(axis=1))
    assert (np.diff(rows) > 3).sum() == 1


def test_colours_are_read_as_people_write_them() -> None:
    told: list[str] = []
    assert read_colour("#f80", (0, 0, 0, 255), "x", told) == (255, 136, 0, 255)
    assert read_colour("red", (0, 0, 0, 255), "x", told) == (255, 0, 0, 255)
    assert read_colour("#10203040", (0, 0, 0, 255), "x", told) == (16, 32, 48, 64)
    assert read_colour(None, (1, 2, 3, 4), "x", told) == (1, 2, 3, 4)
    assert told == []
    assert read_colour("reddish", (1, 2, 3, 4), "The colour", told) == (1, 2, 3, 4)
    assert "“reddish” isn't a color" in told[0]
