"""Reading instructions: each wish becomes its step, and what is no wish is given back."""

from __future__ import annotations

import pytest

from studio.artist.instructions.negative_prompt import without_refused
from studio.artist.instructions.reading import read_instructions

ONE = [
    ("make it brighter", "exposure", {"amount": 1.0}),
    ("Make it a bit darker", "exposure", {"amount": -0.5}),
    ("increase the contrast by 20%", "contrast", {"amount": 0.5}),
    ("less saturated", "saturation", {"amount": -1.0}),
    ("much warmer, please", "warmth", {"amount": 1.5}),
    ("black and white", "grey", {}),
    ("crop to a square", "crop", {"what": "1:1"}),
    ("crop tighter around the face", "crop", {"what": "subject"}),
    ("crop to the left half", "crop", {"where": "left half"}),
    ("rotate 90 degrees clockwise", "rotate", {"amount": -90.0}),
    ("rotate left", "rotate", {"amount": 90.0}),
    ("straighten the horizon", "straighten", {}),
    ("flip it vertically", "flip", {"what": "vertical"}),
    ("mirror the image", "flip", {"what": "horizontal"}),
    ("blur the background", "blur", {"where": "background"}),
    ("blur the left half", "blur", {"where": "left half"}),
    ("pixelate the face", "pixelate", {"where": "face"}),
    ('add the title "Summer Days" at the top', "letter", {"what": "Summer Days", "place": "top"}),
    ("write 'Big Sale' in the bottom right corner", "letter", {"place": "bottom right"}),
    ("add text saying hello world", "letter", {"what": "Hello world"}),
    ("replace the background with a beach", "background", {"what": "a beach"}),
    ("put her in a snowy forest", "background", {"what": "a snowy forest"}),
    ("remove the background", "cut out", {}),
    ("change the red car to blue", "recolour", {"where": "red car", "what": "blue"}),
    ("make the dress green", "recolour", {"where": "dress"}),
    ("make it night", "air", {"what": "night"}),
    ("turn this into a winter scene", "air", {"what": "winter"}),
    ("make it look like golden hour", "air", {"what": "golden"}),
    ("add a cat", "add", {"what": "a cat"}),
    ("add a small dog on the left", "add", {"amount": 0.6, "place": "left"}),
    ("remove the lamp", "remove", {"where": "lamp"}),
    ("remove the noise", "denoise", {}),
    ("remove scratches", "mend", {}),
    ("brighten the shadows", "exposure", {"where": "shadows"}),
    ("replace the sky with a sunset", "sky", {"what": "a sunset"}),
    ("replace the cat with a dog", "replace", {"where": "cat", "what": "a dog"}),
    ("in the style of Van Gogh", "style", {}),
    ("add a white border", "frame", {"what": "border"}),
    ("zoom out", "extend", {}),
    ("resize to 640x480", "resize", {"what": "640x480"}),
    ("enhance this photo", "enhance", {}),
    ("add a lens flare", "flare", {}),
    ("make it greener", "lean", {"amount": 1.0}),
    ("more blue in the shadows", "lean", {"where": "shadows"}),
    ("too yellow", "lean", {"amount": -1.0}),
    ("give it a teal and orange look", "split tone", {"what": "teal orange"}),
    ("split tone with blue shadows and yellow highlights", "split tone", {"what": "blue yellow"}),
    ("make everything except the red car black and white", "grey", {"where": "except red car"}),
    ("blur everything but the face", "blur", {"where": "except face"}),
    ("darken all but the sky and the fox", "exposure", {"where": "except sky and fox"}),
    ("make it brighter, but not the face", "exposure", {"where": "except face"}),
    ("make it greener, except the dog", "lean", {"where": "except dog"}),
    ("remove everything except the fox", "cut out", {"where": "fox"}),
    ("add a red and white boat", "add", {"what": "a red and white boat"}),
]


@pytest.mark.parametrize(("prompt", "verb", "facts"), ONE, ids=[one[0] for one in ONE])
def test_a_wish_becomes_its_step(prompt: str, verb: str, facts: dict) -> None:
    reading = read_instructions(prompt)
    assert reading.unknown == ()
    step = reading.steps[0]
    assert step.verb == verb
    assert {name: getattr(step, name) for name in facts} == facts


def test_several_wishes_come_in_order() -> None:
    reading = read_instructions(
        "Crop to 4:3 and make it warmer, then add a vignette. Finally write “The End” at the bottom"
    )
    assert [step.verb for step in reading.steps] == ["crop", "warmth", "vignette", "letter"]


def test_snow_lies_before_night_falls_and_what_falls_comes_last() -> None:
    for prompt in ("make it night with snow", "add snow and make it night"):
        steps = read_instructions(prompt).steps
        assert [step.what for step in steps] == ["still winter", "night", "falling snow"]


@pytest.mark.parametrize(
    ("prompt", "negative", "left"),
    [
        ("make it night with snow", "snow", ["night"]),
        ("add a cat", "cats, blurry", []),
        ("add a cat and a dog", "cat", ["a cat and a dog"]),
        ("add film grain, make it warmer", "grain", [""]),
    ],
)
def test_what_is_not_wanted_is_left_out_and_said(
    prompt: str, negative: str, left: list[str]
) -> None:
    steps = read_instructions(prompt).steps
    kept, warnings = without_refused(steps, negative)
    assert [step.what for step in kept] == left
    assert any("was skipped" in said for said in warnings) == (len(kept) < len(steps))


def test_what_a_negative_prompt_cannot_do_is_said() -> None:
    steps = read_instructions("add a cat").steps
    kept, warnings = without_refused(steps, "blurry, low quality")
    assert kept == list(steps)
    assert "“blurry”, “low quality”" in warnings[0]
    assert without_refused(steps, "")[1] == []


def test_a_description_keeps_what_follows_it() -> None:
    step = read_instructions("change the background to a beach at sunset, palms and a boat").steps[
        0
    ]
    assert step.what == "a beach at sunset and palms and a boat"


def test_quotations_are_not_read_as_wishes() -> None:
    steps = read_instructions('add the text "make it darker, crop it"').steps
    assert [(step.verb, step.what) for step in steps] == [("letter", "make it darker, crop it")]


def test_what_is_to_be_kept_is_no_change() -> None:
    steps = read_instructions("keep the face unchanged, make it black and white").steps
    assert [(step.verb, step.where) for step in steps] == [("keep", "face"), ("grey", "")]


def test_what_no_rule_knows_is_given_back() -> None:
    reading = read_instructions("make her smile, brighter")
    assert reading.unknown == ("make her smile",)
    assert [step.verb for step in reading.steps] == ["exposure"]


def test_a_bare_description_is_for_the_masked_part() -> None:
    assert read_instructions("a boat on the lake").steps == ()
    assert read_instructions("a boat on the lake", masked=True).steps[0].verb == "paint"


@pytest.mark.parametrize(
    ("prompt", "verb"),
    [
        ("put both images side by side", "collage"),
        ("use the colours of the second image", "palette"),
        ("place the person from image 1 into image 2", "behind"),
        ("use the second image as the background", "behind"),
        ("add the logo from the second picture in the top left", "inset"),
        ("blend them", "blend"),
    ],
)
def test_words_about_a_second_picture(prompt: str, verb: str) -> None:
    assert read_instructions(prompt, pictures=2).steps[0].verb == verb
    assert all(step.verb != verb for step in read_instructions(prompt).steps)


@pytest.mark.parametrize("prompt", ["", "   ", ",,;", "“”", "a" * 5000, "and and and, then", "⟦0⟧"])
def test_it_never_fails(prompt: str) -> None:
    read_instructions(prompt, pictures=3, masked=True)
