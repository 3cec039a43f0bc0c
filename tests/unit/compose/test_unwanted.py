"""What a brief wants to be left out."""

from __future__ import annotations

import pytest

from compose.brief.read import read_brief


@pytest.mark.parametrize(
    ("brief", "unwanted"),
    [
        ("a tour of a house, no people, no text on screen", ("people", "text on screen")),
        ("a lesson about Rome. No blood and gore, or weapons.", ("blood", "gore", "weapons")),
        ("an ad for a dentist, it mustn't be scary", ("scary",)),
        ("a street at dawn, no cars with soft piano", ("cars",)),
        ("ein Blumenladen, keine Menschen, ohne Text im Bild", ("Menschen", "Text im Bild")),
        ("une rue la nuit, sans voitures, pas de texte", ("voitures", "texte")),
        ("una playa al amanecer, sin gente ni barcos", ("gente", "barcos")),
        # Of a picture, of the work, and of nothing.
        ("a house without windows", ()),
        ("a girl runs home. No one follows her.", ()),
        ("a walk through a library, no cuts", ()),
        ("a harbor at night, no music", ()),
        ("Without a word, she leaves the room.", ()),
    ],
)
def test_what_is_unwanted_is_read(brief: str, unwanted: tuple[str, ...]) -> None:
    read = read_brief(brief)
    assert read.unwanted == unwanted
    scenes = " ".join(scene.text for scene in read.scenes)
    assert not [thing for thing in unwanted if thing in scenes]
