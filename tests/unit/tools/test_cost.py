"""What a call costs, in thousandths of a unit."""

from __future__ import annotations

import pytest

from tools.cost import quote_milli
from tools.registry import table

# The contract's classes, tool by tool.
MILLI = {
    "generate_image": 1000,
    "upscale_image": 1000,
    "image_to_3d": 1000,
    "generate_video": 6000,
    "extend_video": 6000,
    "replace_video_segment": 6000,
    "animate_photo": 8000,
    "sound_to_video": 8000,
    "video_to_video": 8000,
    "orbit_video": 8000,
    "dance_montage": 8000,
    "generate_music": 3000,
    "generate_speech": 3000,
    "stitch_video": 1000,
    "overlay_video": 1000,
    "add_subtitles": 1000,
    "extract_metadata": 0,
    "ask_clarifying_question": 0,
    "create_asset_manifest": 0,
}


@pytest.mark.parametrize("name", MILLI)
def test_costs_what_its_class_says(name):
    assert quote_milli(table().get(name), {}) == MILLI[name]


def test_variations_multiply():
    assert quote_milli(table().get("generate_video"), {"numberOfVariations": 3}) == 18_000


@pytest.mark.parametrize("count", [0, -2, "many", None, 2.5, True])
def test_unreadable_count_costs_as_one(count):
    assert quote_milli(table().get("generate_video"), {"numberOfVariations": count}) == 6000
