"""What a declaration says about itself."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tools.catalog import catalogue
from tools.catalog.generate_image import GenerateImage
from tools.catalog.generate_speech import GenerateSpeech
from tools.catalog.generate_video import GenerateVideo
from tools.catalog.stitch_video import StitchVideo
from tools.catalog.video_to_video import VideoToVideo
from tools.declaration.arguments import fill_defaults
from tools.declaration.ports import Tool, spellings, tool

# The tools whose source a template compiles in when a stage names none, from the contract's table.
IMPLIED = {
    "generate_video": {("referenceImageIndices", "latest")},
    **{
        name: {("sourceImageIndex", "latest")}
        for name in [
            "animate_photo",
            "edit_image",
            "apply_style",
            "refine_result",
            "change_angle",
            "restore_photo",
            "upscale_image",
            "remove_background",
            "segment_image",
            "image_to_3d",
            "orbit_video",
            "dance_montage",
        ]
    },
    "video_to_video": {("videoSourceIndex", "latest")},
    "extend_video": {("videoIndex", "latest")},
    "replace_video_segment": {("videoIndex", "latest")},
    "upscale_video": {("sourceVideoIndex", "latest")},
    "overlay_video": {("sourceVideoIndex", "latest")},
    "add_subtitles": {("sourceVideoIndex", "latest")},
    "stitch_video": {("videoIndices", "all")},
    "sound_to_video": {("audioSourceIndex", "latest"), ("sourceImageIndex", "latest")},
    "generate_speech": {("voiceSourceIndex", "latest")},
}


@pytest.mark.parametrize("declared", catalogue(), ids=lambda declared: declared.name)
def test_implied_inputs_are_those_of_the_contract(declared):
    implied = {(port.index, port.implied) for port in declared.ports() if port.implied != "none"}
    assert implied == IMPLIED.get(declared.name, set())


@pytest.mark.parametrize("declared", catalogue(), ids=lambda declared: declared.name)
def test_no_argument_fills_two_ports_or_a_port_and_a_parameter(declared):
    fills = [
        spelled
        for port in declared.ports()
        for spelled in {s for name in port.arguments for s in spellings(name)}
    ]
    parameters = {
        spelled
        for name, field in declared.Params.model_fields.items()
        for declared_name in (name, field.alias, *field.json_schema_extra["x-reelgraph"]["aliases"])
        for spelled in spellings(declared_name)
    }
    assert len(fills) == len(set(fills))
    assert not parameters & set(fills)


@pytest.mark.parametrize("declared", catalogue(), ids=lambda declared: declared.name)
def test_declaration_is_whole(declared):
    assert declared.description()
    assert declared.title
    assert all(port.title and port.index for port in declared.ports())
    first = {port.kind: port.name for port in reversed(declared.ports())}
    assert all(name == kind or name == "voice" for kind, name in first.items())
    primary = [
        name
        for name, field in declared.Params.model_fields.items()
        if field.json_schema_extra["x-reelgraph"]["primary"]
    ]
    assert len(primary) <= 3
    if declared.seeded:
        assert "seed" in declared.Params.model_fields
    if declared.count:
        assert declared.count == "numberOfVariations"


def test_finds_the_port_of_an_argument_in_any_spelling():
    assert GenerateVideo.port_of("reference_image_indices").name == "image"
    assert GenerateVideo.port_of("referenceImageUrls").name == "image"
    assert GenerateVideo.port_of("prompt") is None


def test_tells_positions_from_addresses_and_lists_from_single_ones():
    images = GenerateVideo.port_of("referenceImageIndices")
    assert images.is_index("referenceImageIndices")
    assert not images.is_index("reference_image_urls")
    assert images.is_list("referenceImageIndices")
    assert images.is_list("reference_image_urls")
    assert not images.is_list("sourceImageIndex")


def test_input_that_depends_on_a_parameter_applies_only_with_its_values():
    voice = GenerateSpeech.port_of("voiceSourceIndex")
    assert voice.applies({"model": "clone"})
    assert not voice.applies(fill_defaults(GenerateSpeech, {}))
    reference = VideoToVideo.port_of("sourceImageIndex")
    assert reference.applies(fill_defaults(VideoToVideo, {}))
    assert not reference.applies({"controlMode": "canny"})
    start = GenerateImage.port_of("sourceImageIndex")
    assert start.applies({"starting_image_strength": 0.75})
    assert not start.applies({})
    assert StitchVideo.port_of("videoIndices").applies({})


def test_unknown_cost_class_is_refused_at_declaration():
    with pytest.raises(ValueError, match="unknown cost class"):

        @tool("x", title="X", group="Test", cost="gold", output=None)
        class X(Tool):
            """Nothing."""


def test_declarations_and_reading_need_no_django():
    program = (
        "import sys; from tools.declaration import ports, arguments, schema, cost;"
        "import tools.catalog.generate_video;"
        "loaded = {name.split('.')[0] for name in sys.modules};"
        "sys.exit(str(loaded & {'django', 'rest_framework', 'httpx', 'media', 'accounts'})"
        " if loaded & {'django', 'rest_framework', 'httpx', 'media', 'accounts'} else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
