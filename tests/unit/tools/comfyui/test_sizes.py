"""How large results become, and how many frames they have, when a call does not say it."""

from __future__ import annotations

from typing import Any

import pytest

from tools.providers.comfyui.sizes import frames_of, size_of


@pytest.mark.parametrize(
    ("params", "usual", "source", "size"),
    [
        ({"width": 1001, "height": 600}, (1024, 1024), None, (1001, 600)),
        ({}, (1024, 1024), None, (1024, 1024)),
        ({"aspectRatio": "1080x1350"}, (1024, 1024), None, (1080, 1350)),
        ({"aspectRatio": "16:9"}, (1024, 1024), None, (1360, 768)),
        ({"aspectRatio": "nonsense"}, (1024, 1024), None, (1024, 1024)),
        ({"width": 640}, (1024, 1024), (200, 100), (640, 320)),
        ({"height": 320}, (1024, 1024), (200, 100), (640, 320)),
        ({}, (1280, 704), (4000, 3000), (1104, 816)),
        ({"targetResolution": 480}, (1280, 704), (1600, 900), (848, 480)),
        ({"targetResolution": 480}, (1280, 704), (900, 1600), (480, 848)),
        ({"scale": 3}, None, (101, 50), (303, 150)),
        ({"scale": 2, "targetLongestEdge": 1000}, None, (500, 250), (1000, 500)),
        ({}, None, (333, 222), (333, 222)),
        ({}, None, None, None),
    ],
)
def test_sizes(params: dict[str, Any], usual: Any, source: Any, size: Any):
    assert size_of(params, usual, source, 16) == size


def test_blocks_are_those_of_the_model():
    width, height = size_of({"aspectRatio": "4:3"}, (1280, 704), None, 32) or (0, 0)
    assert (width % 32, height % 32) == (0, 0)


@pytest.mark.parametrize(
    ("duration", "fps", "step", "frames"),
    [(5, 24, 4, 121), (5, 16, 4, 81), (1, 24, 1, 24), (0.01, 24, 4, 5), (0.01, 24, 1, 1)],
)
def test_frames_are_as_many_as_a_model_takes(duration: float, fps: float, step: int, frames: int):
    assert frames_of({"duration": duration}, fps, step) == frames


def test_without_a_duration_the_graph_says_it():
    assert frames_of({}, 24, 4) is None
