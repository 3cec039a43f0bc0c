"""What a step works on is found by place, never by when it was finished."""

import pytest

from core.errors import ProviderError
from runs.engine.resolve import resolve
from runs.planning.resolved_plan import Output, Resolved, resolved_from_json
from runs.web.wire_arguments import media_positions, render_resolved
from templates_app.graph.types import EVERY, FIRST, INPUT_MEDIA, Binding, MediaRef, Pick, StepKey
from tests.support.builders.planning import IMAGE, TOOLS, VIDEO, medium


def out(name, step="a", sequence=0, position=0, kind="image", item=-1):
    return Output(name, step, sequence, item, position, kind)


def bound(source, argument, pick=FIRST, kind="image", **fields):
    return Binding(StepKey(source), argument, None, pick, kind, **fields)


def run(tool, needs=(), arguments=None, outputs=(), media=(), sequence=9):
    return resolve(
        tool=TOOLS.get(tool),
        arguments=arguments or {},
        sequence=sequence,
        needs=needs,
        media=media,
        outputs=outputs,
    )


OUTPUTS = [
    out("b1", "b", 1, 1),
    out("late", "z", 20),
    out("b0", "b", 1, 0),
    out("film", "f", 2, kind="video"),
    out("a0", "a", 0),
]


# -- bindings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pick", "name"),
    [(Pick(index=0), "b0"), (Pick(index=-1), "b1"), (Pick(artifact_id="b1"), "b1")],
)
def test_binding_takes_a_result_by_its_index_or_id(pick, name):
    found = run("upscale_image", [bound("b", "sourceImageIndex", pick)], outputs=OUTPUTS)
    assert found.media == {"sourceImageIndex": (f"artifact:{name}",)}


def test_every_result_is_taken_in_order():
    needs = [bound("b", "referenceImageIndices", EVERY), bound("a", "referenceImageIndices")]
    found = run("generate_video", needs, outputs=OUTPUTS).media
    assert found == {"referenceImageIndices": ("artifact:b0", "artifact:b1", "artifact:a0")}


def test_kind_narrows_what_counts():
    outputs = [out("frame", "f", 2, 0), out("film", "f", 2, 1, kind="video")]
    needs = [bound("f", "videoSourceIndex", kind="video")]
    found = run("video_to_video", needs, {"controlMode": "canny"}, outputs)
    assert found.media == {"videoSourceIndex": ("artifact:film",)}


def test_input_media_are_named_by_their_place_in_the_run():
    media = (medium("video", VIDEO), medium(), medium(url=IMAGE + "?2"))
    needs = [bound(INPUT_MEDIA, "sourceImageIndex", Pick(index=1))]
    assert run("upscale_image", needs, media=media).media["sourceImageIndex"] == ("input:2",)


def test_last_binding_of_a_single_argument_wins():
    needs = [bound("a", "sourceImageIndex"), bound("b", "sourceImageIndex")]
    for tool in ("upscale_image", "animate_photo"):
        assert run(tool, needs, outputs=OUTPUTS).media["sourceImageIndex"] == ("artifact:b0",)


def test_binding_overwrites_a_literal_position():
    needs = [bound("b", "sourceImageIndex")]
    found = run("upscale_image", needs, {"sourceImageIndex": 0}, OUTPUTS)
    assert found.media["sourceImageIndex"] == ("artifact:b0",)


def test_optional_binding_that_finds_nothing_leaves_the_literal():
    needs = [bound("b", "sourceImageIndex", Pick(index=7), required=False)]
    found = run("upscale_image", needs, {"sourceImageIndex": 0}, OUTPUTS)
    assert found.media["sourceImageIndex"] == ("artifact:a0",)


def test_list_keeps_literals_first():
    needs = [bound("a", "referenceImageIndices")]
    found = run("generate_video", needs, {"referenceImageIndices": [1]}, OUTPUTS)
    assert found.media["referenceImageIndices"] == ("artifact:b0", "artifact:a0")


def test_order_only_bindings_carry_nothing():
    needs = [Binding(StepKey("a"), None), Binding(StepKey("b"), None, barrier=True)]
    assert run("generate_music", needs, {"prompt": "x"}, OUTPUTS) == Resolved({"prompt": "x"}, {})


def test_asset_reference_writes_the_id():
    needs = [Binding(StepKey("a"), "asset_id", "asset_ref", FIRST, None)]
    assert run("inspect_asset", needs, outputs=OUTPUTS).arguments == {"asset_id": "a0"}


def test_asset_reference_to_uploaded_media_writes_its_id():
    media = (MediaRef("image", IMAGE, None), MediaRef("image", IMAGE, None, id="tom"))
    for index, expected in ((0, "media_ref_1"), (1, "tom")):
        needs = [Binding(INPUT_MEDIA, "asset_id", "asset_ref", Pick(index=index), "image")]
        assert run("inspect_asset", needs, media=media).arguments == {"asset_id": expected}


# -- positions ------------------------------------------------------------------------------------


def test_position_counts_the_results_of_earlier_steps_in_step_order():
    for place, name in enumerate(["a0", "b0", "b1"]):
        found = run("upscale_image", arguments={"sourceImageIndex": place}, outputs=OUTPUTS)
        assert found.media["sourceImageIndex"] == (f"artifact:{name}",)


def test_results_of_later_steps_do_not_count():
    with pytest.raises(ProviderError, match="only 3 exist"):
        run("upscale_image", arguments={"sourceImageIndex": 3}, outputs=OUTPUTS)


def test_items_of_a_batch_stand_in_the_order_of_their_index():
    outputs = [out("i1", "s_1", 1, item=1), out("i0", "s_0", 1, item=0)]
    found = run("upscale_image", arguments={"sourceImageIndex": 0}, outputs=outputs)
    assert found.media["sourceImageIndex"] == ("artifact:i0",)


def test_negative_position_is_uploaded_media():
    media = (medium(), medium("video", VIDEO), medium(url=IMAGE + "?2"))
    found = run(
        "generate_video",
        arguments={"referenceImageIndices": [-2, 0, -1]},
        outputs=OUTPUTS,
        media=media,
    )
    assert found.media["referenceImageIndices"] == ("input:2", "artifact:a0", "input:0")


def test_absent_position_means_the_latest_of_earlier_steps():
    assert run("upscale_image", outputs=OUTPUTS).media["sourceImageIndex"] == ("artifact:b1",)


def test_absent_position_falls_back_to_the_first_upload():
    media = (medium("video", VIDEO), medium(url="x", inline=True), medium())
    assert run("upscale_image", media=media).media["sourceImageIndex"] == ("input:2",)


def test_optional_medium_is_left_unset():
    assert run("generate_video", arguments={"prompt": "x"}, outputs=OUTPUTS).media == {}
    needs = [bound("a", "referenceImageIndices", Pick(index=4), required=False)]
    assert run("generate_video", needs, outputs=OUTPUTS).media == {}


# -- nothing there --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("needs", "arguments", "words"),
    [
        ([bound("b", "sourceImageIndex", Pick(index=2))], {}, 'image 2 of step "b"'),
        ([bound("b", "sourceImageIndex", Pick(index=-3))], {}, "the last image"),
        ([bound("x", "sourceImageIndex", EVERY)], {}, "at least one image"),
        ([bound("b", "sourceImageIndex", Pick(None, "art_9"))], {}, "the artifact art_9"),
        ([bound(INPUT_MEDIA, "sourceImageIndex")], {}, "image 0 of the request"),
        ([], {"sourceImageIndex": 5}, "refers to image 5"),
        ([], {"sourceImageIndex": -1}, "none were sent"),
    ],
)
def test_missing_medium_says_what_was_looked_for(needs, arguments, words):
    with pytest.raises(ProviderError) as caught:
        run("upscale_image", needs, arguments, OUTPUTS)
    assert (caught.value.error_type, caught.value.retryable) == ("ASSET_NOT_FOUND", False)
    assert words in caught.value.message
    assert "sourceImageIndex" in caught.value.message


def test_required_medium_with_nothing_anywhere_fails():
    with pytest.raises(ProviderError, match="`sourceImageIndex` needs image media"):
        run("upscale_image")


# -- on the wire ----------------------------------------------------------------------------------


def test_positions_count_each_kind_in_step_order():
    media = (medium("video", VIDEO), medium(), medium())
    assert media_positions(OUTPUTS, media) == {
        "artifact:a0": 0,
        "artifact:b0": 1,
        "artifact:b1": 2,
        "artifact:late": 3,
        "artifact:film": 0,
        "input:0": -1,
        "input:1": -1,
        "input:2": -2,
    }


def rendered(tool, resolved, media=()):
    positions = media_positions(OUTPUTS, media)
    return render_resolved(resolved, TOOLS.get(tool), positions, lambda ref: f"https://us/{ref}")


def test_each_argument_is_shown_as_it_takes_media():
    resolved = Resolved(
        {"prompt": "x"},
        {
            "referenceImageIndices": ("artifact:b1", "input:0"),
            "reference_image_end_url": ("artifact:a0",),
        },
    )
    assert rendered("generate_video", resolved, (medium(),)) == {
        "prompt": "x",
        "referenceImageIndices": [2, -1],
        "reference_image_end_url": "https://us/artifact:a0",
    }


def test_several_media_are_shown_in_a_list_argument():
    resolved = Resolved({}, {"reference_image_url": ("artifact:a0", "artifact:b0")})
    assert rendered("generate_video", resolved) == {
        "reference_image_urls": ["https://us/artifact:a0", "https://us/artifact:b0"]
    }


def test_medium_without_an_address_any_more_is_left_out():
    resolved = Resolved({}, {"source_image_url": ("artifact:a0",)})
    assert render_resolved(resolved, TOOLS.get("upscale_image"), {}, lambda ref: None) == {}


def test_resolved_round_trips():
    resolved = Resolved({"a": 1}, {"sourceImageIndex": ("artifact:a0",)})
    assert resolved_from_json(resolved.to_json()) == resolved
