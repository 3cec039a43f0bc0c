"""What a call costs, in thousandths of a unit."""

from __future__ import annotations

import pytest

from tools.catalog import catalogue
from tools.declaration.cost import count_of, quote_milli
from tools.registry import table

# Thousandths of a unit for one call of each tool, as the public contract's classes say (§9.2): the
# class goes by the tool alone, whichever model is asked for.
IMAGE, VIDEO, PREMIUM, AUDIO, COMPOSE, FREE = 1000, 6000, 8000, 3000, 1000, 0
MILLI = {
    "generate_image": IMAGE,
    "edit_image": IMAGE,
    "restore_photo": IMAGE,
    "apply_style": IMAGE,
    "refine_result": IMAGE,
    "change_angle": IMAGE,
    "upscale_image": IMAGE,
    "remove_background": IMAGE,
    "segment_image": IMAGE,
    "image_to_3d": IMAGE,
    "generate_video": VIDEO,
    "extend_video": VIDEO,
    "replace_video_segment": VIDEO,
    "upscale_video": 5000,
    "animate_photo": PREMIUM,
    "sound_to_video": PREMIUM,
    "video_to_video": PREMIUM,
    "orbit_video": PREMIUM,
    "dance_montage": PREMIUM,
    "generate_music": AUDIO,
    "generate_speech": AUDIO,
    "stitch_video": COMPOSE,
    "overlay_video": COMPOSE,
    "add_subtitles": COMPOSE,
    "analyze_image": FREE,
    "analyze_video": FREE,
    "extract_metadata": FREE,
    "ask_clarifying_question": FREE,
    "finalize_response": FREE,
    "create_asset_manifest": FREE,
    "inspect_asset": FREE,
    "label_asset": FREE,
    "map_assets_for_model": FREE,
    "validate_asset_references": FREE,
    "enhance_prompt": COMPOSE,
    "compose_script": COMPOSE,
    "compose_lyrics": COMPOSE,
    "compose_instrumental": COMPOSE,
    "compose_workflow": COMPOSE,
    "compose_workflow_template": COMPOSE,
}


def test_every_tool_costs_what_its_class_says():
    costs = {tool.name: quote_milli(tool, {"model": "gpt-image-2"}) for tool in catalogue()}
    assert costs == MILLI


def test_variations_multiply_for_every_tool_that_makes_several():
    for tool in table():
        if tool.count:
            assert quote_milli(tool, {tool.count: 3}) == 3 * quote_milli(tool, {}), tool.name
            assert count_of(tool, {tool.count: 3}) == 3, tool.name


@pytest.mark.parametrize("count", [0, -2, "many", None, 2.5, True])
def test_unreadable_count_costs_as_one(count):
    assert quote_milli(table().get("generate_video"), {"numberOfVariations": count}) == 6000
