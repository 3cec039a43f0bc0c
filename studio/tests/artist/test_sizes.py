"""Sizes: what was asked for, within what the studio can do, and always said when it differs."""

import pytest

from studio.media.sizes import film_size, picture_size

STUDIO = {"width": 1024, "height": 576, "fps": 24}
SMALL = {"width": 320, "height": 180, "fps": 24, "duration_s": 1.0}


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({}, (1024, 576)),
        ({"width": 1024, "height": 1024}, (1024, 1024)),
        ({"aspectRatio": "9:16"}, (576, 1024)),
        ({"aspectRatio": "1080x1350"}, (1080, 1350)),
        ({"width": 800, "aspectRatio": "4:3"}, (800, 600)),
        ({"height": 600, "aspectRatio": "4:3"}, (800, 600)),
    ],
)
def test_a_picture_is_as_large_as_asked(params, size):
    assert picture_size(params, STUDIO) == (*size, [])


def test_a_picture_too_large_is_made_smaller_and_says_so():
    width, height, warnings = picture_size({"width": 8000, "height": 4000}, STUDIO)

    assert (width, height) == (2048, 1024)
    assert "8000×4000" in warnings[0]


def test_a_picture_too_small_is_made_larger_and_says_so():
    width, height, warnings = picture_size({"width": 16, "height": 16}, STUDIO)

    assert (width, height) == (64, 64)
    assert len(warnings) == 1


def test_a_shape_nobody_understands_is_said():
    assert "cinematic" in picture_size({"aspectRatio": "cinematic"}, STUDIO)[2][0]


def test_a_picture_keeps_its_source_size():
    assert picture_size({}, STUDIO, (640, 480)) == (640, 480, [])


@pytest.mark.parametrize(
    ("params", "source", "size"),
    [
        ({}, None, (1024, 576)),
        ({"aspectRatio": "1:1"}, None, (1024, 1024)),
        ({"ratio": "adaptive"}, (800, 600), (800, 600)),
        ({}, (2048, 1536), (1024, 768)),
        ({}, (501, 333), (500, 332)),
        ({"targetResolution": 480}, None, (852, 480)),
        ({"width": 641, "height": 361}, None, (640, 360)),
    ],
)
def test_a_film_has_even_sides(params, source, size):
    assert film_size(params, STUDIO, source)[:2] == size


def test_a_film_is_at_most_full_hd():
    width, height, warnings = film_size({"targetResolution": 2160}, STUDIO)

    assert width <= 1920
    assert width * height <= 1920 * 1088
    assert warnings


def test_a_studio_set_to_small_films_keeps_to_it():
    assert film_size({"width": 1024, "height": 1024}, SMALL)[:2] == (320, 320)
    assert picture_size({"width": 1024, "height": 1024}, SMALL)[:2] == (320, 320)
