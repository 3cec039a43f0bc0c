"""Reading a call's arguments: spellings, coercion, ranges, media, and no surprise raises."""

from __future__ import annotations

import pytest

from tools.catalog.add_subtitles import AddSubtitles
from tools.catalog.animate_photo import AnimatePhoto
from tools.catalog.change_angle import ChangeAngle
from tools.catalog.edit_image import EditImage
from tools.catalog.generate_image import GenerateImage
from tools.catalog.generate_music import GenerateMusic
from tools.catalog.generate_video import GenerateVideo
from tools.catalog.overlay_video import OverlayVideo
from tools.catalog.restore_photo import RestorePhoto
from tools.catalog.stitch_video import StitchVideo
from tools.catalog.upscale_image import UpscaleImage
from tools.catalog.upscale_video import UpscaleVideo
from tools.catalog.video_to_video import VideoToVideo
from tools.declaration.argument_problems import PROBLEM_CODES
from tools.declaration.arguments import (
    canonical_argument,
    fill_defaults,
    read_arguments,
)
from tools.declaration.ports import Tool


def params(tool: type[Tool], **arguments: object) -> dict:
    read = read_arguments(tool, arguments)
    assert read.problems == ()
    return dict(read.params)


def only_problem(tool: type[Tool], **arguments: object):
    (problem,) = read_arguments(tool, arguments).problems
    assert problem.code in PROBLEM_CODES
    return problem


def media(tool: type[Tool], **arguments: object) -> list[tuple[str, str, int | str]]:
    read = read_arguments(tool, {"prompt": "a fox", **arguments})
    assert read.problems == ()
    return [(item.port.name, item.argument, item.value) for item in read.media]


class TestSpellings:
    def test_spelling_of_a_dialect_is_that_of_the_declaration(self):
        """What each spelling means is in `tests/unit/runs/test_dialects.py`."""
        assert canonical_argument(GenerateVideo, "model") == "videoModel"
        assert canonical_argument(GenerateImage, "negative_prompt") == "negativePrompt"

    @pytest.mark.parametrize(
        ("written", "value", "port", "declared"),
        [
            ("sourceImageIndex", 0, "image", "sourceImageIndex"),
            ("referenceImageUrl", "https://a.example/1.png", "image", "reference_image_url"),
            ("end_image_index", -2, "end", "endImageIndex"),
        ],
    )
    def test_media_inputs_have_several_arguments(self, written, value, port, declared):
        assert media(GenerateVideo, **{written: value}) == [(port, declared, value)]

    def test_declared_spelling_counts_when_two_are_sent(self):
        assert (
            params(GenerateImage, prompt="x", negative_prompt="a", negativePrompt="b")[
                "negativePrompt"
            ]
            == "b"
        )

    def test_null_in_one_spelling_leaves_the_other(self):
        assert (
            params(GenerateImage, prompt="x", negative_prompt="a", negativePrompt=None)[
                "negativePrompt"
            ]
            == "a"
        )

    def test_unknown_argument_is_kept_as_it_was_sent(self):
        assert params(GenerateImage, prompt="x", sampler_preset={"a": [1]})["sampler_preset"] == {
            "a": [1]
        }


class TestCoercion:
    @pytest.mark.parametrize(
        ("sent", "read"), [("5", 5), (" 7.5 ", 7.5), (5.0, 5), ("1e1", 10), (12, 12)]
    )
    def test_numbers_may_be_written_as_text(self, sent, read):
        value = params(GenerateVideo, prompt="x", duration=sent)["duration"]
        assert value == read
        assert type(value) is type(read)

    @pytest.mark.parametrize(
        ("sent", "read"),
        [("true", True), ("FALSE", False), (1, True), ("0", False), (False, False)],
    )
    def test_truths_may_be_written_as_text_or_number(self, sent, read):
        assert params(GenerateVideo, prompt="x", generateAudio=sent)["generateAudio"] is read

    def test_number_for_text_becomes_text(self):
        assert params(GenerateImage, prompt=1984)["prompt"] == "1984"

    def test_single_value_for_a_list_becomes_a_list(self):
        assert params(GenerateImage, prompt="x", loras="film")["loras"] == ["film"]

    @pytest.mark.parametrize("sent", ["3", 3, 3.0])
    def test_numeric_choice_may_be_written_as_text(self, sent):
        assert params(GenerateMusic, prompt="x", timesig=sent)["timesig"] == 3

    def test_fractional_choice_is_understood(self):
        assert params(RestorePhoto, prompt="x", scale="1.5")["scale"] == 1.5

    def test_choice_is_understood_in_any_case(self):
        assert params(GenerateVideo, prompt="x", outputFormat=" MP4 ")["outputFormat"] == "mp4"

    @pytest.mark.parametrize("argument", ["duration", "outputFormat", "referenceImageIndices"])
    def test_empty_field_of_a_web_form_counts_as_absent(self, argument):
        assert params(GenerateVideo, prompt="x", **{argument: ""}) == {"prompt": "x"}

    def test_any_model_name_passes(self):
        assert params(GenerateImage, prompt="x", model="flux2")["model"] == "flux2"

    def test_seed_of_minus_one_asks_for_a_fresh_one(self):
        assert "seed" not in params(GenerateImage, prompt="x", seed=-1)
        assert params(UpscaleVideo, seed=-1)["seed"] == -1


class TestProblems:
    def test_says_the_range_and_what_was_sent(self):
        problem = only_problem(GenerateVideo, prompt="x", duration=90)
        assert problem.code == "out_of_range"
        assert problem.message == "`duration` must be between 2 and 30 seconds; got 90."

    def test_names_the_argument_as_the_caller_wrote_it(self):
        problem = only_problem(GenerateImage, prompt="x", number_of_variations=17)
        assert problem.argument == "number_of_variations"
        assert problem.message.startswith("`number_of_variations` must be between 1 and 16")

    def test_required_argument_must_be_there(self):
        problem = only_problem(GenerateImage)
        assert (problem.argument, problem.code) == ("prompt", "missing_argument")
        assert problem.message == "`prompt` is required."

    @pytest.mark.parametrize("empty", [None, "", "   "])
    def test_empty_required_text_counts_as_absent(self, empty):
        assert only_problem(GenerateImage, prompt=empty).code == "missing_argument"

    def test_bound_argument_counts_as_present_in_any_spelling(self):
        bound = frozenset({"video_indices"})
        assert read_arguments(StitchVideo, {}, bound=bound).problems == ()
        assert read_arguments(GenerateImage, {}, bound=frozenset({"prompt"})).problems == ()

    def test_required_media_may_be_given_by_another_of_its_arguments(self):
        url = {"reference_video_urls": ["https://a.example/1.mp4"]}
        assert read_arguments(StitchVideo, url).problems == ()

    @pytest.mark.parametrize("nothing", [{}, {"videoIndices": []}, {"videoIndices": None}])
    def test_required_media_must_be_named_where_nothing_stands_in(self, nothing):
        (problem,) = read_arguments(StitchVideo, nothing).problems
        assert (problem.argument, problem.code) == ("videoIndices", "missing_argument")

    def test_source_that_falls_back_to_the_newest_need_not_be_named(self):
        assert read_arguments(AnimatePhoto, {"prompt": "x"}).problems == ()

    def test_unreadable_argument_is_not_also_called_missing(self):
        assert only_problem(ChangeAngle, description={"no": 1}).code == "invalid_type"

    def test_closed_choice_lists_its_values(self):
        problem = only_problem(VideoToVideo, prompt="x", controlMode="dance")
        assert problem.code == "invalid_enum"
        assert problem.message.startswith('`controlMode` is "dance". Use one of: ')
        assert "animate-move" in problem.message

    @pytest.mark.parametrize("sent", [True, "many", "nan", "inf", "1_0", [1], {"a": 1}])
    def test_rejects_what_is_no_number(self, sent):
        assert only_problem(GenerateVideo, prompt="x", width=sent).code == "invalid_type"

    def test_rejects_a_fraction_where_whole_numbers_are_needed(self):
        assert only_problem(GenerateVideo, prompt="x", width=10.5).code == "invalid_type"

    def test_adapters_and_strengths_need_equal_length(self):
        problem = only_problem(GenerateImage, prompt="x", loras=["a", "b"], lora_strengths=[1])
        assert (problem.argument, problem.code) == ("lora_strengths", "unequal_lengths")
        assert params(GenerateImage, prompt="x", loras=["a"])["loras"] == ["a"]

    def test_strengths_without_adapters_are_refused(self):
        assert only_problem(GenerateImage, prompt="x", loraStrengths=[1]).code == "unequal_lengths"

    def test_too_many_entries_are_refused(self):
        problem = only_problem(GenerateImage, prompt="x", loras=["a"] * 9)
        assert problem.message == "`loras` must have at most 8 entries; got a list of 9."

    def test_problem_inside_an_object_names_its_place(self):
        problem = only_problem(
            AddSubtitles, cues=[{"start": 0, "end": 1, "text": "a"}, {"start": -1}]
        )
        assert problem.message.startswith("`cues[1].start` must be 0 seconds or more")

    def test_object_without_a_required_part_is_refused(self):
        problem = only_problem(StitchVideo, videoIndices=[0], transition={"durationSeconds": 1})
        assert problem.message == "`transition.type` is required."

    @pytest.mark.parametrize("shape", ["16:9", " 4 : 5 ", "1.91:1", "1080x1350", "2/3", "adaptive"])
    def test_shapes_are_taken_in_every_spelling(self, shape):
        assert params(GenerateImage, prompt="x", aspectRatio=shape)["aspectRatio"] == shape

    @pytest.mark.parametrize("shape", ["wide", "0:9", "16:0", "16", "16:9:4"])
    def test_what_is_no_shape_is_refused(self, shape):
        problem = only_problem(GenerateImage, prompt="x", aspectRatio=shape)
        assert problem.code == "invalid_type"
        assert problem.message == (
            "`aspectRatio` must be a shape such as 16:9, or pixels such as 1080x1350; got"
            f' "{shape}".'
        )

    def test_every_problem_is_reported_at_once(self):
        codes = [
            problem.code
            for problem in read_arguments(
                GenerateVideo, {"duration": 90, "width": "wide", "outputFormat": "avi"}
            ).problems
        ]
        assert codes == ["out_of_range", "invalid_type", "invalid_enum", "missing_argument"]


class TestMedia:
    def test_list_gives_one_entry_each_in_order(self):
        assert media(GenerateVideo, referenceImageIndices=[1, "-1", 0.0]) == [
            ("image", "referenceImageIndices", 1),
            ("image", "referenceImageIndices", -1),
            ("image", "referenceImageIndices", 0),
        ]

    def test_value_tells_position_from_address_whatever_the_argument(self):
        assert media(AnimatePhoto, sourceImageIndex="https://a.example/1.png") == [
            ("image", "sourceImageIndex", "https://a.example/1.png")
        ]
        assert media(AnimatePhoto, reference_image_url=0) == [("image", "reference_image_url", 0)]

    def test_list_of_one_is_understood_where_one_is_taken(self):
        assert media(UpscaleImage, prompt=None, sourceImageIndex=[2]) == [
            ("image", "sourceImageIndex", 2)
        ]

    def test_several_are_refused_where_one_is_taken(self):
        assert only_problem(UpscaleImage, sourceImageIndex=[0, 1]).code == "invalid_length"

    def test_too_many_source_pictures_are_refused(self):
        problem = only_problem(AnimatePhoto, prompt="x", sourceImageIndices=list(range(17)))
        assert problem.code == "invalid_length"

    @pytest.mark.parametrize("sent", [True, 0.5, "cat.png", "ftp://a/b", {"url": "x"}, 10**30])
    def test_refuses_what_names_no_medium(self, sent):
        problem = only_problem(AnimatePhoto, prompt="x", sourceImageIndex=sent)
        assert problem.code == "invalid_media"
        assert "-1 for the first image sent" in problem.message

    def test_says_what_to_do_instead_of_inline_bytes(self):
        problem = only_problem(EditImage, prompt="x", mask_image_url="data:image/png;base64,AAAA")
        assert "upload the file and send its URL" in problem.message

    def test_problem_in_a_list_names_its_place(self):
        problem = only_problem(StitchVideo, videoIndices=[0, "x"])
        assert problem.message.startswith(
            "`videoIndices[1]` isn't a media reference: it must be one video"
        )


class TestDefaults:
    def test_fills_in_what_is_absent_and_keeps_what_is_there(self):
        filled = fill_defaults(GenerateVideo, {"prompt": "x", "duration": 3, "own": 1})
        assert filled["duration"] == 3
        assert filled["numberOfVariations"] == 1
        assert filled["own"] == 1
        assert "width" not in filled

    def test_size_is_left_open_where_the_shape_is_named(self):
        assert fill_defaults(GenerateImage, {"prompt": "x"})["width"] == 1024
        assert "width" not in fill_defaults(GenerateImage, {"prompt": "x", "aspectRatio": "16:9"})

    def test_scale_gives_way_to_an_explicit_size(self):
        assert "scale" not in fill_defaults(UpscaleImage, {"targetLongestEdge": 3840})

    def test_fills_in_inside_objects(self):
        filled = fill_defaults(StitchVideo, {"transition": {"type": "fade"}})
        assert filled["transition"] == {"type": "fade", "durationSeconds": 0.5}

    def test_leaves_what_it_is_given_unchanged(self):
        given = {"transition": {"type": "fade"}}
        fill_defaults(StitchVideo, given)
        assert given == {"transition": {"type": "fade"}}


def test_pictures_named_inside_overlays_become_the_calls_pictures() -> None:
    overlays = [
        {"kind": "image", "position": "center", "sourceImageIndex": 4},
        {"kind": "text", "position": "center", "text": "Hi"},
        {"kind": "image", "position": "top-left", "source_image_index": -1},
        {"kind": "image", "position": "top-right", "sourceImageIndex": 4},
    ]
    read = read_arguments(OverlayVideo, {"overlays": overlays})
    assert read.problems == ()
    assert [(one.argument, one.value) for one in read.media] == [
        ("overlayImageIndices", 4),
        ("overlayImageIndices", -1),
    ]
    shown = [one.get("sourceImageIndex") for one in read.params["overlays"]]
    assert shown == [0, None, 1, 0]


def test_pictures_given_to_a_call_are_what_its_overlays_count() -> None:
    overlays = [{"kind": "image", "position": "center", "sourceImageIndex": 1}]
    given = {"overlays": overlays, "overlayImageIndices": [7, 9]}
    read = read_arguments(OverlayVideo, given)
    assert [one.value for one in read.media] == [7, 9]
    assert read.params["overlays"][0]["sourceImageIndex"] == 1
    bound = read_arguments(
        OverlayVideo, {"overlays": overlays}, bound=frozenset({"overlay_image_urls"})
    )
    assert bound.media == ()
    assert bound.params["overlays"][0]["sourceImageIndex"] == 1
