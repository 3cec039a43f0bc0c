"""Stages and the values of inputs become steps and bindings."""

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.types import EVERY, Limits, Pick
from tests.support.builders.planning import (
    AUDIO,
    IMAGE,
    LIMITS,
    NO_ONE_PROVIDES,
    TOOLS,
    VIDEO,
    codes,
    fixed,
    medium,
    only,
    steps_of,
    template,
    text_input,
)
from tests.support.builders.templates import documented


def compiled(spec, inputs=None, media=(), limits=LIMITS, tools=TOOLS):
    return compile_template(spec, inputs, media, tools, limits)


def image_input(name="photo", **fields):
    return {"name": name, "type": "image", **fields}


# -- the seed -------------------------------------------------------------------------------------


def test_seed_template_joins_the_keyframe_to_the_clip():
    result = compiled(documented(), {"brief": "A translucent speaker"})
    keyframe, clip = result.plan.steps
    assert result.plan.title == "Two-shot product teaser"
    assert keyframe.arguments == {
        "prompt": "A translucent speaker",
        "model": "flux2",
        "width": 1024,
        "height": 576,
    }
    (need,) = clip.needs
    assert (need.source, need.target_argument, need.transform) == (
        "keyframe",
        "referenceImageIndices",
        "image_index",
    )
    assert need.implied
    assert need.pick == Pick(index=0)
    assert [step.sequence for step in result.plan.steps] == [0, 1]


def test_seed_template_warns_once_naming_both_stages():
    warnings = compiled(documented(), {"brief": "x"}).warnings
    assert codes(warnings) == ["implicit_media_dependency"]
    assert warnings[0].params["stage"] == "clip"
    assert warnings[0].params["source"].params["stages"] == ("keyframe",)
    assert warnings[0].at.path == "stages/clip/args"


# -- inputs in arguments --------------------------------------------------------------------------


def test_input_is_filled_in_at_any_depth():
    spec = template(
        fixed("a", args={"extra": {"list": ["$inputs.brief", 1], "text": "about $inputs.brief"}}),
        inputs=[text_input()],
    )
    arguments = steps_of(compiled(spec, {"brief": "cats"}))["a"].arguments
    assert arguments["extra"] == {"list": ["cats", 1], "text": "about $inputs.brief"}


def test_optional_input_without_value_leaves_the_argument_unset():
    spec = template(
        fixed("a", args={"negativePrompt": "$inputs.brief", "extra": ["$inputs.brief", 2]}),
        inputs=[text_input()],
    )
    arguments = steps_of(compiled(spec))["a"].arguments
    assert "negativePrompt" not in arguments
    assert arguments["extra"] == [2]


def test_element_of_a_list_is_chosen():
    shots = text_input("shots", multiple={"min": 1, "max": 3})
    spec = template(fixed("a", args={"prompt": "$inputs.shots[1]"}), inputs=[shots])
    assert steps_of(compiled(spec, {"shots": ["x", "y"]}))["a"].arguments["prompt"] == "y"
    result = compiled(spec, {"shots": ["x"]})
    assert codes(result.errors) == ["binding_not_found"]


def test_double_dollar_is_plain_text():
    spec = template(fixed("a", args={"prompt": "$$inputs.x costs", "negativePrompt": "$5"}))
    arguments = steps_of(compiled(spec))["a"].arguments
    assert arguments["prompt"] == "$inputs.x costs"
    assert arguments["negativePrompt"] == "$5"


def test_value_of_an_input_is_checked_like_any_argument():
    spec = template(
        fixed("a", "generate_video", args={"duration": "$inputs.n"}),
        inputs=[{"name": "n", "type": "number"}],
    )
    result = compiled(spec, {"n": 900})
    assert codes(result.errors) == ["out_of_range"]
    assert result.errors[0].at.argument == "duration"


# -- media inputs ---------------------------------------------------------------------------------


def test_media_input_becomes_a_reference_and_a_binding():
    spec = template(
        fixed("a", "edit_image", args={"sourceImageIndex": "$inputs.photo"}), inputs=[image_input()]
    )
    result = compiled(spec, {"photo": IMAGE}, media=(medium(url="https://x.example/1.png"),))
    assert [ref.url for ref in result.plan.media] == ["https://x.example/1.png", IMAGE]
    (need,) = steps_of(result)["a"].needs
    assert (need.source, need.transform, need.pick.index) == ("$input_media", "image_index", 1)


def test_media_input_in_an_address_argument_is_bound_as_an_address():
    spec = template(
        fixed("a", "edit_image", args={"source_image_url": "$inputs.photo.url"}),
        inputs=[image_input()],
    )
    (need,) = steps_of(compiled(spec, {"photo": {"url": IMAGE}}))["a"].needs
    assert (need.target_argument, need.transform) == ("source_image_url", "artifact_url")


@pytest.mark.parametrize("value", [-2, {"mediaReference": "second"}])
def test_media_input_may_name_a_media_reference(value):
    spec = template(
        fixed("a", "edit_image", args={"sourceImageIndex": "$inputs.photo"}), inputs=[image_input()]
    )
    media = (
        medium(id="first"),
        medium("video", VIDEO, id="second"),
        medium(url="https://x.example/2.png", id="second"),
    )
    result = compiled(spec, {"photo": value}, media=media)
    assert len(result.plan.media) == 3
    assert steps_of(result)["a"].needs[0].pick == Pick(index=1)


def test_list_of_media_fills_a_list_argument_in_order():
    photos = image_input("photos", multiple={"max": 3})
    stage = fixed("a", "generate_video", args={"referenceImageIndices": "$inputs.photos"})
    result = compiled(
        template(stage, inputs=[photos]), {"photos": [IMAGE, "https://x.example/2.png"]}
    )
    assert [need.pick.index for need in steps_of(result)["a"].needs] == [0, 1]


def test_list_of_media_does_not_fit_a_single_argument():
    photos = image_input("photos", multiple={"max": 3})
    stage = fixed("a", "upscale_image", args={"sourceImageIndex": "$inputs.photos"})
    result = compiled(template(stage, inputs=[photos]), {"photos": [IMAGE, IMAGE + "?2"]})
    assert codes(result.errors) == ["invalid_length"]
    stage["args"]["sourceImageIndex"] = "$inputs.photos[1]"
    result = compiled(template(stage, inputs=[photos]), {"photos": [IMAGE, IMAGE + "?2"]})
    assert steps_of(result)["a"].needs[0].pick == Pick(index=1)


def test_media_input_of_another_kind_is_refused():
    spec = template(
        fixed("a", "video_to_video", args={"videoSourceIndex": "$inputs.photo"}),
        inputs=[image_input()],
    )
    assert codes(compiled(spec, {"photo": IMAGE}).errors) == ["wrong_media_kind"]


def test_literal_address_becomes_media_of_the_run():
    spec = template(fixed("a", "edit_image", args={"source_image_url": IMAGE}))
    result = compiled(spec)
    (ref,) = result.plan.media
    assert (ref.url, ref.inline) == (IMAGE, True)
    assert steps_of(result)["a"].needs[0].source == "$input_media"
    assert "source_image_url" not in steps_of(result)["a"].arguments


def test_own_address_is_never_fetched():
    limits = Limits(own_asset=lambda url: "blob:abc" if "ours.example" in url else None)
    spec = template(fixed("a", "edit_image", args={"source_image_url": "http://ours.example/x"}))
    (ref,) = compiled(spec, limits=limits).plan.media
    assert (ref.url, ref.asset) == (None, "blob:abc")


def test_one_address_used_twice_is_one_medium():
    spec = template(
        fixed("a", "edit_image", args={"source_image_url": IMAGE}),
        fixed("b", "edit_image", args={"source_image_url": IMAGE}),
    )
    assert len(compiled(spec).plan.media) == 1


# -- artifacts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pick"),
    [
        ("$artifacts.cat", Pick(index=0)),
        ("$artifacts.cat.items[1]", Pick(index=1)),
        ("$artifacts.cat[2].selectedVersion.url", Pick(index=2)),
        ("$artifacts.cat.items[0].versions[0].url", Pick(index=0)),
        ("$artifacts.cat.url", Pick(index=0)),
    ],
)
def test_artifact_is_bound_to_the_stage_that_makes_it(text, pick):
    spec = template(
        fixed("a", produces=["cat"]),
        fixed("b", "upscale_image", args={"source_image_url": text}),
    )
    (need,) = steps_of(compiled(spec))["b"].needs
    assert (need.source, need.pick, need.transform) == ("a", pick, "artifact_url")
    assert not need.implied


def test_artifact_in_an_index_argument_is_bound_as_an_index():
    spec = template(
        fixed("a", produces=["cat"]),
        fixed("b", "upscale_image", args={"sourceImageIndex": "$artifacts.cat.items[0]"}),
    )
    assert steps_of(compiled(spec))["b"].needs[0].transform == "image_index"


@pytest.mark.parametrize("text", ["$artifacts.cat", "$artifacts.cat.items[*].selectedVersion.url"])
def test_list_argument_takes_all_results(text):
    spec = template(
        fixed("a", produces=["cat"]),
        fixed("b", "generate_video", args={"referenceImageIndices": text}),
    )
    assert steps_of(compiled(spec))["b"].needs[0].pick == EVERY


def test_artifacts_in_a_list_keep_their_order():
    refs = ["$artifacts.two.items[0]", "$artifacts.one.items[0]"]
    spec = template(
        fixed("a", produces=["one"]),
        fixed("b", produces=["two"]),
        fixed("c", "generate_video", args={"referenceImageIndices": refs}),
    )
    assert [need.source for need in steps_of(compiled(spec))["c"].needs] == ["b", "a"]


def test_newest_producer_before_the_stage_counts():
    spec = template(
        fixed("a", produces=["x"]),
        fixed("b", produces=["x"]),
        fixed("c", "upscale_image", args={"sourceImageIndex": "$artifacts.x"}),
        fixed("d", produces=["x"]),
    )
    assert steps_of(compiled(spec))["c"].needs[0].source == "b"


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ({"sourceImageIndex": "$artifacts.dog"}, "unknown_artifact"),
        ({"sourceImageIndex": "$artifacts.later"}, "forward_artifact_reference"),
        ({"sourceImageIndex": "$artifacts.cat.metadata.x"}, "binding_not_supported_yet"),
        ({"prompt": "$artifacts.cat.items[0].content"}, "binding_not_supported_yet"),
        ({"prompt": "$run.secret"}, "binding_not_supported_yet"),
        ({"sourceImageIndex": "$run.id"}, "binding_not_supported_yet"),
        ({"prompt": "$item.x"}, "item_binding_outside_batch"),
        ({"prompt": "$inputs.nope"}, "unknown_input"),
        ({"prompt": "$runtime.secret"}, "binding_not_supported_yet"),
        ({"sourceImageIndex": "$stages.a"}, "invalid_binding_syntax"),
        ({"sourceImageIndex": "$artifacts.film"}, "wrong_media_kind"),
        ({"sourceImageIndex": -1}, "missing_media_source"),
        ({"sourceImageIndex": "soon"}, "invalid_media"),
        ({"source_image_url": "http://plain.example/a.png"}, "invalid_media"),
        ({"prompt": 5, "width": "wide"}, "invalid_type"),
    ],
)
def test_reference_that_cannot_be_followed_is_refused(args, code):
    spec = template(
        fixed("a", produces=["cat"]),
        fixed("f", "generate_video", produces=["film"]),
        fixed("b", "edit_image", args=args),
        fixed("z", produces=["later"]),
    )
    result = compiled(spec)
    assert result.plan is None
    assert codes(result.errors) == [code]
    assert result.errors[0].at.path == "stages/b/args"
    assert result.errors[0].at.stage_id == "b"


def test_required_artifact_keeps_order_without_a_value():
    spec = template(
        fixed("a", produces=["x"]),
        fixed("b", requiredArtifactsIn=["x"]),
        fixed("c", optionalArtifactsIn=["x", "nowhere"]),
    )
    steps = steps_of(compiled(spec))
    assert (steps["b"].needs[0].source, steps["b"].needs[0].target_argument) == ("a", None)
    assert not steps["b"].needs[0].barrier
    assert steps["c"].needs[0].barrier


# -- what cannot run ------------------------------------------------------------------------------


def test_condition_that_always_holds_is_none():
    spec = template(fixed("a", condition={"type": "always"}, onError="continue"))
    step = steps_of(compiled(spec))["a"]
    assert step.condition is None
    assert step.on_error == "continue"


def test_empty_template_has_nothing_to_run():
    assert codes(compiled(template()).errors) == ["no_stages"]


def test_more_steps_than_allowed_are_refused():
    spec = template(*(fixed(f"s{n}") for n in range(4)))
    result = compiled(spec, limits=Limits(max_steps=3))
    assert codes(result.errors) == ["too_many_steps"]


def test_more_connections_than_allowed_are_refused():
    spec = template(
        *(fixed(f"s{n}") for n in range(9)),
        *(fixed(f"e{n}", "edit_image", args={"sourceImageIndex": 0}) for n in range(9)),
    )
    assert codes(compiled(spec, limits=Limits(max_edges=10)).errors) == ["too_many"]
    assert compiled(spec, limits=Limits(max_edges=900)).plan


def test_more_media_than_allowed_are_refused():
    spec = template(fixed("a"), inputs=[image_input("photos", multiple={"max": 9})])
    values = {"photos": [f"https://x.example/{n}.png" for n in range(4)]}
    assert codes(compiled(spec, values, limits=Limits(max_media=3)).errors) == ["too_many"]


def test_tool_that_no_one_provides_is_an_error_at_start():
    result = compiled(documented(), {"brief": "x"}, tools=NO_ONE_PROVIDES)
    assert codes(result.errors) == ["model_unavailable", "model_unavailable"]
    assert result.errors[0].at.path == "stages/keyframe"


def test_prefixed_tool_keeps_its_name_on_the_wire():
    step = steps_of(compiled(template(fixed("a", "sogni_generate_image"))))["a"]
    assert (step.tool, step.wire_tool) == ("generate_image", "sogni_generate_image")


def test_seed_of_a_stage_is_kept():
    assert steps_of(compiled(template(fixed("a", args={"seed": 7}))))["a"].seed == 7
    assert steps_of(compiled(template(fixed("a", args={"seed": -1}))))["a"].seed is None


def test_label_is_the_title_of_the_step():
    assert steps_of(compiled(template(fixed("a", label="Cat"))))["a"].title == "Cat"


def test_audio_input_reaches_a_tool_that_takes_sound():
    spec = template(
        fixed("a", "sound_to_video", args={"audioSourceIndex": "$inputs.song"}),
        inputs=[{"name": "song", "type": "audio"}],
    )
    (need,) = steps_of(compiled(spec, {"song": AUDIO}))["a"].needs
    assert need.transform == "audio_index"


def test_invalid_spec_is_not_compiled():
    result = compiled({"stages": [{"id": "a"}]})
    assert result.plan is None
    assert set(codes(result.errors)) == {"name_required", "invalid_stage_type"}


def test_only_one_issue_for_a_value_that_does_not_fit():
    spec = template(
        fixed("a", "edit_image", args={"sourceImageIndex": "$inputs.photo"}), inputs=[image_input()]
    )
    result = compiled(spec, {"photo": "data:image/png;base64,AAAA"})
    assert codes(result.errors) == ["invalid_input_value"]
    assert only(result.errors, "invalid_input_value").params["problem"].params["why"].key == (
        "data_url"
    )


# -- small bodies that would make large plans -----------------------------------------------------


def test_long_value_named_over_and_over_is_refused():
    spec = template(fixed("a", args={"extra": ["$inputs.brief"] * 100}), inputs=[text_input()])
    assert codes(compiled(spec, {"brief": "x" * 100_000}).errors) == ["too_many"]
    assert compiled(spec, {"brief": "x" * 10_000}).plan


def test_media_named_over_and_over_are_refused():
    stage = fixed("a", "generate_video", args={"referenceImageIndices": ["$inputs.photos"] * 1_000})
    spec = template(stage, inputs=[image_input("photos", multiple=True)])
    values = {"photos": [f"https://x.example/{n}.png" for n in range(40)]}
    assert codes(compiled(spec, values).errors) == ["too_many"]


def test_issues_are_counted_up_to_a_thousand():
    spec = template(fixed("a", args={"extra": ["$inputs.nope"] * 5_000}))
    assert len(compiled(spec).errors) == 1_000
