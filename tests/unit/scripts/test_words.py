"""The word check: what it reads of each kind of file."""

from __future__ import annotations

import pytest

from tests.support.program import ROOT

with pytest.MonkeyPatch.context() as patch:
    # Scripts import each other by bare names, as they do when one is started.
    patch.syspath_prepend(ROOT / "scripts")
    import words

LISTED = words.read_list(
    "# a comment\n"
    "any     anew          again\n"
    "any     the castle    this server\n"
    "prose   colou?rs?(?! blind)    paint\n"
    "except  docs/*.md     colour\n"
)


def hits(path: str, text: str) -> list[tuple[int, str]]:
    return [(hit.line, hit.word) for hit in LISTED.hits(path, text)]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("a.py", "x = 1\ndef starts_anew() -> None: ...", [(2, "anew")]),
        ("a.py", "the_castle_burns = renewed", [(1, "the_castle")]),
        ("a.py", 'colour = "colour"  # a colour', [(1, "colour")]),
        ("a.py", 'x = f"the colours of {colour} here"', [(1, "colours")]),
        (
            "a.py",
            'def f():\n    """Colour of it.\n\n    A colour."""',
            [(2, "Colour"), (4, "colour")],
        ),
        ("a.ts", "// colour\nconst colour = 'colour'", [(1, "colour")]),
        ("a.tsx", "<p className={colour}>No colour here</p>", [(1, "colour")]),
        ("a.css", "/* colour */ .colour { color: red }", [(1, "colour")]),
        ("a.html", '<p class="colour">{{ colour }} Colour</p>', [(1, "Colour")]),
        ("a.md", "Colour: `colour` in [this](colour.md)", [(1, "Colour")]),
        ("docs/a.md", "Colour, anew", [(1, "anew")]),
        ("a.md", "colour blind", []),
        ("a.md", "text_colour, colour-map, my.colour", []),
    ],
)
def test_words_are_found_where_people_read(
    path: str, text: str, found: list[tuple[int, str]]
) -> None:
    assert hits(path, text) == found


def test_a_line_of_no_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="'some words' is not any, prose or except"):
        words.read_list("some words")
