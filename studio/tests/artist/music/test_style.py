"""Reading words and parameters into a brief for music."""

from __future__ import annotations

import numpy as np
import pytest

from studio.artist.music.instruments import INSTRUMENTS
from studio.artist.music.style import STYLES, MusicBrief, read_brief, read_key


def brief(prompt: str, **params: object) -> MusicBrief:
    return read_brief(prompt, params, np.random.default_rng(1))


@pytest.mark.parametrize(
    ("prompt", "style"),
    [
        ("mellow jazz ballad with brushed drums and walking bass", "jazz"),
        ("lo-fi hip hop beat with vinyl crackle, muted keys", "lo-fi"),
        ("epic orchestral soundtrack with soaring strings and powerful brass", "orchestral"),
        ("dark 80s synthwave", "synthwave"),
        ("ambient pads, dreamy soundscape", "ambient"),
        ("driving techno for a warehouse", "techno"),
        ("solo piano, tender", "piano"),
        ("acoustic folk song with fingerpicked guitar", "folk"),
        ("elegant music for a perfume film", "cinematic"),
    ],
)
def test_hears_the_style_in_the_words(prompt: str, style: str) -> None:
    read = brief(prompt)
    assert read.style.name == style
    assert read.warnings == ()
    slow, fast = read.style.tempo
    assert slow * 0.9 <= read.bpm <= fast * 1.11


def test_instruments_named_in_the_words_play() -> None:
    assert brief("ambient with a violin").style.lead == "strings"
    assert brief("synthwave with saxophone").style.lead == "saxophone"
    assert brief("techno, drumless").style.beat == "none"


def test_parameters_stand_above_words() -> None:
    read = brief("jazz in A minor, 90 bpm, 3/4", bpm=144, keyscale="Bb major", timesig=4)
    assert (read.bpm, read.key, read.metre) == (144, "Bb major", 4)


def test_words_may_say_tempo_key_and_metre() -> None:
    read = brief("a waltz for piano in F# minor at 92 BPM")
    assert (read.bpm, read.key, read.metre) == (92, "F# minor", 3)


def test_mood_decides_between_major_and_minor() -> None:
    assert brief("sad lonely piano").minor
    assert not brief("happy cheerful piano").minor


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("C major", (0, False)),
        ("F# minor", (6, True)),
        ("Bb", (10, None)),
        ("am", (9, True)),
        ("D-flat major", None),
        ("Z minor", None),
    ],
)
def test_reads_keys(text: str, read: tuple | None) -> None:
    assert read_key(text) == read


def test_says_what_it_cannot_follow() -> None:
    assert "No known style" in brief("zydeco gamelan").warnings[0]
    assert "Singing isn't supported" in brief("pop with female vocals").warnings[0]
    assert brief("pop, no vocals").warnings == ()
    assert "isn't a known key" in brief("pop", keyscale="H dorian").warnings[0]
    assert "Bars of 7" in brief("pop", timesig=7).warnings[0]


def test_every_style_names_instruments_there_are() -> None:
    for style in STYLES.values():
        for name in (style.chords, style.bass, style.lead, style.arpeggio, style.pad):
            assert not name or name in INSTRUMENTS, style.name
