"""A prompt is read into what to draw, and names what it could not."""

import subprocess
import sys

import pytest

from studio.artist.art_vocabulary import COLOURS
from studio.artist.prompt.brief import read
from studio.job_io.prompt_branches import choose_branch
from studio.media.raster import hex_colour


def names(brief):
    return [role.name for role in brief.roles]


def test_the_sample_prompts_find_their_subject_and_set():
    speaker = read("A translucent speaker on a glossy black table, neon rim light")
    sketch = read("A graphite robot sketch on a drafting table")
    perfume = read("perfume bottle with glass reflections")

    assert (names(speaker), speaker.setting) == (["speaker"], "tabletop")
    assert speaker.roles[0].finish == "glass"
    assert speaker.surface.colour == COLOURS["black"]
    assert (names(sketch), sketch.style, sketch.setting) == (["robot"], "sketch", "paper")
    assert (names(perfume), perfume.setting) == (["bottle"], "tabletop")
    assert not speaker.unknown + sketch.unknown + perfume.unknown


@pytest.mark.parametrize(
    ("prompt", "setting"),
    [
        ("a storm over the ocean", "sea"),
        ("a neon street in tokyo", "city"),
        ("a galaxy far away", "space"),
        ("a quiet library", "room"),
        ("a coral reef underwater", "underwater"),
        ("snowy mountains at dawn", "land"),
        ("quantum entanglement", "abstract"),
    ],
)
def test_place_words_choose_the_setting(prompt, setting):
    assert read(prompt).setting == setting


def test_a_colour_belongs_to_the_noun_it_stands_before():
    brief = read("a red car beside a blue bottle, green rim light")

    colours = {role.name: role.colour for role in brief.roles}
    assert colours == {"car": hex_colour("c8322e"), "bottle": COLOURS["blue"]}
    assert brief.accent == COLOURS["green"]


def test_an_hour_and_the_weather_are_read():
    brief = read("a fox in a misty forest at dawn, light rain")

    assert brief.hour == "dawn"
    assert brief.weather == {"fog", "rain"}
    assert brief.ground == "forest"


def test_negative_words_are_not_drawn():
    brief = read("a cat and a dog in the rain", negative="dogs, rain")

    assert names(brief) == ["cat"]
    assert "rain" not in brief.weather


def test_words_after_no_or_without_are_not_drawn():
    brief = read("a street at night, no cars, without any people")

    assert names(brief) == []


def test_unknown_nouns_are_named_and_plain_words_are_not():
    brief = read("a gorgeous trebuchet slowly spinning beside a robot, cinematic, 8k")

    assert brief.unknown == ("trebuchet",)


def test_scenery_gives_way_to_a_figure():
    assert names(read("a mountain behind an astronaut")) == ["astronaut", "mountain"]


def test_a_product_without_a_name_still_gets_a_figure():
    assert names(read("slow cinematic product push-in")) == ["bottle"]


def test_branches_of_a_prompt_take_turns():
    prompt = "a {red|blue} car at {dawn|night}"

    assert [choose_branch(prompt, i) for i in range(3)] == [
        "a red car at dawn",
        "a blue car at night",
        "a red car at dawn",
    ]


@pytest.mark.parametrize("prompt", ["", "   ", "!!!", "日本の猫", "a" * 5000, "{|}", "no", "🦊"])
def test_it_never_fails(prompt):
    assert read(prompt).setting


def test_a_garment_colours_who_wears_it():
    brief = read("a girl in a yellow coat at a harbor")

    assert brief.roles[0].colour == COLOURS["yellow"]
    assert brief.roles[0].word == "girl"
    assert not brief.unknown


def test_a_verb_is_no_thing():
    assert names(read("two friends watch the sunset")) == ["person", "person"]
    assert names(read("a gold watch")) == ["watch"]


def test_a_camera_is_a_thing_unless_it_films():
    assert names(read("a vintage camera on a wooden desk")) == ["photo_camera"]
    assert names(read("hills at dawn, the camera pans left")) == []
    assert names(read("hills at dawn, a locked camera")) == []


def test_reading_a_prompt_loads_no_drawing_code():
    modules = "{'numpy', 'cv2', 'studio.artist.subjects'} & set(sys.modules)"
    program = f"import sys, studio.artist.prompt.brief; sys.exit(len({modules}))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
