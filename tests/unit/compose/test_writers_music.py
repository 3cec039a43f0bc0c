"""`compose_lyrics`, `compose_instrumental`: sections, rhymes, what `generate_music` takes."""

from __future__ import annotations

import re
from typing import Any

import pytest

from compose.language import TABLES
from core.errors import InvalidInput
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
    [
        "a dog",
        "fast techno in F# minor, 300 bpm, about a dog",
        "Waltz 3/4 at 30 bpm for Anna",
        "🎷",
    ],
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
        ("Ein Lied über meinen Opa", "german", "Mein Opa"),
        ("Une chanson pour Marie", "fr", "Marie"),
        ("Una canción para mi abuelo", "es-MX", "mi abuelo"),
    ],
)
def test_the_briefs_words_are_sung_in_its_language(prompt: str, language: str, words: str) -> None:
    told = lyrics(prompt, language=language, duration_seconds=90)
    assert words in told["lyrics"]
    assert not re.search(r"[{}]", told["lyrics"])
    groups = TABLES.texts("songs", "verses_any", told["language"])
    verses = {line for group in groups for line in group.split(" / ")}
    assert len(verses & set(told["lyrics"].splitlines())) >= 2
    assert told["warnings"] == []


def test_other_languages_get_their_own_words_and_are_told_so() -> None:
    told = lyrics("una canzone per Roma. Il sole sui tetti.", language="italian")
    assert "Il sole sui tetti" in told["lyrics"]
    assert "[Chorus]\nUna canzone per Roma" in told["lyrics"]
    assert "English, German, French and Spanish" in told["warnings"][0]


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Write a love song", "This one's for love, sing it loud"),
        (
            "Happy birthday song for Tom, who turns 40",
            "Happy birthday, Tom, raise your hands up high",
        ),
        ("A song for my cat Mittens knocking over 3 glasses", "find my cat Mittens in a thousand"),
    ],
)
def test_what_is_sung_about_is_a_short_phrase(prompt: str, words: str) -> None:
    assert words in lyrics(prompt, duration_seconds=60)["lyrics"]


def test_a_sea_shanty_about_tea_is_about_tea() -> None:
    told = lyrics("a sea shanty about tea", duration_seconds=60)
    assert told["lyrics"].count("tea") >= 4
    assert "shanty" not in told["lyrics"]
    assert told["title"] == "Tea"
    assert told["music_prompt"].startswith("sea shanty, accordion")


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("A sad song for my dog Bruno who died in 2019", "My dog Bruno who died in 2019"),
        ("Ein Geburtstagslied für Oma Erna, sie wird 80", "Oma Erna, sie wird 80"),
        ('A song about Tom. He said "see you at 9".', 'He said "see you at 9"'),
    ],
)
def test_names_numbers_and_quotes_are_sung(prompt: str, words: str) -> None:
    assert words in lyrics(prompt, duration_seconds=120)["lyrics"].splitlines()


@pytest.mark.parametrize(
    ("tool", "argument", "text"),
    [
        *(("compose_lyrics", "prompt", text) for text in ("write lyrics", "asdf", "6/8 lullaby")),
        *(("compose_instrumental", "prompt", text) for text in ("music", "asdf")),
        *(("compose_script", "brief", text) for text in ("make a script", "asdf", "...")),
        *(("enhance_prompt", "prompt", text) for text in ("asdf", "make me a picture")),
    ],
)
def test_text_without_a_subject_is_asked_for_one(tool: str, argument: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        answer(tool, **{argument: text})
    (issue,) = refused.value.details["issues"]
    assert issue["path"] == argument
    assert issue["message"].startswith(f"`{argument}` doesn't say ")
    assert "such as" in issue["message"]


def test_an_unknown_language_is_read_from_the_words() -> None:
    assert lyrics("a cat", language="unknown")["language"] == "en"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_no_line_of_the_verses_comes_twice_in_four_minutes(language: str) -> None:
    for prompt in ("my dog", "a birthday party", "the city at night", "nothing at all"):
        told = lyrics(prompt, duration_seconds=240, language=language)
        sections = told["lyrics"].split("\n\n")
        verses = [line for one in sections if one.startswith("[Verse]") for line in one.split("\n")]
        sung = [line for line in verses if line != "[Verse]"]
        assert len(set(sung)) == len(sung)


@pytest.mark.parametrize("language", ["en", "de", "fr", "es"])
def test_every_group_of_lines_ends_in_two_different_words(language: str) -> None:
    moods = ("any", "sad", "birthday", "child")
    names = [*(f"verses_{mood}" for mood in (*moods, "love")), "bridges", "closings"]
    for name in (*names, *(f"choruses_{mood}" for mood in moods)):
        for group in TABLES.texts("songs", name, language):
            *_, before, last = group.split(" / ")
            assert before.split()[-1].lower() != last.split()[-1].lower()


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
