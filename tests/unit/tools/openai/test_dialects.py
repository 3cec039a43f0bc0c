"""Sizes and lengths become what OpenAI's models take."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tools.providers.openai import dialects
from tools.providers.openai.dialects import Wish, wish_of


def test_every_wish_becomes_a_size_that_gpt_image_2_takes():
    chance = random.Random(7)
    for _ in range(3000):
        wide, high = (round(2 ** chance.uniform(4, 13)) for _ in range(2))
        size = dialects.picture_size("gpt-image-2", Wish((wide, high), wide / high))
        assert size is not None
        width, height = size
        assert width % 16 == 0
        assert height % 16 == 0
        assert max(width, height) <= 3840
        assert 655_360 <= width * height <= 8_294_400
        assert max(width, height) <= 3 * min(width, height)


@pytest.mark.parametrize(
    ("params", "wish"),
    [
        ({}, Wish()),
        ({"width": 640, "height": 480}, Wish((640, 480), 640 / 480)),
        ({"width": 640}, Wish((640, 640), 1.0)),
        ({"aspectRatio": "16:9"}, Wish(None, 16 / 9)),
        ({"aspectRatio": "1080x1350"}, Wish((1080, 1350), 0.8)),
        ({"aspectRatio": "2:1", "width": 500}, Wish((500, 250), 2.0)),
        ({"aspectRatio": "2:1", "height": 500}, Wish((1000, 500), 2.0)),
        ({"aspectRatio": "0:9"}, Wish()),
    ],
)
def test_a_shape_is_read_in_every_spelling(params: dict, wish: Wish):
    assert wish_of(params)[0] == wish


@pytest.mark.parametrize(
    ("model", "params", "size", "warning"),
    [
        ("gpt-image-1", {"width": 832, "height": 1216}, (1024, 1536), "832×1216 isn't supported"),
        ("gpt-image-2", {"width": 1536, "height": 864}, (1536, 864), ""),
        ("gpt-image-2", {"aspectRatio": "16:9"}, (1360, 768), ""),
        ("gpt-image-2", {"width": 256, "height": 256}, (816, 816), "256×256 isn't supported"),
        ("gpt-image-2", {"width": 1000, "height": 8000}, (1280, 3840), "1000×8000 isn't supported"),
        ("dall-e-3", {"aspectRatio": "9:16"}, (1024, 1792), ""),
        ("dall-e-2", {"width": 500, "height": 500}, (512, 512), "500×500 isn't supported"),
    ],
)
def test_a_size_becomes_one_the_model_takes(
    model: str, params: dict[str, Any], size: tuple[int, int], warning: str
):
    wish, _ = wish_of(params)
    assert dialects.picture_size(model, wish) == size
    warnings = dialects.said_of_size(model, wish, size)
    assert [one.partition(" by ")[0] for one in warnings] == ([warning] if warning else [])


def test_a_shape_no_one_understands_is_said():
    assert wish_of({"aspectRatio": "wide"})[1] == [
        "The aspect ratio “wide” wasn't understood. Write it as 16:9."
    ]


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("gpt-image-2", "gpt-any-size"),
        ("gpt-image-2.5-flare", "gpt-any-size"),
        ("openai/gpt-image-1-mini", "gpt"),
        ("gpt-image-1.5", "gpt"),
        ("chatgpt-image-latest", "gpt"),
        ("dall-e-3", "dall-e-3"),
        ("dall-e-2", "dall-e-2"),
        ("flux-schnell", "other"),
    ],
)
def test_a_models_dialect_is_told_by_its_name(model: str, family: str):
    assert dialects.family_of(model) == family


@pytest.mark.parametrize(("asked", "seconds"), [(2, "4"), (5, "4"), (6, "8"), (9, "8"), (30, "12")])
def test_a_length_becomes_one_of_soras(asked: float, seconds: str):
    told, warnings = dialects.seconds_of("sora-2", asked)
    assert told == seconds
    assert warnings == [f"sora-2 makes 4, 8 or 12 s. Made {seconds} s instead of {asked} s."]


def test_other_models_are_asked_for_what_was_wanted():
    assert dialects.seconds_of("wan-2", 5.5) == ("5.5", [])
    assert dialects.film_size("wan-2", Wish(None, 16 / 9), 480) == (854, 480)
    assert dialects.film_size("sora-2", Wish(None, 0.5), None) == (720, 1280)
