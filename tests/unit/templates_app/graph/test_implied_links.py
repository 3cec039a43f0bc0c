"""Media that a stage does not name are joined as its tool says, which is the public contract's
§6.6: `tests/unit/tools/test_ports.py` has its table."""

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.types import EVERY, Pick
from tests.support.builders.planning import (
    AUDIO,
    LIMITS,
    TOOLS,
    VIDEO,
    codes,
    fixed,
    medium,
    steps_of,
    template,
)

MAKERS = [
    fixed("picture"),
    fixed("film", "generate_video", args={"referenceImageIndices": []}),
    fixed("music", "generate_music"),
]


def compiled(*stages, media=()):
    return compile_template(template(*stages), None, media, TOOLS, LIMITS)


def links(compiled_template, stage_id):
    return [
        (need.target_argument, need.source)
        for need in steps_of(compiled_template)[stage_id].needs
        if need.target_argument
    ]


@pytest.mark.parametrize(
    ("tool", "args", "expected"),
    [
        ("generate_video", {}, [("referenceImageIndices", "picture")]),
        ("animate_photo", {}, [("sourceImageIndex", "picture")]),
        ("video_to_video", {}, [("videoSourceIndex", "film")]),
        (
            "sound_to_video",
            {},
            [("audioSourceIndex", "music"), ("sourceImageIndex", "picture")],
        ),
        ("generate_speech", {"model": "clone"}, [("voiceSourceIndex", "music")]),
        ("generate_speech", {"model": "voice"}, []),
        ("generate_image", {}, []),
    ],
)
def test_tool_takes_the_newest_fitting_result(tool, args, expected):
    result = compiled(*MAKERS, fixed("last", tool, args=args))
    assert links(result, "last") == expected
    implied = [w for w in result.warnings if w.at.stage_id == "last"]
    assert codes(implied) == ["implicit_media_dependency"] * len(expected)


def test_newest_stage_wins():
    result = compiled(fixed("a"), fixed("b"), fixed("c", "upscale_image"))
    assert links(result, "c") == [("sourceImageIndex", "b")]


def test_last_of_several_results_is_taken():
    result = compiled(fixed("a", args={"numberOfVariations": 3}), fixed("b", "upscale_image"))
    assert steps_of(result)["b"].needs[0].pick == Pick(index=-1)


def test_stitch_takes_every_film_in_order():
    result = compiled(
        fixed("a", "generate_video"),
        fixed("p"),
        fixed("b", "generate_video", args={"numberOfVariations": 2}),
        fixed("all", "stitch_video"),
    )
    needs = steps_of(result)["all"].needs
    assert [(need.source, need.pick) for need in needs] == [("a", Pick(index=0)), ("b", EVERY)]


def test_stage_that_names_a_medium_is_left_alone():
    result = compiled(*MAKERS, fixed("last", "sound_to_video", args={"audioSourceIndex": 0}))
    assert links(result, "last") == []
    assert not [w for w in result.warnings if w.at.stage_id == "last"]


def test_uploaded_medium_is_taken_when_nothing_earlier_fits():
    result = compiled(fixed("a", "upscale_image"), media=(medium("video", VIDEO), medium()))
    (need,) = steps_of(result)["a"].needs
    assert (need.source, need.pick, need.implied) == ("$input_media", Pick(index=0), True)
    assert codes(result.warnings) == ["implicit_media_dependency"]


def test_stitch_takes_every_uploaded_film():
    media = (medium("video", VIDEO), medium(), medium("video", VIDEO + "?2"))
    result = compiled(fixed("a", "stitch_video"), media=media)
    assert [need.pick.index for need in steps_of(result)["a"].needs] == [0, 1]


def test_address_in_another_stage_is_not_an_upload():
    result = compiled(
        fixed("a", "upscale_image", args={"source_image_url": "https://x.example/1.png"}),
        fixed("b", "extend_video", args={"duration": 3}),
    )
    assert codes(result.errors) == ["missing_media_source"]


@pytest.mark.parametrize("tool", ["upscale_image", "stitch_video", "sound_to_video"])
def test_tool_that_needs_a_source_is_refused_without_one(tool):
    result = compiled(fixed("a", tool))
    assert codes(result.errors) == ["missing_media_source"]
    assert result.errors[0].at.stage_id == "a"


def test_video_without_a_picture_is_made_from_text():
    result = compiled(fixed("a", "generate_video"))
    assert steps_of(result)["a"].needs == ()
    assert result.warnings == ()


def test_song_without_a_picture_needs_none():
    result = compiled(fixed("a", "sound_to_video"), media=(medium("audio", AUDIO),))
    assert links(result, "a") == [("audioSourceIndex", "$input_media")]
