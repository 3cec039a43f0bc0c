"""Every rule of a template, one test each."""

import pytest

from templates_app.graph.compile import compile_template
from templates_app.graph.rules.issue_texts import for_api
from templates_app.graph.rules.validation import validate
from templates_app.schemas import validation_out
from tests.support.builders.planning import (
    IMAGE,
    LIMITS,
    NO_ONE_PROVIDES,
    TOOLS,
    batch,
    codes,
    fixed,
    only,
    template,
    text_input,
)
from tests.support.builders.templates import documented


def check(spec, tools=TOOLS):
    return validate(spec, tools)


def repeated(**fields):
    return batch("a", over="$inputs.shots", **fields)


SHOTS = [text_input("shots", multiple={"min": 1, "max": 4})]


def test_seed_template_has_no_issues():
    assert check(documented()) == ()


def test_everything_a_template_may_have_is_accepted():
    spec = template(
        fixed(
            "a",
            label="Cat",
            produces=["cat"],
            reviewFocus=["fur"],
            successCriteria=["it is a cat"],
            checkpointRequired=True,
            humanApprovalDefault=False,
            onError="retry_once",
            unknownField=1,
        ),
        {
            "id": "ask",
            "type": "interactive",
            "systemPrompt": "Be kind.",
            "userMessage": "Which?",
            "allowedTools": ["generate_image"],
            "skillRef": "skill",
            "requiredArtifactsIn": ["cat"],
        },
        repeated(
            id="shots", concurrency=4, partialExecutionEnabled=True, itemLabelTemplate="{index}"
        ),
        fixed(
            "b",
            "generate_video",
            args={"referenceImageIndices": ["$artifacts.cat.items[0].selectedVersion.url"]},
            condition={"type": "if_success_of", "stageId": "a"},
            subStages=[fixed("b1", args={"prompt": "$artifacts.cat.items[0].content"})],
        ),
        inputs=[
            *SHOTS,
            {"name": "look", "type": "select", "options": [{"value": "a", "label": "A"}, "b"]},
            {"name": "photo", "type": "image", "default": IMAGE, "internal": True},
            {"name": "n", "type": "number", "default": 3, "jsonSchema": {"maximum": 5}},
        ],
        id="wf_cats_1",
        version="1.4.0-beta.1",
        description="Cats",
        brief="cats",
        category="music",
        stability="beta",
        visibility="public",
        author={"userId": "usr_1", "displayName": "Alice"},
        tags=["cat"],
        metadata={"a": 1},
        graph={"nodes": [{"stageId": "gone"}]},
        previewArtifacts=[{"stageId": "a", "label": "x", "mediaType": "image", "url": IMAGE}],
        estimatedCapacityUnits={"min": 1, "max": 2.5},
        exposeToLLM=True,
        llmPriority=3,
        somethingElse={"kept": True},
    )
    assert [(found.code, found.severity) for found in check(spec)] == [
        ("sub_stages_run_as_group", "warning")
    ]


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [
        ({"name": 5}, "name_required", "name"),
        ({"name": "x" * 201}, "invalid_field", "name"),
        ({"id": "templates"}, "invalid_field", "id"),
        ({"version": "1"}, "invalid_field", "version"),
        ({"description": 5}, "invalid_field", "description"),
        ({"brief": []}, "invalid_field", "brief"),
        ({"category": "cats"}, "invalid_enum", "category"),
        ({"stability": "stable"}, "invalid_enum", "stability"),
        ({"visibility": "team"}, "invalid_enum", "visibility"),
        ({"author": {"userId": 5}}, "invalid_field", "author"),
        ({"exposeToLLM": "yes"}, "invalid_field", "exposeToLLM"),
        ({"llmPriority": True}, "invalid_field", "llmPriority"),
        ({"tags": [1]}, "invalid_field", "tags"),
        ({"tags": ["x"] * 1001}, "too_many", "tags"),
        ({"metadata": []}, "invalid_field", "metadata"),
        ({"graph": "x"}, "invalid_field", "graph"),
        ({"estimatedCapacityUnits": {"min": 3, "max": 1}}, "invalid_field", None),
        ({"estimatedCapacityUnits": {"min": -1, "max": 1}}, "invalid_field", None),
        ({"estimatedCredits": {"min": "1", "max": 2}}, "invalid_field", None),
        ({"previewArtifacts": {}}, "invalid_field", "previewArtifacts"),
        ({"previewArtifacts": [5]}, "invalid_field", "previewArtifacts/0"),
        ({"inputs": {}}, "invalid_field", "inputs"),
        ({"inputs": [5]}, "invalid_field", "inputs/0"),
        ({"inputs": [text_input(f"i{n}") for n in range(65)]}, "too_many", "inputs"),
        ({"stages": "x"}, "invalid_field", "stages"),
        ({"stages": [None]}, "invalid_field", "stages/0"),
        ({"stages": [fixed(f"s{n}") for n in range(5001)]}, "too_many", "stages"),
    ],
)
def test_field_of_the_wrong_shape_is_an_error(fields, code, path):
    (found,) = check({**template(fixed("a")), **fields})
    assert (found.code, found.severity) == (code, "error")
    assert found.at.path == (path or next(iter(fields)))
    assert for_api(found)


def test_preview_names_what_is_missing():
    found = check(template(fixed("a"), previewArtifacts=[{"stageId": "", "mediaType": "text"}]))
    assert codes(found) == ["invalid_field", "invalid_field", "invalid_enum"]


def test_preview_of_a_stage_that_is_gone_is_a_warning():
    preview = {"stageId": "gone", "label": "", "mediaType": "image", "url": IMAGE}
    (found,) = check(template(fixed("a"), previewArtifacts=[preview]))
    assert (found.code, found.severity) == ("unknown_stage", "warning")


# -- inputs ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ({"name": "2nd", "type": "text"}, "invalid_field"),
        ({"name": "x" * 65, "type": "text"}, "invalid_field"),
        ({"name": "x", "type": "text", "required": "yes"}, "invalid_field"),
        ({"name": "x", "type": "text", "description": 5}, "invalid_field"),
        ({"name": "x", "type": "text", "multiple": {"min": 3, "max": 1}}, "invalid_field"),
        ({"name": "x", "type": "text", "multiple": {"min": 1e400}}, "invalid_field"),
        ({"name": "x", "type": "text", "multiple": 3}, "invalid_field"),
        ({"name": "x", "type": "text", "jsonSchema": "x"}, "invalid_field"),
        ({"name": "x", "type": "text", "default": 5}, "invalid_field"),
        ({"name": "x", "type": "image", "default": -1}, "invalid_field"),
        (
            {"name": "x", "type": "number", "default": 9, "jsonSchema": {"maximum": 5}},
            "invalid_field",
        ),
    ],
)
def test_input_that_breaks_a_rule_is_an_error(declared, code):
    (found,) = check(template(inputs=[declared]))
    assert (found.code, found.severity) == (code, "error")
    assert found.at.path.startswith("inputs/")


def test_options_must_be_values():
    found = check(template(inputs=[{"name": "x", "type": "select", "options": [[1]]}]))
    assert codes(found) == ["invalid_field", "missing_options"]


def test_schema_that_is_not_run_is_a_warning():
    (found,) = check(template(inputs=[text_input(jsonSchema={"$ref": "#/x"})]))
    assert (found.code, found.severity) == ("json_schema_not_checked", "warning")


# -- stages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "code", "path"),
    [
        ({"id": 5, "type": "fixed"}, "invalid_field", "stages/0"),
        ({"id": "$inputs", "type": "fixed"}, "invalid_field", "stages/0"),
        ({"id": "x" * 129, "type": "fixed"}, "invalid_field", "stages/0"),
        ({**fixed("a"), "args": "x"}, "invalid_field", "stages/a/args"),
        (fixed("a", produces="x"), "invalid_field", "stages/a"),
        (fixed("a", produces=[""]), "invalid_field", "stages/a"),
        (fixed("a", checkpointRequired="yes"), "invalid_field", "stages/a"),
        (fixed("a", condition="x"), "invalid_field", "stages/a"),
        (fixed("a", condition={"type": "maybe"}), "invalid_enum", "stages/a"),
        (fixed("a", condition={"type": "expr"}), "invalid_field", "stages/a"),
        (
            fixed("a", condition={"type": "if_error_in", "stageId": "a"}),
            "unknown_stage",
            "stages/a",
        ),
        (fixed("a", subStages="x"), "invalid_field", "stages/a/subStages"),
        (fixed("a", subStages=[fixed("a")]), "duplicate_stage_id", "stages/a/subStages/a"),
        (fixed("a", subStages=[fixed("b", "paint")]), "unknown_tool", "stages/a/subStages/b"),
        ({"id": "a", "type": "interactive", "allowedTools": "x"}, "invalid_field", "stages/a"),
        ({"id": "a", "type": "interactive", "userMessage": 5}, "invalid_field", "stages/a"),
    ],
)
def test_stage_that_breaks_a_rule_is_an_error(stage, code, path):
    (found,) = (one for one in check(template(stage)) if one.severity == "error")
    assert (found.code, found.at.path) == (code, path)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"overBinding": ["x"]}, "batch_over_binding_not_a_binding"),
        ({"overBinding": "$item.x"}, "batch_over_binding_not_a_binding"),
        ({"concurrency": 0}, "batch_concurrency_invalid"),
        ({"concurrency": True}, "batch_concurrency_invalid"),
        ({"maxAttemptsPerItem": 0}, "invalid_field"),
        ({"partialExecutionEnabled": 1}, "invalid_field"),
        ({"itemStage": None}, "invalid_field"),
        ({"itemStage": {"type": "batch"}}, "invalid_stage_type"),
        ({"itemStage": {"type": "fixed"}}, "tool_required"),
        ({"itemStage": {"tool": "paint"}}, "unknown_tool"),
    ],
)
def test_batch_stage_that_breaks_a_rule_is_an_error(fields, code):
    (found,) = check(template(repeated(**fields), inputs=SHOTS))
    assert (found.code, found.severity, found.at.stage_id) == (code, "error", "a")


# -- bindings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$inputs.nope", "unknown_input"),
        ("$artifacts.nope.items[0]", "unknown_artifact"),
        ("$item.shot", "item_binding_outside_batch"),
        ("$stages.a", "invalid_binding_syntax"),
    ],
)
def test_binding_that_leads_nowhere_is_an_error_at_any_depth(text, code):
    (found,) = check(template(fixed("a", args={"extra": {"deep": [{"er": text}]}})))
    assert (found.code, found.at.path, found.at.argument) == (code, "stages/a/args", "extra")
    assert found.params["text"] == text


def test_required_artifact_needs_an_earlier_producer():
    spec = template(fixed("a", requiredArtifactsIn=["x", "nowhere"]), fixed("b", produces=["x"]))
    assert codes(check(spec)) == ["forward_artifact_reference", "missing_artifact_producer"]


def test_optional_artifact_without_producer_is_a_warning():
    spec = template(fixed("a", optionalArtifactsIn=["x"]), fixed("b", produces=["x"]))
    (found,) = check(spec)
    assert (found.code, found.severity) == ("missing_optional_artifact", "warning")


def test_stages_that_wait_for_each_other_are_a_cycle():
    spec = template(
        fixed("a", produces=["x"], requiredArtifactsIn=["z"]),
        fixed("b", produces=["y"], requiredArtifactsIn=["x"]),
        fixed("c", produces=["z"], requiredArtifactsIn=["y"]),
        fixed("d", requiredArtifactsIn=["z"]),
    )
    found = only(check(spec), "cyclic_stage_dependency")
    assert found.params["stages"] == ("a", "b", "c")
    assert found.at.path == "stages/a"


def test_stage_that_needs_itself_is_a_cycle():
    spec = template(fixed("a", produces=["x"], args={"extra": "$artifacts.x"}))
    assert codes(check(spec)) == ["cyclic_stage_dependency"]


def test_stage_may_refine_an_artifact_of_the_same_name():
    spec = template(
        fixed("a", produces=["x"]),
        fixed("b", "upscale_image", produces=["x"], args={"sourceImageIndex": "$artifacts.x"}),
    )
    assert codes(check(spec)) == ["duplicate_artifact_producer"]


def unused(*stages, inputs=()):
    """Who is told that something isn't used, and what."""
    found = [one for one in check(template(*stages, inputs=[*inputs])) if one.at.argument]
    assert {(one.code, one.severity) for one in found} <= {("unused_media_source", "warning")}
    return [(one.at.stage_id, one.params["other"], one.params["unused"]) for one in found]


CLIP = {"tool": "animate_photo", "args": {"prompt": "drift"}}


def clips(*ids):
    return [{"id": each, "type": "fixed", **CLIP} for each in ids]


@pytest.mark.parametrize(
    ("stages", "found"),
    [
        ([fixed("a"), fixed("b"), *clips("c", "d")], [("c", "d", "a")]),
        (
            [fixed("a"), fixed("b"), fixed("c"), *clips("d", "e", "f")],
            [("d", "e", "a"), ("e", "f", "b")],
        ),
        # A result that nothing else takes is what the template makes.
        ([fixed("a"), fixed("b"), *clips("c")], []),
        ([fixed("a"), *clips("b", "c"), fixed("d")], []),
        ([fixed("a"), fixed("b", condition=None, requiredArtifactsIn=["a"]), *clips("c")], []),
        ([fixed("a"), *clips("b"), fixed("c"), *clips("d")], []),
        (
            [
                fixed("a", produces=["a"]),
                fixed("b"),
                fixed("e", "upscale_image", args={"sourceImageIndex": "$artifacts.a"}),
                *clips("c", "d"),
            ],
            [("c", "d", "b")],
        ),
    ],
)
def test_source_left_unused_beside_one_used_twice_is_a_warning(stages, found):
    assert unused(*stages) == found


# -- arguments ------------------------------------------------------------------------------------


def test_argument_that_does_not_fit_is_a_warning_on_save():
    (found,) = check(template(fixed("a", "generate_video", args={"duration": 900})))
    assert (found.code, found.severity) == ("out_of_range", "warning")
    assert (found.at.path, found.at.argument) == ("stages/a/args", "duration")


def test_bound_argument_counts_as_present():
    spec = template(
        fixed("a", args={"prompt": "$inputs.brief", "width": "$inputs.brief"}),
        inputs=[text_input()],
    )
    assert check(spec) == ()


def test_medium_of_another_kind_is_a_warning_on_save():
    spec = template(
        fixed("a", "generate_video", produces=["film"]),
        fixed("b", "upscale_image", args={"sourceImageIndex": "$artifacts.film"}),
        fixed("c", "upscale_image", args={"sourceImageIndex": "$inputs.song"}),
        inputs=[{"name": "song", "type": "audio"}],
    )
    assert [(i.code, i.at.stage_id) for i in check(spec)] == [
        ("wrong_media_kind", "b"),
        ("wrong_media_kind", "c"),
    ]


@pytest.mark.parametrize("spelling", ["returnLastFrame", "return_last_frame"])
def test_a_clip_that_comes_with_its_last_frame_gives_an_image_too(spelling):
    frame = {"sourceImageIndex": "$artifacts.film.items[0].url"}
    for asked, expected in ((True, []), (False, ["wrong_media_kind"])):
        spec = template(
            fixed("a", "generate_video", args={spelling: asked}, produces=["film"]),
            fixed("b", "upscale_image", args=frame),
        )
        assert codes(check(spec)) == expected


def test_deep_arguments_are_refused():
    value: object = 1
    for _ in range(100):
        value = [value]
    assert codes(check(template(fixed("a", args={"extra": value})))) == ["invalid_field"]


def test_result_is_valid_when_only_warnings_remain():
    result = validation_out(check(template(fixed("a")), tools=NO_ONE_PROVIDES))
    assert result["valid"]
    assert [found["code"] for found in result["issues"]] == ["model_unavailable"]
    assert not validation_out(check({}))["valid"]


def test_input_with_a_bad_type_is_not_also_unknown():
    spec = template(
        fixed("a", args={"prompt": "$inputs.x"}), inputs=[{"name": "x", "type": "file"}]
    )
    assert codes(check(spec)) == ["invalid_enum"]
    assert codes(compile_template(spec, {}, (), TOOLS, LIMITS).errors) == ["invalid_enum"]
