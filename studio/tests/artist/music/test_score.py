"""What is written: form, harmony in key, every bar filled, nothing beyond the end."""

from __future__ import annotations

import numpy as np
import pytest

from studio.artist.music.form import plan_form, section_tags
from studio.artist.music.score import write_score
from studio.artist.music.style import STYLES, read_brief

_SCALES = {True: {0, 2, 3, 5, 7, 8, 10}, False: {0, 2, 4, 5, 7, 9, 11}}
_UNPITCHED = {"drums", "effects"}


def test_a_form_fills_its_bars() -> None:
    for bars in range(1, 200):
        form = plan_form(bars)
        assert sum(length for _, length in form) == bars
        assert min(length for _, length in form) >= 1
        if bars >= 4:
            names = [name for name, _ in form]
            assert (names[0], names[1], names[-1]) == ("intro", "build", "outro")
            total = {name: sum(length for n, length in form if n == name) for name in names}
            assert total["main"] == max(total.values())


def test_a_lyric_sheets_tags_give_the_form() -> None:
    tags = section_tags("[Intro]\n[Verse 1]\nla la\n[Chorus]\n[Solo]\n[Outro]\n[nonsense]")
    assert tags == ["intro", "verse", "chorus", "solo", "outro"]
    form = plan_form(16, tags)
    assert [name for name, _ in form] == ["intro", "build", "main", "main", "outro"]
    assert sum(length for _, length in form) == 16


@pytest.mark.parametrize("metre", [2, 3, 4, 6])
@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_plays_in_every_metre(style: str, metre: int) -> None:
    rng = np.random.default_rng(2)
    brief = read_brief(style, {"timesig": metre}, rng)
    score = write_score(brief, 20.0, rng)
    for name, notes in score.layers.items():
        for note in notes:
            assert 0 <= note.start_s < 20
            assert note.start_s + note.held_s <= 20.001
            assert 24 <= note.pitch <= 100
            if name not in _UNPITCHED and "bass" not in name:
                assert (note.pitch - brief.tonic) % 12 in _SCALES[brief.minor]
    assert {"chords", "bass"} <= set(score.layers)
    pitched = [n for name, notes in score.layers.items() if name not in _UNPITCHED for n in notes]
    assert min(note.start_s for note in pitched) < 0.05
    assert score.sections[0].start_s == 0
    assert score.sections[-1].end_s == 20
    assert np.diff(score.beats) == pytest.approx(60 / brief.bpm)


def test_it_ends_on_its_tonic() -> None:
    rng = np.random.default_rng(4)
    brief = read_brief("cinematic in D minor, 80 bpm", {}, rng)
    score = write_score(brief, 24.0, rng)
    last = max(note.start_s for note in score.layers["bass"])
    assert {n.pitch % 12 for n in score.layers["bass"] if n.start_s == last} == {2}


def test_the_main_part_is_the_fullest() -> None:
    rng = np.random.default_rng(4)
    score = write_score(read_brief("pop", {}, rng), 40.0, rng)

    def notes_a_second(name: str) -> float:
        section = next(s for s in score.sections if s.name == name)
        inside = [
            note
            for notes in score.layers.values()
            for note in notes
            if section.start_s <= note.start_s < section.end_s
        ]
        return len(inside) / (section.end_s - section.start_s)

    assert notes_a_second("intro") < notes_a_second("build") < notes_a_second("main")
    assert notes_a_second("outro") < notes_a_second("main")
