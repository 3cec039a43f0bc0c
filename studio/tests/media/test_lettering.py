"""Lettering: lines that fit, evenly broken, in typefaces that are always there."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from mediakit.typefaces import undrawable
from studio.media.image.lettering import Lettering, letter, read_colour, text_width, wrap
from studio.tests.support.scripts import GREETINGS, TYPEFACES, needs_fribidi

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


@needs_fribidi
def test_letters_of_these_scripts_are_drawn_and_others_named() -> None:
    assert undrawable("Žluťoučký kůň, façade, ő Ł ğ ẞ € “…” – — Tiếng Việt") == ""
    for greeting in GREETINGS.values():
        assert undrawable(greeting) == ""
    assert undrawable("می‌خواهم, क्षत्रिय, น้ำ, שָׁלוֹם, ў, ἀρχή") == ""
    assert undrawable("a\u0378 fox \u0379\u0378") == "\u0378\u0379"
    assert undrawable("a\u200d\ufe0f b") == ""


def test_typefaces_of_the_machine_are_asked_too(tmp_path: Path) -> None:
    private = "\U0010abcd"
    folder = tmp_path / ".fonts" / "mine"
    folder.mkdir(parents=True)
    thai = (TYPEFACES / "noto-sans-thai.ttf").read_bytes()
    (folder / "mine.TTF").write_bytes(with_letter(thai, private, glyph=20))
    (folder / "broken.otf").write_bytes(thai[:200])
    (folder / "empty.ttc").write_bytes(b"ttcf")
    program = (
        "from mediakit.typefaces import undrawable;"
        "from studio.media.image.lettering import Lettering, letter;"
        f"print(undrawable('{private}\u0378'), letter(['{private}'], Lettering(40)).max())"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert said.stdout == "\u0378 255\n"


def with_letter(typeface: bytes, letter: str, glyph: int) -> bytes:
    """The file of a typeface that has this letter alone, drawn as one of its glyphs."""
    part = struct.pack(">HHIII III", 12, 0, 28, 0, 1, ord(letter), ord(letter), glyph)
    table = struct.pack(">HHHHI", 0, 1, 3, 10, 12) + part
    at = typeface.index(b"cmap")
    place = struct.pack(">II", len(typeface), len(table))
    return typeface[: at + 8] + place + typeface[at + 16 :] + table


def test_what_no_typeface_has_is_left_out() -> None:
    assert (letter(["fo\u0378x"], STYLE) == letter(["fox"], STYLE)).all()


def inked(line: str) -> np.ndarray:
    """The letters of a line, cut out."""
    mask = letter([line], Lettering(size=48, outline=(0, 0, 0, 0), shade=0))[..., 3]
    left, top, columns, rows = cv2.boundingRect(mask)
    return mask[top : top + rows, left : left + columns]


@needs_fribidi
@pytest.mark.parametrize(
    ("line", "first", "last"),
    [
        ("שלום fox", "fox", "שלום"),
        ("fox שלום", "fox", "שלום"),
        ("שלום 12", "12", "שלום"),
        ("12 fox", "12", "fox"),
    ],
)
def test_mixed_lines_stand_as_they_are_read(line: str, first: str, last: str) -> None:
    whole, left, right = (inked(text)[-12:] for text in (line, first, last))
    slack = 40  # of a letter that begins between two columns
    assert np.abs(whole[:, : left.shape[1]].astype(int) - left).mean() < slack
    assert np.abs(whole[:, -right.shape[1] :].astype(int) - right).mean() < slack
    assert np.abs(whole[:, : right.shape[1]].astype(int) - right).mean() > slack


@needs_fribidi
def test_arabic_letters_are_joined_and_joiners_part_them() -> None:
    parts = [cv2.connectedComponents(inked(word))[0] - 1 for word in ("سسس", "س‌س‌س", "hmm")]
    assert parts == [1, 3, 3]


@needs_fribidi
def test_marks_stay_with_their_letters() -> None:
    for word in ("กำ้" * 6, "हिन्दी" * 3, "שָׁ" * 9):
        lines = wrap(word, STYLE, 60)
        assert len(lines) > 1
        assert "".join(lines) == word
        assert not any(undrawable(line[0]) or text_width(line[0], STYLE) < 2 for line in lines)


@needs_fribidi
def test_each_line_runs_like_its_paragraph() -> None:
    word = "שלוםשלוםשלום"
    first, second = wrap(f"{word} fox של", STYLE, text_width(word, STYLE) + 1)
    assert first == word
    # The Latin word, which is read first, is at the right.
    fox, line = inked("fox")[-12:], inked(second)[-12:]
    assert np.abs(line[:, -fox.shape[1] :].astype(int) - fox).mean() < 40
    # Another paragraph, another way.
    assert wrap("שלום\none שלום", STYLE, 900) == ["שלום", "one שלום"]


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
