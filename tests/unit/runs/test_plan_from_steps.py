"""Explicit steps become a plan, or a 400 that names every fault."""

import pytest

from core.errors import InvalidBody
from runs.engine.resolve import resolve
from runs.planning.step_models import DEFAULT_TITLE
from templates_app.graph.types import Limits, Pick
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    NO_ONE_PROVIDES,
    TOOLS,
    VIDEO,
    bind,
    body,
    codes,
    medium,
    plan_from_image_to_video,
    plan_from_steps,
    step,
    steps_of,
)

SEED_SEQUENCE = {
    "kind": "hosted_tool_sequence",
    "input": {
        "title": "Seedance V2V",
        "steps": [
            {
                "id": "seedance_v2v",
                "toolName": "sogni_video_to_video",
                "arguments": {
                    "prompt": "Transform the source clip into a polished perfume commercial",
                    "reference_video_url": "https://uploads.example/clip?sig=abc",
                    "model": "seedance2",
                    "control_mode": "seedance-v2v",
                    "duration": 4,
                },
            }
        ],
    },
    "token_type": "spark",
}
SEED_IMAGE_TO_VIDEO = {
    "kind": "image_to_video",
    "input": {
        "prompt": "A graphite robot sketch on a drafting table",
        "videoPrompt": "The camera pushes in as the sketch comes alive",
        "duration": 5,
        "imageModel": "flux2",
        "videoModel": "ltx23",
    },
    "token_type": "spark",
}


def plan(*steps, media=(), limits=LIMITS, **fields):
    return plan_from_steps(body(*steps, **fields), media, TOOLS, limits)


def refusal(*steps, media=(), limits=LIMITS, **fields):
    with pytest.raises(InvalidBody) as caught:
        plan(*steps, media=media, limits=limits, **fields)
    return caught.value


def refused_codes(*steps, **fields):
    return [found["code"] for found in refusal(*steps, **fields).details["issues"]]


# -- the seeds and what clients really send -------------------------------------------------------


def test_seed_sequence_is_planned():
    result = plan_from_steps(SEED_SEQUENCE, (), TOOLS, LIMITS)
    (only_step,) = result.plan.steps
    assert result.plan.title == "Seedance V2V"
    assert (only_step.key, only_step.tool) == ("seedance_v2v", "video_to_video")
    assert only_step.wire_tool == "sogni_video_to_video"
    assert only_step.arguments["videoModel"] == "seedance2"
    assert only_step.arguments["controlMode"] == "seedance-v2v"
    assert [ref.url for ref in result.plan.media] == ["https://uploads.example/clip?sig=abc"]
    assert only_step.needs[0].target_argument == "reference_video_url"


def test_seed_image_to_video_is_planned():
    plan = plan_from_image_to_video(SEED_IMAGE_TO_VIDEO, (), TOOLS, LIMITS).plan
    image, video = plan.steps
    assert (image.key, image.tool, video.key, video.tool) == (
        "image",
        "generate_image",
        "video",
        "generate_video",
    )
    assert image.arguments == {"prompt": SEED_IMAGE_TO_VIDEO["input"]["prompt"], "model": "flux2"}
    assert video.arguments == {
        "prompt": SEED_IMAGE_TO_VIDEO["input"]["videoPrompt"],
        "duration": 5,
        "videoModel": "ltx23",
    }
    (need,) = video.needs
    assert (need.source, need.target_argument, need.transform, need.media_kind) == (
        "image",
        "referenceImageIndices",
        "image_index",
        "image",
    )


def test_image_to_video_passes_every_field_on():
    given = {
        "prompt": "cat",
        "negativePrompt": "dog",
        "width": 1024,
        "height": 576,
        "numberOfMedia": 2,
        "seed": 7,
        "video_prompt": " ",
        "title": "Cats",
    }
    plan = plan_from_image_to_video({"input": given}, (), TOOLS, LIMITS).plan
    image, video = plan.steps
    assert plan.title == "Cats"
    assert image.arguments == {
        "prompt": "cat",
        "negativePrompt": "dog",
        "width": 1024,
        "height": 576,
        "numberOfVariations": 2,
        "seed": 7,
    }
    assert (image.seed, video.seed) == (7, 7)
    assert video.arguments["prompt"] == "cat"


@pytest.mark.parametrize(
    "given", [None, [], {}, {"prompt": " "}, {"prompt": 5}, {"prompt": "x", "videoPrompt": 5}]
)
def test_image_to_video_needs_a_prompt(given):
    with pytest.raises(InvalidBody):
        plan_from_image_to_video({"input": given}, (), TOOLS, LIMITS)


def test_fields_are_known_by_all_their_names():
    result = plan(
        {"stepId": "a", "tool": "generate_image", "args": {"prompt": "x"}},
        {
            "id": "b",
            "tool_name": "generate_video",
            "arguments": {"prompt": "x", "number_of_variations": "2"},
            "depends_on": [
                {
                    "source_step_id": "a",
                    "target_argument": "reference_image_indices",
                    "source_artifact_index": 1,
                    "media_type": "image",
                }
            ],
        },
        {"name": "generate_music", "arguments": {"prompt": "x"}, "dependsOn": None},
    )
    need = steps_of(result)["b"].needs[0]
    assert (need.source, need.target_argument, need.pick) == (
        "a",
        "referenceImageIndices",
        Pick(index=1),
    )
    assert need.transform == "image_index"
    assert steps_of(result)["b"].arguments["numberOfVariations"] == 2
    assert [known.key for known in result.plan.steps] == ["a", "b", "generate_music"]


# -- ids ------------------------------------------------------------------------------------------


def test_ids_are_made_safe_and_unique():
    result = plan(
        step(" my  step! "),
        step("a"),
        step("a"),
        step("", "generate_music"),
        {"tool": "sogni_generate_image", "arguments": {"prompt": "x"}},
        {"tool": "sogni_generate_image", "arguments": {"prompt": "x"}},
        step("!"),
        step(7),
    )
    assert [known.key for known in result.plan.steps] == [
        "my_step_",
        "a",
        "a_3",
        "generate_music",
        "sogni_generate_image",
        "sogni_generate_image_6",
        "_",
        "7",
    ]


def test_unique_suffix_does_not_meet_a_given_id():
    result = plan(step("a_2"), step("a"), step("a_2"), step("a"))
    assert len({known.key for known in result.plan.steps}) == 4


@pytest.mark.parametrize("name", ["my step!", " my step! ", "my_step_"])
def test_binding_may_name_the_raw_or_the_safe_id(name):
    result = plan(step(" my step! "), step("b", dependsOn=[name]))
    assert steps_of(result)["b"].needs[0].source == "my_step_"


# -- bindings -------------------------------------------------------------------------------------


def test_plain_text_is_order_only():
    result = plan(step("a"), step("b", dependsOn=["a"]))
    (need,) = steps_of(result)["b"].needs
    assert (need.source, need.target_argument, need.barrier) == ("a", None, False)


def test_several_bindings_of_one_list_keep_their_order():
    result = plan(
        step("a"),
        step("b"),
        step(
            "c",
            "generate_video",
            dependsOn=[bind("b", "referenceImageIndices"), bind("a", "referenceImageIndices")],
        ),
    )
    assert [need.source for need in steps_of(result)["c"].needs] == ["b", "a"]


def test_transform_follows_the_argument_when_no_one_says():
    result = plan(
        step("a"),
        step("b", "edit_image", dependsOn=[bind("a", "source_image_url")]),
        step("c", "edit_image", dependsOn=[bind("a", "sourceImageIndex")]),
    )
    assert steps_of(result)["b"].needs[0].transform == "artifact_url"
    assert steps_of(result)["c"].needs[0].transform == "image_index"


def test_artifact_id_wins_over_the_index():
    binding = bind("a", "sourceImageIndex", sourceArtifactId="art_1", sourceArtifactIndex=3)
    result = plan(step("a"), step("b", "edit_image", dependsOn=[binding]))
    assert steps_of(result)["b"].needs[0].pick == Pick(artifact_id="art_1")


def test_input_media_is_bound():
    media = (medium("video", VIDEO), medium(), medium(url=IMAGE + "?2"))
    binding = bind("$input_media", "sourceImageIndex", sourceArtifactIndex=1, mediaType="image")
    result = plan(step("a", "edit_image", dependsOn=[binding]), media=media)
    (need,) = steps_of(result)["a"].needs
    assert (need.source, need.pick, need.media_kind) == ("$input_media", Pick(index=1), "image")


def test_bound_argument_counts_as_present_and_overwrites():
    result = plan(
        step("a"),
        step(
            "b",
            "edit_image",
            arguments={"sourceImageIndex": 0},
            dependsOn=[bind("a", "sourceImageIndex")],
        ),
    )
    planned = steps_of(result)["b"]
    assert "sourceImageIndex" not in planned.arguments
    assert len(planned.needs) == 1


@pytest.mark.parametrize(
    ("tool", "target", "canonical", "transform"),
    [
        ("add_subtitles", "cues", "cues", "subtitle_cues"),
        ("add_subtitles", "srt", "srt", "subtitle_srt"),
        ("overlay_video", "overlays", "overlays", "overlay_items"),
        ("generate_video", "reference_file_url", "referenceFileUrl", "artifact_data_uri"),
        ("inspect_asset", "assetId", "asset_id", "asset_ref"),
    ],
)
def test_binding_writes_what_is_no_medium(tool, target, canonical, transform):
    """It fills a required argument, in whichever spelling it is named."""
    film = step("film", "generate_video")
    told = step("told", "analyze_video")
    last = step("last", tool, dependsOn=[bind("told", target, transform=transform, required=False)])
    planned = plan(film, told, last).plan.steps[2]
    need = next(need for need in planned.needs if need.transform == transform)
    assert (need.source, need.target_argument, need.required) == ("told", canonical, False)
    assert canonical not in planned.arguments


def test_address_of_the_bytes_may_fill_a_media_argument():
    last = step(
        "b", "edit_image", dependsOn=[bind("a", "source_image_url", transform="artifact_data_uri")]
    )
    (need,) = plan(step("a"), last).plan.steps[1].needs
    assert (need.media_kind, need.target_argument) == ("image", "source_image_url")


def test_question_is_a_step_that_waits():
    ask = {
        "tool": "sogni_ask_clarifying_question",
        "args": {"question": "Who?", "reason": "Unsure"},
    }
    result = plan(ask, step("a", dependsOn=["sogni_ask_clarifying_question"]))
    waiting = result.plan.steps[0]
    assert (waiting.kind, waiting.tool) == ("wait", "ask_clarifying_question")
    assert waiting.wire_tool == "sogni_ask_clarifying_question"
    assert waiting.ask == {
        "reason": "ask_clarifying_question",
        "prompt": {"question": "Who?", "reason": "Unsure"},
    }
    assert [need.source for need in result.plan.steps[1].needs] == [waiting.key]


@pytest.mark.parametrize(
    ("binding", "code"),
    [
        (5, "invalid_step"),
        ("no_one", "unknown_source_step"),
        ("b", "forward_step_reference"),
        ({"targetArgument": "sourceImageIndex"}, "invalid_step"),
        (bind("a", 5), "invalid_step"),
        (bind("a", None, transform="image_index"), "invalid_step"),
        (bind("$input_media", None), "invalid_step"),
        (bind("a", "sourceImageIndex", transform="magic"), "invalid_enum"),
        (bind("a", "sourceImageIndex", transform="subtitle_srt"), "wrong_media_kind"),
        (bind("$input_media", "cues", transform="subtitle_cues"), "invalid_step"),
        (bind("a", "sourceImageIndex", mediaType="picture"), "invalid_enum"),
        (
            bind("a", "sourceImageIndex", mediaType="video", transform="image_index"),
            "invalid_step",
        ),
        (bind("a", "sourceImageIndex", sourceArtifactIndex=-1), "invalid_step"),
        (bind("a", "sourceImageIndex", sourceArtifactId=5), "invalid_step"),
        (bind("a", "sourceImageIndex", required="yes"), "invalid_step"),
        (bind("a", "prompt"), "unknown_media_argument"),
        (bind("a", "sourceImageIndex", transform="video_url"), "wrong_media_kind"),
        (bind("m", "sourceImageIndex"), "wrong_media_kind"),
        (bind("$input_media", "sourceImageIndex"), "missing_media_source"),
    ],
)
def test_binding_that_cannot_be_followed_is_refused(binding, code):
    steps = [
        step("a"),
        step("m", "generate_music"),
        step("b", "edit_image", dependsOn=[binding]),
        step("c"),
    ]
    issues = refusal(*steps).details["issues"]
    assert [found["code"] for found in issues][:1] == [code]
    assert issues[0]["path"].startswith("steps/b")


def test_optional_binding_may_find_nothing():
    binding = bind("$input_media", "referenceImageIndices", required=False)
    result = plan(step("a", "generate_video", dependsOn=[binding]))
    assert not steps_of(result)["a"].needs[0].required


# -- positions and barriers -----------------------------------------------------------------------


def needs_of(result, key):
    return [(need.source, need.barrier) for need in steps_of(result)[key].needs]


def test_literal_position_waits_for_all_earlier_makers():
    result = plan(
        step("a"),
        step("m", "generate_music"),
        step("b"),
        step("c", "edit_image", arguments={"sourceImageIndex": 0}),
        step("d"),
    )
    assert sorted(needs_of(result, "c")) == [("a", True), ("b", True)]
    assert steps_of(result)["c"].arguments["sourceImageIndex"] == 0


def test_absent_position_means_the_latest_and_waits_too():
    result = plan(step("a"), step("b"), step("c", "edit_image"))
    assert sorted(needs_of(result, "c")) == [("a", True), ("b", True)]
    assert result.warnings == ()


def test_negative_position_is_one_of_the_callers_media():
    media = (medium(), medium("video", VIDEO), medium(url=IMAGE + "?2"))
    result = plan(step("a", "edit_image", arguments={"sourceImageIndex": -2}), media=media)
    (need,) = steps_of(result)["a"].needs
    assert (need.source, need.pick) == ("$input_media", Pick(index=1))
    assert "sourceImageIndex" not in steps_of(result)["a"].arguments


def test_mixed_list_keeps_its_order_in_the_arguments():
    result = plan(
        step("a"),
        step("b", "generate_video", arguments={"referenceImageIndices": [-1, 0, "-1"]}),
        media=(medium(),),
    )
    planned = steps_of(result)["b"]
    assert planned.arguments["referenceImageIndices"] == [-1, 0, -1]
    assert needs_of(result, "b") == [("a", True)]


def test_absent_source_takes_the_first_upload():
    result = plan(step("a", "edit_image"), media=(medium(),))
    (need,) = steps_of(result)["a"].needs
    assert (need.source, need.pick, need.implied) == ("$input_media", Pick(index=0), False)


@pytest.mark.parametrize(
    "broken",
    [
        step("b", "edit_image"),
        step("b", "edit_image", arguments={"sourceImageIndex": 0}),
        step("b", "edit_image", arguments={"sourceImageIndex": -1}),
        step("b", "stitch_video"),
    ],
)
def test_source_that_cannot_be_there_is_refused(broken):
    assert refused_codes(step("m", "generate_music"), broken) == ["missing_media_source"]


# -- shapes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"input": None},
        {"input": []},
        {"input": {}},
        {"input": {"steps": {}}},
        {"input": {"steps": []}},
    ],
)
def test_body_without_steps_is_refused(given):
    with pytest.raises(InvalidBody) as caught:
        plan_from_steps(given, (), TOOLS, LIMITS)
    assert caught.value.details["issues"]


def test_thirteen_steps_are_refused():
    assert refused_codes(*(step(f"s{n}") for n in range(13))) == ["too_many_steps"]
    assert plan(*(step(f"s{n}") for n in range(12))).plan


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (5, "invalid_step"),
        ({"id": "a"}, "invalid_step"),
        ({"id": "a", "toolName": "paint"}, "unknown_tool"),
        ({"id": [], "toolName": "generate_image", "arguments": {"prompt": "x"}}, "invalid_step"),
        ({"toolName": "generate_image", "arguments": []}, "invalid_step"),
        ({"toolName": "generate_image"}, "missing_argument"),
        (step("a", arguments={"numberOfVariations": 99}), "out_of_range"),
        (step("a", dependsOn="b"), "invalid_step"),
        (step("a", dependsOn=["b"] * 500), "too_many"),
    ],
)
def test_step_of_the_wrong_shape_is_refused(broken, code):
    assert refused_codes(broken)[:1] == [code]


def test_every_fault_is_named_at_once():
    refused = refusal(step("a", "paint"), step("b", "draw"), {"id": "c"})
    assert [found["code"] for found in refused.details["issues"]] == [
        "unknown_tool",
        "unknown_tool",
        "invalid_step",
    ]
    assert "2 more" in refused.message


def test_tool_that_no_one_provides_is_not_a_fault_of_the_body():
    result = plan_from_steps(body(step("a")), (), NO_ONE_PROVIDES, LIMITS)
    assert result.plan is None
    assert codes(result.errors) == ["model_unavailable"]


@pytest.mark.parametrize("title", [None, "", "  ", 5])
def test_title_has_a_default(title):
    assert plan(step("a"), title=title).plan.title == DEFAULT_TITLE


# -- inline media ---------------------------------------------------------------------------------


def test_inline_media_are_refused_naming_every_field():
    data = "data:image/png;base64,AAAA"
    refused = refusal(
        step("a", arguments={"source_image_url": data}),
        step("b", "generate_video", arguments={"referenceImageIndices": [0, data]}),
        step("c", arguments={"extra": {"deep": [data]}, "prompt": "data: a poem"}),
    )
    assert refused.status == 400
    assert refused.details["fields"] == [
        "input.steps[0].arguments.source_image_url",
        "input.steps[1].arguments.referenceImageIndices[1]",
        "input.steps[2].arguments.extra.deep[0]",
    ]
    assert {found["code"] for found in refused.details["issues"]} == {"inline_media_not_allowed"}


@pytest.mark.parametrize(
    "url",
    [
        "http://plain.example/a.png",
        "ftp://plain.example/a.png",
        "https://[plain.example/a.png",
        "https://user:pass@x.example/a.png",
        "https://x.example/a b.png",
        "https://x.example/" + "a" * 5_000,
    ],
)
def test_address_that_may_not_be_fetched_is_refused(url):
    assert refused_codes(step("a", "edit_image", arguments={"source_image_url": url})) == [
        "invalid_media"
    ]


def test_plain_http_is_allowed_for_named_hosts():
    limits = Limits(allow_http=lambda host: host == "plain.example:8080")
    url = "http://plain.example:8080/a.png"
    assert plan(step("a", "edit_image", arguments={"source_image_url": url}), limits=limits).plan


def test_address_of_ours_that_has_expired_is_refused():
    def own_asset(url):
        raise InvalidBody("This address has expired.")

    limits = Limits(own_asset=own_asset)
    refused = refusal(step("a", "edit_image", arguments={"source_image_url": IMAGE}), limits=limits)
    assert "has expired" in refused.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"sourceImageIndex": [-1, -2]},
        {"sourceImageIndex": -1, "source_image_url": IMAGE + "?2"},
        {"sourceImageIndices": [-1, -2]},
    ],
)
def test_media_of_several_arguments_are_all_kept(arguments):
    media = (medium(), medium(url=IMAGE + "?2"))
    result = plan(step("a", "animate_photo", arguments=arguments), media=media)
    planned = steps_of(result)["a"]
    resolved = resolve(
        tool=TOOLS.get("animate_photo"),
        arguments=planned.arguments,
        sequence=0,
        needs=planned.needs,
        media=result.plan.media,
        outputs=(),
    )
    (refs,) = resolved.media.values()
    assert refs == ("input:0", "input:1")


@pytest.mark.parametrize("tool", list(TOOLS), ids=lambda tool: tool.name)
def test_ports_that_take_several_media_have_a_list_argument(tool):
    for port in tool.ports():
        assert not port.many or any(map(port.is_list, port.arguments)), port.name
