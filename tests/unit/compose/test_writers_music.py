"""`compose_lyrics`, `compose_instrumental`: sections, rhymes, what `generate_music` takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from compose.writers.lyrics import BANKS
from studio.artist.music.form import section_tags
from studio.artist.music.style import read_key
from tests.unit.compose.writing import TOOLS, answer
from tests.unit.runs.test_plan_from_steps import plan, step
from tools.declaration.arguments import read_arguments


def lyrics(prompt: str, **arguments: Any) -> dict[str, Any]:
    return answer("compose_lyrics", prompt=prompt, **arguments)


def music_arguments(told: dict[str, Any]) -> dict[str, Any]:
    """A call of generate_music with everything that a writer says about the music."""
    return {
        "prompt": told["music_prompt"],
        "duration": told["duration_seconds"],
        "bpm": told["bpm"],
        "keyscale": told["keyscale"],
        "timesig": told["timesig"],
        **({"lyrics": told["lyrics"]} if "lyrics" in told else {}),
    }


@pytest.mark.parametrize("name", ["compose_lyrics", "compose_instrumental"])
@pytest.mark.parametrize("seconds", [10, 30, 61.5, 180, 600])
@pytest.mark.parametrize(
    "prompt",
    ["a dog", "fast techno in F# minor, 300 bpm", "Waltz 3/4 at 30 bpm", "6/8 lullaby", "🎷"],
)
def test_generate_music_takes_what_was_written(name: str, seconds: float, prompt: str) -> None:
    told = answer(name, prompt=prompt, duration_seconds=seconds)
    arguments = music_arguments(told)
    assert read_arguments(TOOLS["generate_music"], arguments).problems == ()
    assert plan(step("song", "generate_music", arguments=arguments)).plan
    assert read_key(told["keyscale"]) is not None
    assert told["duration_seconds"] == seconds


def test_tempo_key_and_metre_that_are_asked_for_are_kept() -> None:
    told = lyrics("A song in Bb minor, 3/4, 92 bpm about rain")
    assert (told["keyscale"], told["timesig"], told["bpm"]) == ("Bb minor", 3, 92)


@pytest.mark.parametrize("seconds", [10, 20, 40, 60, 90, 150, 240, 600])
def test_sections_are_those_that_the_studio_reads(seconds: float) -> None:
    told = lyrics("A song about my dog Bruno and the beach", duration_seconds=seconds)
    tags = re.findall(r"^\[(.+)\]$", told["lyrics"], re.M)
    assert section_tags(told["lyrics"]) == [tag.lower() for tag in tags]
    assert "Chorus" in tags
    if seconds >= 40:
        assert "Verse" in tags
    # A line is sung in four to eight seconds.
    lines = [line for line in told["lyrics"].splitlines() if line and line[0] != "["]
    assert seconds / 12 <= len(lines) <= seconds / 2.5


@pytest.mark.parametrize(
    ("prompt", "language", "words"),
    [
        ("A song about my dog Bruno", "english", "Bruno"),
        ("Ein Lied über meine Oma", "german", "Meine Oma"),
        ("Une chanson pour Marie", "fr", "Marie"),
        ("Una canción para mi abuelo", "es-MX", "mi abuelo"),
    ],
)
def test_the_briefs_words_are_sung_in_its_language(prompt: str, language: str, words: str) -> None:
    told = lyrics(prompt, language=language, duration_seconds=90)
    assert words in told["lyrics"]
    bank = BANKS[told["language"]]
    verse = {line for couplets in bank.verses.values() for two in couplets for line in two}
    assert len(verse & set(told["lyrics"].splitlines())) >= 4


def test_other_languages_get_their_own_words_as_a_refrain() -> None:
    told = lyrics("una canzone per Roma. Il sole sui tetti.", language="italian")
    assert "Il sole sui tetti" in told["lyrics"]
    assert "[Chorus]\nRoma" in told["lyrics"]
    assert told["notes"]


def test_an_unknown_language_is_read_from_the_words() -> None:
    assert lyrics("a cat", language="unknown")["language"] == "en"


def test_no_line_of_the_verses_comes_twice_in_four_minutes() -> None:
    for prompt in ("my dog", "a birthday party", "the city at night", "nothing at all"):
        sections = lyrics(prompt, duration_seconds=240)["lyrics"].split("\n\n")
        verses = [line for one in sections if one.startswith("[Verse]") for line in one.split("\n")]
        sung = [line for line in verses if line != "[Verse]"]
        assert len(set(sung)) == len(sung)


@pytest.mark.parametrize("language", BANKS)
def test_every_couplet_of_the_banks_ends_in_two_different_words(language: str) -> None:
    bank = BANKS[language]
    for couplets in bank.verses.values():
        for first, second in couplets:
            assert first.split()[-1].lower() != second.split()[-1].lower()


@pytest.mark.parametrize("seconds", [10, 15.5, 33, 60, 120, 333, 600])
@pytest.mark.parametrize("prompt", ["techno", "slow waltz", "epic trailer", "lullaby", "jazz 6/8"])
def test_bars_fill_the_length_within_a_bar(seconds: float, prompt: str) -> None:
    told = answer("compose_instrumental", prompt=prompt, duration_seconds=seconds)
    assert all(part.keys() == {"section", "bars", "description"} for part in told["structure"])
    bars = [part["bars"] for part in told["structure"]]
    assert min(bars) >= 1
    bar_s = told["timesig"] * 60 / told["bpm"]
    assert abs(sum(bars) * bar_s - seconds) <= bar_s


def test_an_instrument_that_is_named_plays() -> None:
    told = answer("compose_instrumental", prompt="calm piano for meditation", duration_seconds=60)
    assert any("iano" in part["description"] for part in told["structure"])
    assert "no vocals" in told["music_prompt"]


def test_scenes_of_the_brief_are_beside_the_sections() -> None:
    told = answer("compose_instrumental", prompt="A dragon wakes. The city burns. Silence falls.")
    seen = " ".join(part["description"] for part in told["structure"])
    assert "On screen: A dragon wakes." in seen
    assert "On screen: Silence falls." in seen
